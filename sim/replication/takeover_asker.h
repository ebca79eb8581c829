#ifndef DAMSELFLY_SIM_REPLICATION_TAKEOVER_ASKER_H_
#define DAMSELFLY_SIM_REPLICATION_TAKEOVER_ASKER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/runtime/task.h"
#include "sim/cluster/admin_link.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/replication_history.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Asks replicas to take over from their masters, and judges how that ends: L5.
//   - Who says that it has taken over is a master.
//   - One that has failed leaves the old master serving.
//   - It fails before its time only for a reason: a link that broke, a process that died, or
//     another takeover of the same master.
class TakeoverAsker {
 public:
  struct Request {
    int replica = 0;
    int master = 0;  // its
    int64_t seconds = 0;
    // Nobody else is asked to take over from the same master meanwhile.
    bool alone = true;
  };

  // All outlive this.
  TakeoverAsker(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                ReplicationHistory* history, OracleBoard* board);

  // Asks again and again while nobody knows what has come of it; whether the replica is a master
  // now.
  Task<bool> Ask(Request request, DecisionStream draw);

  // The longest time that any takeover of this master may have been given which can still be under
  // way; 0 if there is none.
  int64_t GivenNs(int master) const;

 private:
  struct Given {
    int master;
    int64_t seconds;
    int64_t until_ns;  // by then it is over, whatever has come of it
  };
  // What a link was like: while it is the same one, none of these changes.
  struct LinkState {
    int replica_incarnation = 0;
    int master_incarnation = 0;
    uint64_t reconnect_count = 0;
    bool up = false;
  };

  LinkState LinkOf(const Request& request) const;
  // A master that has refused to hand over serves on.
  Task<void> AwaitOpenAgain(Request request, int master_incarnation);
  // It has failed although its time, which began at `begin_ns`, is not over at `end_ns`.
  Task<void> CheckEarlyFailure(Request request, LinkState before, int64_t begin_ns, int64_t end_ns);
  const NodeView* ViewOf(int node) const;
  SimNode& NodeAt(int node) const { return *(*nodes_)[static_cast<size_t>(node)]; }

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  // Until then a takeover of which nobody knows what has come may still be under way.
  int64_t undecided_until_ns_ = 0;
  std::vector<Given> given_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_TAKEOVER_ASKER_H_
