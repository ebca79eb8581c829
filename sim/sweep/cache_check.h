#ifndef DAMSELFLY_SIM_SWEEP_CACHE_CHECK_H_
#define DAMSELFLY_SIM_SWEEP_CACHE_CHECK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/store/store.h"
#include "sim/clients/shared_workload.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// A client that keeps what it reads, and the node that it reads from.
struct CachingClient {
  SharedWorkload* workload;
  SimNode* node;
};

// S34 at rest: has the clients rest and the world run on, until whatever was on its way to them has
// come, and compares what they keep with what their nodes hold in memory, deadlines aside: a key is
// there until the node deletes it. To be asked when all others who write have gone. A client that
// gets no answer in time is not judged.
void CheckCachesAtRest(const std::vector<CachingClient>& clients, World* world, OracleBoard* board);

// The text of a string in database 0; "" if there is none.
std::string HeldValue(Store* store, absl::string_view key);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_CACHE_CHECK_H_
