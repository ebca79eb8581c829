#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// COMMAND and its subcommands (https://redis.io/docs/latest/commands/command/). Lists are in the
// order of names.
absl::Span<const CommandSpec> CommandCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_COMMANDS_H_
