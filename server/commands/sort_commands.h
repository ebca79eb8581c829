#ifndef DAMSELFLY_SERVER_COMMANDS_SORT_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORT_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// SORT and SORT_RO.
absl::Span<const CommandSpec> SortCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORT_COMMANDS_H_
