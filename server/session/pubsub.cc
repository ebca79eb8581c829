#include "server/session/pubsub.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/base/hash.h"

namespace damselfly {

void PubSub::Counts::Remove(int worker) {
  uint32_t& count = by_worker_[static_cast<size_t>(worker)];
  DFLY_CHECK(count > 0);
  --count;
  --total_;
}

size_t PubSub::StripeOf(absl::string_view channel) {
  return HashBytes(channel, /*seed=*/0) % kStripeCount;
}

uint64_t PubSub::Add(SubscriptionKind kind, absl::string_view name, int worker) {
  if (kind == SubscriptionKind::kPattern) return AddPattern(name, worker);
  Stripe& stripe = stripes(kind)[StripeOf(name)];
  std::lock_guard<std::mutex> guard(stripe.mutex);
  stripe.channels[name].Add(worker, worker_count_);
  return ++stripe.last_number;
}

void PubSub::Remove(SubscriptionKind kind, absl::string_view name, int worker) {
  if (kind == SubscriptionKind::kPattern) return RemovePattern(name, worker);
  Stripe& stripe = stripes(kind)[StripeOf(name)];
  std::lock_guard<std::mutex> guard(stripe.mutex);
  auto found = stripe.channels.find(name);
  DFLY_CHECK(found != stripe.channels.end());
  found->second.Remove(worker);
  if (found->second.total() == 0) stripe.channels.erase(found);
}

uint64_t PubSub::AddPattern(absl::string_view text, int worker) {
  std::lock_guard<std::shared_mutex> guard(patterns_mutex_);
  auto found = patterns_.find(text);
  if (found == patterns_.end()) {
    Pattern pattern{Glob(text), std::make_shared<const std::string>(text), {}};
    found = patterns_.emplace(std::string(text), std::move(pattern)).first;
    pattern_count_.store(patterns_.size(), std::memory_order_release);
  }
  found->second.counts.Add(worker, worker_count_);
  return ++last_pattern_number_;
}

void PubSub::RemovePattern(absl::string_view text, int worker) {
  std::lock_guard<std::shared_mutex> guard(patterns_mutex_);
  auto found = patterns_.find(text);
  DFLY_CHECK(found != patterns_.end());
  found->second.counts.Remove(worker);
  if (found->second.counts.total() > 0) return;
  patterns_.erase(found);
  pattern_count_.store(patterns_.size(), std::memory_order_release);
}

PubSub::Route PubSub::Find(SubscriptionKind kind, absl::string_view channel) const {
  Route route;
  absl::InlinedVector<bool, 16> reached;
  const auto reach = [&](const Counts& counts) {
    reached.resize(static_cast<size_t>(worker_count_));
    for (size_t i = 0; i < reached.size(); ++i) reached[i] = reached[i] || counts.Has(i);
    route.receivers += counts.total();
  };
  {
    const Stripe& stripe = stripes(kind)[StripeOf(channel)];
    std::lock_guard<std::mutex> guard(stripe.mutex);
    auto found = stripe.channels.find(channel);
    if (found != stripe.channels.end()) {
      route.channel_number = stripe.last_number;
      reach(found->second);
    }
  }
  if (kind == SubscriptionKind::kChannel && pattern_count_.load(std::memory_order_acquire) > 0) {
    std::shared_lock<std::shared_mutex> guard(patterns_mutex_);
    route.pattern_number = last_pattern_number_;
    for (const auto& [text, pattern] : patterns_) {
      if (!pattern.glob.Matches(channel)) continue;
      route.patterns.push_back(pattern.text);
      reach(pattern.counts);
    }
  }
  for (size_t i = 0; i < reached.size(); ++i) {
    if (reached[i]) route.workers.push_back(static_cast<int>(i));
  }
  return route;
}

int64_t PubSub::SubscriberCount(SubscriptionKind kind, absl::string_view channel) const {
  const Stripe& stripe = stripes(kind)[StripeOf(channel)];
  std::lock_guard<std::mutex> guard(stripe.mutex);
  auto found = stripe.channels.find(channel);
  return found == stripe.channels.end() ? 0 : found->second.total();
}

int64_t PubSub::NameCount(SubscriptionKind kind) const {
  if (kind == SubscriptionKind::kPattern)
    return static_cast<int64_t>(pattern_count_.load(std::memory_order_acquire));
  size_t count = 0;
  for (const Stripe& stripe : stripes(kind)) {
    std::lock_guard<std::mutex> guard(stripe.mutex);
    count += stripe.channels.size();
  }
  return static_cast<int64_t>(count);
}

std::vector<std::string> PubSub::Channels(SubscriptionKind kind, const Glob* filter) const {
  std::vector<std::string> names;
  for (const Stripe& stripe : stripes(kind)) {
    std::lock_guard<std::mutex> guard(stripe.mutex);
    // order-free: sorted below
    for (const auto& [name, counts] : stripe.channels) {
      if (filter == nullptr || filter->Matches(name)) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace damselfly
