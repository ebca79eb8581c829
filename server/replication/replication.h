#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICATION_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICATION_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/replication/journal_owner.h"
#include "server/replication/link_status.h"
#include "server/replication/master.h"
#include "server/replication/node_role.h"
#include "server/replication/replica.h"
#include "server/runtime/event_loop.h"
#include "server/runtime/network.h"
#include "server/session/server_state.h"

namespace damselfly {

// A node's part in replication, whole: its role, its lineage and journal (NodeRole), its replicas
// (Master), its master (Replica). Owned by the node.
//
//   sessions ──ReplicaOf, NoOne, TakeOver──> loop 0: one change of role after the other
//                                             │ candidate: connects and greets, changes nothing
//                                             │ current: is followed
//                                             └─ Stop(current) ─> NodeRole::Become... ─> done
//
// What costs something (journal, timer) is there once somebody replicates.
class Replication final : public MasterHost {
 public:
  // The error's message is what a client gets behind "-ERR ".
  using Done = Replica::Done;

  // Makes itself known to `server`, which outlives it.
  explicit Replication(ServerState* server);
  // When the loops have stopped.
  ~Replication() override;
  Replication(const Replication&) = delete;
  Replication& operator=(const Replication&) = delete;

  // Does what the parameter replicaof says: this node is a replica when this returns, and tries for
  // ever to reach its master. The error names the parameter. Called once, before or while the loops
  // run; on loop 0's thread if they run.
  absl::Status Start();

  // ---- Requests, from any thread; each `done` is called once, on loop 0 (unless the node dies)
  // ----
  // Follows that master, if it can be reached: only then anything changes. A later request
  // cancels one that is still trying.
  void ReplicaOf(Endpoint master, Done done);
  // Is a master from then on.
  void NoOne(Done done);
  // Has the master hand over, which it may take so long for.
  void TakeOver(int64_t timeout_s, Done done);

  // ---- ReplicationView, JournalOwner ----
  ReplicationFacts Facts() const override;
  std::shared_ptr<Journal> journal() const override { return role_.journal(); }
  std::shared_ptr<Journal> OpenJournal() override;
  Lineage lineage() const override { return role_.lineage(); }
  bool IsInLineage(absl::string_view id) const { return role_.IsInLineage(id); }
  void OnFirstLink() override;
  void OnLastLinkGone() override;
  Master& master() override { return master_; }

 private:
  using Work = absl::AnyInvocable<void()>;

  // All of this on loop 0.

  // Runs `work` there when no change of role is under way.
  void Enqueue(Work work);
  void RunQueue();
  // A change of role that is done later: nothing else begins before EndChange.
  void BeginChange();
  void EndChange();

  void BeginCandidate(Endpoint master, Done done);
  void CancelCandidate();
  void OnGreeted(uint64_t number, absl::Status status);
  // Stops following, if this node does; then calls `stopped`.
  void StopCurrent(Work stopped);
  void Adopt();
  bool IsTakenOver() const;
  void Promote(Done done);
  void OnTakenOver(uint64_t number);
  std::unique_ptr<Replica> MakeReplica(Endpoint master);

  // Now and then, while there is a journal.
  void StartUpkeep();
  void Upkeep();
  // Whether the journal must stay.
  bool IsJournalNeeded() const;

  ServerState& server_;
  EventLoop& loop_;
  NodeRole role_;
  LinkStatus status_;
  Master master_;

  // When somebody has last been interested in the journal.
  std::atomic<int64_t> journal_wanted_ns_{0};
  std::atomic<bool> upkeep_runs_{false};

  std::deque<Work> queue_;
  bool changing_ = false;
  uint64_t last_number_ = 0;
  uint64_t candidate_number_ = 0;
  uint64_t current_number_ = 0;
  Done candidate_done_;
  std::unique_ptr<Replica> candidate_;
  std::unique_ptr<Replica> current_;
};

// The replication of the node that `server` belongs to. Requires that the node has one, as all
// nodes do.
Replication& ReplicationOf(ServerState& server);

// "host:port", "[IPv6 address]:port". The error says what is wrong.
absl::StatusOr<Endpoint> ParseMasterAddress(absl::string_view text);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICATION_H_
