#ifndef DAMSELFLY_SERVER_CLUSTER_CLUSTER_COMMANDS_H_
#define DAMSELFLY_SERVER_CLUSTER_CLUSTER_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// CLUSTER, READONLY, READWRITE and ASKING for clients, DFLYCLUSTER for the control plane.
absl::Span<const CommandSpec> ClusterCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CLUSTER_COMMANDS_H_
