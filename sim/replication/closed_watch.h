#ifndef DAMSELFLY_SIM_REPLICATION_CLOSED_WATCH_H_
#define DAMSELFLY_SIM_REPLICATION_CLOSED_WATCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/view_log.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// L5: a master that hands over answers nobody, and so it must not do for longer than the replica
// was given, unless it has handed over. That it has not is clear where no replica had got as far as
// it: else it serves on, or, outside of clusters, it ends.
class ClosedWatch {
 public:
  // So much longer than the replica was given a master may be closed.
  static constexpr int64_t kSlackNs = 2500 * kMillisecond;

  // All outlive this. `given_ns` tells how long a takeover of that master may take, at most, that
  // is under way.
  ClosedWatch(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes, const ViewLog* log,
              bool cluster, std::function<int64_t(int master)> given_ns, OracleBoard* board)
      : world_(world),
        nodes_(nodes),
        log_(log),
        cluster_(cluster),
        given_ns_(std::move(given_ns)),
        board_(board) {}

  // The node has become something else, as the log has it.
  void OnStep(int node);

 private:
  struct Closure {
    NodeView view;  // when it closed: later it may give up its journal
    int64_t since_ns;
    int64_t given_ns;
    int64_t runs_since_ns;  // later, where the machine has stood still
  };

  void Await(const Closure& closure);
  void Check(Closure closure);
  // It is closed still, and has been all the time.
  bool Lasts(const Closure& closure) const;
  // Some replica has all that there is, and may have been handed over to.
  bool MayBeHandedOver(const NodeView& closed) const;

  World* const world_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const ViewLog* const log_;
  const bool cluster_;
  const std::function<int64_t(int master)> given_ns_;
  OracleBoard* const board_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_CLOSED_WATCH_H_
