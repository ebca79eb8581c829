#include "server/command_families.h"

#include "server/admin/config_commands.h"
#include "server/admin/debug_commands.h"
#include "server/admin/latency_commands.h"
#include "server/admin/lolwut_command.h"
#include "server/admin/memory_commands.h"
#include "server/admin/server_commands.h"
#include "server/admin/slowlog_commands.h"
#include "server/cluster/cluster_commands.h"
#include "server/commands/bitmap_commands.h"
#include "server/commands/command_commands.h"
#include "server/commands/dump_commands.h"
#include "server/commands/expire_commands.h"
#include "server/commands/hash_commands.h"
#include "server/commands/hyperloglog_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/key_walk_commands.h"
#include "server/commands/keyspace_commands.h"
#include "server/commands/list_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/set_commands.h"
#include "server/commands/sort_commands.h"
#include "server/commands/sorted_sets/geo_commands.h"
#include "server/commands/sorted_sets/sorted_set_commands.h"
#include "server/commands/streams/stream_commands.h"
#include "server/commands/string_commands.h"
#include "server/replication/master_commands.h"
#include "server/replication/replication_commands.h"
#include "server/session/connection_commands.h"
#include "server/session/pubsub_commands.h"
#include "server/session/transaction.h"

namespace damselfly {

std::unique_ptr<CommandRegistry> MakeCommandRegistry() {
  const absl::Span<const CommandSpec> families[] = {
      StringCommands(),      BitmapCommands(),
      KeyCommands(),         ExpireCommands(),
      KeyMoveCommands(),     KeyWalkCommands(),
      KeyspaceCommands(),    ObjectCommands(),
      CommandCommands(),     ConnectionCommands(),
      TransactionCommands(), ConfigCommands(),
      LatencyCommands(),     ServerCommands(),
      SlowlogCommands(),     MemoryCommands(),
      DebugCommands(),       LolwutCommands(),
      ClusterCommands(),     PubSubCommands(),
      ReplicationCommands(), ReplicationMasterCommands(),
      SortedSetCommands(),   GeoCommands(),
      ListCommands(),        SortCommands(),
      StreamCommands(),      HyperLogLogCommands(),
      DumpCommands(),        HashCommands(),
      SetCommands(),
  };
  return std::make_unique<CommandRegistry>(families);
}

}  // namespace damselfly
