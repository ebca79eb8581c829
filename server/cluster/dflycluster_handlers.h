#ifndef DAMSELFLY_SERVER_CLUSTER_DFLYCLUSTER_HANDLERS_H_
#define DAMSELFLY_SERVER_CLUSTER_DFLYCLUSTER_HANDLERS_H_

#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of DFLYCLUSTER, by which a control plane speaks to a node. Each but MYID wants
// cluster mode "yes" and, where there is an admin port, a connection to it (ControlPlaneOnly).

// True if the client may; else writes why not.
bool RequireControlPlane(const CommandContext& ctx);

template <void (*handler)(CommandContext& ctx)>
void ControlPlaneOnly(CommandContext& ctx) {
  if (RequireControlPlane(ctx)) handler(ctx);
}

void HandleDflyClusterRefusal(CommandContext& ctx);
void HandleDflyClusterConfig(CommandContext& ctx);
void HandleDflyClusterFlushSlots(CommandContext& ctx);
void HandleDflyClusterGetSlotInfo(CommandContext& ctx);
void HandleDflyClusterHelp(CommandContext& ctx);
void HandleDflyClusterSlotMigrationStatus(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_DFLYCLUSTER_HANDLERS_H_
