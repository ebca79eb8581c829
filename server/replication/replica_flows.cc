#include "server/replication/replica_flows.h"

#include <utility>

#include "server/base/check.h"
#include "server/session/worker.h"

namespace damselfly {

ReplicaFlows::ReplicaFlows(ServerState* server)
    : server_(*server), flows_(static_cast<size_t>(server->worker_count())) {}

ReplicaFlows::~ReplicaFlows() = default;

template <typename Work>
void ReplicaFlows::PostToWorkers(Work work) {
  for (int i = 0; i < server_.worker_count(); ++i) {
    server_.worker(i).loop().Post([this, i, work] { work(i, flows_[static_cast<size_t>(i)]); });
  }
}

void ReplicaFlows::Open(std::shared_ptr<const FlowPlan> plan) {
  DFLY_CHECK(!open_ && closing_workers_ == 0);
  open_ = true;
  PostToWorkers([this, plan](int worker, auto& flows) {
    DFLY_CHECK(flows.empty());
    for (int lane = worker; lane < plan->lane_count; lane += server_.worker_count()) {
      flows.push_back(std::make_unique<FlowReader>(plan, lane, &server_.worker(worker)));
      flows.back()->Start();
    }
  });
}

void ReplicaFlows::Begin(std::shared_ptr<Journal> journal) {
  DFLY_CHECK(open_);
  PostToWorkers([journal](int, auto& flows) {
    for (const std::unique_ptr<FlowReader>& flow : flows) flow->Begin(journal);
  });
}

void ReplicaFlows::Close(absl::AnyInvocable<void()> closed) {
  closed_ = std::move(closed);
  if (closing_workers_ > 0) return;
  open_ = false;
  closing_workers_ = server_.worker_count();
  EventLoop* const home = &server_.worker(0).loop();
  PostToWorkers([this, home](int, auto& flows) {
    flows.clear();
    home->Post([this] {
      if (--closing_workers_ > 0) return;
      absl::AnyInvocable<void()> call = std::move(closed_);
      call();
    });
  });
}

}  // namespace damselfly
