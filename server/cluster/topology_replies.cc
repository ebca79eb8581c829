#include "server/cluster/topology_replies.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/crc16.h"

namespace damselfly {
namespace {

absl::string_view HealthWord(Health health) {
  switch (health) {
    case FAIL:
      return "fail";
    case LOADING:
      return "loading";
    case HIDDEN:
      return "hidden";
    default:
      return "online";
  }
}

std::vector<const ClusterNode*> ShownReplicas(const Shard& shard) {
  std::vector<const ClusterNode*> shown;
  for (const ClusterNode& replica : shard.replicas()) {
    if (replica.health() != HIDDEN) shown.push_back(&replica);
  }
  return shown;
}

void WriteSlotsNode(const ClusterNode& node, ReplyWriter& reply) {
  reply.Array(3);
  reply.Bulk(node.ip());
  reply.Integer(node.port());
  reply.Bulk(node.id());
}

void WriteShardsNode(const ClusterNode& node, absl::string_view role, ReplyWriter& reply) {
  reply.Map(7);
  reply.Bulk("id");
  reply.Bulk(node.id());
  reply.Bulk("endpoint");
  reply.Bulk(node.ip());
  reply.Bulk("ip");
  reply.Bulk(node.ip());
  reply.Bulk("port");
  reply.Integer(node.port());
  reply.Bulk("role");
  reply.Bulk(role);
  // Nobody tells it to this node.
  reply.Bulk("replication-offset");
  reply.Integer(0);
  reply.Bulk("health");
  reply.Bulk(HealthWord(node.health()));
}

// "<id> <ip:port@bus-port> <flags> <master> <ping> <pong> <epoch> <link> <slots>": there is no bus,
// and nobody pings.
std::string NodeLine(const Topology& topology, const Shard& shard, const ClusterNode& node) {
  const bool is_master = &node == &shard.master();
  std::string line =
      absl::StrCat(node.id(), " ", node.ip(), ":", node.port(), "@", node.port(), " ",
                   node.id() == topology.own_id() ? "myself," : "", is_master ? "master" : "slave",
                   " ", is_master ? "-" : shard.master().id(), " 0 0 0 ",
                   node.health() == FAIL ? "disconnected" : "connected");
  if (!is_master) return line;
  for (const SlotRange& range : shard.slot_ranges()) {
    absl::StrAppend(&line, " ", range.start());
    if (range.end() != range.start()) absl::StrAppend(&line, "-", range.end());
  }
  return line;
}

}  // namespace

void WriteClusterSlots(const Topology& topology, ReplyWriter& reply) {
  size_t range_count = 0;
  for (const Shard& shard : topology.config().shards())
    range_count += static_cast<size_t>(shard.slot_ranges_size());
  reply.Array(range_count);
  for (const Shard& shard : topology.config().shards()) {
    std::vector<const ClusterNode*> nodes = {&shard.master()};
    for (const ClusterNode& replica : shard.replicas()) {
      if (replica.health() == ONLINE) nodes.push_back(&replica);
    }
    for (const SlotRange& range : shard.slot_ranges()) {
      reply.Array(2 + nodes.size());
      reply.Integer(range.start());
      reply.Integer(range.end());
      for (const ClusterNode* node : nodes) WriteSlotsNode(*node, reply);
    }
  }
}

void WriteClusterShards(const Topology& topology, ReplyWriter& reply) {
  reply.Array(static_cast<size_t>(topology.config().shards_size()));
  for (const Shard& shard : topology.config().shards()) {
    reply.Map(2);
    reply.Bulk("slots");
    reply.Array(2 * static_cast<size_t>(shard.slot_ranges_size()));
    for (const SlotRange& range : shard.slot_ranges()) {
      reply.Integer(range.start());
      reply.Integer(range.end());
    }
    const std::vector<const ClusterNode*> replicas = ShownReplicas(shard);
    reply.Bulk("nodes");
    reply.Array(1 + replicas.size());
    WriteShardsNode(shard.master(), "master", reply);
    for (const ClusterNode* replica : replicas) WriteShardsNode(*replica, "replica", reply);
  }
}

std::string ClusterNodesText(const Topology& topology) {
  std::string text;
  for (const Shard& shard : topology.config().shards()) {
    absl::StrAppend(&text, NodeLine(topology, shard, shard.master()), "\n");
    for (const ClusterNode* replica : ShownReplicas(shard))
      absl::StrAppend(&text, NodeLine(topology, shard, *replica), "\n");
  }
  return text;
}

void WriteClusterReplicas(const Topology& topology, const Shard& shard, ReplyWriter& reply) {
  const std::vector<const ClusterNode*> replicas = ShownReplicas(shard);
  reply.Array(replicas.size());
  for (const ClusterNode* replica : replicas) reply.Bulk(NodeLine(topology, shard, *replica));
}

std::string ClusterInfoText(const Topology* topology) {
  int known_nodes = 0;
  int size = 0;
  // Without an epoch from outside, there has been one configuration for all that anybody knows.
  int64_t epoch = 1;
  if (topology != nullptr) {
    for (const Shard& shard : topology->config().shards()) {
      known_nodes += 1 + shard.replicas_size();
      size += shard.slot_ranges_size() > 0 ? 1 : 0;
    }
    if (topology->epoch() != Topology::kNoEpoch) epoch = topology->epoch();
  }
  const int slots = topology == nullptr ? 0 : kSlotCount;
  // Of nodes that do not talk to each other the message counts mean nothing; monitoring expects
  // them.
  return absl::StrCat("cluster_state:", topology == nullptr ? "fail" : "ok", "\r\n",
                      "cluster_slots_assigned:", slots, "\r\n",      //
                      "cluster_slots_ok:", slots, "\r\n",            //
                      "cluster_slots_pfail:0\r\n",                   //
                      "cluster_slots_fail:0\r\n",                    //
                      "cluster_known_nodes:", known_nodes, "\r\n",   //
                      "cluster_size:", size, "\r\n",                 //
                      "cluster_current_epoch:", epoch, "\r\n",       //
                      "cluster_my_epoch:", epoch, "\r\n",            //
                      "cluster_stats_messages_ping_sent:1\r\n",      //
                      "cluster_stats_messages_pong_sent:1\r\n",      //
                      "cluster_stats_messages_sent:1\r\n",           //
                      "cluster_stats_messages_ping_received:1\r\n",  //
                      "cluster_stats_messages_pong_received:1\r\n",  //
                      "cluster_stats_messages_meet_received:0\r\n",  //
                      "cluster_stats_messages_received:1\r\n");
}

}  // namespace damselfly
