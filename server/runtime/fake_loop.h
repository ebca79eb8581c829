#ifndef DAMSELFLY_SERVER_RUNTIME_FAKE_LOOP_H_
#define DAMSELFLY_SERVER_RUNTIME_FAKE_LOOP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "server/runtime/event_loop.h"

namespace damselfly {

// A loop for unit tests: one thread, time that stands still until the test moves it. Not the
// simulator's loop.
class FakeLoop final : public EventLoop {
 public:
  int index() const override { return 0; }
  int64_t pass_monotonic_ns() const override { return now_ns_; }
  int64_t pass_wall_us() const override { return now_ns_ / 1000; }

  void Post(Work work) override { posted_.push_back(std::move(work)); }

  TimerId StartTimer(int64_t delay_ns, Work work) override {
    const TimerId id = ++last_timer_;
    timers_.emplace(std::make_pair(now_ns_ + delay_ns, id), std::move(work));
    return id;
  }

  bool CancelTimer(TimerId id) override {
    for (auto timer = timers_.begin(); timer != timers_.end(); ++timer) {
      if (timer->first.second != id) continue;
      timers_.erase(timer);
      return true;
    }
    return false;
  }

  void Stall(int64_t duration_ns) override { now_ns_ += duration_ns; }

  // Runs what is posted and the timers that are due, until nothing is left to run now.
  void RunReady() {
    while (RunOnePosted() || RunOneTimer(now_ns_)) {
    }
  }

  // Lets `duration_ns` pass, running each timer at its time.
  void Advance(int64_t duration_ns) {
    const int64_t end_ns = now_ns_ + duration_ns;
    RunReady();
    while (RunOneTimer(end_ns)) RunReady();
    now_ns_ = end_ns;
  }

  size_t timer_count() const { return timers_.size(); }

 private:
  bool RunOnePosted() {
    if (posted_.empty()) return false;
    Work work = std::move(posted_.front());
    posted_.pop_front();
    work();
    return true;
  }

  bool RunOneTimer(int64_t deadline_ns_max) {
    if (timers_.empty() || timers_.begin()->first.first > deadline_ns_max) return false;
    now_ns_ = std::max(now_ns_, timers_.begin()->first.first);
    Work work = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    work();
    return true;
  }

  int64_t now_ns_ = 1'000'000'000;
  TimerId last_timer_ = kNoTimer;
  std::deque<Work> posted_;
  std::map<std::pair<int64_t, TimerId>, Work> timers_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_FAKE_LOOP_H_
