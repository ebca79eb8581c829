#include "sim/world/sim_runtime.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/world/decider.h"
#include "sim/world/host.h"
#include "sim/world/sim_network.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// The network as seen from one host.
class SimRuntime::HostNetwork final : public Network {
 public:
  HostNetwork(SimNetwork* network, Host* host) : network_(network), host_(host) {}

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Endpoint& endpoint, int backlog,
                                                   AcceptHandler handler) override {
    return network_->Listen(*host_, endpoint, backlog, std::move(handler));
  }
  void Connect(EventLoop& loop, const Endpoint& endpoint, ConnectHandler handler) override {
    network_->Connect(static_cast<SimLoop&>(loop), endpoint, std::move(handler));
  }

 private:
  SimNetwork* const network_;
  Host* const host_;
};

SimRuntime::SimRuntime(World* world, Host* host, int worker_count)
    : world_(world),
      host_(host),
      clock_(&host->clock()),
      network_(std::make_unique<HostNetwork>(&world->network(), host)) {
  facts_.process_id = 1000 + host->id();
  facts_.os = "Simulated 1.0 x86_64";
  facts_.executable_path = "/usr/bin/damselfly";
  facts_.working_directory = "/";
  facts_.multiplexing_api = "simulated";
  facts_.compiler_version = "0.0.0";
  for (int i = 0; i < worker_count; ++i)
    loops_.push_back(std::make_unique<SimLoop>(world, this, i));
}

SimRuntime::~SimRuntime() { stopped_ = true; }

Files& SimRuntime::files() { return host_->disk(); }

uint64_t SimRuntime::RandomSeed(absl::string_view purpose) {
  return DeriveSeed(world_->seed(), absl::StrCat("process: ", purpose),
                    (uint64_t{host_->id()} << 32) | static_cast<uint64_t>(host_->incarnation()));
}

ProcessUsage SimRuntime::Usage() const {
  ProcessUsage usage;
  usage.resident_bytes = usage.resident_bytes_peak = 16 << 20;
  usage.system_memory_bytes = int64_t{8} << 30;
  return usage;
}

void SimRuntime::RequestExit(int exit_code) {
  if (stopped_ || exit_requested_) return;
  exit_requested_ = true;
  Host* const host = host_;
  const int incarnation = host->incarnation();
  world_->After(0, [host, incarnation, exit_code] {
    if (host->incarnation() == incarnation && host->running() && host->exit_handler())
      host->exit_handler()(exit_code);
  });
}

bool SimRuntime::HasMutant(ServerMutant mutant) const {
  return IsServerMutant(world_->mutant(), mutant);
}

void SimRuntime::Log(Severity severity, absl::string_view message) {
  const absl::string_view prefix = severity == Severity::kError     ? "error: "
                                   : severity == Severity::kWarning ? "warning: "
                                                                    : "";
  world_->AddLogLine(*host_, absl::StrCat(prefix, message));
}

}  // namespace damselfly::sim
