#include "sim/cluster/shard_subscriber.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/cluster/introspection.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kAnswerTimeoutNs = 5 * kSecond;
constexpr int64_t kEchoNs = 20 * kMillisecond;
constexpr int64_t kPauseMaxNs = 20 * kMillisecond;

}  // namespace

ShardSubscriber::ShardSubscriber(World* world, Host* host, int number,
                                 const std::vector<std::unique_ptr<SimNode>>* nodes,
                                 uint64_t channel_count, ClusterHistory* history,
                                 OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      channel_count_(channel_count),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "subscriber", static_cast<uint64_t>(number)) {}

ShardSubscriber::~ShardSubscriber() = default;

void ShardSubscriber::Start() {
  host_->runtime().loop(0).Post([this] { tasks_.Spawn(Live()); });
}

void ShardSubscriber::Finish() {
  if (subscription_ != kNone && link_ != nullptr && !link_->broken()) {
    history_->Count("shard subscriptions alive at the end");
    history_->subscriptions.OnAlive(subscription_, world_->now_ns());
  }
  tasks_.DestroyAll();
  link_ = nullptr;
}

Task<void> ShardSubscriber::Live() {
  node_ = static_cast<int>(decisions_.Below(nodes_->size()));
  channel_ = ClusterClient::ChannelName(decisions_.Below(channel_count_));
  while (!stopped_) {
    decisions_.BeginUnit(++turn_count_);
    if (decisions_.Acts()) co_await Listen();
    if (subscription_ != kNone) {
      subscription_ = kNone;
      channel_ = ClusterClient::ChannelName(decisions_.Below(channel_count_));
    }
    link_ = nullptr;
    co_await Sleep(host_->runtime().loop(0), decisions_.Pause(0, kPauseMaxNs));
  }
}

Task<void> ShardSubscriber::Listen() {
  world_->CountExternalEvent();
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, (*nodes_)[static_cast<size_t>(node_)]->endpoint(), node_);
  if (!link.ok()) {
    node_ = static_cast<int>(decisions_.Below(nodes_->size()));
    co_return;
  }
  link_ = *std::move(link);
  Args subscribe = {"SSUBSCRIBE", channel_};
  const absl::StatusOr<AdminLink::Answer> answer =
      co_await link_->Ask(std::move(subscribe), kAnswerTimeoutNs);
  if (!answer.ok() || !OnAnswer(*answer)) co_return;
  // Some stay to the end.
  const int64_t patience_ns =
      decisions_.Chance(1, 2) ? decisions_.Between(0, 500 * kMillisecond) : 36000 * kSecond;
  const int64_t end_ns = world_->now_ns() + patience_ns;
  while (world_->now_ns() < end_ns || stopped_) {
    const int64_t left_ns = stopped_ ? 36000 * kSecond : end_ns - world_->now_ns();
    const absl::StatusOr<AdminLink::Answer> push = co_await link_->Next(left_ns);
    if (!push.ok()) break;
    if (OnPush(push->reply, push->occasion.end_ns)) continue;
    // Nothing may come any more; who listens on would hear it.
    const absl::StatusOr<AdminLink::Answer> more = co_await link_->Next(kEchoNs);
    if (more.ok()) OnPush(more->reply, more->occasion.end_ns);
    co_return;
  }
  history_->subscriptions.OnConnectionLost(subscription_);
}

bool ShardSubscriber::OnAnswer(const AdminLink::Answer& answer) {
  const Reply& reply = answer.reply;
  if (reply.type == Reply::Type::kArray && reply.elements.size() == 3 &&
      reply.elements[0].text == "ssubscribe" && reply.elements[1].text == channel_) {
    history_->Count("shard subscriptions");
    history_->ownership.OnExecuted(answer.occasion, KeySlot(channel_), "SSUBSCRIBE");
    subscription_ = history_->subscriptions.OnSubscribed(channel_, answer.occasion);
    return true;
  }
  const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
  int slot = -1;
  if (reply.is_error() && words.size() == 3 && words[0] == "MOVED" &&
      absl::SimpleAtoi(words[1], &slot)) {
    history_->ownership.OnMoved(answer.occasion, KeySlot(channel_), slot, words[2]);
    const int owner = NodeAt(history_->nodes, words[2]);
    if (owner >= 0) node_ = owner;
  } else if (reply.is_error() && absl::StrContains(reply.text, "not yet configured")) {
    history_->ownership.OnUnconfigured(answer.occasion);
    node_ = static_cast<int>(decisions_.Below(nodes_->size()));
  } else {
    Unexpected(reply);
  }
  return false;
}

bool ShardSubscriber::OnPush(const Reply& push, int64_t time_ns) {
  const std::vector<Reply>& words = push.elements;
  const bool message = !words.empty() && words[0].text == "smessage";
  if (message && world_->MutantStrikes(Mutant::kShardMessageLost, 65536 / 16)) return true;
  if (!message && world_->mutant() == Mutant::kSubscriberNotTold) return true;
  if (words.size() == 3 && words[0].text == "smessage" && words[1].text == channel_) {
    history_->Count("shard messages delivered");
    history_->subscriptions.OnMessage(subscription_, words[2].text);
    if (world_->MutantStrikes(Mutant::kShardMessageTwice, 65536 / 16))
      history_->subscriptions.OnMessage(subscription_, words[2].text);
    return true;
  }
  if (words.size() == 3 && words[0].text == "sunsubscribe" && words[1].text == channel_) {
    history_->Count("shard subscriptions ended with their slot");
    history_->subscriptions.OnTold(subscription_, time_ns);
    return false;
  }
  Unexpected(push);
  return false;
}

void ShardSubscriber::Unexpected(const Reply& reply) {
  board_->Violate(Oracle::kShardChannels,
                  absl::StrCat("a subscriber to ", channel_, " got ", DebugString(reply)));
}

}  // namespace damselfly::sim
