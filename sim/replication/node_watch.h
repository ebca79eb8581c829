#ifndef DAMSELFLY_SIM_REPLICATION_NODE_WATCH_H_
#define DAMSELFLY_SIM_REPLICATION_NODE_WATCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/node_probe.h"
#include "sim/replication/replication_history.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Looks into a node after each of its passes, and tells the oracles what it sees.
class NodeWatch {
 public:
  struct Options {
    int number = 0;
    // What may wait for a replica, with what is kept for those that come back; and how long a
    // record may be: the limit is looked at between records.
    int64_t output_bytes_max = 0;
    int64_t record_bytes_max = 0;
  };

  // All outlive the watch. The node is nodes[options.number].
  NodeWatch(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes,
            const std::vector<uint16_t>* slots, const Options& options, ReplicationHistory* history,
            OracleBoard* board);

  // Called when the node has become something else: a replica, filled, promoted ...
  void set_on_step(std::function<void()> handler) { on_step_ = std::move(handler); }

  // Counts from now on how often the node begins to be filled.
  void BeginCountingSyncs() {
    counts_syncs_ = true;
    sync_count_ = 0;
  }
  uint64_t syncs_counted() const { return sync_count_; }

  // Whether the process that runs has ever been taken over: it may end then, also when it has been
  // made a replica meanwhile.
  bool taken_over() const { return taken_over_incarnation_ == node_->host().incarnation(); }

 private:
  void OnPass();
  void MaybeLookAtReplicas(const NodeView& view, const NodeProbe& probe);
  // What a master says of its replicas: S17, S39.
  void LookAtReplicas(const NodeView& view, const ReplicationFacts& facts);
  WaitOracle::Links LinksOf(const ReplicationFacts& facts) const;
  int NodeAt(const std::string& address) const;

  World* const world_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  SimNode* const node_;
  const std::vector<uint16_t>* const slots_;
  const Options options_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  std::function<void()> on_step_ = [] {};
  uint64_t pass_count_ = 0;
  int taken_over_incarnation_ = 0;
  bool counts_syncs_ = false;
  uint64_t sync_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_NODE_WATCH_H_
