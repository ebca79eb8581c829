#ifndef DAMSELFLY_SERVER_REPLICATION_TAKEOVER_H_
#define DAMSELFLY_SERVER_REPLICATION_TAKEOVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/replication/journal.h"
#include "server/replication/replica_link.h"
#include "server/session/server_state.h"

namespace damselfly {

class Session;

// How this master hands over to one of its replicas (DFLY TAKEOVER): from one instant on it answers
// nobody, so that what its journal holds is all there will ever be; the replica has handed over to
// as soon as it has acknowledged all of that.
//
//   none ──> closing ──> waiting ──acknowledged──> handed over ──> concluded
//    ^          │           │ timeout, link gone
//    └──────────┴─reopening─┘
//
// Handed over is final: the replica may have been told. In cluster mode "yes" this node stays,
// and says that the replica has the slots once that has hung up; else it ends, after a moment in
// which the other replicas catch up.
//
// Any thread, but what takes a Session. No slot locked. Lock order: mutex_, then the
// link's.
class Takeover {
 public:
  // `server` outlives it.
  explicit Takeover(ServerState* server);
  ~Takeover();
  Takeover(const Takeover&) = delete;
  Takeover& operator=(const Takeover&) = delete;

  // Called when a takeover has failed, under all slots' locks, just before this node answers again.
  // Before the first Begin.
  void set_on_reopening(std::function<void()> handler) { on_reopening_ = std::move(handler); }

  // Replies to the session, now or later. `link` is null if there is no such link (any more).
  void Begin(Session& session, uint64_t sync_id, std::shared_ptr<ReplicaLink> link,
             int64_t timeout_ms);
  // A replica has acknowledged something, or is gone.
  void OnProgress();
  // The node changes its role: what is under way fails, what has succeeded is concluded; then there
  // is none.
  void Reset();

 private:
  enum class State : uint8_t { kNone, kClosing, kWaiting, kReopening, kHandedOver, kConcluded };

  // Under all locks: from here on nothing changes any more. Returns false when this node is not one
  // that can be taken over.
  bool Close(const Journal& journal, Positions* ends);
  // Everything back.
  void Reopen();
  // Those who are blocked at the moment get the answer of a timeout.
  void WakeBlocked();
  // Decides, and returns what is to be done by the caller; kNone: nothing.
  State NextStep();
  bool Settled() const;  // requires mutex_
  void HandOver();
  void Conclude();
  // Calls `work` with the attempt's number on a worker, after a while.
  void After(int64_t delay_ms, int worker, uint64_t attempt, void (Takeover::*work)(uint64_t));
  void Fail(uint64_t attempt);
  void ConcludeAnyway(uint64_t attempt);
  void Reply(absl::string_view error);  // empty: OK
  void Log(absl::string_view message);

  ServerState* const server_;
  const std::shared_ptr<Takeover*> self_;
  std::function<void()> on_reopening_ = [] {};

  std::mutex mutex_;
  State state_ = State::kNone;         // guarded by mutex_, as all below
  uint64_t attempt_ = 0;               // tells the timers of one from those of another
  std::shared_ptr<ReplicaLink> link_;  // null when there is none to look after
  uint64_t sync_id_ = 0;
  ReplicaIdentity identity_;
  Positions ends_;
  uint64_t session_id_ = 0;  // whom to reply to
  int worker_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_TAKEOVER_H_
