#ifndef DAMSELFLY_SIM_REPLICATION_STEP_FAULTS_H_
#define DAMSELFLY_SIM_REPLICATION_STEP_FAULTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/node/sim_node.h"
#include "sim/replication/operator.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/scenario.pb.h"
#include "sim/world/world.h"

namespace damselfly::sim {

struct StepFaultOptions {
  uint32_t percent = 0;
  int64_t end_ns = 0;
  scenario::StepFaults weights;
};

// Faults that strike where it hurts: shortly after a step of a replication, at the replica, at its
// master, or between them.
class StepFaults {
 public:
  // All outlive this.
  StepFaults(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes, Operator* op,
             const StepFaultOptions& options, ReplicationHistory* history);

  // A replica (by number) has taken a step. Any time.
  void OnStep(int replica);

 private:
  void Strike(int replica, DecisionStream draw);
  void Crash(SimNode* node, DecisionStream draw);

  World* const world_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  Operator* const operator_;
  const StepFaultOptions options_;
  ReplicationHistory* const history_;
  DecisionStream decisions_;  // at which steps; each strike has a stream of its own
  uint64_t step_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_STEP_FAULTS_H_
