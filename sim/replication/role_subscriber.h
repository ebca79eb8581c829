#ifndef DAMSELFLY_SIM_REPLICATION_ROLE_SUBSCRIBER_H_
#define DAMSELFLY_SIM_REPLICATION_ROLE_SUBSCRIBER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/replication_history.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// S33, where slots change hands with their whole node: subscribes to a shard channel, of whoever
// takes it, and stays there until it is told that the slot has gone, or cut off. Whoever is left at
// the end with a node that is no master hears nothing any more and does not know it.
class RoleSubscriber {
 public:
  // All outlive the subscriber. `host` has one worker.
  RoleSubscriber(World* world, Host* host, int number,
                 const std::vector<std::unique_ptr<SimNode>>* nodes, ReplicationHistory* history,
                 OracleBoard* board);

  void Start();
  // Judges where it is now, long after the last change, and ends it. Outside of call-backs.
  void Finish();

 private:
  Task<void> Live();
  // Subscribes once, and listens.
  Task<void> Listen();

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  int node_ = 0;
  bool subscribed_ = false;
  std::unique_ptr<AdminLink> link_;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_ROLE_SUBSCRIBER_H_
