#ifndef DAMSELFLY_SERVER_COMMANDS_DUMP_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_DUMP_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// DUMP and RESTORE: whole values, of any type, as bytes that Redis writes and reads too.
absl::Span<const CommandSpec> DumpCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_DUMP_COMMANDS_H_
