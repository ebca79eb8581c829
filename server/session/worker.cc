#include "server/session/worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/session/server_state.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr int64_t kNsPerSecond = 1000000000;
// ServerMutant::kBackgroundSpins.
constexpr int64_t kSpinNs = 100000;
// One that has nothing to do makes so many times fewer background passes, but one a second.
constexpr int64_t kIdleFactor = 4;
// Entries that one background step visits, for each point of active-expire-effort: some tens of
// microseconds.
constexpr int64_t kEntriesPerEffort = 1000;
// Tracked keys that one background pass has forgotten, while there are too many.
constexpr int kForgottenKeysMax = 1000;
// Sessions looked at in one background pass: the whole population is seen about once a second.
constexpr size_t kSessionsCheckedMin = 4;

// What a connection that is turned away is told, before anything was read from it.
void TurnAway(std::unique_ptr<Stream> stream, absl::string_view error_line) {
  const absl::string_view pieces[] = {error_line};
  stream->Write(pieces);
  stream->Close();
}

bool IsLocal(const Stream& stream) {
  const std::string& host = stream.peer().host;
  return !stream.local().unix_path.empty() || absl::StartsWith(host, "127.") || host == "::1";
}

}  // namespace

Worker::Worker(ServerState* server, int index)
    : server_(*server),
      loop_(server->runtime().loop(index)),
      index_(index),
      random_(server->runtime().RandomSeed(absl::StrCat("worker ", index))),
      store_counters_(server->store().counters(index)),
      command_stats_(static_cast<size_t>(server->commands().size())) {}

Worker::~Worker() { CloseSessions(); }

// The sessions' destructors still use the rest of the worker.
void Worker::CloseSessions() { std::exchange(sessions_, {}).clear(); }

void Worker::Start() { BackgroundPass(); }

void Worker::Accept(std::unique_ptr<Stream> stream, ClientPort port) {
  Config& config = server_.config();
  const bool admin = port == ClientPort::kAdmin;
  if (!admin && server_.clients().regular_size() >= config.integer(Parameter::maxclients)) {
    stats_.connections_rejected.Add(1);
    TurnAway(std::move(stream), "-ERR max number of clients reached\r\n");
    return;
  }
  const bool protects = config.boolean(Parameter::protected_mode) && !config.has_password() &&
                        !(admin && config.boolean(Parameter::admin_nopass));
  if (protects && !IsLocal(*stream)) {
    stats_.connections_rejected.Add(1);
    TurnAway(std::move(stream),
             "-DENIED This server is in protected mode: no password is set, so it serves only "
             "clients on its own machine. "
             "Set requirepass, or set protected-mode to no.\r\n");
    return;
  }
  stats_.connections_received.Add(1);
  auto session = std::make_unique<Session>(this, std::move(stream), port);
  Session* started = session.get();
  sessions_.emplace(started->id(), std::move(session));
  started->Start();
}

void Worker::Retire(Session* session) {
  const uint64_t id = session->id();
  // Out of the map first: who hears of the session's end may look for others.
  loop_.Post([this, id] { sessions_.extract(id); });
}

Session* Worker::FindSession(uint64_t id) {
  auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void Worker::AddMonitor(uint64_t id) { monitors_.push_back(id); }

void Worker::RemoveMonitor(uint64_t id) {
  monitors_.erase(std::remove(monitors_.begin(), monitors_.end(), id), monitors_.end());
}

void Worker::SendToMonitors(const std::string& line) {
  // A monitor that is too slow may be closed by this, and leave the list.
  const std::vector<uint64_t> monitors = monitors_;
  for (uint64_t id : monitors) {
    Session* session = FindSession(id);
    if (session != nullptr) session->SendMonitorLine(line);
  }
}

void Worker::InvalidateAllOfTrackingSessions() {
  for (auto& [id, session] : sessions_) {
    if (session->tracking() != nullptr) session->Invalidate({{}, /*all=*/true});
  }
}

void Worker::DropShardChannels(const SlotSet& lost) {
  for (auto& [id, session] : sessions_) session->DropShardChannels(lost);
}

void Worker::AddPaused(uint64_t id) {
  paused_.push_back(id);
  const int64_t left_ms = std::max<int64_t>(1, server_.pause_end_ms() - loop_.pass_wall_ms());
  if (paused_.size() == 1) loop_.StartTimer(left_ms * 1000000, [this] { ResumePaused(); });
}

void Worker::ResumePaused() {
  std::vector<uint64_t> paused;
  paused.swap(paused_);
  for (uint64_t id : paused) {
    Session* session = FindSession(id);
    if (session != nullptr) session->ResumeAfterPause();
  }
}

void Worker::WakeBlockedOn(const SlotSet& lost) {
  // A session that wakes up may retire, which takes it out of the map later.
  for (auto& [id, session] : sessions_) session->WakeIfBlockedOn(lost);
}

void Worker::WakeOnStateChange() {
  for (auto& [id, session] : sessions_) session->OnStateChanged();
}

void Worker::ResetStats() {
  for (OwnedCounter* counter :
       {&stats_.commands_processed, &stats_.connections_received, &stats_.connections_rejected,
        &stats_.input_bytes, &stats_.output_bytes, &stats_.error_replies, &stats_.reads_processed,
        &stats_.writes_processed, &stats_.query_buffer_limit_disconnections,
        &stats_.output_buffer_limit_disconnections, &store_counters_.keyspace_hits,
        &store_counters_.keyspace_misses, &store_counters_.expired_keys,
        &store_counters_.evicted_keys}) {
    counter->Reset();
  }
  for (CommandStats& command : command_stats_) command.Reset();
}

void Worker::BackgroundPass() {
  const int64_t now_ms = loop_.pass_wall_ms();
  server_.store().set_background_step_entries_max(
      kEntriesPerEffort * server_.config().integer(Parameter::active_expire_effort));
  const bool more_to_forget = server_.tracking().Shrink(*this, kForgottenKeysMax);
  const bool more_to_do = server_.store().BackgroundStep(index_, now_ms, &store_counters_);
  const bool more = memory_gate_.EvictMore(now_ms) || more_to_do || more_to_forget;
  key_server_.ServeRest();
  const int64_t period_ns = kNsPerSecond / server_.config().integer(Parameter::hz);
  if (now_ms - last_session_check_ms_ >= 100 || now_ms < last_session_check_ms_) {
    CheckSessions(now_ms);
    if (index_ == 0) SampleActivity();
  }
  // With work left, clients get their turn in between, and the work goes on at once.
  const bool idle = IsIdle();
  const bool spins = server_.runtime().HasMutant(ServerMutant::kBackgroundSpins);
  const int64_t idle_ns = std::max(period_ns, std::min(period_ns * kIdleFactor, kNsPerSecond));
  const int64_t pause_ns = spins ? kSpinNs : idle ? idle_ns : period_ns;
  loop_.StartTimer(more ? 0 : pause_ns, [this] { BackgroundPass(); });
}

// The first worker works for all of them.
bool Worker::IsIdle() {
  uint64_t commands = 0;
  for (int i = index_; i < (index_ == 0 ? server_.worker_count() : index_ + 1); ++i)
    commands += static_cast<uint64_t>(server_.worker(i).stats().commands_processed.get());
  if (std::exchange(commands_seen_, commands) != commands) return false;
  const Store& store = server_.store();
  if (!store.owns_expiry()) return true;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    if (store.ExpiringKeyCount(database) > 0) return false;
  }
  return true;
}

void Worker::SampleActivity() {
  Activity::Totals totals;
  totals.monotonic_ns = loop_.pass_monotonic_ns();
  for (int i = 0; i < server_.worker_count(); ++i) {
    const WorkerStats& stats = server_.worker(i).stats();
    totals.commands += stats.commands_processed.get();
    totals.input_bytes += stats.input_bytes.get();
    totals.output_bytes += stats.output_bytes.get();
  }
  const StoreCountersSnapshot counters = server_.store().TotalCounters();
  server_.activity().Sample(totals, counters.used_bytes);
  server_.NoteMemory(loop_.pass_wall_ms());
  const bool is_freeing = counters.background_keys > 0 || counters.background_bytes > 0;
  if (freed_memory_.Note(counters.used_bytes, is_freeing)) server_.ReleaseFreedMemory();
}

// As many sessions as one turn a second for each makes, in the order of ids.
void Worker::CheckSessions(int64_t now_ms) {
  const int64_t last_ms = std::exchange(last_session_check_ms_, now_ms);
  const auto passed_ms = static_cast<size_t>(std::clamp<int64_t>(now_ms - last_ms, 0, 1000));
  size_t left = std::max(kSessionsCheckedMin, sessions_.size() * passed_ms / 1000);
  auto next = sessions_.lower_bound(next_checked_session_);
  while (left-- > 0 && next != sessions_.end()) {
    next->second->CheckLimits(now_ms);
    ++next;
  }
  next_checked_session_ = next == sessions_.end() ? 0 : next->first;
}

}  // namespace damselfly
