#ifndef DAMSELFLY_SERVER_COMMANDS_STRING_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_STRING_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The string family: GET, SET and their kin.
absl::Span<const CommandSpec> StringCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STRING_COMMANDS_H_
