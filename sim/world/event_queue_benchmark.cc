// What an event costs: a steady number of them, each scheduling the next after a random delay.

#include <vector>

#include "benchmark/benchmark.h"
#include "sim/world/decider.h"
#include "sim/world/event_queue.h"

namespace damselfly::sim {
namespace {

class Rescheduler final : public EventTarget {
 public:
  Rescheduler(EventQueue* queue, const std::vector<int64_t>* delays_ns)
      : queue_(queue), delays_ns_(delays_ns) {}
  void set_now_ns(int64_t now_ns) { now_ns_ = now_ns; }
  void OnEvent(uint32_t kind, uint64_t argument) override {
    queue_->Schedule(now_ns_ + (*delays_ns_)[next_++ % delays_ns_->size()], this, kind, argument);
  }

 private:
  EventQueue* queue_;
  const std::vector<int64_t>* delays_ns_;
  size_t next_ = 0;
  int64_t now_ns_ = 0;
};

void BM_PopAndScheduleAgain(benchmark::State& state) {
  SeededDecider decider(1);
  DecisionStream random(&decider, "delays");
  std::vector<int64_t> delays_ns;
  for (int i = 0; i < 4096; ++i) delays_ns.push_back(random.Between(20'000, 200'000));
  EventQueue queue;
  Rescheduler target(&queue, &delays_ns);
  for (int64_t i = 0; i < state.range(0); ++i) target.OnEvent(0, static_cast<uint64_t>(i));
  EventQueue::Fired event;
  for (auto _ : state) {
    queue.Pop(INT64_MAX, &event);
    target.set_now_ns(event.time_ns);
    event.target->OnEvent(event.kind, event.argument);
  }
}
BENCHMARK(BM_PopAndScheduleAgain)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

}  // namespace
}  // namespace damselfly::sim
