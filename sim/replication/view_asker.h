#ifndef DAMSELFLY_SIM_REPLICATION_VIEW_ASKER_H_
#define DAMSELFLY_SIM_REPLICATION_VIEW_ASKER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/replication/replication_history.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Asks nodes of a cluster what they know of it: CLUSTER MYID, SLOTS, SHARDS and NODES, at their
// admin ports, which answer whatever a node is. What they say goes to the oracle of shards, or is
// compared with the one view that is right.
class ViewAsker {
 public:
  // All outlive this.
  ViewAsker(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
            ReplicationHistory* history);
  ~ViewAsker();

  // Asks some node now and then, until Stop.
  void Start();
  void Stop() { stopped_ = true; }
  // Nobody is being asked.
  bool idle() const { return open_count_ == 0; }

  // Asks one node. `change`: what it must have made of its configuration by itself, or none.
  Task<void> Ask(int node, ShardOracle::OwnChange change);

  // What is wrong when the node has this configuration, and nothing else; "" if nothing is.
  static Task<std::string> AskWhatIsWrong(Host* host, SimNode* server, int node,
                                          const ShardMap* map, absl::Span<const NodeAddress> nodes);

 private:
  void Plan();

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  ReplicationHistory* const history_;
  DecisionStream decisions_;
  uint64_t ask_count_ = 0;
  bool stopped_ = false;
  int open_count_ = 0;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_VIEW_ASKER_H_
