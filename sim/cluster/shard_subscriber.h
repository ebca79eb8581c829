#ifndef DAMSELFLY_SIM_CLUSTER_SHARD_SUBSCRIBER_H_
#define DAMSELFLY_SIM_CLUSTER_SHARD_SUBSCRIBER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/cluster/cluster_client.h"
#include "sim/cluster/cluster_history.h"
#include "sim/node/sim_node.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// A client on a host of its own that listens to one shard channel after another: subscribes where
// MOVED leads it, takes what comes, and when it is told that the slot has gone, or the connection
// breaks, or it has had enough, begins anew.
class ShardSubscriber {
 public:
  // All outlive the subscriber. There are `channel_count` channels.
  ShardSubscriber(World* world, Host* host, int number,
                  const std::vector<std::unique_ptr<SimNode>>* nodes, uint64_t channel_count,
                  ClusterHistory* history, OracleBoard* board);
  ~ShardSubscriber();

  void Start();
  // Begins nothing anew. Outside of call-backs, as the next.
  void Stop() { stopped_ = true; }
  // All is quiet: notes whether its subscription is still there, and closes the connection.
  void Finish();

 private:
  static constexpr size_t kNone = SIZE_MAX;

  Task<void> Live();
  // One connection.
  Task<void> Listen();
  // Takes the answer to SSUBSCRIBE: true if it is subscribed now.
  bool OnAnswer(const AdminLink::Answer& answer);
  // False when the subscription is over.
  bool OnPush(const Reply& push, int64_t time_ns);
  void Unexpected(const Reply& reply);

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const uint64_t channel_count_;
  ClusterHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  uint64_t turn_count_ = 0;
  bool stopped_ = false;
  int node_ = 0;
  std::string channel_;
  size_t subscription_ = kNone;
  std::unique_ptr<AdminLink> link_;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_SHARD_SUBSCRIBER_H_
