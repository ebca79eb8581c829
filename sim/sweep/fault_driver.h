#ifndef DAMSELFLY_SIM_SWEEP_FAULT_DRIVER_H_
#define DAMSELFLY_SIM_SWEEP_FAULT_DRIVER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/node/sim_node.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// The faults that strike hosts as a whole, at random times until the healing: death and restart,
// partitions, jumps of the wall clock, pauses. Those of the network and the workers strike where
// they happen, in the world.
class FaultDriver {
 public:
  // All outlive the driver. Every node runs, and goes on running after `heal_ns`.
  FaultDriver(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes,
              const std::vector<Host*>* client_hosts, int64_t heal_ns);

  // Lays out what is drawn. Called once, at the beginning.
  void Start();

 private:
  void PlanDeaths(Fault fault, Host::Death death);
  void PlanPartitions();
  void PlanOneWayPartitions();
  void PlanFlapping();
  void PlanSlowWorkers();
  void SetDrifts();
  void PlanClockSteps();
  void PlanHostPauses();
  // Each strike is decided for itself; number 0 says how many of the kind there are.
  void BeginUnit(Fault fault, int64_t number) {
    decisions_.BeginUnit(static_cast<uint64_t>(fault) << 8 | static_cast<uint64_t>(number + 1));
  }
  // A node's, and another one that may talk to it.
  struct Pair {
    Host* node;
    Host* other;
  };
  Pair RandomPair();
  SimNode& RandomNode() { return *(*nodes_)[decisions_.Below(nodes_->size())]; }

  World* const world_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const std::vector<Host*>* const client_hosts_;
  const int64_t heal_ns_;
  DecisionStream decisions_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_FAULT_DRIVER_H_
