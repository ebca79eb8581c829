#ifndef DAMSELFLY_SIM_WORLD_SIM_RUNTIME_H_
#define DAMSELFLY_SIM_WORLD_SIM_RUNTIME_H_

#include <memory>
#include <vector>

#include "server/runtime/runtime.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_loop.h"

namespace damselfly::sim {

class Host;
class World;

// The seam, simulated: what one process on one host is handed. Lives from the process's start to
// its death.
class SimRuntime final : public Runtime {
 public:
  SimRuntime(World* world, Host* host, int worker_count);
  ~SimRuntime() override;

  int worker_count() const override { return static_cast<int>(loops_.size()); }
  SimLoop& loop(int index) override { return *loops_[static_cast<size_t>(index)]; }
  bool has_threads() const override { return false; }
  const Clock& clock() const override { return clock_; }
  Network& network() override { return *network_; }
  Files& files() override;
  uint64_t RandomSeed(absl::string_view purpose) override;
  const ProcessFacts& facts() const override { return facts_; }
  ProcessUsage Usage() const override;
  void RequestExit(int exit_code) override;
  void Log(Severity severity, absl::string_view message) override;
  bool HasMutant(ServerMutant mutant) const override;

  Host& host() { return *host_; }

  // From now on no call-back runs. What was posted stays until the runtime is destroyed, as with
  // real loops.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  class HostNetwork;

  World* const world_;
  Host* const host_;
  const ShownClock clock_;
  ProcessFacts facts_;
  bool stopped_ = false;
  bool exit_requested_ = false;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<SimLoop>> loops_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SIM_RUNTIME_H_
