#ifndef DAMSELFLY_SIM_CLUSTER_NODE_LANE_H_
#define DAMSELFLY_SIM_CLUSTER_NODE_LANE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/clients/workload.h"
#include "sim/cluster/push_ledger.h"

namespace damselfly::sim {

// What came of some requests that were sent to one node as one pipeline.
struct StepResult {
  // Of the first requests: all of them, or those before the connection broke.
  std::vector<Reply> replies;
  std::vector<Occasion> occasions;
  bool complete = false;
  // Of the requests without a reply so many, from the front, may have been executed, at `doubt`.
  size_t executed_max = 0;
  Occasion doubt;
};

// A cluster client's connection to one node, as its Client sees it: sends one pipeline at a time,
// and gives back what came of it.
class NodeLane final : public Workload {
 public:
  // `done` is called once for every Send, from within the client's calls.
  NodeLane(int node, std::function<void(StepResult result)> done)
      : node_(node), done_(std::move(done)) {}

  // The client has to be woken afterwards. Requires !busy().
  void Send(std::vector<Args> calls);
  bool busy() const { return expected_ > 0; }
  int node() const { return node_; }
  // Counts connections: a transaction that was begun on another one is gone.
  int connection_number() const { return connection_number_; }

  void OnConnected(int incarnation) override;
  void OnConnectFailed() override;
  void NextCalls(std::vector<Args>* calls) override;
  void OnReply(const Args& args, Reply reply, const Moment& moment) override;
  void OnLost(const LostCalls& lost) override;

 private:
  void Finish();

  const int node_;
  const std::function<void(StepResult result)> done_;
  std::vector<Args> unsent_;
  size_t expected_ = 0;  // replies; 0: nothing is under way
  StepResult result_;
  int incarnation_ = 0;
  int connection_number_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_NODE_LANE_H_
