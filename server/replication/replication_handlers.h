#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICATION_HANDLERS_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICATION_HANDLERS_H_

#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of replication_commands.cc.

void HandleReplicaOf(CommandContext& ctx);  // SLAVEOF too
void HandleAddReplicaOf(CommandContext& ctx);
void HandleReplTakeOver(CommandContext& ctx);
void HandleRole(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICATION_HANDLERS_H_
