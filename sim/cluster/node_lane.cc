#include "sim/cluster/node_lane.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace damselfly::sim {

void NodeLane::Send(std::vector<Args> calls) {
  DFLY_CHECK(!busy() && !calls.empty());
  expected_ = calls.size();
  unsent_ = std::move(calls);
  result_ = StepResult();
  result_.replies.reserve(expected_);
}

void NodeLane::OnConnected(int incarnation) {
  incarnation_ = incarnation;
  ++connection_number_;
}

void NodeLane::OnConnectFailed() {
  if (busy()) Finish();
}

void NodeLane::NextCalls(std::vector<Args>* calls) {
  *calls = std::move(unsent_);
  unsent_.clear();
}

void NodeLane::OnReply(const Args&, Reply reply, const Moment& moment) {
  DFLY_CHECK(busy());
  result_.replies.push_back(std::move(reply));
  result_.occasions.push_back({node_, incarnation_, moment.begin_ns, moment.end_ns});
  if (result_.replies.size() < expected_) return;
  result_.complete = true;
  Finish();
}

void NodeLane::OnLost(const LostCalls& lost) {
  ++connection_number_;
  if (!busy()) return;
  result_.executed_max = lost.executed_max;
  const int64_t end_ns = lost.fate == Fate::kFinished ? lost.moment.end_ns : INT64_MAX;
  result_.doubt = {node_, incarnation_, lost.moment.begin_ns, end_ns};
  Finish();
}

void NodeLane::Finish() {
  unsent_.clear();
  expected_ = 0;
  done_(std::move(result_));
}

}  // namespace damselfly::sim
