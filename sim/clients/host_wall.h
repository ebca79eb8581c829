#ifndef DAMSELFLY_SIM_CLIENTS_HOST_WALL_H_
#define DAMSELFLY_SIM_CLIENTS_HOST_WALL_H_

#include <cstdint>

#include "sim/model/moment.h"
#include "sim/world/sim_clock.h"

namespace damselfly::sim {

// A host's wall clock in milliseconds, as the models look at it.
class HostWall final : public WallHistory {
 public:
  explicit HostWall(const SimClock* clock) : clock_(clock) {}

  int64_t WallMinMs(int64_t begin_ns, int64_t end_ns) const override {
    return clock_->WallRangeUs(begin_ns, end_ns).min_us / 1000;
  }
  int64_t WallMaxMs(int64_t begin_ns, int64_t end_ns) const override {
    return clock_->WallRangeUs(begin_ns, end_ns).max_us / 1000;
  }

 private:
  const SimClock* const clock_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_HOST_WALL_H_
