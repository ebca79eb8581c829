#ifndef DAMSELFLY_SERVER_SESSION_WORKER_SUBSCRIPTIONS_H_
#define DAMSELFLY_SERVER_SESSION_WORKER_SUBSCRIPTIONS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/base/slot_set.h"
#include "server/session/pubsub.h"

namespace damselfly {

class Session;
class Worker;

// A message on its way to clients, as views of what outlives the delivery.
struct Publication {
  SubscriptionKind kind = SubscriptionKind::kChannel;  // or kShardChannel
  absl::string_view channel;
  absl::string_view payload;
  BlobRef payload_blob;  // the payload's bytes, if they have a blob of their own
};

// The subscriptions of one worker's sessions: which session gets what is published, and the way of
// a publication to them. Owned by the worker, touched by its loop only.
//
//   Publish on worker 1 --> PubSub::Find (how many, on which workers)
//      |-- own sessions: written at once, sent with all else that this pass gives them
//      +-- the mail of each other worker with receivers --> the same there
//
// The mail is taken in the order in which it came, and before anything is published or subscribed
// to here. So whoever publishes when another publication has been answered, on whatever worker,
// comes behind it with every subscriber.
class WorkerSubscriptions {
 public:
  // The worker owns this object.
  explicit WorkerSubscriptions(Worker* worker) : worker_(*worker) {}
  ~WorkerSubscriptions();
  WorkerSubscriptions(const WorkerSubscriptions&) = delete;
  WorkerSubscriptions& operator=(const WorkerSubscriptions&) = delete;

  // Returns the subscription's number, which Remove wants back. A session subscribes to a name
  // once. Nothing that was published before reaches it, and nothing is delivered after Remove.
  uint64_t Add(SubscriptionKind kind, absl::string_view name, Session* session);
  void Remove(SubscriptionKind kind, absl::string_view name, uint64_t number);

  // The node has lost these slots, or flushed them: their shard channels are dropped, in the order
  // of the mail. What comes behind, in a slot that is back already, neither ends with them nor
  // reaches who subscribed before. Any thread.
  void LoseShardChannels(std::shared_ptr<const SlotSet> lost);
  // Has `work` done by this worker, in the order of the mail. Any thread.
  void Post(absl::AnyInvocable<void(Worker&)> work);
  // Takes the mail, if there is some.
  void CatchUp() {
    if (has_mail_.load(std::memory_order_acquire)) TakeMail();
  }

  // Delivers to all subscribers of the node; returns how many there are. The publication's views
  // need to live for this call only.
  int64_t Publish(const Publication& publication);

  // Sends what `session` has been pushed, once in a later pass however often it is asked for.
  void FlushLater(Session& session);

 private:
  struct Parcel;
  // One of them.
  struct Letter {
    std::shared_ptr<const Parcel> parcel;
    std::shared_ptr<const SlotSet> lost;
    absl::AnyInvocable<void(Worker&)> work;
  };

  // Any thread.
  void Send(Letter letter);
  void TakeMail();

  // Sessions by the number of their subscription: in the order in which they came.
  using Subscribers = absl::btree_map<uint64_t, Session*>;

  void Deliver(const Publication& publication, const PubSub::Route& route);
  void FlushPushed();

  Worker& worker_;
  std::array<absl::flat_hash_map<std::string, Subscribers>, kSubscriptionKindCount> subscribers_;
  std::mutex mail_mutex_;
  std::vector<Letter> mail_;  // guarded by mail_mutex_
  std::atomic<bool> has_mail_{false};
  std::vector<uint64_t> pushed_;  // ids of the sessions that FlushPushed sends for
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_WORKER_SUBSCRIPTIONS_H_
