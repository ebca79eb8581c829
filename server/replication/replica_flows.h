#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICA_FLOWS_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICA_FLOWS_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/replication/flow_reader.h"
#include "server/replication/journal.h"
#include "server/session/server_state.h"

namespace damselfly {

// All flows of a replica's link, spread over the workers. The flows live on their workers' loops,
// all else here on loop 0: opening is a message to each worker, and so is closing, which is over
// when all have said that their flows are gone: nothing is applied from then on.
class ReplicaFlows {
 public:
  // `server` outlives it.
  explicit ReplicaFlows(ServerState* server);
  // Requires that all is closed, or that the loops have stopped.
  ~ReplicaFlows();
  ReplicaFlows(const ReplicaFlows&) = delete;
  ReplicaFlows& operator=(const ReplicaFlows&) = delete;

  // Connects a flow for each lane. Requires that all is closed.
  void Open(std::shared_ptr<const FlowPlan> plan);
  // Lets them apply what comes. Once after Open.
  void Begin(std::shared_ptr<Journal> journal);
  // Ends them; `closed` is called on loop 0, later, when none is left. Called again meanwhile, the
  // later `closed` takes the place of the earlier.
  void Close(absl::AnyInvocable<void()> closed);

 private:
  // Runs `work(flows of the worker)` on each worker.
  template <typename Work>
  void PostToWorkers(Work work);

  ServerState& server_;
  // One list a worker, touched on its loop only.
  std::vector<std::vector<std::unique_ptr<FlowReader>>> flows_;
  bool open_ = false;
  int closing_workers_ = 0;
  absl::AnyInvocable<void()> closed_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICA_FLOWS_H_
