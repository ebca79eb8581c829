#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_HANDLERS_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_HANDLERS_H_

#include "server/commands/command_context.h"

namespace damselfly {

void HandleWait(CommandContext& ctx);
void HandleReplconf(CommandContext& ctx);
void HandleDflySync(CommandContext& ctx);
void HandleDflyFlow(CommandContext& ctx);
void HandleDflyStart(CommandContext& ctx);
void HandleDflyTakeover(CommandContext& ctx);
void HandleDflyReplicaOffset(CommandContext& ctx);
void HandleDflyHelp(CommandContext& ctx);
void HandleDflyRefusal(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_HANDLERS_H_
