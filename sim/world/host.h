#ifndef DAMSELFLY_SIM_WORLD_HOST_H_
#define DAMSELFLY_SIM_WORLD_HOST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_files.h"
#include "sim/world/sim_runtime.h"
#include "sim/world/slow_worker.h"

namespace damselfly::sim {

class World;

// One machine: an address, clocks and a disk that last, and a process at a time: its runtime. Death
// of the process: the owner calls StopProcess, destroys what ran in it, then calls StartProcess for
// the next one.
class Host {
 public:
  Host(World* world, uint32_t id, absl::string_view name, int worker_count, int64_t clock_skew_us);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  // "10.0.0.7": what others connect to.
  const std::string& address() const { return address_; }
  World& world() { return *world_; }
  SimClock& clock() { return clock_; }
  SimDisk& disk() { return disk_; }

  // The process that runs. Requires running().
  SimRuntime& runtime() { return *runtime_; }
  int worker_count() const { return worker_count_; }
  bool running() const { return runtime_ != nullptr && !runtime_->stopped(); }
  // Counts the processes that this host has had: 1 for the first.
  int incarnation() const { return incarnation_; }

  // How its peers learn of a process's death.
  enum class Death {
    kExit,   // what was sent arrives, then the end of the stream
    kReset,  // what had not arrived may be lost, then a reset
    kSilent  // the same, and nobody is told: the machine is gone
  };

  // No call-back of the process runs any more; its streams are dead. What was made on its runtime
  // may now be destroyed. Not from within a call-back of this host.
  void StopProcess(Death death);

  // Begins the next process. Requires !running(); everything made on the runtime before is
  // destroyed by now.
  void StartProcess();

  // Called, outside of every call-back, when the process has asked for its own end.
  void set_exit_handler(std::function<void(int exit_code)> handler) {
    exit_handler_ = std::move(handler);
  }
  const std::function<void(int)>& exit_handler() const { return exit_handler_; }

  // No worker begins a pass before that time: the process has been stopped, or its machine swaps.
  void PauseUntil(int64_t time_ns);
  int64_t paused_until_ns() const { return paused_until_ns_; }

  // One of its workers at a time; it lasts beyond the process.
  void set_slow_worker(const SlowWorker& slow) { slow_worker_ = slow; }
  const SlowWorker& slow_worker() const { return slow_worker_; }

  // Called after each pass of a worker, outside of every call-back: for those who look into the
  // process. It may not change anything.
  void set_after_pass(std::function<void()> handler) { after_pass_ = std::move(handler); }
  const std::function<void()>& after_pass() const { return after_pass_; }

  // What tells a picture of the run what the process is at the moment, in words that
  // sim/node/node_state.h defines. Asked after passes, outside of every call-back, and only in a
  // world that is observed. It may not change anything.
  void set_state_probe(std::function<std::string()> probe) { state_probe_ = std::move(probe); }
  // Tells the observer, if there is one, what the process has become.
  void NoteState();

  // A port for a connection from here that nobody uses.
  int NextEphemeralPort();

 private:
  World* const world_;
  const uint32_t id_;
  const std::string name_;
  const std::string address_;
  const int worker_count_;
  SimClock clock_;
  DiskFaults disk_faults_;
  SimDisk disk_;
  int incarnation_ = 0;
  int next_port_ = 49152;
  int64_t paused_until_ns_ = 0;
  SlowWorker slow_worker_;
  std::function<void(int)> exit_handler_;
  std::function<void()> after_pass_;
  std::function<std::string()> state_probe_;
  std::string last_state_;  // as noted last
  std::unique_ptr<SimRuntime> runtime_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_HOST_H_
