#ifndef DAMSELFLY_SIM_WORLD_WORKER_SCHEDULE_H_
#define DAMSELFLY_SIM_WORLD_WORKER_SCHEDULE_H_

#include <cstdint>

#include "sim/world/decider.h"

namespace damselfly::sim {

// How long a worker that has something to do is kept waiting. Uniformly, each pass drawn anew; or
// by priorities, with a few points at which they change (after Burckhardt et al., "A randomized
// scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010): some workers are always
// last, which no uniform choice brings about for long.
class WorkerSchedule {
 public:
  static constexpr uint64_t kPriorityCount = 8;

  // Priorities if `change_points` >= 0; delays of at most `delay_max_ns`.
  WorkerSchedule(Decider* decider, int64_t delay_max_ns, int change_points)
      : decisions_(decider, "worker schedule"),
        delay_max_ns_(delay_max_ns),
        changes_left_(change_points),
        by_priority_(change_points >= 0) {
    if (by_priority_) DrawNextChange();
  }

  bool by_priority() const { return by_priority_; }
  // Of a worker that comes into being: 0 is the first to run.
  uint64_t DrawPriority() { return by_priority_ ? decisions_.Below(kPriorityCount) : 0; }

  // Before a pass of a worker with that priority, which may change. Requires by_priority().
  int64_t DelayByPriority(uint64_t* priority) {
    if (changes_left_ > 0 && passes_to_change_-- == 0) {
      *priority = kPriorityCount - 1;
      --changes_left_;
      DrawNextChange();
    }
    return delay_max_ns_ * static_cast<int64_t>(*priority) /
           static_cast<int64_t>(kPriorityCount - 1);
  }

 private:
  void DrawNextChange() { passes_to_change_ = decisions_.Below(2000); }

  DecisionStream decisions_;
  const int64_t delay_max_ns_;
  int changes_left_;
  const bool by_priority_;
  uint64_t passes_to_change_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_WORKER_SCHEDULE_H_
