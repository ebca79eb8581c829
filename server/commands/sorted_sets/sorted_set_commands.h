#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The sorted set family: members in the order of their scores.
absl::Span<const CommandSpec> SortedSetCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_COMMANDS_H_
