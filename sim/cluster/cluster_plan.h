#ifndef DAMSELFLY_SIM_CLUSTER_CLUSTER_PLAN_H_
#define DAMSELFLY_SIM_CLUSTER_CLUSTER_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/cluster_client.h"
#include "sim/cluster/control_plane.h"
#include "sim/cluster/scenario.pb.h"
#include "sim/sweep/plan.h"

namespace damselfly::sim {

// Everything about a run of a cluster that is fixed before it begins: the scenario, and what a seed
// has drawn where the scenario leaves a choice.
struct ClusterPlan {
  struct NodePlan {
    int worker_count = 1;
    int64_t clock_skew_us = 0;
    int64_t look_count = 0;
    SimNode::Parameters parameters;
  };
  struct ClientPlan {
    ClusterClientOptions options;
    int64_t start_ns = 0;
  };

  WorldKnobs knobs;
  DrawnFaults faults;
  std::vector<NodePlan> nodes;
  std::vector<ClientPlan> clients;
  uint64_t key_count = 1;
  int64_t subscriber_count = 0;
  uint64_t channel_count = 0;
  int64_t queue_client_count = 0;
  ControlPlaneOptions control_plane;
  bool second_controller = false;
  ControlPlaneOptions second_control_plane;
  int64_t fault_phase_ns = 0;
  int64_t quiet_phase_ns = 0;

  std::string ToString() const;
};

ClusterPlan DrawClusterPlan(Decider* decider, const scenario::ClusterScenario& scenario);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CLUSTER_PLAN_H_
