#ifndef DAMSELFLY_SERVER_REPLICATION_JOURNAL_OWNER_H_
#define DAMSELFLY_SERVER_REPLICATION_JOURNAL_OWNER_H_

#include <memory>

#include "server/replication/journal.h"
#include "server/replication/lineage.h"
#include "server/session/replication_view.h"

namespace damselfly {

class Master;

// Who keeps a node's journal and decides about its role (class Replication), as the master's side
// sees it. Any thread.
class JournalOwner {
 public:
  virtual ~JournalOwner() = default;

  // The journal of the current lineage; null when nothing is journaled.
  virtual std::shared_ptr<Journal> journal() const = 0;

  // The same; begins one, and attaches it to the store under all locks, if there is none. Null when
  // this node is no master (any more). Called with no slot locked.
  virtual std::shared_ptr<Journal> OpenJournal() = 0;

  // A copy; goes with journal().
  virtual Lineage lineage() const = 0;

  // There is a first replica: the journal must stay. There is none any more: it may be closed
  // repl_backlog_ttl seconds from now, unless there is one again. Called with no slot locked, and
  // without locks of the Master; Master::has_links() is what counts if calls overtake each other.
  virtual void OnFirstLink() = 0;
  virtual void OnLastLinkGone() = 0;
};

// What ServerState::replication() is on every node: the sessions' way to its Master.
class MasterHost : public ReplicationView, public JournalOwner {
 public:
  virtual Master& master() = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_JOURNAL_OWNER_H_
