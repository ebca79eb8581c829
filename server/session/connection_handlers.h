#ifndef DAMSELFLY_SERVER_SESSION_CONNECTION_HANDLERS_H_
#define DAMSELFLY_SERVER_SESSION_CONNECTION_HANDLERS_H_

#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of ConnectionCommands() but for CLIENT's: command_context.h says what a handler may
// do. All need ctx.session.
void HandleAuth(CommandContext& ctx);
void HandleHello(CommandContext& ctx);
void HandlePing(CommandContext& ctx);
void HandleEcho(CommandContext& ctx);
void HandleSelect(CommandContext& ctx);
void HandleQuit(CommandContext& ctx);
void HandleReset(CommandContext& ctx);
void HandleMonitor(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CONNECTION_HANDLERS_H_
