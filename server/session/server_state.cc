#include "server/session/server_state.h"

#include <algorithm>
#include <utility>

#include "server/runtime/random.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

std::string MakeRunId(uint64_t seed) {
  static constexpr char kDigits[] = "0123456789abcdef";
  Random random(seed);
  std::string id;
  for (int i = 0; i < 40; ++i) id += kDigits[random.Below(16)];
  return id;
}

ClusterMode ClusterModeOf(const Config& config) {
  const std::string mode = config.text(Parameter::cluster_mode);
  if (mode.empty()) return ClusterMode::kOff;
  return mode == "yes" ? ClusterMode::kReal : ClusterMode::kEmulated;
}

}  // namespace

ServerState::ServerState(Runtime* runtime, Store* store, const CommandRegistry* commands,
                         Config* config)
    : runtime_(runtime),
      store_(store),
      commands_(commands),
      config_(config),
      cluster_mode_(ClusterModeOf(*config)),
      pubsub_(runtime->worker_count()),
      key_notifications_(this),
      tracking_(this),
      run_id_(MakeRunId(runtime->RandomSeed("run id"))),
      start_wall_ms_(runtime->clock().WallUs() / 1000),
      start_monotonic_ns_(runtime->clock().MonotonicNs()) {
  for (int i = 0; i < runtime->worker_count(); ++i)
    workers_.push_back(std::make_unique<Worker>(this, i));
  ApplyParameters();
}

// A session that ends may look for sessions of other workers.
ServerState::~ServerState() {
  CloseSessions();
  key_notifications_.Choose(0);
}

template <typename Work>
void ServerState::PostToWorkers(const Work& work) {
  for (const std::unique_ptr<Worker>& worker : workers_) {
    Worker* target = worker.get();
    target->loop().Post([target, work] { work(*target); });
  }
}

void ServerState::FeedMonitors(std::string line) {
  auto shared = std::make_shared<const std::string>(std::move(line));
  PostToWorkers([shared](Worker& worker) { worker.SendToMonitors(*shared); });
}

void ServerState::Pause(PauseKind kind, int64_t end_ms) {
  const bool running =
      pause_kind() != PauseKind::kNone && runtime_->clock().WallUs() / 1000 < pause_end_ms();
  if (running) {
    end_ms = std::max(end_ms, pause_end_ms());
    if (pause_kind() == PauseKind::kAll) kind = PauseKind::kAll;
  }
  pause_end_ms_.store(end_ms, std::memory_order_release);
  pause_kind_.store(static_cast<int>(kind), std::memory_order_release);
  store_->set_expiry_paused_until(end_ms);
}

void ServerState::Unpause() {
  pause_kind_.store(static_cast<int>(PauseKind::kNone), std::memory_order_release);
  pause_end_ms_.store(0, std::memory_order_release);
  store_->set_expiry_paused_until(0);
  PostToWorkers([](Worker& worker) { worker.ResumePaused(); });
}

void ServerState::ApplyParameters() {
  ValueContext& context = store_->value_context();
  const auto apply = [this](Parameter parameter, ValueContext::Limit& limit) {
    limit.store(config_->integer(parameter), std::memory_order_relaxed);
  };
  apply(Parameter::hash_max_listpack_entries, context.hash_max_listpack_entries);
  apply(Parameter::hash_max_listpack_value, context.hash_max_listpack_value);
  apply(Parameter::set_max_intset_entries, context.set_max_intset_entries);
  apply(Parameter::zset_max_listpack_entries, context.zset_max_listpack_entries);
  apply(Parameter::zset_max_listpack_value, context.zset_max_listpack_value);
  apply(Parameter::list_max_listpack_size, context.list_max_listpack_size);
  apply(Parameter::stream_node_max_bytes, context.stream_node_max_bytes);
  apply(Parameter::stream_node_max_entries, context.stream_node_max_entries);
  apply(Parameter::hll_sparse_max_bytes, context.hll_sparse_max_bytes);
  apply(Parameter::result_bytes_max, commands_->limits().result_bytes_max);
  key_notifications_.Choose(config_->key_event_flags());

  Evictor::Settings settings;
  settings.policy = *EvictionPolicyOf(config_->text(Parameter::maxmemory_policy));
  settings.samples = config_->integer(Parameter::maxmemory_samples);
  settings.log_factor = config_->integer(Parameter::lfu_log_factor);
  settings.decay_minutes = config_->integer(Parameter::lfu_decay_time);
  const int64_t now_ms = runtime_->clock().WallUs() / 1000;
  store_->evictor().Configure(settings, now_ms);
  NoteMemory(now_ms);
  for (const std::unique_ptr<Worker>& worker : workers_) worker->memory_gate().Reset();
}

void ServerState::ReleaseFreedMemory() {
  // What one thread has allocated is its own to give back, whoever freed it.
  for (const std::unique_ptr<Worker>& worker : workers_)
    worker->loop().Post([this] { runtime().ReleaseFreedMemory(); });
}

void ServerState::NoteMemory(int64_t now_ms) {
  constexpr auto relaxed = std::memory_order_relaxed;
  const int64_t limit_bytes = config_->integer(Parameter::maxmemory);
  bool exceeded = false;
  if (limit_bytes != 0) {
    const MemoryUse use = MeasureMemory(*this);
    client_bytes.store(use.client_bytes, relaxed);
    exceeded = use.total() - use.not_counted() > limit_bytes;
  }
  const int64_t since_ms = exceeded_since_ms.load(relaxed);
  if (exceeded == (since_ms != 0)) return;
  exceeded_since_ms.store(exceeded ? std::max<int64_t>(now_ms, 1) : 0, relaxed);
  if (!exceeded) {
    exceeded_ms.store(exceeded_ms.load(relaxed) + std::max<int64_t>(now_ms - since_ms, 0), relaxed);
  }
}

void ServerState::OnSlotsLost(const SlotSet& lost) {
  auto shared = std::make_shared<const SlotSet>(lost);
  for (const std::unique_ptr<Worker>& worker : workers_)
    worker->subscriptions().LoseShardChannels(shared);
  PostToWorkers([shared](Worker& worker) { worker.WakeBlockedOn(*shared); });
}

void ServerState::OnSlotsFlushed(const SlotSet& flushed) {
  auto shared = std::make_shared<const SlotSet>(flushed);
  for (const std::unique_ptr<Worker>& worker : workers_)
    worker->subscriptions().LoseShardChannels(shared);
}

void ServerState::OnBecameReplica() {
  PostToWorkers([](Worker& worker) { worker.WakeOnStateChange(); });
}

void ServerState::KillClient(uint64_t id, int worker_index) {
  Worker* target = &worker(worker_index);
  target->loop().Post([target, id] {
    Session* session = target->FindSession(id);
    if (session != nullptr) session->KillSoon();
  });
}

void ServerState::PostToSession(uint64_t id, int worker_index,
                                absl::AnyInvocable<void(Session&)> work) {
  Worker* target = &worker(worker_index);
  target->loop().Post([target, id, work = std::move(work)]() mutable {
    Session* session = target->FindSession(id);
    if (session != nullptr && !session->retired()) work(*session);
  });
}

void ServerState::CloseSessions() {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->CloseSessions();
}

// At once, for the commands that follow. A counter that another worker raises at this very moment
// may stay as it is.
void ServerState::ResetStats() {
  error_stats_.Reset();
  activity_.Reset();
  for (const std::unique_ptr<Worker>& worker : workers_) worker->ResetStats();
}

}  // namespace damselfly
