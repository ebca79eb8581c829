#ifndef DAMSELFLY_SERVER_COMMANDS_LIST_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_LIST_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// LPUSH, LRANGE, BLPOP, ...: the commands on lists.
absl::Span<const CommandSpec> ListCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_LIST_COMMANDS_H_
