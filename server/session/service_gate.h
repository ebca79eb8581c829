#ifndef DAMSELFLY_SERVER_SESSION_SERVICE_GATE_H_
#define DAMSELFLY_SERVER_SESSION_SERVICE_GATE_H_

#include "absl/strings/string_view.h"
#include "server/commands/command_registry.h"
#include "server/store/store.h"

namespace damselfly {

class ServerState;

inline constexpr absl::string_view kLoadingError =
    "LOADING Damselfly is loading the dataset in memory";
inline constexpr absl::string_view kReadOnlyError =
    "READONLY You can't write against a read only replica.";

// The common answer, without looking further: a command on keys may run. If not,
// ServiceRefusal tells; a few commands may all the same.
inline bool AccessAdmits(Store::Access access, const Command& command) {
  return access <= (command.Has(kWrite) ? Store::Access::kReadWrite : Store::Access::kReadOnly);
}

// Why the node, as it is now, does not run the command; empty if it does.
//
//   being filled    what shows and changes no data (Command::runs_while_loading)
//   taken over      what operators need, PING, and what a client says of itself; in mode "yes"
//                   commands on keys get as far as their slots, which tell the new owner. On the
//                   admin port all that touches no data
//   replica         all but writes
//
// State and access change under all locks: with a lock of what the command touches the answer is
// exact. `slots_judged`: the command's slots are known to be this node's, or it has none.
absl::string_view ServiceRefusal(ServerState& server, const Command& command, bool on_admin_port,
                                 bool slots_judged);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SERVICE_GATE_H_
