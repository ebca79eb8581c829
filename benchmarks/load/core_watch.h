#ifndef DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_
#define DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_

#include <time.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/load/stolen_time.h"

namespace damselfly::load {

// Watches one core for stolen time, with a thread that precedes all others there and wakes up
// every kPeriod_ns. That costs the core about one per cent.
class CoreWatch {
 public:
  static constexpr int64_t kPeriod_ns = 200 * 1000;

  // `process`: whose CPU time is not stolen.
  CoreWatch(int core, int process) : core_(core), process_(process) {}
  ~CoreWatch() { Stop(); }
  CoreWatch(const CoreWatch&) = delete;
  CoreWatch& operator=(const CoreWatch&) = delete;

  // Fails where there is no such process or core, or the system does not permit SCHED_FIFO.
  absl::Status Start();
  // Waits for the thread.
  void Stop();

  // Once stopped.
  const std::vector<StolenMoment>& moments() const { return moments_; }

 private:
  // The precedence of --realtime is 1: this has to come first.
  static constexpr int kPrecedence = 50;

  absl::Status GoFirst();
  void Watch(clockid_t process_clock);

  const int core_;
  const int process_;
  std::atomic<bool> stop_asked_{false};
  std::atomic<bool> has_precedence_{false};
  std::thread thread_;
  std::vector<StolenMoment> moments_;  // the thread's until it has ended
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_
