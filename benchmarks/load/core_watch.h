#ifndef DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_
#define DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_

#include <time.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/load/disturbances.h"

namespace damselfly::load {

// Watches one core for disturbances, with a thread that precedes all others there and wakes up
// every kPeriod_ns. That costs the core two to five per cent.
class CoreWatch {
 public:
  static constexpr int64_t kPeriod_ns = 200 * 1000;

  // `process`: what it runs is no stop.
  CoreWatch(int core, int process) : core_(core), process_(process) {}
  ~CoreWatch() { Stop(); }
  CoreWatch(const CoreWatch&) = delete;
  CoreWatch& operator=(const CoreWatch&) = delete;

  // Fails where there is no such process or core, or the system does not permit SCHED_FIFO.
  absl::Status Start();
  // Waits for the thread.
  void Stop();

  // Once stopped; as of DisturbanceFinder.
  const std::vector<Disturbance>& found() const { return found_; }
  const std::vector<Disturbance>& late() const { return late_; }

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
  // The thread's until it has ended.
  std::vector<Disturbance> found_;
  std::vector<Disturbance> late_;
};

// Watches all cores that a measurement runs on, the server's and the driver's.
class CoreWatches {
 public:
  void Add(int core, int process) {
    watches_.push_back(std::make_unique<CoreWatch>(core, process));
  }
  absl::Status Start();
  // What has been found since. Nobody is watched any more.
  Disturbances Stop();

 private:
  std::vector<std::unique_ptr<CoreWatch>> watches_;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_CORE_WATCH_H_
