#ifndef DAMSELFLY_SERVER_ADMIN_CONFIG_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_CONFIG_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// CONFIG GET, SET, RESETSTAT, REWRITE and HELP.
absl::Span<const CommandSpec> ConfigCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_CONFIG_COMMANDS_H_
