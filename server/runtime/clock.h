#ifndef DAMSELFLY_SERVER_RUNTIME_CLOCK_H_
#define DAMSELFLY_SERVER_RUNTIME_CLOCK_H_

#include <cstdint>

namespace damselfly {

// The two clocks that a node is handed. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Nanoseconds since an arbitrary point; never runs backwards. For durations and timeouts.
  virtual int64_t MonotonicNs() const = 0;

  // Microseconds since the Unix epoch. May step forwards and backwards. For deadlines that clients
  // see (EXPIREAT, TIME) and nothing else.
  virtual int64_t WallUs() const = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_CLOCK_H_
