#ifndef DAMSELFLY_SERVER_SESSION_WORKER_H_
#define DAMSELFLY_SERVER_SESSION_WORKER_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/base/slot_set.h"
#include "server/commands/command_registry.h"
#include "server/resp/request_parser.h"
#include "server/runtime/runtime.h"
#include "server/session/client_info.h"
#include "server/session/command_stats.h"
#include "server/session/expected_keys.h"
#include "server/session/freed_memory.h"
#include "server/session/key_server.h"
#include "server/session/memory_gate.h"
#include "server/session/worker_subscriptions.h"
#include "server/session/worker_tracking.h"
#include "server/store/store.h"

namespace damselfly {

class ServerState;
class Session;

// One command of a pipelined batch, between parsing and execution.
struct BatchItem {
  Request request;
  const Command* command = nullptr;   // null: no such command
  const Key* key = nullptr;           // derived from its first key; null: it has none
  int32_t key_index = 0;              // where among its arguments that key stands
  bool has_one_key = false;           // that has no fixed place, and is known to be the only one
  bool is_plain = false;              // its command is, and its arguments fit
  const Command* executed = nullptr;  // the (sub)command that has run; null: none has
};

// One worker of a node: its event loop, the sessions that live on it, its share of the background
// work and of the statistics. Everything is touched by the loop's thread only, except where marked.
class Worker {
 public:
  // Commands that are parsed, prefetched and executed together. PERFORMANCE: groups of 16 to 32
  // hide the misses.
  static constexpr size_t kBatchMax = 32;

  Worker(ServerState* server, int index);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  int index() const { return index_; }
  EventLoop& loop() { return loop_; }  // any thread may Post
  ServerState& server() { return server_; }
  Random& random() { return random_; }
  StoreCounters& store_counters() { return store_counters_; }
  MemoryGate& memory_gate() { return memory_gate_; }

  // Begins the periodic work. Called once, on the loop's thread.
  void Start();

  // Takes a new connection, or turns it away with an error (maxclients, protected mode).
  // The admin port knows no maxclients, and no protected mode where it asks for no password.
  void Accept(std::unique_ptr<Stream> stream, ClientPort port);

  // Destroys a session, later in this pass's aftermath: safe from within its own call-backs.
  void Retire(Session* session);

  // ServerState::CloseSessions for this worker.
  void CloseSessions();

  // The session, or null when it is gone.
  Session* FindSession(uint64_t id);

  // Sessions in MONITOR mode, by id.
  void AddMonitor(uint64_t id);
  void RemoveMonitor(uint64_t id);
  void SendToMonitors(const std::string& line);

  // Who gets what is published.
  WorkerSubscriptions& subscriptions() { return subscriptions_; }
  // Who is told of keys that change.
  WorkerTracking& tracking() { return tracking_; }
  // All sessions that track keys must forget everything.
  void InvalidateAllOfTrackingSessions();

  // The session whose commands run at the moment; null: none.
  const Session* running() const { return running_; }
  void set_running(const Session* session) { running_ = session; }

  // Session::DropShardChannels of every session; by the subscriptions.
  void DropShardChannels(const SlotSet& lost);

  // Sessions held back by CLIENT PAUSE; ResumePaused lets those go on that may.
  void AddPaused(uint64_t id);
  void ResumePaused();

  // Session::WakeIfBlockedOn of every session.
  void WakeBlockedOn(const SlotSet& lost);
  // Session::OnStateChanged of every session.
  void WakeOnStateChange();
  // Clients that wait for what this worker changes.
  KeyServer& key_server() { return key_server_; }

  // Statistics: read by any thread.
  WorkerStats& stats() { return stats_; }
  CommandStats& command_stats(int command_id) {
    return command_stats_[static_cast<size_t>(command_id)];
  }

  // CONFIG RESETSTAT: this worker's share.
  void ResetStats();

  // Scratch for the session that runs at the moment.
  std::array<BatchItem, kBatchMax>& batch() { return batch_; }
  // Those of its keys that have been derived, in its order.
  std::array<Key, kBatchMax>& batch_keys() { return batch_keys_; }
  std::array<absl::string_view, kBatchMax>& batch_members() { return batch_members_; }
  ExpectedKeys& expected_keys() { return expected_keys_; }
  // Scratch for the keys of the command that runs at the moment.
  std::vector<Key>& keys() { return keys_; }

 private:
  void BackgroundPass();
  // Whether since the last time nothing has been asked of it, and no key awaits its deadline.
  bool IsIdle();
  void CheckSessions(int64_t now_ms);
  // Feeds the node's Activity and what it knows of its memory; one worker does it for all.
  void SampleActivity();

  ServerState& server_;
  EventLoop& loop_;
  const int index_;
  Random random_;
  StoreCounters& store_counters_;
  MemoryGate memory_gate_{&server_, &store_counters_};
  WorkerStats stats_;
  std::vector<CommandStats> command_stats_;
  WorkerSubscriptions subscriptions_{this};
  WorkerTracking tracking_{this};
  const Session* running_ = nullptr;
  KeyServer key_server_{this};
  FreedMemory freed_memory_;  // of the node; the first worker's
  std::map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<uint64_t> monitors_;
  std::vector<uint64_t> paused_;
  uint64_t next_checked_session_ = 0;
  int64_t last_session_check_ms_ = 0;
  uint64_t commands_seen_ = 0;
  std::array<BatchItem, kBatchMax> batch_;
  std::array<Key, kBatchMax> batch_keys_;
  std::array<absl::string_view, kBatchMax> batch_members_;
  ExpectedKeys expected_keys_;
  std::vector<Key> keys_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_WORKER_H_
