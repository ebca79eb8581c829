#ifndef DAMSELFLY_SIM_WORLD_SIM_LOOP_H_
#define DAMSELFLY_SIM_WORLD_SIM_LOOP_H_

#include <cstdint>
#include <vector>

#include "server/runtime/event_loop.h"
#include "sim/world/decider.h"
#include "sim/world/event_queue.h"
#include "sim/world/ref_counted.h"

namespace damselfly::sim {

class SimRuntime;
class World;

// Something on the network that a loop must look at in its next pass.
class ReadyTarget : public RefCounted {
 public:
  virtual void OnReady(uint32_t what) = 0;
};

// One virtual worker. When there is something to do, a pass becomes an event of the world: after a
// delay that the decisions draw, and not while the pass before still keeps the worker busy. A pass
// runs what was ready when it began, first come first served; what becomes ready meanwhile waits
// for the next.
class SimLoop final : public EventLoop, public EventTarget {
 public:
  SimLoop(World* world, SimRuntime* runtime, int index);
  ~SimLoop() override;
  SimLoop(const SimLoop&) = delete;
  SimLoop& operator=(const SimLoop&) = delete;

  int index() const override { return index_; }
  int64_t pass_monotonic_ns() const override { return pass_monotonic_ns_; }
  int64_t pass_wall_us() const override { return pass_wall_us_; }
  void Post(Work work) override;
  TimerId StartTimer(int64_t delay_ns, Work work) override;
  bool CancelTimer(TimerId id) override;
  void Stall(int64_t duration_ns) override { stalled_ns_ += duration_ns; }

  SimRuntime& runtime() { return *runtime_; }
  // The world's time as code on this worker lives it: a stall in this pass has taken its time
  // already.
  int64_t local_now_ns() const;

  // Has `target` looked at in a later pass.
  void QueueReady(Ref<ReadyTarget> target, uint32_t what);

  void OnEvent(uint32_t kind, uint64_t argument) override;

 private:
  enum EventKind : uint32_t { kPassEvent, kTimerEvent };

  struct ReadyItem {
    Ref<ReadyTarget> target;   // or ...
    Work work;                 // ... this, or ...
    TimerId timer = kNoTimer;  // ... the work of this timer, if it is not cancelled meanwhile
    uint32_t what = 0;
  };
  struct Timer {
    Work work;
    EventQueue::Handle event;
    uint32_t generation = 1;
    bool in_use = false;
  };

  Timer* FindTimer(TimerId id);
  Work ReleaseTimer(TimerId id);
  void RequestPass();
  void RunPass();
  void RunItem(ReadyItem& item);

  World* const world_;
  SimRuntime* const runtime_;
  const int index_;
  DecisionStream decisions_;
  uint64_t priority_;
  int64_t pass_monotonic_ns_ = 0;
  int64_t pass_wall_us_ = 0;
  int64_t busy_until_ns_ = 0;
  int64_t stalled_ns_ = 0;
  bool pass_requested_ = false;
  bool running_ = false;
  EventQueue::Handle pass_event_;
  std::vector<ReadyItem> ready_;
  std::vector<ReadyItem> running_items_;
  std::vector<Timer> timers_;
  std::vector<uint32_t> free_timers_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SIM_LOOP_H_
