#ifndef DAMSELFLY_SIM_CLUSTER_QUEUE_PLACE_H_
#define DAMSELFLY_SIM_CLUSTER_QUEUE_PLACE_H_

#include "absl/strings/string_view.h"
#include "sim/clients/queue_history.h"
#include "sim/cluster/cluster_history.h"

namespace damselfly::sim {

// The queues of a node of a cluster: it may refuse what is of others' slots, and what is there goes
// with its slot.
class ClusterQueuePlace final : public QueuePlace {
 public:
  // The history outlives it.
  ClusterQueuePlace(int node, ClusterHistory* history) : node_(node), history_(history) {}

  void OnExecuted(const QueueRequest& request) override;
  bool OnRefused(const QueueRequest& request, absl::string_view error) override;

  // Tells the queues, when all is over, when the node has lost their slots.
  void NoteBreaks(QueueHistory* queues) const;

 private:
  Occasion OccasionOf(const QueueRequest& request) const {
    return {node_, request.incarnation, request.span.begin_ns, request.span.end_ns};
  }

  const int node_;
  ClusterHistory* const history_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_QUEUE_PLACE_H_
