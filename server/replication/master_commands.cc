#include "server/replication/master_commands.h"

#include "server/replication/master_handlers.h"

namespace damselfly {
namespace {

constexpr uint32_t kBetweenNodes = kAdmin | kNoScript | kStale | kNoMulti | kHidden;
constexpr absl::string_view kWaitTips[] = {"request_policy:all_shards", "response_policy:agg_min"};

constexpr CommandSpec kDflySubcommands[] = {
    {.name = "flow",
     .arity = 4,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Makes the connection carry one lane of a replication link",
     .syntax = "sync-id:integer lane:integer",
     .handler = HandleDflyFlow},
    {.name = "help",
     .arity = 2,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands",
     .handler = HandleDflyHelp},
    {.name = "replicaoffset",
     .arity = 2,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of lanes",
     .summary = "How far each lane of the journal goes",
     .handler = HandleDflyReplicaOffset},
    {.name = "start",
     .arity = 3,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of slots",
     .summary = "Lets the flows of a replication link go",
     .syntax = "sync-id:integer",
     .handler = HandleDflyStart},
    {.name = "sync",
     .arity = -3,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of lanes",
     .summary = "Begins a replication link",
     .syntax = "lineage-id:string [position:integer...]",
     .handler = HandleDflySync},
    {.name = "takeover",
     .arity = 4,
     .flags = kBetweenNodes,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of slots",
     .summary = "Hands over to a replica",
     .syntax = "seconds:integer sync-id:integer",
     .handler = HandleDflyTakeover},
};

constexpr CommandSpec kCommands[] = {
    {.name = "dfly",
     .arity = -2,
     .flags = kBetweenNodes | kRefusesSubcommands,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "What nodes say to each other",
     .handler = HandleDflyRefusal,
     .subcommands = kDflySubcommands},
    {.name = "replconf",
     .arity = -1,
     .flags = kAdmin | kNoScript | kLoading | kStale | kAllowBusy,
     .group = CommandGroup::kServer,
     .since = "3.0.0",
     .complexity = "O(1)",
     .summary = "A replica tells its master about itself",
     .handler = HandleReplconf,
     .is_system_command = true},
    {.name = "wait",
     .arity = 3,
     .flags = kNoScript,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kGeneric,
     .since = "3.0.0",
     .complexity = "O(1)",
     .summary = "Waits until replicas have acknowledged all writes so far",
     .syntax = "numreplicas:integer timeout",
     .handler = HandleWait,
     .tips = kWaitTips},
};

}  // namespace

absl::Span<const CommandSpec> ReplicationMasterCommands() { return kCommands; }

}  // namespace damselfly
