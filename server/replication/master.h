#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/replication/journal.h"
#include "server/replication/journal_owner.h"
#include "server/replication/replica_link.h"
#include "server/session/output_source.h"
#include "server/session/replication_view.h"
#include "server/session/server_state.h"

namespace damselfly {

class Session;
class Takeover;
class WaitList;
struct Waiter;

// A node as a master: its replicas, from their greeting to the end of their links.
//
//   control connection                            flow connections, one a lane
//     REPLCONF listening-port ... capa damselfly
//     DFLY SYNC <lineage> <position>...  Sync
//                                                   DFLY FLOW <sync id> <lane>   AttachFlow
//     DFLY START <sync id>               Start
//     REPLCONF ACK <position>...         Acknowledge, for as long as the link lives
//     DFLY TAKEOVER <seconds> <sync id>  BeginTakeover
//
// What a replica has to keep to:
// - Positions in an ACK are of what it has applied. After a full sync the first ACK says that the
//   sync is complete: it has had kSyncEnd on all flows, and none is sent before that.
// - A kAckRequest wants one ACK, when all of that flow before it has been applied. All flows of a
//   link may carry one for the same question.
// - An ACK gets no reply, and the answer to DFLY TAKEOVER comes as soon as there is one: a client
//   that sends other commands behind it may have their replies first.
//
// A link dies with its control connection or any of its flows, whatever the reason, and takes the
// others with it.
//
// Threads: anything from any thread, unless it takes a Session: then on that session's worker.
// Locks: slots, then mutex_, then lanes of the journal. Whatever takes a slot's lock here says "no
// slot locked" and does not hold mutex_.
class Master {
 public:
  // Both outlive it. Of the sessions only those may outlive it that run nothing any more: ~Master
  // comes when the loops have stopped.
  Master(ServerState* server, JournalOwner* owner);
  ~Master();
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  // ---- For the owner ----
  // Replicas in the order of their arrival.
  std::vector<ReplicaFacts> Facts() const;
  bool has_links() const;
  // This node changes its role or its lineage: all links end. A takeover that is under way has
  // failed when this returns (the node is active again, and writable), and one that has succeeded
  // is concluded. No slot locked. New links are refused by whoever is asked for a journal then
  // (JournalOwner::OpenJournal).
  void DropLinks(absl::string_view reason);
  // What Journal::Options::reader_lag_bytes_max should be now.
  int64_t ReaderLagBytesMax() const;

  // ---- For the commands; errors are the whole reply, as in "ERR syncid not found" ----
  // What REPLCONF has said on this connection so far; where it comes from if nothing.
  ReplicaIdentity Greeting(Session& session) const;
  // ... and from now on: kept until the connection goes.
  void SetGreeting(Session& session, ReplicaIdentity identity);
  // DFLY REPLICAOFFSET: zeros, a worker each, when nothing is journaled.
  Positions JournalEnds() const;

  struct Agreement {
    bool is_partial = false;
    std::string lineage_id;
    uint64_t sync_id = 0;
    int lane_count = 0;
  };
  // DFLY SYNC. No slot locked.
  absl::StatusOr<Agreement> Sync(Session& session, absl::string_view lineage_id,
                                 const Positions& positions);
  // DFLY FLOW: what the session sends from now on, for Session::StreamFrom.
  absl::StatusOr<std::shared_ptr<OutputSource>> AttachFlow(Session& session, uint64_t sync_id,
                                                           int64_t lane);
  // DFLY START: where each lane begins. No slot locked.
  absl::StatusOr<Positions> Start(Session& session, uint64_t sync_id);
  // REPLCONF ACK: drops the link if they cannot be. No slot locked.
  void Acknowledge(Session& session, const Positions& positions);

  // WAIT: blocks the session, or gives the number of replicas that have acknowledged all there has
  // been so far.
  void Wait(Session& session, bool may_block, int64_t replicas, int64_t timeout_ms);

  // Called when a takeover has failed, under all slots' locks, just before this node answers again.
  // Before there are connections.
  void set_on_reopening(std::function<void()> handler);

  // DFLY TAKEOVER: replies now or later. No slot locked.
  void BeginTakeover(Session& session, uint64_t sync_id, int64_t timeout_ms);

 private:
  std::shared_ptr<ReplicaLink> MakeLink(const ReplicaLink::Options& options);
  // Ends what the same replica had before. False: it has a later link already, and this one stays
  // out.
  bool AddLink(const std::shared_ptr<ReplicaLink>& link);
  // Two links from one place may be of one replica, which must not count twice.
  void DoubtOthersInPlaceOf(const ReplicaLink& link);
  // For mutants: whether it lets a replica with that lineage resume without a look at the fork.
  bool IsFooledBy(const Lineage& lineage, absl::string_view id) const;
  std::shared_ptr<ReplicaLink> FindLink(uint64_t sync_id) const;
  std::shared_ptr<ReplicaLink> FindLinkOf(const Session& session) const;
  std::vector<std::shared_ptr<ReplicaLink>> Links() const;
  bool HasGreeted(const Session& session) const;
  // A replica has acknowledged something, or is gone: somebody may have waited for that.
  void OnProgress();
  static int64_t CountAcknowledged(const Positions& positions,
                                   const std::vector<std::shared_ptr<ReplicaLink>>& links);
  bool IsSatisfied(const Waiter& waiter,
                   const std::vector<std::shared_ptr<ReplicaLink>>& links) const;
  // The control connection of a replica, or one that has greeted, is gone.
  void OnControlClosed(uint64_t session_id);
  // By each link, once, when it has been torn down. No slot locked.
  void OnLinkGone(const ReplicaLink& link);

  ServerState* const server_;
  JournalOwner* const owner_;
  // What call-backs that may come too late hold weakly.
  std::shared_ptr<Master*> self_;

  mutable std::mutex mutex_;
  // Guarded by mutex_, as all below. Begins somewhere else in every process: a replica that asks
  // again for a takeover by the one that has died must not be taken for another.
  uint64_t last_sync_id_;
  std::map<uint64_t, ReplicaIdentity> greetings_;  // by session
  std::vector<std::shared_ptr<ReplicaLink>> links_;

  std::atomic<bool> is_one_lost_{false};  // for a mutant: a link has gone, and no other has come
  const std::unique_ptr<WaitList> waits_;
  const std::unique_ptr<Takeover> takeover_;
};

// The master's side of the node that `server` belongs to. Requires that the node has one, as all
// nodes do.
Master& MasterOf(ServerState& server);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_H_
