#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICA_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICA_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/replication/link_event.h"
#include "server/replication/link_status.h"
#include "server/replication/master_connection.h"
#include "server/replication/node_role.h"
#include "server/replication/replica_flows.h"
#include "server/replication/sync_replies.h"
#include "server/runtime/network.h"
#include "server/runtime/task.h"
#include "server/session/server_state.h"

namespace damselfly {

// A replica's side of the link to one master, for as long as it is to follow that master:
//
//   connect -> greet -> DFLY SYNC -> a flow a lane -> DFLY START -> stable, with an ACK now and
//   then
//      ^                                                                |
//      `------- 500 ms <--- anything that goes wrong, anywhere ---------'
//
// Lives on loop 0; the flows are on all loops. Whoever lets go of it calls Stop first; when the
// loops have stopped it may be destroyed as it is.
class Replica {
 public:
  // The error's message is what the client gets behind "-ERR ".
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // All outlive it. `on_taken_over` is called when the master has handed over to this node; the
  // replica does nothing more then but keep the answer to whoever has asked.
  Replica(ServerState* server, NodeRole* role, LinkStatus* status, Endpoint master,
          std::function<void()> on_taken_over);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  const Endpoint& master() const { return master_; }

  // Only connects and greets, once: nothing of this node has changed when `greeted` gets the
  // result, in a call of its own.
  void Greet(Done greeted);

  // Follows the master from now on. Requires that this node is a replica.
  void Follow();

  // Asks the master to hand over, for so long. `done` is called when that has failed; when it has
  // succeeded, on_taken_over.
  void TakeOver(int64_t timeout_s, Done done);
  // Who has asked for the takeover that has succeeded.
  Done TakeAsker();

  // Ends all, at once here, in a moment on the other loops; then calls `stopped` on loop 0: nothing
  // is applied any more. A takeover that is under way fails. Called once.
  void Stop(absl::AnyInvocable<void()> stopped);

 private:
  // Somebody waits for a takeover.
  struct TakeOverRequest {
    int64_t timeout_s = 0;
    int64_t deadline_ns = 0;
    std::string sync_id;  // of the link in which the master was asked; empty: not yet
    Done done;
  };

  Task<void> RunGreet(Done greeted);
  Task<void> RunFollow();
  // Connects and greets; the error is what REPLICAOF answers.
  Task<absl::Status> Connect(int64_t timeout_ns);
  Task<absl::Status> Introduce(int64_t timeout_ns);
  // From DFLY SYNC on until the link breaks; OK: the master has handed over.
  Task<absl::Status> Sync();
  Task<absl::StatusOr<SyncAgreement>> Agree(const absl::optional<NodeRole::Offer>& offer);
  Task<absl::Status> AwaitFlows(LinkMail mail, int lane_count);
  Task<absl::StatusOr<std::shared_ptr<Journal>>> Begin(SyncAgreement agreement,
                                                       absl::optional<NodeRole::Offer> offer);
  // The same once all is running.
  Task<absl::Status> Attend(LinkMail mail, SyncAgreement agreement);
  Task<void> WatchControl(LinkMail mail);
  Task<void> WatchAcks(LinkMail mail);
  Task<absl::Status> SendAck();
  Task<absl::Status> AskForTakeOver(int64_t sync_id);
  Task<void> ExpireTakeOver(LinkMail mail);
  // Ends the link's connections.
  Task<void> CloseLink();
  // The link broke while a takeover was under way: whether the master has handed over all the same.
  Task<bool> AskAgain();
  Task<absl::Status> AskAnew();
  void FailTakeOver(absl::string_view why);

  bool HasMutant(ServerMutant mutant) const;
  int64_t TimeoutNs(Parameter parameter) const;
  // Once for each run of equal errors.
  void LogBroken(const absl::Status& why);

  ServerState& server_;
  NodeRole& role_;
  LinkStatus& status_;
  EventLoop& loop_;
  const Endpoint master_;
  const std::function<void()> on_taken_over_;
  std::string last_error_;
  bool has_failed_takeover_ = false;
  std::unique_ptr<TakeOverRequest> takeover_;
  absl::optional<LinkMail> mail_;  // of the link that is up, if any
  std::unique_ptr<MasterConnection> control_;
  ReplicaFlows flows_;
  TaskScope helpers_;  // of one link; posts events to the main task
  TaskScope tasks_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICA_H_
