#ifndef DAMSELFLY_SERVER_SESSION_WORKER_TRACKING_H_
#define DAMSELFLY_SERVER_SESSION_WORKER_TRACKING_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "server/runtime/mutant.h"
#include "server/store/invalidation.h"

namespace damselfly {

class Session;
class Worker;

// One worker's share of client-side caching: its sessions that listen to prefixes, and the changes
// that its commands make. Owned by the worker, touched by its loop only.
class WorkerTracking {
 public:
  // The worker owns this object.
  explicit WorkerTracking(Worker* worker) : worker_(*worker) {}
  WorkerTracking(const WorkerTracking&) = delete;
  WorkerTracking& operator=(const WorkerTracking&) = delete;

  // A session of this worker listens to a prefix, once, or does no longer.
  void AddListener(absl::string_view prefix, Session* session);
  void RemoveListener(absl::string_view prefix, Session* session);

  // Something on this worker has changed a key that these clients, on any worker, have read.
  void TellReaders(absl::string_view key, const KeyReaders& readers, InvalidationCause cause);
  // The same of a key that somebody may listen to: sent with all others of this pass.
  void Collect(absl::string_view key, InvalidationCause cause);

  // ---- From the mail ----
  // Those readers of a key that are this worker's.
  void TakeReaders(absl::string_view key, const KeyReaders& readers, const Session* changer);
  void TakeLostKeys(const TrackedKeys& keys);
  // Changed keys, and who has changed each of them last; 0: nobody that can be named.
  using ChangedKeys = absl::btree_map<std::string, uint64_t>;
  void TakeChanges(const ChangedKeys& changes);
  // Listeners must forget all they know, in a later pass, once.
  void TellListenersOfAll();

 private:
  bool HasMutant(ServerMutant mutant) const;
  void SendChanges();
  void ForgetAll();

  Worker& worker_;
  // Sessions by their ids, by prefix.
  std::map<std::string, std::map<uint64_t, Session*>, std::less<>> listeners_;
  ChangedKeys changes_;       // until SendChanges
  bool forgets_all_ = false;  // ForgetAll will come
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_WORKER_TRACKING_H_
