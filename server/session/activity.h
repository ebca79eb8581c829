#ifndef DAMSELFLY_SERVER_SESSION_ACTIVITY_H_
#define DAMSELFLY_SERVER_SESSION_ACTIVITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace damselfly {

// What INFO tells of the last moments: rates over a short window, and the most memory ever used.
// Fed about ten times a second by one worker. Thread-safe.
class Activity {
 public:
  // Samples in the window; Redis has as many, taken as often.
  static constexpr size_t kSamples = 16;

  // Totals since the start.
  struct Totals {
    int64_t monotonic_ns = 0;
    int64_t commands = 0;
    int64_t input_bytes = 0;
    int64_t output_bytes = 0;
  };
  void Sample(const Totals& totals, int64_t used_memory_bytes);

  struct Rates {
    double commands_per_second = 0;
    double input_bytes_per_second = 0;
    double output_bytes_per_second = 0;
  };
  // Over the window: from its oldest sample to its newest.
  Rates rates() const;

  // The most of all samples, and of `used_memory_bytes` now.
  int64_t PeakMemory(int64_t used_memory_bytes);

  // CONFIG RESETSTAT: totals begin again at zero.
  void Reset();

 private:
  mutable std::mutex mutex_;
  std::array<Totals, kSamples> samples_;  // a ring: the newest at (next_ - 1) mod kSamples
  size_t next_ = 0;
  size_t count_ = 0;
  int64_t peak_memory_bytes_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_ACTIVITY_H_
