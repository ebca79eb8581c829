#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICATION_COMMANDS_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICATION_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// What decides or tells whose replica a node is: REPLICAOF, SLAVEOF, ADDREPLICAOF, REPLTAKEOVER,
// ROLE.
absl::Span<const CommandSpec> ReplicationCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICATION_COMMANDS_H_
