#ifndef DAMSELFLY_SIM_REPLICATION_CLUSTER_VIEW_H_
#define DAMSELFLY_SIM_REPLICATION_CLUSTER_VIEW_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/resp/reply_reader.h"
#include "sim/cluster/topology.h"
#include "sim/replication/shard_map.h"

namespace damselfly::sim {

// What a node may show of its cluster: a configuration, and what the node makes of it by itself
// when the master of its shard changes. Says what CLUSTER SLOTS, SHARDS and NODES should answer, as
// texts that do not depend on an order of shards or replicas: compare them with the texts of
// answers.
class ClusterView {
 public:
  explicit ClusterView(const ShardMap& map);

  // The node is promoted: its shard's master is no more, and the node is in its place. Nothing
  // changes where it is no replica.
  void Promote(int node);
  // The node has been taken over by this replica of its own, and knows of no others. Returns false,
  // and nothing changes, where it is no master, or of another shard's.
  bool TakeOver(int node, int by);
  // The replicas of the shard of which the node is the master; none where it is not.
  std::vector<int> ReplicasOf(int node) const;

  std::string SlotsText(absl::Span<const NodeAddress> nodes) const;
  std::string ShardsText(absl::Span<const NodeAddress> nodes) const;
  // As the node `self` says it.
  std::string NodesText(absl::Span<const NodeAddress> nodes, int self) const;

 private:
  struct ShownShard {
    std::vector<SlotRange> ranges;
    int master = ShardMap::kNone;
    std::vector<int> replicas;
  };

  NodeHealth health(int node) const;
  ShownShard* ShardOfMaster(int node);

  std::vector<ShownShard> shards_;
  std::vector<NodeHealth> health_of_;
};

// The text of an answer; what makes no sense is shown as it is, and is no view's text.
std::string SlotsTextOf(const Reply& reply);
std::string ShardsTextOf(const Reply& reply);
std::string NodesTextOf(const Reply& reply);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CLUSTER_VIEW_H_
