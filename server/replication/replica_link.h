#ifndef DAMSELFLY_SERVER_REPLICATION_REPLICA_LINK_H_
#define DAMSELFLY_SERVER_REPLICATION_REPLICA_LINK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "server/replication/journal.h"
#include "server/session/replication_view.h"
#include "server/session/server_state.h"

namespace damselfly {

class MasterFlow;

// What a replica has said of itself (REPLCONF), for people and for the control plane.
struct ReplicaIdentity {
  std::string host;  // "ip-address", else where it comes from
  int port = 0;      // "listening-port"
  std::string node_id;
  int64_t version = 0;
  bool is_damselfly = false;  // "capa damselfly"
  std::string run_id;         // its process
  int64_t attempt = 0;        // that process counts its connections to masters

  std::string address() const;  // "host:port"
  bool IsAtSamePlace(const ReplicaIdentity& other) const {
    return host == other.host && port == other.port;
  }
  // The same node, at the same place. One that has no name of its own calls itself by its process.
  bool IsSameReplica(const ReplicaIdentity& other) const {
    return !node_id.empty() && node_id == other.node_id && IsAtSamePlace(other);
  }
  // The replica has let go of this connection and made the other one, whichever arrives first.
  bool IsBefore(const ReplicaIdentity& other) const {
    return IsSameReplica(other) && run_id == other.run_id && attempt < other.attempt;
  }
};

// One replica of this master: the control connection and a flow a lane.
//
//   preparation --Start--> full_sync --acked--> online        any --Break--> cancelled
//               `--partial-----------------------^
//
// Shared by the Master, its flows and whoever is about to call it; any thread.
class ReplicaLink final : public std::enable_shared_from_this<ReplicaLink> {
 public:
  enum class State : uint8_t { kPreparation, kFullSync, kOnline, kCancelled };

  struct Options {
    uint64_t sync_id = 0;
    ReplicaIdentity identity;
    uint64_t session_id = 0;  // of the control connection
    int worker = 0;           // ... and where that lives
    std::shared_ptr<Journal> journal;
  };
  // `on_gone` is called once, by Break, when all has been torn down. `server` outlives the link's
  // being alive; a link that has been broken touches it no more.
  ReplicaLink(ServerState* server, Options options,
              absl::AnyInvocable<void(const ReplicaLink&)> on_gone);
  ~ReplicaLink();
  ReplicaLink(const ReplicaLink&) = delete;
  ReplicaLink& operator=(const ReplicaLink&) = delete;

  // Makes the flows. Called once, behind the constructor. With positions, all of them must still be
  // in the journal: they stay there from now on. Returns false if they are not.
  bool Prepare(const Positions* positions);

  uint64_t sync_id() const { return options_.sync_id; }
  const ReplicaIdentity& identity() const { return options_.identity; }
  uint64_t session_id() const { return options_.session_id; }
  int worker() const { return options_.worker; }
  const std::shared_ptr<Journal>& journal() const { return options_.journal; }
  int lane_count() const { return options_.journal->lane_count(); }
  bool is_partial() const { return is_partial_; }
  State state() const { return state_.load(std::memory_order_acquire); }
  MasterFlow& flow(int lane) { return *flows_[static_cast<size_t>(lane)]; }
  std::shared_ptr<MasterFlow> shared_flow(int lane) { return flows_[static_cast<size_t>(lane)]; }

  // All flows are attached: lets them go. For a full sync this is the cut: all walks begin, and the
  // positions are read, while all slots are locked. Returns the positions where the lanes begin;
  // none if the link cannot start: not all flows are there, it has started before, or the journal
  // is not what the store writes to any more. No slot locked.
  Positions Start();

  // Takes over what the replica has applied. Returns false if that cannot be.
  bool Acknowledge(const Positions& positions);
  // It is online and has acknowledged all of that.
  bool HasAcknowledged(const Positions& positions) const;
  // Somebody else has come to its place: it is another one behind the same address, or what has
  // been there before, whose machine was gone without a word. So until it acknowledges something
  // that has been written since, which nobody can who is gone.
  void Doubt();
  bool is_doubted() const;
  // Asks for an ACK once it has all that is in the journal now.
  void RequestAck();

  // Ends the link, for good and once: closes its connections, ends its walks. No slot locked.
  void Break(absl::string_view reason);
  // The same a little later, on a worker: from anywhere.
  void BreakSoon(std::string reason);

  ReplicaFacts Facts() const;

  ServerState& server() { return *server_; }

 private:
  bool AllEntriesSent() const;
  // One tick of the link's own timer, on its control connection's worker: what is not up to a flow.
  void Tick();
  void StartTimer();

  ServerState* const server_;
  const Options options_;
  absl::AnyInvocable<void(const ReplicaLink&)> on_gone_;
  bool is_partial_ = false;
  std::vector<std::shared_ptr<MasterFlow>> flows_;  // constant after Prepare
  std::atomic<State> state_{State::kPreparation};
  const int64_t created_ns_;
  std::atomic<int64_t> last_ack_ns_;
  int64_t last_tick_ns_;           // on the link's worker
  bool awaits_first_ack_ = false;  // all entries have been sent; on the link's worker

  mutable std::mutex mutex_;
  Positions acked_;       // guarded by mutex_; where it begins, at first
  Positions doubted_at_;  // guarded by mutex_; none: it is not doubted
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_REPLICA_LINK_H_
