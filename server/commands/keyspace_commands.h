#ifndef DAMSELFLY_SERVER_COMMANDS_KEYSPACE_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_KEYSPACE_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// Whole databases: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.
absl::Span<const CommandSpec> KeyspaceCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_KEYSPACE_COMMANDS_H_
