#ifndef DAMSELFLY_SIM_REPLICATION_SHARD_MAP_H_
#define DAMSELFLY_SIM_REPLICATION_SHARD_MAP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "sim/cluster/topology.h"

namespace damselfly::sim {

// What a configuration says of how a node is: it shows in what nodes tell, and nowhere else.
enum class NodeHealth : uint8_t { kOnline, kFail, kLoading, kHidden };

// "online", "fail", ...
std::string HealthText(NodeHealth health);

// What one configuration of a cluster with replicas says: which shard has which slots, which node
// is in which shard, and who is its master. Shards and nodes go by their numbers.
struct ShardMap {
  static constexpr int kNone = -1;

  Topology slots = Topology::Even(1);  // of each slot: the shard
  std::vector<int> shard_of;           // of each node; kNone: in none
  std::vector<int> master_of;          // of each shard; kNone: a node outside of this world
  std::vector<NodeHealth> health_of;   // of each node; of those that are left out: online

  // The shard that has the slot, its master, and whether the node is in it.
  int ShardOf(int slot) const { return slots.owner(slot); }
  int MasterOf(int slot) const { return master_of[static_cast<size_t>(ShardOf(slot))]; }
  bool Serves(int node, int slot) const {
    return shard_of[static_cast<size_t>(node)] == ShardOf(slot);
  }
  // "ip:port", as MOVED names the master of a shard.
  std::string AddressOf(int shard, absl::Span<const NodeAddress> nodes) const;
  // The configuration to push.
  std::string ToJson(absl::Span<const NodeAddress> nodes) const;
  // "0-99:2 100-16383:0; shard 0: node 1, 3; shard 2: node 4".
  std::string ToString() const;
};

// How a node is named and reached; ShardMap::kNone is one that is outside of this world.
const NodeAddress& AddressOfNode(int node, absl::Span<const NodeAddress> nodes);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_SHARD_MAP_H_
