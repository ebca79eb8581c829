#include "sim/world/sim_clock.h"

#include <algorithm>

#include "server/base/check.h"

namespace damselfly::sim {

SimClock::SimClock(const int64_t* now_ns, int64_t skew_us)
    : now_ns_(now_ns), steps_{{0, skew_us, 0}} {}

int64_t SimClock::MonotonicNs() const {
  last_monotonic_ns_ = std::max(*now_ns_, last_monotonic_ns_ + kLookNs);
  return last_monotonic_ns_;
}

int64_t SimClock::WallUsBy(const Step& step, int64_t time_ns) {
  const int64_t gained_us = (time_ns - step.since_ns) / 1000 * step.drift_ppm / 1'000'000;
  return kEpochUs + time_ns / 1000 + step.offset_us + gained_us;
}

void SimClock::StepWall(int64_t delta_us) {
  const Step& last = steps_.back();
  const int64_t offset_us = WallUsBy(last, *now_ns_) - kEpochUs - *now_ns_ / 1000;
  steps_.push_back({*now_ns_, offset_us + delta_us, last.drift_ppm});
}

void SimClock::SetDrift(int64_t drift_ppm) {
  DFLY_CHECK_GT(drift_ppm, -1'000'000);
  StepWall(0);
  steps_.back().drift_ppm = drift_ppm;
}

int64_t SimClock::WallUsAt(int64_t time_ns) const {
  size_t i = steps_.size() - 1;
  while (i > 0 && steps_[i].since_ns > time_ns) --i;
  return WallUsBy(steps_[i], time_ns);
}

SimClock::Range SimClock::WallRangeUs(int64_t begin_ns, int64_t end_ns) const {
  const int64_t first = WallUsAt(begin_ns);
  const int64_t last = WallUsAt(end_ns);
  Range range = {std::min(first, last), std::max(first, last)};
  for (size_t i = 1; i < steps_.size(); ++i) {
    const int64_t since_ns = steps_[i].since_ns;
    if (since_ns <= begin_ns || since_ns > end_ns) continue;
    const int64_t before = WallUsBy(steps_[i - 1], since_ns);
    const int64_t after = WallUsBy(steps_[i], since_ns);
    range.min_us = std::min({range.min_us, before, after});
    range.max_us = std::max({range.max_us, before, after});
  }
  return range;
}

}  // namespace damselfly::sim
