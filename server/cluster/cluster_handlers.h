#ifndef DAMSELFLY_SERVER_CLUSTER_CLUSTER_HANDLERS_H_
#define DAMSELFLY_SERVER_CLUSTER_CLUSTER_HANDLERS_H_

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of CLUSTER's subcommands, of READONLY, READWRITE and ASKING. All but READONLY answer
// with an error where there is no cluster mode (ClusterOnly).

inline constexpr absl::string_view kClusterDisabledError =
    "ERR Cluster is disabled. Enabled via passing --cluster_mode=emulated|yes";

// True in the modes "emulated" and "yes"; else writes that there is no cluster.
bool RequireCluster(const CommandContext& ctx);

// A handler that is asked in cluster modes only.
template <void (*handler)(CommandContext& ctx)>
void ClusterOnly(CommandContext& ctx) {
  if (RequireCluster(ctx)) handler(ctx);
}

// "X <sub>" with arguments that X has no subcommand for: args[1] is none, or their number is wrong.
// With `arguments_matter`, arguments behind a subcommand that there is not are the fault.
void RefuseSubcommand(const CommandContext& ctx, absl::string_view container,
                      bool arguments_matter);

void HandleClusterRefusal(CommandContext& ctx);
void HandleClusterCountFailureReports(CommandContext& ctx);
void HandleClusterCountKeysInSlot(CommandContext& ctx);
void HandleClusterGetKeysInSlot(CommandContext& ctx);
void HandleClusterHelp(CommandContext& ctx);
void HandleClusterInfo(CommandContext& ctx);
void HandleClusterKeySlot(CommandContext& ctx);
void HandleClusterLinks(CommandContext& ctx);
void HandleClusterMyId(CommandContext& ctx);
void HandleClusterMyShardId(CommandContext& ctx);
void HandleClusterNodes(CommandContext& ctx);
void HandleClusterReplicas(CommandContext& ctx);
void HandleClusterShards(CommandContext& ctx);
void HandleClusterSlots(CommandContext& ctx);
// MEET, ADDSLOTS, SETSLOT and all others that would change the topology from inside.
void HandleClusterChange(CommandContext& ctx);
// ASKING, READONLY and READWRITE keep no state: every node serves reads and writes of its slots.
void HandleClusterOk(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CLUSTER_HANDLERS_H_
