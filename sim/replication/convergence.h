#ifndef DAMSELFLY_SIM_REPLICATION_CONVERGENCE_H_
#define DAMSELFLY_SIM_REPLICATION_CONVERGENCE_H_

#include <memory>
#include <string>
#include <vector>

#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/node_view.h"
#include "sim/replication/operator.h"

namespace damselfly::sim {

using SimNodes = std::vector<std::unique_ptr<SimNode>>;

// Empty once every node is what the operator wants, and every replica serves, in its master's
// lineage, with its link up; else who is not.
std::string WhyNotFollowing(const SimNodes& nodes, const Operator& op);

// The same, and at its master's positions.
std::string WhyNotEqual(const SimNodes& nodes, const Operator& op);

// What differs between a master and a replica of it; empty if nothing does. `*only_deadlines` says
// that it is nothing else.
std::string WhatDiffers(const Contents& master, const Contents& replica, bool* only_deadlines);

// L1, S37: every key of every database, past all lineages and journals.
void CompareContents(const SimNodes& nodes, const Operator& op, OracleBoard* board);

// What has a deadline before `since_ms`; empty if nothing has.
std::string WhatIsOverdue(const Contents& contents, int64_t since_ms);

// L9: no master holds a key whose deadline passed longer than `late_ns` ago.
void CheckExpired(const SimNodes& nodes, const Operator& op, int64_t late_ns, OracleBoard* board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CONVERGENCE_H_
