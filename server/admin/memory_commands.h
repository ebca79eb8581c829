#ifndef DAMSELFLY_SERVER_ADMIN_MEMORY_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_MEMORY_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// MEMORY USAGE, STATS, DOCTOR, MALLOC-STATS, PURGE and HELP.
absl::Span<const CommandSpec> MemoryCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_MEMORY_COMMANDS_H_
