#ifndef DAMSELFLY_SERVER_POSIX_POSIX_CLOCK_H_
#define DAMSELFLY_SERVER_POSIX_POSIX_CLOCK_H_

#include <time.h>

#include <cstdint>

#include "server/runtime/clock.h"

namespace damselfly::posix {

inline int64_t ReadMonotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline int64_t ReadWallUs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

class PosixClock final : public Clock {
 public:
  int64_t MonotonicNs() const override { return ReadMonotonicNs(); }
  int64_t WallUs() const override { return ReadWallUs(); }
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_POSIX_CLOCK_H_
