#include "sim/replication/role_subscriber.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/runtime/coroutine_stream.h"
#include "sim/replication/node_probe.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kAnswerTimeoutNs = 5 * kSecond;
constexpr int64_t kListenNs = 36000 * kSecond;
constexpr int64_t kPauseMaxNs = 50 * kMillisecond;

bool IsConfirmed(const Reply& reply) {
  return reply.elements.size() == 3 && reply.elements[0].text == "ssubscribe";
}

bool IsTold(const Reply& push) {
  return push.elements.size() == 3 && push.elements[0].text == "sunsubscribe";
}

}  // namespace

RoleSubscriber::RoleSubscriber(World* world, Host* host, int number,
                               const std::vector<std::unique_ptr<SimNode>>* nodes,
                               ReplicationHistory* history, OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "role subscriber", static_cast<uint64_t>(number)) {}

void RoleSubscriber::Start() {
  host_->runtime().loop(0).Post([this] { tasks_.Spawn(Live()); });
}

void RoleSubscriber::Finish() {
  if (subscribed_ && !link_->broken()) {
    board_->CountCheck(Oracle::kShardChannels);
    const std::vector<uint16_t> no_slots;
    SimNode* const node = (*nodes_)[static_cast<size_t>(node_)].get();
    const bool same_process =
        node->running() && node->host().incarnation() == link_->opened().incarnation;
    if (same_process && !NodeProbe(node_, node, &no_slots).View().serves_master()) {
      board_->Violate(Oracle::kShardChannels,
                      absl::StrCat("a subscriber has been with node ", node_, " since ",
                                   link_->opened().begin_ns,
                                   " ns, which serves no slot any more, and has not been told"));
    }
  }
  tasks_.DestroyAll();
  link_ = nullptr;
}

Task<void> RoleSubscriber::Live() {
  while (true) {
    node_ = static_cast<int>(decisions_.Below(nodes_->size()));
    co_await Listen();
    subscribed_ = false;
    link_ = nullptr;
    co_await Sleep(host_->runtime().loop(0), decisions_.Between(kMillisecond, kPauseMaxNs));
  }
}

Task<void> RoleSubscriber::Listen() {
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, (*nodes_)[static_cast<size_t>(node_)]->endpoint(), node_);
  if (!link.ok()) co_return;
  link_ = *std::move(link);
  // Named, because g++ 12 cannot make a list of arguments inside co_await.
  Args subscribe = {"SSUBSCRIBE", KeyFamilies::Register(0)};
  const absl::StatusOr<AdminLink::Answer> answer =
      co_await link_->Ask(std::move(subscribe), kAnswerTimeoutNs);
  if (!answer.ok() || !IsConfirmed(answer->reply)) co_return;
  subscribed_ = true;
  history_->Count("shard subscriptions");
  while (true) {
    const absl::StatusOr<AdminLink::Answer> push = co_await link_->Next(kListenNs);
    if (!push.ok()) co_return;
    if (!IsTold(push->reply)) continue;
    history_->Count("shard subscriptions ended with their slot");
    co_return;
  }
}

}  // namespace damselfly::sim
