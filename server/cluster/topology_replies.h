#ifndef DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_REPLIES_H_
#define DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_REPLIES_H_

#include <string>

#include "server/cluster/topology.h"
#include "server/resp/reply_writer.h"

namespace damselfly {

// What clients are told of a topology (https://redis.io/docs/latest/commands/cluster-slots/ and its
// neighbours). Masters are always shown; what is left out otherwise is said below.

// CLUSTER SLOTS: an entry a range, [start, end, [ip, port, id] of the master, then of the
// replicas]. Only replicas that are online.
void WriteClusterSlots(const Topology& topology, ReplyWriter& reply);

// CLUSTER SHARDS: maps (flat arrays in RESP2), as Redis 7 has them. Not the hidden replicas.
void WriteClusterShards(const Topology& topology, ReplyWriter& reply);

// CLUSTER NODES: a line a node, each ending in "\n". Not the hidden replicas.
std::string ClusterNodesText(const Topology& topology);

// CLUSTER REPLICAS: such a line, without its end, for each replica of a shard.
void WriteClusterReplicas(const Topology& topology, const Shard& shard, ReplyWriter& reply);

// CLUSTER INFO: sixteen lines "name:value\r\n". Null: nothing is configured.
std::string ClusterInfoText(const Topology* topology);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_TOPOLOGY_REPLIES_H_
