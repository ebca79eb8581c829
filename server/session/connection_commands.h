#ifndef DAMSELFLY_SERVER_SESSION_CONNECTION_COMMANDS_H_
#define DAMSELFLY_SERVER_SESSION_CONNECTION_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// AUTH, HELLO, PING, ECHO, SELECT, QUIT, RESET, WAIT, READONLY, READWRITE, ASKING, MONITOR, and
// CLIENT with its subcommands.
absl::Span<const CommandSpec> ConnectionCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CONNECTION_COMMANDS_H_
