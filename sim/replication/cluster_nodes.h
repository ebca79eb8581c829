#ifndef DAMSELFLY_SIM_REPLICATION_CLUSTER_NODES_H_
#define DAMSELFLY_SIM_REPLICATION_CLUSTER_NODES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/config_keeper.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/shard_map.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Nodes in cluster mode, for tests of those who configure them: none is watched, and none has a
// configuration yet.
class ClusterNodes {
 public:
  explicit ClusterNodes(int count) {
    std::vector<NodeAddress> addresses;
    for (int i = 0; i < count; ++i) {
      Host& host = world.AddHost(absl::StrCat("node ", i), 1, 0);
      const std::string id = absl::StrCat("n", i);
      nodes.push_back(std::make_unique<SimNode>(
          &host, SimNode::Parameters{{"cluster_mode", "yes"},
                                     {"cluster_node_id", id},
                                     {"admin_port", absl::StrCat(ConfigKeeper::kAdminPort)}}));
      nodes.back()->Start();
      addresses.push_back({id, host.address(), SimNode::kPort});
    }
    history.shards.set_nodes(addresses);
  }
  void RunFor(int64_t duration_ns) { world.RunUntil(world.now_ns() + duration_ns); }

  // What a node answers, at its admin port if `as_admin`.
  std::string Ask(int node, Args args, bool as_admin = false) {
    std::string text = "nothing";
    TaskScope tasks;
    host.runtime().loop(0).Post(
        [&] { tasks.Spawn(AskNow(node, std::move(args), as_admin, &text)); });
    RunFor(5 * kSecond);
    return text;
  }

  SeededDecider decider{1};
  World world{&decider, 1, WorldKnobs()};
  OracleBoard board;
  ReplicationHistory history{&board};
  Host& host = world.AddHost("operator", 1, 0);
  std::vector<std::unique_ptr<SimNode>> nodes;

 private:
  Task<void> AskNow(int node, Args args, bool as_admin, std::string* text) {
    Endpoint server = nodes[static_cast<size_t>(node)]->endpoint();
    if (as_admin) server.port = ConfigKeeper::kAdminPort;
    absl::StatusOr<std::unique_ptr<AdminLink>> link = co_await AdminLink::Open(&host, server, node);
    if (!link.ok()) co_return;
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(args), kSecond);
    if (answer.ok()) *text = answer->reply.is_null() ? "nil" : answer->reply.text;
  }
};

// Two shards, one node each, of half of the slots; further nodes are the first one's replicas.
inline ShardMap TwoShards(size_t node_count) {
  ShardMap map;
  map.slots = Topology::Even(2);
  map.master_of = {0, 1};
  map.shard_of.assign(node_count, 0);
  map.shard_of[1] = 1;
  return map;
}

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CLUSTER_NODES_H_
