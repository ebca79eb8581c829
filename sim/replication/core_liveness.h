#ifndef DAMSELFLY_SIM_REPLICATION_CORE_LIVENESS_H_
#define DAMSELFLY_SIM_REPLICATION_CORE_LIVENESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// L8, the last phase of a run: a random healthy core, a master and some of its replicas. Every
// other node fails for good: its process dies, its machine goes dark, stands still, or cannot be
// reached from the core any more. The core must go on: a write is acknowledged, and WAIT counts
// every replica that is left, without running into its timeout. One more of a master's replicas
// being gone must never hold up the rest. Then, each now and then: the master has heard of all that
// is lost, WAIT included, and shows what is left (S8); and when it is lost too, its replicas say so
// and serve on.
class CoreLiveness {
 public:
  // All outlive this. `master_of` tells each node's master; of a master -1.
  CoreLiveness(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
               std::vector<int> master_of, OracleBoard* board);
  ~CoreLiveness();

  // Chooses the core, and lets everything else fail. Outside of call-backs; every node runs. Begins
  // to write the master's key there, of `keys`, which has one for each node; a master without one
  // ("") has nothing to serve, and is no core. Returns false, and nothing happens, if none has one.
  bool Begin(const std::vector<std::string>& keys);
  // The core has answered. If not within kPatienceNs, it does not serve.
  bool done() const { return done_; }
  static constexpr int64_t kPatienceNs = 300 * kSecond;
  // "node 2 and 1 replica, of 4 nodes".
  std::string CoreText() const;
  uint64_t failed_count() const { return failed_count_; }

 private:
  void Fail(SimNode& node);
  Task<void> Judge(std::string key);
  // What is wrong; "" if nothing is.
  Task<std::string> Write(std::string key);
  // Until WAIT for so many counts every replica of the core; else says what it answered last.
  Task<std::string> AwaitReplicas(AdminLink* link, size_t asked_for, int64_t patience_ns);
  // Of all that is lost the master hears in time.
  Task<std::string> AwaitLoss();
  Task<std::string> LoseMaster(std::string key);
  // What a node says of its replication and does not fit; of a replica, with the link up or not.
  Task<void> LookAtMaster();
  Task<void> LookAtReplica(int replica, bool link_up);
  SimNode& NodeAt(int node) const { return *(*nodes_)[static_cast<size_t>(node)]; }

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const std::vector<int> master_of_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  int master_ = -1;
  std::vector<int> replicas_;  // of the core
  size_t lost_replica_count_ = 0;
  uint64_t failed_count_ = 0;
  bool done_ = false;
  TaskScope tasks_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CORE_LIVENESS_H_
