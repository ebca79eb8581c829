#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_COMMANDS_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// What is asked of a master: WAIT by clients; REPLCONF and DFLY by its replicas.
absl::Span<const CommandSpec> ReplicationMasterCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_COMMANDS_H_
