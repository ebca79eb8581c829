#ifndef DAMSELFLY_SIM_SWEEP_ACCOUNT_CHECK_H_
#define DAMSELFLY_SIM_SWEEP_ACCOUNT_CHECK_H_

#include <memory>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S40: what a store counts is what it holds. To be asked of a node's store between its call-backs,
// when nobody uses it any more. Empty when all is well.

// Looks at every key: how many there are, and how many of them have a deadline, is what the store
// says of each database and of each slot.
std::string CountsVerdict(Store* store);

// Removes all that is there, as FLUSHALL SYNC does: then there are no keys, and no memory is
// accounted for any more.
std::string FlushedVerdict(Store* store);

// The one, and if it is well the other.
std::string AccountsVerdict(Store* store);

// Asks one of these of every node that runs, as far as the first that is wrong.
void CheckStores(const std::vector<std::unique_ptr<SimNode>>& nodes,
                 std::string (*verdict_of)(Store* store), OracleBoard* board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_ACCOUNT_CHECK_H_
