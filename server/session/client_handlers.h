#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_HANDLERS_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_HANDLERS_H_

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

class Session;

// Client names go into CLIENT LIST's lines: writes the error and returns false if `name` has a
// space or anything that does not print.
bool CheckClientName(const CommandContext& ctx, absl::string_view name);
// An empty name takes the name away.
void SetClientName(Session& session, absl::string_view name);

// The handlers of CLIENT's subcommands but for LIST, INFO and KILL.
void HandleClientId(CommandContext& ctx);
void HandleClientGetName(CommandContext& ctx);
void HandleClientSetName(CommandContext& ctx);
void HandleClientSetInfo(CommandContext& ctx);
void HandleClientPause(CommandContext& ctx);
void HandleClientUnpause(CommandContext& ctx);
void HandleClientReply(CommandContext& ctx);
void HandleClientUnblock(CommandContext& ctx);
void HandleClientNoEvict(CommandContext& ctx);
void HandleClientNoTouch(CommandContext& ctx);
// In client_tracking_handlers.cc.
void HandleClientTracking(CommandContext& ctx);
void HandleClientCaching(CommandContext& ctx);
void HandleClientGetRedir(CommandContext& ctx);
void HandleClientTrackingInfo(CommandContext& ctx);
void HandleClientHelp(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_HANDLERS_H_
