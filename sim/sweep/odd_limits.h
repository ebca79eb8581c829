#ifndef DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_
#define DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_

#include "absl/types/span.h"
#include "sim/node/sim_node.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// Draws a node's sizes, limits and intervals small or odd, those that clients must not notice; each
// is the usual one in half of the nodes. Those of replication: see ReplicationPlan.
void DrawOddLimits(DecisionStream& draw, SimNode::Parameters* parameters);

// A parameter, and values of it that are small or odd.
struct OddLimit {
  const char* name;
  const char* odd[3];
};
// The same of other parameters.
void DrawOddLimits(DecisionStream& draw, absl::Span<const OddLimit> limits,
                   SimNode::Parameters* parameters);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_ODD_LIMITS_H_
