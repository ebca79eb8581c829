#ifndef DAMSELFLY_SERVER_COMMANDS_SET_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_SET_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The set family: SADD, SINTER and their kin.
absl::Span<const CommandSpec> SetCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SET_COMMANDS_H_
