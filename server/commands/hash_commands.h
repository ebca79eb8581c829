#ifndef DAMSELFLY_SERVER_COMMANDS_HASH_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_HASH_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The hash family: HGET, HSET and their kin.
absl::Span<const CommandSpec> HashCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_HASH_COMMANDS_H_
