#ifndef DAMSELFLY_SERVER_REPLICATION_WAIT_LIST_H_
#define DAMSELFLY_SERVER_REPLICATION_WAIT_LIST_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "server/replication/journal.h"
#include "server/session/server_state.h"

namespace damselfly {

// One client that waits for replicas (WAIT).
struct Waiter {
  uint64_t session_id = 0;
  int worker = 0;
  Positions positions;        // what there was when it began to wait
  int64_t replica_count = 0;  // how many have to have that
  bool over = false;          // its session has been answered; on that session's worker only
};

// All of them. Any thread.
class WaitList {
 public:
  explicit WaitList(ServerState* server) : server_(server) {}
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  void Add(std::shared_ptr<Waiter> waiter);
  void Remove(const Waiter& waiter);
  // Wakes and removes those of whom `is_satisfied` says so. That takes no lock of this list.
  void WakeIf(absl::FunctionRef<bool(const Waiter&)> is_satisfied);

 private:
  void Wake(const std::shared_ptr<Waiter>& waiter);

  ServerState* const server_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Waiter>> waiters_;  // guarded by mutex_
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_WAIT_LIST_H_
