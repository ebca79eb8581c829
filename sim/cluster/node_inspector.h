#ifndef DAMSELFLY_SIM_CLUSTER_NODE_INSPECTOR_H_
#define DAMSELFLY_SIM_CLUSTER_NODE_INSPECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/cluster/cluster_history.h"
#include "sim/node/sim_node.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Looks into the memory of nodes, past all that they say, and at the end asks them for every key.
class NodeInspector {
 public:
  // All outlive the inspector. `host` is where it asks from.
  NodeInspector(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                std::vector<std::string> keys, ClusterHistory* history, OracleBoard* board);

  // Plans `count` looks at a node at random times in [begin_ns, end_ns].
  void PlanLooks(int node, int64_t count, int64_t begin_ns, int64_t end_ns);
  // Notes which slots have keys there now. Outside of call-backs.
  void Look(int node);
  // Notes what every key holds at its owner.
  void ReadAll(const Topology& topology);
  // Asks every key of its owner, and on both sides of the ends of each range, over the network
  // (L3). Done when probing() is false.
  void Probe(const Topology& topology);
  bool probing() const { return !probes_.empty(); }

 private:
  using Contents = std::map<std::string, std::string>;

  Occasion Now(int node) const;
  // What a node holds, of some keys.
  Contents ContentsOf(int node, absl::Span<const std::string> keys) const;
  // Of all keys that clients use, by the number of the owner's node.
  std::vector<std::vector<std::string>> KeysByOwner(const Topology& topology) const;
  // For the mutant: puts back what was there at the last look and has gone with its slot.
  void KeepLostKeys(int node);
  // For the mutant: puts it back when its slot has come back.
  void BringBackLostKeys(int node);
  Task<void> ProbeNode(int node, std::vector<std::string> keys,
                       std::shared_ptr<const Topology> topology);
  // Notes an answer to GET; false if it is wrong in itself.
  bool OnProbe(const std::string& key, const AdminLink::Answer& answer, bool owned);

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const std::vector<std::string> keys_;
  ClusterHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  std::map<std::pair<int, int>, Contents> seen_;  // by node and process; only for the mutants
  std::map<std::pair<int, int>, Contents> lost_;  // likewise
  TaskScope probes_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_NODE_INSPECTOR_H_
