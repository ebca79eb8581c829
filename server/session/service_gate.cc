#include "server/session/service_gate.h"

#include "server/session/server_state.h"

namespace damselfly {
namespace {

bool TouchesData(const Command& command) {
  return command.may_have_keys() || command.Has(kWrite | kReadOnly | kLocksAllSlots | kWalksSlots);
}

// A transaction begins and ends as such whatever the node is: were MULTI refused, what was sent
// behind it in one go would be executed alone as soon as the node is open again.
bool FramesTransaction(const Command& command) {
  return command.spec->name == "multi" || command.spec->name == "discard";
}

bool RunsWhenTakenOver(ServerState& server, const Command& command, bool on_admin_port,
                       bool slots_judged) {
  // Whoever may not show a password could not tell the node whose replica it shall be.
  if (command.Has(kAdmin | kNoAuth) || command.spec->name == "ping") return true;
  if (FramesTransaction(command)) return !server.runtime().HasMutant(ServerMutant::kMultiRefused);
  if (!slots_judged && command.may_have_keys() && server.cluster_mode() == ClusterMode::kReal)
    return true;
  return on_admin_port && !TouchesData(command);
}

}  // namespace

absl::string_view ServiceRefusal(ServerState& server, const Command& command, bool on_admin_port,
                                 bool slots_judged) {
  const Store::Access access = server.store().access();
  switch (server.service_state.load(std::memory_order_relaxed)) {
    case ServiceState::kActive:
      if (AccessAdmits(access, command)) return "";
      if (access == Store::Access::kReadOnly) return kReadOnlyError;
      return TouchesData(command) ? kLoadingError : "";
    case ServiceState::kLoading:
      return command.runs_while_loading() ? "" : kLoadingError;
    case ServiceState::kTakenOver:
      return RunsWhenTakenOver(server, command, on_admin_port, slots_judged) ? "" : kLoadingError;
  }
  return "";
}

}  // namespace damselfly
