#ifndef DAMSELFLY_SIM_WORLD_SIM_CLOCK_H_
#define DAMSELFLY_SIM_WORLD_SIM_CLOCK_H_

#include <cstdint>
#include <vector>

#include "server/runtime/clock.h"

namespace damselfly::sim {

// The clocks of one host. Belongs to the host: a process that is started again finds the wall clock
// as it is.
class SimClock final : public Clock {
 public:
  // 2025-01-01T00:00:00Z: where every world's wall time begins.
  static constexpr int64_t kEpochUs = 1735689600'000000;

  // `now_ns` is the world's virtual time, and outlives the clock. The wall clock is off by
  // `skew_us` from the start.
  SimClock(const int64_t* now_ns, int64_t skew_us);

  // Each look at the monotonic clock takes a little time, as on a real machine, so that no loop
  // which waits for it to move hangs the world. Never backwards.
  int64_t MonotonicNs() const override;
  int64_t WallUs() const override { return WallUsAt(*now_ns_); }

  // Moves the wall clock, from now on.
  void StepWall(int64_t delta_us);
  // Lets it gain so many microseconds a second, from now on. Requires more than -1'000'000: it
  // never runs backwards by itself.
  void SetDrift(int64_t drift_ppm);

  // ---- For the oracles: what the wall clock showed, by the world's time. ----
  int64_t WallUsAt(int64_t time_ns) const;
  struct Range {
    int64_t min_us;
    int64_t max_us;
  };
  // The least and the greatest that it showed in [begin_ns, end_ns]. Requires begin_ns <= end_ns.
  Range WallRangeUs(int64_t begin_ns, int64_t end_ns) const;

  // Lets the host see a clock that gains this much on what the functions for the oracles say: a
  // mutant.
  void set_lie_permille(int64_t lie_permille) { lie_permille_ = lie_permille; }
  // The same, by so much from now on.
  void AddLieUs(int64_t lie_us) { lie_us_ += lie_us; }
  int64_t ShownWallUs() const { return WallUs() + *now_ns_ / 1'000'000 * lie_permille_ + lie_us_; }

 private:
  // From `since_ns` on it is off by `offset_us`, and by what it has gained since.
  struct Step {
    int64_t since_ns;
    int64_t offset_us;
    int64_t drift_ppm;
  };
  static int64_t WallUsBy(const Step& step, int64_t time_ns);
  static constexpr int64_t kLookNs = 20;

  const int64_t* const now_ns_;
  std::vector<Step> steps_;  // by time; the first is from the beginning
  int64_t lie_permille_ = 0;
  int64_t lie_us_ = 0;
  mutable int64_t last_monotonic_ns_ = 0;
};

// The clock that a node is handed: the host's, and what a mutant adds.
class ShownClock final : public Clock {
 public:
  explicit ShownClock(const SimClock* clock) : clock_(clock) {}
  int64_t MonotonicNs() const override { return clock_->MonotonicNs(); }
  int64_t WallUs() const override { return clock_->ShownWallUs(); }

 private:
  const SimClock* const clock_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SIM_CLOCK_H_
