#ifndef DAMSELFLY_SERVER_SESSION_PUBSUB_H_
#define DAMSELFLY_SERVER_SESSION_PUBSUB_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "server/base/glob.h"

namespace damselfly {

// What a client subscribes to. A shard channel is a channel that belongs to its name's slot; it has
// nothing to do with a channel of the same name, and no pattern matches it.
enum class SubscriptionKind : uint8_t { kChannel, kPattern, kShardChannel };
inline constexpr int kSubscriptionKindCount = 3;

// Who is subscribed to what, over all workers of a node: how many clients on which worker. Answers
// how many a publication reaches before anything has been delivered; the clients themselves are
// known to their own worker only (WorkerSubscriptions).
//
// The order of subscriptions and publications: every subscription gets a number, and a publication
// the number of the youngest subscription that it reaches. Both are taken under the same lock, so a
// publication that is delivered later never reaches who came in between. Numbers of different
// names, and of channels and patterns, cannot be compared.
//
// Thread-safe.
class PubSub {
 public:
  explicit PubSub(int worker_count) : worker_count_(worker_count) {}
  PubSub(const PubSub&) = delete;
  PubSub& operator=(const PubSub&) = delete;

  // A client on `worker` subscribes to `name`. Returns the subscription's number, from 1.
  uint64_t Add(SubscriptionKind kind, absl::string_view name, int worker);
  // The opposite. Requires an earlier Add with the same arguments.
  void Remove(SubscriptionKind kind, absl::string_view name, int worker);

  // Whom a publication reaches.
  struct Route {
    int64_t receivers = 0;  // a client counts once for every subscription of its own
    // Subscriptions with greater numbers are younger than the publication.
    uint64_t channel_number = 0;
    uint64_t pattern_number = 0;
    std::vector<std::shared_ptr<const std::string>> patterns;  // that match, in their own order
    absl::InlinedVector<int, 16> workers;                      // with receivers; ascending
  };
  // `kind` is kChannel or kShardChannel.
  Route Find(SubscriptionKind kind, absl::string_view channel) const;

  // Subscribers of one channel or shard channel.
  int64_t SubscriberCount(SubscriptionKind kind, absl::string_view channel) const;
  // Names with subscribers.
  int64_t NameCount(SubscriptionKind kind) const;
  // The channels or shard channels with subscribers that `filter` matches (null: all), in the order
  // of their bytes.
  std::vector<std::string> Channels(SubscriptionKind kind, const Glob* filter) const;

 private:
  // Subscribers by worker.
  class Counts {
   public:
    void Add(int worker, int worker_count) {
      if (by_worker_.empty()) by_worker_.resize(static_cast<size_t>(worker_count));
      ++by_worker_[static_cast<size_t>(worker)];
      ++total_;
    }
    void Remove(int worker);
    uint32_t total() const { return total_; }
    bool Has(size_t worker) const { return by_worker_[worker] > 0; }

   private:
    absl::InlinedVector<uint32_t, 4> by_worker_;
    uint32_t total_ = 0;
  };

  // Channels are spread over locks: workers that publish on different channels seldom meet.
  struct Stripe {
    mutable std::mutex mutex;
    absl::flat_hash_map<std::string, Counts> channels;
    uint64_t last_number = 0;
  };
  static constexpr size_t kStripeCount = 64;
  using Stripes = std::array<Stripe, kStripeCount>;

  struct Pattern {
    Glob glob;
    std::shared_ptr<const std::string> text;
    Counts counts;
  };

  Stripes& stripes(SubscriptionKind kind) {
    return kind == SubscriptionKind::kShardChannel ? shard_channels_ : channels_;
  }
  const Stripes& stripes(SubscriptionKind kind) const {
    return kind == SubscriptionKind::kShardChannel ? shard_channels_ : channels_;
  }
  static size_t StripeOf(absl::string_view channel);
  uint64_t AddPattern(absl::string_view text, int worker);
  void RemovePattern(absl::string_view text, int worker);

  const int worker_count_;
  Stripes channels_;
  Stripes shard_channels_;
  // Publishers read, who subscribes to a pattern writes.
  mutable std::shared_mutex patterns_mutex_;
  std::map<std::string, Pattern, std::less<>> patterns_;
  uint64_t last_pattern_number_ = 0;
  // patterns_.size(), so that a publication takes no lock while there are none.
  std::atomic<size_t> pattern_count_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_PUBSUB_H_
