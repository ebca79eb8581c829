#include "server/cluster/cluster_handlers.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/cluster/cluster.h"
#include "server/cluster/topology_replies.h"
#include "server/commands/command_registry.h"
#include "server/commands/help_reply.h"
#include "server/session/session.h"
#include "server/session/slot_locks.h"

namespace damselfly {
namespace {

// What this client is to see; null after the error that nothing is configured.
std::shared_ptr<const Topology> ShownTopology(const CommandContext& ctx) {
  const Cluster& cluster = ClusterOf(ctx.session->server());
  if (ctx.session->server().cluster_mode() == ClusterMode::kEmulated)
    return cluster.EmulatedTopology(ctx.session->local_endpoint().host);
  std::shared_ptr<const Topology> topology = cluster.topology();
  if (topology == nullptr) ctx.reply.Error("ERR Cluster is not yet configured");
  return topology;
}

// A node of the topology, and the shard that it is in.
struct KnownNode {
  const Shard* shard = nullptr;  // null: nobody has this id
  bool is_master = false;
};

KnownNode FindNode(const Topology& topology, absl::string_view id) {
  for (const Shard& shard : topology.config().shards()) {
    if (shard.master().id() == id) return {&shard, true};
    for (const ClusterNode& replica : shard.replicas()) {
      if (replica.id() == id) return {&shard, false};
    }
  }
  return {};
}

// The node that args[2] names; without a shard after the error.
KnownNode NamedNode(const CommandContext& ctx, const Topology& topology) {
  const KnownNode node = FindNode(topology, ctx.args[2]);
  if (node.shard == nullptr) ctx.reply.Error(absl::StrCat("ERR Unknown node ", ctx.args[2]));
  return node;
}

bool IsSlot(int64_t number) { return number >= 0 && number < kSlotCount; }

}  // namespace

bool RequireCluster(const CommandContext& ctx) {
  if (ctx.session->server().cluster_mode() != ClusterMode::kOff) return true;
  ctx.reply.Error(kClusterDisabledError);
  return false;
}

void RefuseSubcommand(const CommandContext& ctx, absl::string_view container,
                      bool arguments_matter) {
  const Command* const command = ctx.commands.Find(container);
  const bool known = CommandRegistry::FindSubcommand(*command, ctx.args[1]) != nullptr;
  if (known || (arguments_matter && ctx.args.size() > 2)) {
    ctx.reply.Error(absl::StrCat("ERR wrong number of arguments for '",
                                 absl::AsciiStrToLower(container), " ",
                                 absl::AsciiStrToLower(ctx.args[1]), "' command"));
  } else {
    ctx.reply.Error(absl::StrCat("ERR Unknown subcommand or wrong number of arguments for '",
                                 absl::AsciiStrToUpper(ctx.args[1]), "'. Try ", container,
                                 " HELP."));
  }
}

void HandleClusterRefusal(CommandContext& ctx) {
  RefuseSubcommand(ctx, "CLUSTER", /*arguments_matter=*/true);
}

// ---- Keys and slots ----

void HandleClusterKeySlot(CommandContext& ctx) { ctx.reply.Integer(KeySlot(ctx.args[2])); }

void HandleClusterCountKeysInSlot(CommandContext& ctx) {
  int64_t slot = 0;
  if (!ctx.ParseInteger(2, &slot)) return;
  if (!IsSlot(slot)) return ctx.reply.Error("ERR Invalid slot");
  ctx.reply.Integer(
      static_cast<int64_t>(ctx.store.KeyCountInSlot(ctx.db.index(), static_cast<uint16_t>(slot))));
}

void HandleClusterGetKeysInSlot(CommandContext& ctx) {
  int64_t number = 0;
  int64_t count = 0;
  if (!ctx.ParseInteger(2, &number) || !ctx.ParseInteger(3, &count)) return;
  if (!IsSlot(number) || count < 0) return ctx.reply.Error("ERR Invalid slot or number of keys");
  const auto slot = static_cast<uint16_t>(number);
  const auto array = ctx.reply.Defer();
  int64_t written = 0;
  SlotLocks locks(&ctx.store);
  if (!ctx.all_locked) locks.LockOne(slot);
  ctx.store.ForEachInSlot(ctx.db.index(), slot, [&](Entry& entry) {
    if (written == count || entry.IsExpired(ctx.now_ms())) return;
    ctx.reply.Bulk(entry.key());
    ++written;
  });
  ctx.reply.CloseArray(array, static_cast<size_t>(written));
}

// ---- Nodes ----

void HandleClusterMyId(CommandContext& ctx) {
  ctx.reply.SimpleString(ClusterOf(ctx.session->server()).node_id());
}

// A shard goes by its master's id: configurations give it no other name.
void HandleClusterMyShardId(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology == nullptr) return;
  const Shard* const shard = topology->own_shard();
  ctx.reply.Bulk(shard == nullptr ? topology->own_id() : shard->master().id());
}

void HandleClusterSlots(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology != nullptr) WriteClusterSlots(*topology, ctx.reply);
}

void HandleClusterShards(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology != nullptr) WriteClusterShards(*topology, ctx.reply);
}

void HandleClusterNodes(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology != nullptr) ctx.reply.Verbatim("txt", ClusterNodesText(*topology));
}

void HandleClusterInfo(CommandContext& ctx) {
  const Cluster& cluster = ClusterOf(ctx.session->server());
  const std::shared_ptr<const Topology> topology =
      ctx.session->server().cluster_mode() == ClusterMode::kEmulated
          ? cluster.EmulatedTopology(ctx.session->local_endpoint().host)
          : cluster.topology();
  ctx.reply.Verbatim("txt", ClusterInfoText(topology.get()));
}

void HandleClusterReplicas(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology == nullptr) return;
  const KnownNode node = NamedNode(ctx, *topology);
  if (node.shard == nullptr) return;
  if (!node.is_master) return ctx.reply.Error("ERR The specified node is not a master");
  WriteClusterReplicas(*topology, *node.shard, ctx.reply);
}

// No node reports another one's failure here.
void HandleClusterCountFailureReports(CommandContext& ctx) {
  const std::shared_ptr<const Topology> topology = ShownTopology(ctx);
  if (topology == nullptr) return;
  if (NamedNode(ctx, *topology).shard != nullptr) ctx.reply.Integer(0);
}

// There is no bus.
void HandleClusterLinks(CommandContext& ctx) { ctx.reply.Array(0); }

void HandleClusterChange(CommandContext& ctx) {
  ctx.reply.Error(absl::StrCat("ERR CLUSTER ", absl::AsciiStrToUpper(ctx.args[1]),
                               " is not supported: the topology comes from outside, with "
                               "DFLYCLUSTER CONFIG"));
}

void HandleClusterOk(CommandContext& ctx) { ctx.reply.Ok(); }

void HandleClusterHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "COUNT-FAILURE-REPORTS <node-id>",
      "    Always 0 for a node of the cluster: nodes do not watch each other.",
      "COUNTKEYSINSLOT <slot>",
      "    The number of keys that this node has in the slot.",
      "GETKEYSINSLOT <slot> <count>",
      "    Names of at most <count> of these keys.",
      "INFO",
      "    The state of the cluster as \"name:value\" lines.",
      "KEYSLOT <key>",
      "    The slot that the key belongs to.",
      "LINKS",
      "    Always empty: nodes are not connected to each other.",
      "MYID",
      "    The id by which configurations know this node.",
      "MYSHARDID",
      "    The id of this node's shard: that of its master.",
      "NODES",
      "    A line for each node: id, address, role, master, health and slots.",
      "REPLICAS <node-id>",
      "    The lines of NODES for the replicas of this master.",
      "SHARDS",
      "    For each shard its slots and its nodes.",
      "SLOTS",
      "    For each range of slots the address and id of its master and its replicas.",
  };
  WriteHelp(ctx, "CLUSTER", kLines);
}

}  // namespace damselfly
