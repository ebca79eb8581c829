#ifndef DAMSELFLY_SIM_WORLD_LINK_PACE_H_
#define DAMSELFLY_SIM_WORLD_LINK_PACE_H_

#include <algorithm>
#include <cstdint>

#include "sim/world/decider.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {

// Fault::kSlowLink: how fast one direction of a connection carries bytes. As long as the fault is
// active; then as fast as they come.
class LinkPace {
 public:
  // Draws whether and how slow; in all directions of a connection alike.
  static LinkPace Draw(FaultBoard* faults, DecisionStream& decisions) {
    static constexpr int64_t kBytesPerSecond[] = {20'000, 100'000, 1'000'000};
    LinkPace pace;
    if (faults->Strikes(Fault::kSlowLink, decisions))
      pace.bytes_per_second_ = kBytesPerSecond[decisions.Below(3)];
    return pace;
  }

  // When the last of `bytes` that are written now has been sent: `now_ns` unless the link is slow.
  int64_t SentBy(int64_t now_ns, uint64_t bytes, FaultBoard* faults) {
    if (bytes_per_second_ == 0 || !faults->active(Fault::kSlowLink)) return now_ns;
    faults->CountEffect(Fault::kSlowLink);
    free_ns_ = std::max(free_ns_, now_ns) +
               static_cast<int64_t>(bytes) * 1'000'000'000 / bytes_per_second_;
    return free_ns_;
  }

 private:
  int64_t bytes_per_second_ = 0;  // 0: no limit
  int64_t free_ns_ = 0;           // when everything before has been sent
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_LINK_PACE_H_
