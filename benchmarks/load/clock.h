#ifndef DAMSELFLY_BENCHMARKS_LOAD_CLOCK_H_
#define DAMSELFLY_BENCHMARKS_LOAD_CLOCK_H_

#include <time.h>

#include <cstdint>

namespace damselfly::load {

inline constexpr int64_t kSecond_ns = 1000000000;

inline int64_t ReadClock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

inline int64_t Now_ns() { return ReadClock_ns(CLOCK_MONOTONIC); }
// That the calling thread has run.
inline int64_t ThreadCpu_ns() { return ReadClock_ns(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_CLOCK_H_
