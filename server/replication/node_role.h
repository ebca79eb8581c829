#ifndef DAMSELFLY_SERVER_REPLICATION_NODE_ROLE_H_
#define DAMSELFLY_SERVER_REPLICATION_NODE_ROLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/replication/journal.h"
#include "server/replication/lineage.h"
#include "server/runtime/mutant.h"
#include "server/runtime/random.h"
#include "server/session/server_state.h"

namespace damselfly {

// What a node is at the moment: master or replica, in which lineage, with which journal; and the
// steps from one state to the next. Each step happens while all slots are locked, so that every
// command lies wholly before or behind it.
//
//             BecomeReplica                    BeginLoading, BeginLineage, EndLoading
//    master ---------------> replica: in step -----------------------------------> in step
//       ^                       |   ResumeLineage (another name of the same history)
//       `-----------------------'
//             BecomeMaster
//
// A journal is complete when it has had all changes since the data was what it is at its positions:
// only then can somebody resume in this lineage. A master's is complete while it is attached to the
// store, a replica's as soon as a full sync has been done.
//
// Any thread, no slot locked, unless said otherwise.
class NodeRole {
 public:
  // `server` outlives it. A master, in the lineage that its run id names.
  explicit NodeRole(ServerState* server);
  // Detaches the journal. Requires that the loops have stopped.
  ~NodeRole();
  NodeRole(const NodeRole&) = delete;
  NodeRole& operator=(const NodeRole&) = delete;

  // May be called with slots locked.
  Lineage lineage() const;
  bool IsInLineage(absl::string_view id) const;
  // Null when there is none, or none that is complete.
  std::shared_ptr<Journal> journal() const;

  // Of journals that are made from now on.
  void set_reader_lag_bytes_max(int64_t bytes);

  // ---- Of a master ----
  // The complete journal, which is begun if there is none. Null for a replica, and while
  // RefuseLinks() holds.
  std::shared_ptr<Journal> OpenJournal();
  // Nobody can resume from here on, and no change costs anything more. Does nothing when there is
  // no journal, when `is_needed` says so, or for a replica.
  void CloseJournal(absl::FunctionRef<bool()> is_needed);
  // OpenJournal gives nothing until the next change of role.
  void RefuseLinks();

  // ---- Of a replica ----
  void BecomeReplica();
  // Counts the connections that this process makes to masters, from 1 on.
  int64_t CountAttempt();
  // What to ask a master for; none when only all will do.
  struct Offer {
    std::string lineage_id;
    Positions positions;
  };
  absl::optional<Offer> offer() const;
  // All data is dropped, and what comes is not to be seen yet.
  void BeginLoading();
  // Loading: the positions are those of what will have been loaded.
  std::shared_ptr<Journal> BeginLineage(absl::string_view id, const Positions& first);
  // What has been loaded is all there is.
  void EndLoading();
  // The master's lineage goes on where this node is. Gives the journal. Requires an offer().
  std::shared_ptr<Journal> ResumeLineage(absl::string_view id);

  // A replica takes over, or a node that was taken over is a master again: a new lineage, which
  // forks where its journal ends. Requires that nothing is being applied.
  void BecomeMaster();

 private:
  std::shared_ptr<Journal> MakeJournal(const Positions& first) const;
  std::string NewLineageId();
  bool HasMutant(ServerMutant mutant) const;
  // Sets what commands are judged by. All slots are locked.
  void SetService(ServiceState state, Store::Access access);

  ServerState& server_;
  // Held through each step: one at a time. Slots are locked while it is held, never before.
  std::mutex step_mutex_;
  Random random_;  // of lineage ids; guarded by step_mutex_, as all here
  bool refuses_links_ = false;
  std::atomic<int64_t> attempt_count_{0};
  Positions closed_at_;  // where the last journal of this lineage has ended

  // Guards what follows. A leaf: taken with slots locked, takes nothing.
  mutable std::mutex mutex_;
  Lineage lineage_;
  std::shared_ptr<Journal> journal_;
  bool complete_ = false;
  int64_t reader_lag_bytes_max_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_NODE_ROLE_H_
