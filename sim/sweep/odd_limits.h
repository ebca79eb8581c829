#ifndef DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_
#define DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_

#include "sim/node/sim_node.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// Draws a node's sizes, limits and intervals small or odd, those that clients must not notice; each
// is the usual one in half of the nodes. Those of replication: see ReplicationPlan.
void DrawOddLimits(DecisionStream& draw, SimNode::Parameters* parameters);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_
