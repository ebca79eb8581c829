#ifndef DAMSELFLY_SIM_REPLICATION_QUEUE_PLACE_H_
#define DAMSELFLY_SIM_REPLICATION_QUEUE_PLACE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "sim/clients/queue_history.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/replication_history.h"

namespace damselfly::sim {

// The queues of a node that may be a master or a replica, and may change. What it holds is what its
// lineage holds: only while it goes on as the same master nothing comes and goes but by its own
// clients.
class ReplicationQueuePlace final : public QueuePlace {
 public:
  // Both outlive it.
  ReplicationQueuePlace(int node, ReplicationHistory* history, OracleBoard* board)
      : node_(node), history_(history), board_(board) {}

  void OnExecuted(const QueueRequest& request) override;
  bool OnRefused(const QueueRequest& request, absl::string_view error) override;

  // Tells the queues, when all is over, when their contents may have been others.
  void NoteBreaks(QueueHistory* queues) const;

 private:
  Occasion OccasionOf(const QueueRequest& request) const {
    return {node_, request.incarnation, request.span.begin_ns, request.span.end_ns};
  }
  void OnSentAway(const Occasion& occasion);
  void NoteBreak(int incarnation, QueueOracle::Span span, QueueHistory* queues) const;

  const int node_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
};

// `gone_ns` of WaiterOracle, for the loss of mastership.
int64_t MastershipGoneNs(const ViewLog& log, const Occasion& occasion, int64_t late_ns);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_QUEUE_PLACE_H_
