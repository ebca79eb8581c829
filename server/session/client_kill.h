#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_KILL_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_KILL_H_

#include "server/commands/command_context.h"

namespace damselfly {

// CLIENT KILL, in its old form (an address) and its new one (filters, all of which must hold).
void HandleClientKill(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_KILL_H_
