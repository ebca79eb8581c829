#ifndef DAMSELFLY_BENCHMARKS_LOAD_SCHEDULE_H_
#define DAMSELFLY_BENCHMARKS_LOAD_SCHEDULE_H_

#include <cstdint>

#include "benchmarks/load/options.h"
#include "server/runtime/random.h"

namespace damselfly::load {

// The intended moments of an open loop's groups, of one thread. What the server does has no
// influence on them. Not thread-safe.
//
// Even: all threads' moments together lie at even distances; no two groups meet at the server if
// it is quick enough for the rate. Poisson: each distance is drawn from an exponential
// distribution with the same mean, which is how many clients that know nothing of each other
// arrive (R. Jain: The Art of Computer Systems Performance Analysis, 1991, 30.1).
class Schedule {
 public:
  // For thread `share` of options.threads, in groups of `group` requests, `rate` requests a second
  // of all threads together. Requires group > 0 and rate > 0.
  Schedule(const Options& options, int share, int group, double rate, int64_t begin_ns);

  // The moment of the next group, CLOCK_MONOTONIC as begin_ns is; never before the one before it.
  int64_t next_ns() const { return next_ns_; }
  // How many groups have had their moment.
  int64_t number() const { return number_; }
  void Advance();

 private:
  double Gap_ns();

  const Arrivals arrivals_;
  const double first_ns_;  // since begin_ns_, of even moments
  const double interval_ns_;
  const int64_t begin_ns_;
  Random random_;
  int64_t number_ = 0;
  double elapsed_ns_ = 0;  // from begin_ns_ to next_ns_
  int64_t next_ns_ = 0;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_SCHEDULE_H_
