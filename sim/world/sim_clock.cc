#include "sim/world/sim_clock.h"

#include <algorithm>

namespace damselfly::sim {

SimClock::SimClock(const int64_t* now_ns, int64_t skew_us)
    : now_ns_(now_ns), steps_{{INT64_MIN, skew_us}} {}

int64_t SimClock::MonotonicNs() const {
  last_monotonic_ns_ = std::max(*now_ns_, last_monotonic_ns_ + kLookNs);
  return last_monotonic_ns_;
}

void SimClock::StepWall(int64_t delta_us) {
  steps_.push_back({*now_ns_, steps_.back().offset_us + delta_us});
}

int64_t SimClock::WallUsAt(int64_t time_ns) const {
  size_t i = steps_.size() - 1;
  while (steps_[i].since_ns > time_ns) --i;
  return kEpochUs + time_ns / 1000 + steps_[i].offset_us;
}

SimClock::Range SimClock::WallRangeUs(int64_t begin_ns, int64_t end_ns) const {
  const int64_t first = WallUsAt(begin_ns);
  const int64_t last = WallUsAt(end_ns);
  Range range = {std::min(first, last), std::max(first, last)};
  for (size_t i = 1; i < steps_.size(); ++i) {
    if (steps_[i].since_ns <= begin_ns || steps_[i].since_ns > end_ns) continue;
    const int64_t before = kEpochUs + steps_[i].since_ns / 1000 + steps_[i - 1].offset_us;
    const int64_t after = kEpochUs + steps_[i].since_ns / 1000 + steps_[i].offset_us;
    range.min_us = std::min({range.min_us, before, after});
    range.max_us = std::max({range.max_us, before, after});
  }
  return range;
}

}  // namespace damselfly::sim
