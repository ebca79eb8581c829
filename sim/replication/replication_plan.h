#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_PLAN_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/replication/operator.h"
#include "sim/replication/replication_client.h"
#include "sim/replication/scenario.pb.h"
#include "sim/replication/step_faults.h"
#include "sim/sweep/plan.h"

namespace damselfly::sim {

// Everything about a run that is fixed before it begins: the scenario, and what a seed has drawn
// where the scenario leaves a choice.
struct ReplicationPlan {
  // Where there is a limit to what may wait for a replica.
  static constexpr int64_t kSmallBacklogBytes = 262144;

  struct NodePlan {
    int worker_count = 1;
    int64_t clock_skew_us = 0;
    SimNode::Parameters parameters;
  };
  struct ClientPlan {
    ReplicationClientOptions options;
    int64_t start_ns = 0;
  };

  WorldKnobs knobs;
  DrawnFaults faults;
  std::vector<NodePlan> nodes;
  std::vector<ClientPlan> clients;
  KeyFamilies keys;
  int64_t queue_client_count = 0;
  OperatorOptions operation;
  StepFaultOptions step_faults;
  int64_t output_bytes_max = 0;  // that may wait for a replica
  int64_t fault_phase_ns = 0;
  int64_t quiet_phase_ns = 0;

  bool Has(Fault fault) const;
  std::string ToString() const;
};

ReplicationPlan DrawReplicationPlan(Decider* decider,
                                    const scenario::ReplicationScenario& scenario);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_PLAN_H_
