#ifndef DAMSELFLY_SERVER_COMMANDS_OBJECT_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_OBJECT_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// OBJECT and its subcommands.
absl::Span<const CommandSpec> ObjectCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_OBJECT_COMMANDS_H_
