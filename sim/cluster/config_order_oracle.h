#ifndef DAMSELFLY_SIM_CLUSTER_CONFIG_ORDER_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_CONFIG_ORDER_ORACLE_H_

#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S6, from the answers to pushes alone:
//   - none is accepted with an epoch lower than one that had been accepted before by the same
//     process, nor with an equal one for another configuration;
//   - none is refused as stale unless one of a higher epoch, or another one of an equal epoch, may
//     have been accepted;
//   - what is no configuration is refused as such, and what is one is not.
// That a refused one changes nothing shows in everything that is judged by the accepted ones.
void CheckConfigOrder(const PushLedger& ledger, OracleBoard* board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CONFIG_ORDER_ORACLE_H_
