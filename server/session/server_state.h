#ifndef DAMSELFLY_SERVER_SESSION_SERVER_STATE_H_
#define DAMSELFLY_SERVER_SESSION_SERVER_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "server/base/slot_set.h"
#include "server/commands/command_registry.h"
#include "server/runtime/runtime.h"
#include "server/session/activity.h"
#include "server/session/client_registry.h"
#include "server/session/config.h"
#include "server/session/error_stats.h"
#include "server/session/key_notifications.h"
#include "server/session/latency_monitor.h"
#include "server/session/pubsub.h"
#include "server/session/replication_view.h"
#include "server/session/slot_router.h"
#include "server/session/slow_log.h"
#include "server/session/tracking.h"
#include "server/store/store.h"

namespace damselfly {

class Session;
class Worker;

// What all sessions of one node share. Owned by the node; outlives its workers.
class ServerState {
 public:
  // None of the arguments is owned; all outlive the state.
  ServerState(Runtime* runtime, Store* store, const CommandRegistry* commands, Config* config);
  ~ServerState();
  ServerState(const ServerState&) = delete;
  ServerState& operator=(const ServerState&) = delete;

  Runtime& runtime() { return *runtime_; }
  Store& store() const { return *store_; }
  const CommandRegistry& commands() const { return *commands_; }
  Config& config() { return *config_; }
  ClientRegistry& clients() { return clients_; }
  SlowLog& slow_log() { return slow_log_; }
  LatencyMonitor& latency_monitor() { return latency_monitor_; }
  ErrorStats& error_stats() { return error_stats_; }
  Activity& activity() { return activity_; }
  PubSub& pubsub() { return pubsub_; }
  Tracking& tracking() { return tracking_; }

  // ---- Cluster ----
  ClusterMode cluster_mode() const { return cluster_mode_; }
  // In mode kReal, and then never null once the node has been made.
  SlotRouter* slot_router() const { return slot_router_; }
  void set_slot_router(SlotRouter* router) { slot_router_ = router; }
  // These slots are not this node's any more: their shard channels are dropped, and clients that
  // are blocked on keys in them are sent away. Called by whoever has taken them away, after it has
  // released their locks; any worker.
  void OnSlotsLost(const SlotSet& lost);
  // All keys of these slots have been removed: their shard channels go too.
  void OnSlotsFlushed(const SlotSet& flushed);

  // ---- Replication ----
  // Never null once the node has been made.
  ReplicationView* replication() const { return replication_; }
  void set_replication(ReplicationView* replication) { replication_ = replication; }
  // Both change under all slots' locks, together with Store::set_access(), which is what a command
  // on keys is judged by; these are for all else, and for the words of a refusal.
  std::atomic<ServiceState> service_state{ServiceState::kActive};
  bool is_active() const {
    return service_state.load(std::memory_order_relaxed) == ServiceState::kActive;
  }
  std::atomic<bool> is_replica{false};

  // This node has become a replica: clients that wait are sent away, as by Redis. Any worker.
  void OnBecameReplica();

  int worker_count() const { return static_cast<int>(workers_.size()); }
  // Any thread may ask; what of a worker may be touched by others, Worker says.
  Worker& worker(int index) { return *workers_[static_cast<size_t>(index)]; }

  // Forty hexadecimal digits, new at every start.
  const std::string& run_id() const { return run_id_; }
  int64_t start_wall_ms() const { return start_wall_ms_; }
  int64_t start_monotonic_ns() const { return start_monotonic_ns_; }

  // Port bound, once the node listens (0: none); for INFO.
  std::atomic<int> bound_port{0};
  // The same of the admin port.
  std::atomic<int> bound_admin_port{0};

  // ---- MONITOR ----
  // Sessions that watch all commands; while zero nobody pays.
  std::atomic<int> monitor_count{0};
  // Sends one line (without the leading '+' and line end) to every monitor. Any worker.
  void FeedMonitors(std::string line);

  // ---- CLIENT PAUSE ----
  enum class PauseKind : int { kNone, kWrite, kAll };
  PauseKind pause_kind() const {
    return static_cast<PauseKind>(pause_kind_.load(std::memory_order_acquire));
  }
  int64_t pause_end_ms() const { return pause_end_ms_.load(std::memory_order_acquire); }
  // Pauses commands, and expiry, until `end_ms` (wall time). With all slots locked: whatever holds
  // a lock later finds the pause, and nothing that it holds back is still being done. A running
  // pause is widened, never narrowed, as in Redis.
  void Pause(PauseKind kind, int64_t end_ms);
  // Lets all paused clients go on.
  void Unpause();

  // No state of the node asks for more of a command than to be run.
  bool is_ordinary() const {
    return is_active() && pause_kind() == PauseKind::kNone &&
           monitor_count.load(std::memory_order_relaxed) == 0;
  }

  // Asks session `id` (if it still exists) to close; from any thread.
  void KillClient(uint64_t id, int worker);

  // Runs `work` on the session's worker, if the session still exists then; from any thread.
  void PostToSession(uint64_t id, int worker, absl::AnyInvocable<void(Session&)> work);

  // Ends all connections, for a node that goes: what is told of a connection's end may still use
  // the rest of the node. The loops have stopped, and take no new ones.
  void CloseSessions();

  // CONFIG RESETSTAT.
  void ResetStats();

  // Hands the store, whoever listens to it, and the workers' memory gates, what parameters say of
  // them. Called after any of them has been set; any worker.
  void ApplyParameters();

  // ---- maxmemory ----
  // Of clients that are no replicas, as of the last NoteMemory: to measure them takes a look at
  // each.
  std::atomic<int64_t> client_bytes{0};
  // Measures what maxmemory limits, if there is a limit. Called about ten times a second by one
  // worker.
  void NoteMemory(int64_t now_ms);
  // Has every worker give the system back what its allocations have left free, soon. Any thread.
  void ReleaseFreedMemory();
  // For how long more memory than that has been in use, by these looks: in all, and this time.
  std::atomic<int64_t> exceeded_ms{0};
  std::atomic<int64_t> exceeded_since_ms{0};  // 0: it is not

 private:
  // Runs `work(worker)` for each worker, later, on its own loop.
  template <typename Work>
  void PostToWorkers(const Work& work);

  Runtime* const runtime_;
  Store* const store_;
  const CommandRegistry* const commands_;
  Config* const config_;
  ClientRegistry clients_;
  SlowLog slow_log_;
  LatencyMonitor latency_monitor_;
  ErrorStats error_stats_;
  Activity activity_;
  const ClusterMode cluster_mode_;
  SlotRouter* slot_router_ = nullptr;
  ReplicationView* replication_ = nullptr;
  PubSub pubsub_;
  KeyNotifications key_notifications_;
  Tracking tracking_;
  std::string run_id_;
  int64_t start_wall_ms_;
  int64_t start_monotonic_ns_;
  std::atomic<int> pause_kind_{0};
  std::atomic<int64_t> pause_end_ms_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SERVER_STATE_H_
