#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_COMMANDS_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_COMMANDS_H_

#include "server/commands/command.h"

namespace damselfly {

// CLIENT's subcommands. TRACKING and CACHING are not among them: client-side caching does not
// exist.
extern const CommandSpec kClientSubcommands[18];

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_COMMANDS_H_
