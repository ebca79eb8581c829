#ifndef DAMSELFLY_SERVER_SESSION_TRACKING_H_
#define DAMSELFLY_SERVER_SESSION_TRACKING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/store/invalidation.h"

namespace damselfly {

class ServerState;
class Worker;

// Client-side caching of one node
// (https://redis.io/docs/latest/develop/reference/client-side-caching/): how many clients ask for
// it on which worker, and the way of an invalidation to them. Who has read which key the store
// knows, slot by slot.
//
//   change of a key, under its slot's lock, on worker 1
//      |-- readers on worker 1: told at once (whoever makes the change: behind its reply)
//      |-- readers elsewhere: the mail of their workers
//      +-- keys of one pass, if anybody listens to prefixes: together, to all workers with such
//
// A client is never told before the reply in which it was given the value. Mail is taken before a
// tracking client's command runs, under the locks of its keys: it has been told of all that went
// before what it reads.
//
// Owned by the ServerState. Thread-safe.
class Tracking final : public InvalidationSink {
 public:
  // Attached to the node's store from now on.
  explicit Tracking(ServerState* server);
  ~Tracking() override;
  Tracking(const Tracking&) = delete;
  Tracking& operator=(const Tracking&) = delete;

  // ---- By sessions ----
  // A client begins or ends to track.
  void CountClient(int amount) { client_count_.fetch_add(amount, std::memory_order_relaxed); }
  // A client of the worker begins to listen to a prefix, or ends.
  void AddPrefix(absl::string_view prefix, int worker);
  void RemovePrefix(absl::string_view prefix, int worker);
  // Has some tracked keys forgotten, if there are more than tracking-table-max-keys. Takes slots'
  // locks. Returns whether there are still more.
  bool Shrink(Worker& worker, int keys_max);

  // ---- Figures ----
  int64_t client_count() const { return client_count_.load(std::memory_order_relaxed); }
  // Different prefixes that are listened to.
  int64_t prefix_count() const;

  // A client of the worker listens to a prefix.
  bool HasListeners(int worker) const {
    return listener_counts_[static_cast<size_t>(worker)].load(std::memory_order_relaxed) > 0;
  }

  // ---- By the store ----
  void OnKeyInvalidated(int worker, absl::string_view key, const KeyReaders& readers,
                        InvalidationCause cause) override;
  void OnSlotLost(TrackedKeys keys) override;
  void OnFlushed() override;

 private:
  // Only with a mutant.
  bool IsUntold(int worker, InvalidationCause cause);

  ServerState& server_;
  std::atomic<int64_t> client_count_{0};
  mutable std::mutex mutex_;
  std::map<std::string, int64_t, std::less<>> prefixes_;  // listeners of each; guarded by mutex_
  std::vector<std::atomic<int64_t>> listener_counts_;     // by worker; written under mutex_
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_TRACKING_H_
