#include "server/replication/replication_commands.h"

#include "server/replication/replication_handlers.h"

namespace damselfly {
namespace {

constexpr uint32_t kControl = kAdmin | kNoScript | kLoading | kStale;

constexpr CommandSpec kReplicationCommands[] = {
    {.name = "replicaof",
     .arity = -3,
     .flags = kControl,
     .group = CommandGroup::kServer,
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Makes this node a replica of another one, or a master (NO ONE)",
     .syntax = "args<host-port<host port:integer> | no-one<NO ONE>>",
     .handler = HandleReplicaOf},
    {.name = "slaveof",
     .arity = 3,
     .flags = kControl,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Makes this node a replica of another one, or a master (NO ONE)",
     .syntax = "args<host-port<host port:integer> | no-one<NO ONE>>",
     .handler = HandleReplicaOf,
     .deprecated_since = "5.0.0",
     .replaced_by = "`REPLICAOF`"},
    {.name = "addreplicaof",
     .arity = 5,
     .flags = kControl | kHidden,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Refused: a replica has one master",
     .syntax = "host port:integer slot-start:integer slot-end:integer",
     .handler = HandleAddReplicaOf},
    {.name = "repltakeover",
     .arity = -2,
     .flags = kAdmin | kNoScript | kNoMulti | kStale | kHidden,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Takes over from this replica's master, without losing a write",
     .syntax = "seconds:integer [SAVE]",
     .handler = HandleReplTakeOver},
    {.name = "role",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kFast,
     .acl_categories = kAclAdmin | kAclDangerous,
     .group = CommandGroup::kServer,
     .since = "2.8.12",
     .complexity = "O(1)",
     .summary = "Whether this is a master, and of whom",
     .handler = HandleRole},
};

}  // namespace

absl::Span<const CommandSpec> ReplicationCommands() { return kReplicationCommands; }

}  // namespace damselfly
