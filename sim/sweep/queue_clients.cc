#include "sim/sweep/queue_clients.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/sweep/queue_check.h"

namespace damselfly::sim {

void QueueClients::Make(int64_t count,
                        const std::function<std::unique_ptr<QueuePlace>(int node)>& make_place,
                        std::vector<Host*>* hosts) {
  for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
    DecisionStream draw(&world_->decider(), "plan of a queue client", i);
    const int node = static_cast<int>(i % std::min(nodes_->size(), kNodesMax));
    Queues& queues = queues_[node];
    if (queues.history == nullptr) {
      queues.place = make_place(node);
      queues.history = std::make_unique<QueueHistory>(queues.place.get());
    }
    workloads_.push_back(std::make_unique<QueueWorkload>(
        absl::StrCat("q", i), DecisionStream(&world_->decider(), "queue workload", i),
        queues.history.get(), 1 + draw.Below(3), board_));
    Host& host = world_->AddHost(absl::StrCat("queue client ", i), 1, 0);
    hosts->push_back(&host);
    SimNode& server = *(*nodes_)[static_cast<size_t>(node)];
    ClientOptions options;
    options.server = server.endpoint();
    options.protocol = draw.Chance(1, 3) ? 3 : 2;
    options.think_max_ns = draw.Between(2, 30) * kMillisecond;
    clients_.push_back(std::make_unique<Client>(world_, &host, &server.host(), options,
                                                workloads_.back().get(), board_));
    Client* const client = clients_.back().get();
    world_->At(draw.Between(0, 100 * kMillisecond), [client] { client->Start(); });
  }
}

void QueueClients::Finish() {
  for (const std::unique_ptr<Client>& client : clients_) client->Finish();
}

bool QueueClients::finished() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const std::unique_ptr<Client>& client) { return client->finished(); });
}

uint64_t QueueClients::replies() const {
  uint64_t count = 0;
  for (const std::unique_ptr<Client>& client : clients_) count += client->replies();
  return count;
}

void QueueClients::BeginCalm() {
  for (auto& [node, queues] : queues_) {
    const Host& host = (*nodes_)[static_cast<size_t>(node)]->host();
    queues.history->BeginCalm(std::max(world_->now_ns(), host.paused_until_ns()),
                              AnswerNsMax(world_->faults()));
  }
}

void QueueClients::NoteRemaining() {
  for (auto& [node, queues] : queues_)
    sim::NoteRemaining((*nodes_)[static_cast<size_t>(node)].get(), queues.history.get());
}

void QueueClients::Check() {
  for (auto& [node, queues] : queues_)
    queues.history->CheckAll(absl::StrCat("node ", node), board_);
}

void QueueClients::ForEachNode(const Visitor& visit) {
  for (auto& [node, queues] : queues_) visit(node, queues.place.get(), queues.history.get());
}

}  // namespace damselfly::sim
