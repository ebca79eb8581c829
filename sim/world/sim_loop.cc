#include "sim/world/sim_loop.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "sim/world/host.h"
#include "sim/world/sim_runtime.h"
#include "sim/world/world.h"

namespace damselfly::sim {

SimLoop::SimLoop(World* world, SimRuntime* runtime, int index)
    : world_(world),
      runtime_(runtime),
      index_(index),
      decisions_(&world->decider(), "worker",
                 (uint64_t{runtime->host().id()} << 40) |
                     (static_cast<uint64_t>(runtime->host().incarnation()) << 16) |
                     static_cast<uint64_t>(index)),
      priority_(world->schedule().DrawPriority()) {
  pass_monotonic_ns_ = runtime->clock().MonotonicNs();
  pass_wall_us_ = runtime->clock().WallUs();
}

// Works may own streams whose end touches this loop: empty everything before the members go.
SimLoop::~SimLoop() {
  world_->queue().Cancel(pass_event_);
  for (Timer& timer : timers_) world_->queue().Cancel(timer.event);
  std::vector<ReadyItem> ready = std::move(ready_);
  std::vector<Timer> timers = std::move(timers_);
}

int64_t SimLoop::local_now_ns() const { return world_->now_ns() + stalled_ns_; }

void SimLoop::Post(Work work) {
  ReadyItem item;
  item.work = std::move(work);
  ready_.push_back(std::move(item));
  RequestPass();
}

void SimLoop::QueueReady(Ref<ReadyTarget> target, uint32_t what) {
  ReadyItem item;
  item.target = std::move(target);
  item.what = what;
  ready_.push_back(std::move(item));
  RequestPass();
}

EventLoop::TimerId SimLoop::StartTimer(int64_t delay_ns, Work work) {
  DFLY_CHECK_GE(delay_ns, 0);
  if (free_timers_.empty()) {
    free_timers_.push_back(static_cast<uint32_t>(timers_.size()));
    timers_.emplace_back();
  }
  const uint32_t index = free_timers_.back();
  free_timers_.pop_back();
  Timer& timer = timers_[index];
  timer.work = std::move(work);
  timer.in_use = true;
  const TimerId id = (static_cast<uint64_t>(timer.generation) << 32) | (index + 1);
  // Far enough in the future for any purpose, and no overflow.
  const int64_t delay_max_ns = INT64_MAX / 4;
  timer.event = world_->queue().Schedule(local_now_ns() + std::min(delay_ns, delay_max_ns), this,
                                         kTimerEvent, id);
  return id;
}

SimLoop::Timer* SimLoop::FindTimer(TimerId id) {
  const uint64_t index = (id & 0xffffffff) - 1;
  if (index >= timers_.size()) return nullptr;
  Timer& timer = timers_[index];
  return timer.in_use && timer.generation == id >> 32 ? &timer : nullptr;
}

EventLoop::Work SimLoop::ReleaseTimer(TimerId id) {
  Timer* timer = FindTimer(id);
  if (timer == nullptr) return nullptr;
  timer->in_use = false;
  ++timer->generation;
  free_timers_.push_back(static_cast<uint32_t>((id & 0xffffffff) - 1));
  return std::move(timer->work);
}

bool SimLoop::CancelTimer(TimerId id) {
  Timer* timer = FindTimer(id);
  if (timer == nullptr) return false;
  world_->queue().Cancel(timer->event);
  const Work work = ReleaseTimer(id);
  return true;
}

void SimLoop::RequestPass() {
  if (pass_requested_ || running_ || runtime_->stopped()) return;
  pass_requested_ = true;
  int64_t start_ns = world_->now_ns();
  const int64_t delay_max_ns = world_->knobs().pass_delay_max_ns;
  if (world_->schedule().by_priority()) {
    start_ns += world_->schedule().DelayByPriority(&priority_);
  } else if (delay_max_ns > 0) {
    start_ns += decisions_.Between(0, delay_max_ns);
  }
  start_ns = std::max(start_ns, busy_until_ns_);
  if (world_->faults().Strikes(Fault::kWorkerPause, decisions_)) {
    start_ns += decisions_.Between(kMillisecond, 200 * kMillisecond);
    world_->faults().CountEffect(Fault::kWorkerPause);
  }
  const int64_t slow_ns = runtime_->host().slow_worker().DelayOf(index_, start_ns);
  if (slow_ns > 0) {
    start_ns += slow_ns;
    world_->faults().CountEffect(Fault::kSlowWorker);
  }
  pass_event_ = world_->queue().Schedule(start_ns, this, kPassEvent, 0);
}

void SimLoop::OnEvent(uint32_t kind, uint64_t argument) {
  if (runtime_->stopped()) return;
  if (kind == kTimerEvent) {
    ReadyItem item;
    item.timer = argument;
    ready_.push_back(std::move(item));
    RequestPass();
    return;
  }
  const int64_t paused_until_ns = runtime_->host().paused_until_ns();
  if (paused_until_ns > world_->now_ns()) {
    world_->faults().CountEffect(Fault::kHostPause);
    pass_event_ = world_->queue().Schedule(paused_until_ns, this, kPassEvent, 0);
    return;
  }
  pass_requested_ = false;
  RunPass();
  if (runtime_->host().after_pass()) runtime_->host().after_pass()();
  runtime_->host().NoteState();
}

void SimLoop::RunPass() {
  DFLY_CHECK(!world_->in_pass());
  world_->set_in_pass(true);
  running_ = true;
  pass_monotonic_ns_ = runtime_->clock().MonotonicNs();
  pass_wall_us_ = runtime_->clock().WallUs();
  world_->trace().Add(world_->now_ns(), runtime_->host().id(), TraceKind::kPass,
                      static_cast<uint64_t>(index_) << 32 | ready_.size());
  running_items_.swap(ready_);
  for (ReadyItem& item : running_items_) {
    if (runtime_->stopped()) break;
    RunItem(item);
  }
  running_items_.clear();
  running_ = false;
  world_->set_in_pass(false);
  const int64_t cost_max_ns = world_->knobs().pass_cost_max_ns;
  busy_until_ns_ = local_now_ns() + (cost_max_ns > 0 ? decisions_.Between(1, cost_max_ns) : 1);
  stalled_ns_ = 0;
  if (!ready_.empty()) RequestPass();
}

void SimLoop::RunItem(ReadyItem& item) {
  if (item.target) {
    item.target->OnReady(item.what);
    item.target = Ref<ReadyTarget>();
  } else if (item.timer != kNoTimer) {
    Work work = ReleaseTimer(item.timer);
    if (work) work();
  } else {
    Work work = std::move(item.work);
    work();
  }
}

}  // namespace damselfly::sim
