#include "sim/cluster/subscription_oracle.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

void SubscriptionOracle::OnPublished(const std::string& channel, const std::string& message,
                                     int publisher, const Occasion& occasion,
                                     WriteOutcome outcome) {
  publications_[message] = {channel, publisher, occasion, outcome};
}

size_t SubscriptionOracle::OnSubscribed(const std::string& channel, const Occasion& occasion) {
  subscriptions_.emplace_back();
  subscriptions_.back().channel = channel;
  subscriptions_.back().occasion = occasion;
  return subscriptions_.size() - 1;
}

void SubscriptionOracle::OnMessage(size_t subscription, const std::string& message) {
  if (subscriptions_[subscription].end == End::kTold)
    subscriptions_[subscription].after_the_end = message;
  subscriptions_[subscription].messages.push_back(message);
}

void SubscriptionOracle::OnTold(size_t subscription, int64_t time_ns) {
  subscriptions_[subscription].end = End::kTold;
  subscriptions_[subscription].end_ns = time_ns;
}

void SubscriptionOracle::OnConnectionLost(size_t subscription) {
  subscriptions_[subscription].end = End::kLost;
}

void SubscriptionOracle::OnAlive(size_t subscription, int64_t time_ns) {
  if (subscriptions_[subscription].end == End::kTold) return;
  subscriptions_[subscription].end = End::kAlive;
  subscriptions_[subscription].end_ns = time_ns;
}

SubscriptionOracle::Losses SubscriptionOracle::LossesAfter(const Subscription& subscription,
                                                           const PushLedger& ledger) {
  Losses losses;
  const Occasion& confirmed = subscription.occasion;
  for (int number : ledger.AppliedAt(confirmed.node, confirmed.incarnation)) {
    const Push& push = ledger.pushes()[static_cast<size_t>(number)];
    if (ledger.config(push.config).owner(KeySlot(subscription.channel)) == confirmed.node) continue;
    if (push.occasion.end_ns >= confirmed.begin_ns) {
      losses.first_possible_begin_ns =
          std::min(losses.first_possible_begin_ns, push.occasion.begin_ns);
    }
    if (push.outcome == PushOutcome::kApplied && push.occasion.begin_ns > confirmed.end_ns)
      losses.first_certain_end_ns = std::min(losses.first_certain_end_ns, push.occasion.end_ns);
  }
  return losses;
}

bool SubscriptionOracle::CheckMessages(const Subscription& subscription, const Losses& losses,
                                       OracleBoard* board) const {
  const std::string text =
      absl::StrCat("the subscription to ", subscription.channel, " confirmed by ",
                   OccasionText(subscription.occasion), " got \"");
  const auto fail = [&](const std::string& message, absl::string_view reason) {
    board->Violate(Oracle::kShardChannels, absl::StrCat(text, message, "\", ", reason));
    return false;
  };
  std::set<std::string> seen;
  std::map<int, int64_t> last_begin_ns;  // of each publisher
  for (const std::string& message : subscription.messages) {
    board->CountCheck(Oracle::kShardChannels);
    const auto found = publications_.find(message);
    if (found == publications_.end()) return fail(message, "which nobody has published");
    const Publication& publication = found->second;
    const Occasion& published = publication.occasion;
    if (publication.outcome == WriteOutcome::kRefused) return fail(message, "which was refused");
    if (publication.channel != subscription.channel ||
        published.node != subscription.occasion.node ||
        published.incarnation != subscription.occasion.incarnation)
      return fail(message,
                  absl::StrCat("which was published elsewhere, ", OccasionText(published)));
    if (published.begin_ns > losses.first_certain_end_ns)
      return fail(message, "published after the slot had been lost");
    if (!seen.insert(message).second) return fail(message, "twice");
    const auto [last, is_first] = last_begin_ns.emplace(publication.publisher, published.begin_ns);
    if (!is_first && published.end_ns < last->second)
      return fail(message, "after a later one of the same publisher");
    last->second = std::max(last->second, published.begin_ns);
  }
  return true;
}

void SubscriptionOracle::CheckNothingMissing(const Subscription& subscription, const Losses& losses,
                                             OracleBoard* board) const {
  const std::set<std::string> got(subscription.messages.begin(), subscription.messages.end());
  for (const auto& [message, publication] : publications_) {
    const Occasion& published = publication.occasion;
    if (publication.outcome != WriteOutcome::kDone || publication.channel != subscription.channel ||
        published.node != subscription.occasion.node ||
        published.incarnation != subscription.occasion.incarnation ||
        published.begin_ns <= subscription.occasion.end_ns ||
        published.end_ns >= std::min(losses.first_possible_begin_ns, subscription.end_ns))
      continue;
    board->CountCheck(Oracle::kShardChannels);
    if (got.count(message) > 0) continue;
    board->Violate(Oracle::kShardChannels,
                   absl::StrCat("the subscription to ", subscription.channel, " confirmed by ",
                                OccasionText(subscription.occasion), " did not get \"", message,
                                "\", published there: ", OccasionText(published)));
    return;
  }
}

void SubscriptionOracle::Check(const PushLedger& ledger, OracleBoard* board) const {
  for (const Subscription& subscription : subscriptions_) {
    board->CountCheck(Oracle::kShardChannels);
    const Losses losses = LossesAfter(subscription, ledger);
    const std::string text = absl::StrCat("the subscription to ", subscription.channel,
                                          " confirmed by ", OccasionText(subscription.occasion));
    if (!CheckMessages(subscription, losses, board)) continue;
    if (!subscription.after_the_end.empty()) {
      board->Violate(Oracle::kShardChannels,
                     absl::StrCat(text, " got \"", subscription.after_the_end,
                                  "\" after it had been told that it is over"));
    }
    if (subscription.end == End::kLost) continue;
    if (subscription.end == End::kTold && losses.first_possible_begin_ns > subscription.end_ns) {
      board->Violate(Oracle::kShardChannels,
                     absl::StrCat(text, " was ended at ", subscription.end_ns,
                                  " ns although the slot cannot have been lost"));
    }
    if (subscription.end == End::kAlive && losses.first_certain_end_ns < subscription.end_ns) {
      board->Violate(Oracle::kShardChannels,
                     absl::StrCat(text, " was never told that the slot was lost before ",
                                  losses.first_certain_end_ns, " ns"));
    }
    CheckNothingMissing(subscription, losses, board);
  }
}

}  // namespace damselfly::sim
