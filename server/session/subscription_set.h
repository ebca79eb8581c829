#ifndef DAMSELFLY_SERVER_SESSION_SUBSCRIPTION_SET_H_
#define DAMSELFLY_SERVER_SESSION_SUBSCRIPTION_SET_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/session/pubsub.h"

namespace damselfly {

// What one client is subscribed to, by name, each with the number that PubSub has given it. Not
// thread-safe.
class SubscriptionSet {
 public:
  bool Has(SubscriptionKind kind, absl::string_view name) const {
    return of(kind).find(name) != of(kind).end();
  }
  // Requires that the name is not there, and a number above 0.
  void Add(SubscriptionKind kind, absl::string_view name, uint64_t number) {
    of(kind).emplace(std::string(name), number);
    memory_bytes_ += CostOf(name);
  }
  // Returns the number; 0 if there is no such name.
  uint64_t Remove(SubscriptionKind kind, absl::string_view name) {
    auto found = of(kind).find(name);
    if (found == of(kind).end()) return 0;
    const uint64_t number = found->second;
    memory_bytes_ -= CostOf(name);
    of(kind).erase(found);
    return number;
  }

  int64_t count(SubscriptionKind kind) const { return static_cast<int64_t>(of(kind).size()); }
  int64_t total_count() const {
    return count(SubscriptionKind::kChannel) + count(SubscriptionKind::kPattern) +
           count(SubscriptionKind::kShardChannel);
  }
  // In the order of their bytes.
  std::vector<std::string> Names(SubscriptionKind kind) const {
    std::vector<std::string> names;
    names.reserve(of(kind).size());
    for (const auto& [name, number] : of(kind)) names.push_back(name);
    return names;
  }

  // What the subscriptions cost, about: the name here and in the indexes, and its places there.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  using NumberByName = std::map<std::string, uint64_t, std::less<>>;

  static size_t CostOf(absl::string_view name) {
    constexpr size_t kPlacesBytes = 160;
    return kPlacesBytes + name.size();
  }
  NumberByName& of(SubscriptionKind kind) { return names_[static_cast<size_t>(kind)]; }
  const NumberByName& of(SubscriptionKind kind) const { return names_[static_cast<size_t>(kind)]; }

  std::array<NumberByName, kSubscriptionKindCount> names_;
  size_t memory_bytes_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SUBSCRIPTION_SET_H_
