#include "server/replication/replica_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/replication/master_flow.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

constexpr int64_t kTickNs = 500'000'000;
constexpr int64_t kNsPerMs = 1'000'000;
// A tick that is so late tells of a worker that has been held up.
constexpr int64_t kStallNsMin = 1'000'000'000;
// An acknowledgement is asked for when none has come for so long, or a quarter of the timeout.
constexpr int64_t kAckSilenceNsMin = 1'000'000'000;

absl::string_view Word(ReplicaLink::State state) {
  switch (state) {
    case ReplicaLink::State::kPreparation:
      return "preparation";
    case ReplicaLink::State::kFullSync:
      return "full_sync";
    case ReplicaLink::State::kOnline:
      return "online";
    case ReplicaLink::State::kCancelled:
      return "cancelled";
  }
  DFLY_UNREACHABLE();
}

}  // namespace

std::string ReplicaIdentity::address() const { return absl::StrCat(host, ":", port); }

ReplicaLink::ReplicaLink(ServerState* server, Options options,
                         absl::AnyInvocable<void(const ReplicaLink&)> on_gone)
    : server_(server),
      options_(std::move(options)),
      on_gone_(std::move(on_gone)),
      created_ns_(server->runtime().clock().MonotonicNs()),
      last_ack_ns_(created_ns_),
      last_tick_ns_(created_ns_),
      acked_(static_cast<size_t>(options_.journal->lane_count()), 0) {}

ReplicaLink::~ReplicaLink() = default;

bool ReplicaLink::Prepare(const Positions* positions) {
  DFLY_CHECK(flows_.empty());
  is_partial_ = positions != nullptr;
  const bool late = server_->runtime().HasMutant(ServerMutant::kResumedTooLate);
  for (int lane = 0; lane < lane_count(); ++lane) {
    flows_.push_back(std::make_shared<MasterFlow>(this, lane));
    if (positions == nullptr) continue;
    const uint64_t position = (*positions)[lane];
    const uint64_t from = late && position < options_.journal->End(lane) ? position + 1 : position;
    if (!flow(lane).stream().OpenReader(from)) {
      flows_.clear();
      return false;
    }
  }
  if (positions != nullptr) acked_ = *positions;
  StartTimer();
  return true;
}

Positions ReplicaLink::Start() {
  for (const auto& flow : flows_) {
    if (!flow->attached()) return {};
  }
  Positions first;
  const std::string address = options_.identity.address();
  Runtime& runtime = server_->runtime();
  {
    Store& store = server_->store();
    store.LockAll();
    State expected = State::kPreparation;
    const bool may_start =
        store.change_sink() == options_.journal.get() &&
        state_.compare_exchange_strong(expected, is_partial_ ? State::kOnline : State::kFullSync);
    for (const auto& flow : flows_) {
      if (!may_start) break;
      // What is read from the end on cannot be missing.
      if (!is_partial_) DFLY_CHECK(flow->stream().BeginWalk());
      first.push_back(flow->stream().position());
    }
    if (is_partial_ && !first.empty() && runtime.HasMutant(ServerMutant::kResumedTooLate))
      first = acked_;
    if (!is_partial_ && !first.empty() && first[0] > 0 &&
        runtime.HasMutant(ServerMutant::kCutTooEarly))
      --first[0];
    store.UnlockAll();
  }
  if (first.empty()) return first;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    acked_ = first;
  }
  last_ack_ns_.store(runtime.clock().MonotonicNs(), std::memory_order_relaxed);
  runtime.Log(Runtime::Severity::kInfo,
              absl::StrCat(is_partial_ ? "Transitioned into stable sync" : "Started sync",
                           " with replica ", address));
  for (const auto& flow : flows_) flow->Go();
  return first;
}

bool ReplicaLink::Acknowledge(const Positions& positions) {
  if (positions.size() != acked_.size()) return false;
  // It has not begun, or is over: nothing is to be concluded.
  if (state() == State::kPreparation || state() == State::kCancelled) return true;
  for (int lane = 0; lane < lane_count(); ++lane) {
    if (positions[static_cast<size_t>(lane)] > options_.journal->End(lane)) return false;
  }
  {
    std::lock_guard<std::mutex> guard(mutex_);
    for (size_t lane = 0; lane < positions.size(); ++lane) {
      acked_[lane] = std::max(acked_[lane], positions[lane]);
      if (!doubted_at_.empty() && positions[lane] > doubted_at_[lane]) doubted_at_.clear();
    }
    // What has been sent is not what has been applied.
    if (server_->runtime().HasMutant(ServerMutant::kAckedAhead)) acked_ = options_.journal->Ends();
  }
  last_ack_ns_.store(server_->runtime().clock().MonotonicNs(), std::memory_order_relaxed);
  State expected = State::kFullSync;
  if (AllEntriesSent() && state_.compare_exchange_strong(expected, State::kOnline)) {
    server_->runtime().Log(
        Runtime::Severity::kInfo,
        absl::StrCat("Transitioned into stable sync with replica ", options_.identity.address()));
  }
  return true;
}

bool ReplicaLink::AllEntriesSent() const {
  return std::all_of(flows_.begin(), flows_.end(),
                     [](const auto& flow) { return flow->stream().sync_end_sent(); });
}

bool ReplicaLink::HasAcknowledged(const Positions& positions) const {
  if (state() != State::kOnline) return false;
  std::lock_guard<std::mutex> guard(mutex_);
  if (positions.size() != acked_.size()) return false;
  for (size_t lane = 0; lane < positions.size(); ++lane) {
    if (acked_[lane] < positions[lane]) return false;
    if (server_->runtime().HasMutant(ServerMutant::kOneLaneCounted)) return true;
  }
  return true;
}

void ReplicaLink::Doubt() {
  std::lock_guard<std::mutex> guard(mutex_);
  doubted_at_ = options_.journal->Ends();
}

bool ReplicaLink::is_doubted() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return !doubted_at_.empty();
}

void ReplicaLink::RequestAck() {
  for (const auto& flow : flows_) flow->RequestAck();
}

void ReplicaLink::Break(absl::string_view reason) {
  if (state_.exchange(State::kCancelled) == State::kCancelled) return;
  Store& store = server_->store();
  store.LockAll();
  for (const auto& flow : flows_) flow->stream().EndWalk();
  store.UnlockAll();
  const std::string address = options_.identity.address();
  Runtime& runtime = server_->runtime();
  if (!reason.empty()) {
    runtime.Log(Runtime::Severity::kWarning,
                absl::StrCat("Replica ", address, " cut off: ", reason));
  }
  runtime.Log(Runtime::Severity::kInfo, absl::StrCat("Disconnecting from replica ", address));
  server_->KillClient(options_.session_id, options_.worker);
  for (const auto& flow : flows_) {
    if (flow->attached()) server_->KillClient(flow->session_id(), flow->worker());
  }
  on_gone_(*this);
}

void ReplicaLink::BreakSoon(std::string reason) {
  server_->runtime()
      .loop(options_.worker)
      .Post([weak = weak_from_this(), reason = std::move(reason)] {
        if (const std::shared_ptr<ReplicaLink> link = weak.lock()) link->Break(reason);
      });
}

void ReplicaLink::StartTimer() {
  server_->runtime().loop(options_.worker).StartTimer(kTickNs, [weak = weak_from_this()] {
    if (const std::shared_ptr<ReplicaLink> link = weak.lock()) link->Tick();
  });
}

void ReplicaLink::Tick() {
  const State state_now = state();
  if (state_now == State::kCancelled) return;
  const int64_t now_ns = server_->runtime().clock().MonotonicNs();
  const int64_t timeout_ns = server_->config().integer(Parameter::replication_timeout) * kNsPerMs;
  // This worker has not got round to reading: no news is no silence.
  if (now_ns - std::exchange(last_tick_ns_, now_ns) > kStallNsMin)
    last_ack_ns_.store(now_ns, std::memory_order_relaxed);
  if (state_now == State::kPreparation && now_ns - created_ns_ > timeout_ns)
    return Break("it does not begin");
  if (state_now == State::kFullSync && !awaits_first_ack_ && AllEntriesSent()) {
    awaits_first_ack_ = true;
    last_ack_ns_.store(now_ns, std::memory_order_relaxed);
  }
  if (state_now == State::kOnline || awaits_first_ack_) {
    const int64_t silence_ns = now_ns - last_ack_ns_.load(std::memory_order_relaxed);
    if (silence_ns > timeout_ns) return Break("it acknowledges nothing any more");
    if (silence_ns > std::max(kAckSilenceNsMin, timeout_ns / 4)) RequestAck();
  }
  StartTimer();
}

ReplicaFacts ReplicaLink::Facts() const {
  ReplicaFacts facts;
  facts.host = options_.identity.host;
  facts.port = options_.identity.port;
  facts.node_id = options_.identity.node_id;
  facts.state = std::string(Word(state()));
  std::lock_guard<std::mutex> guard(mutex_);
  for (int lane = 0; lane < lane_count(); ++lane) {
    const uint64_t acked = acked_[static_cast<size_t>(lane)];
    const uint64_t end = options_.journal->End(lane);
    facts.lag_records += end - std::min(end, acked);
    facts.lag_bytes += flows_[static_cast<size_t>(lane)]->waiting_bytes();
  }
  return facts;
}

}  // namespace damselfly
