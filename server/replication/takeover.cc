#include "server/replication/takeover.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr absl::string_view kFailed = "ERR Takeover failed!";
// What the other replicas get to catch up; and the replica, to ask again if the reply is lost with
// its link. In a cluster no longer than all that takes.
constexpr int64_t kSettleMs = 1500;
constexpr int64_t kNsPerMs = 1'000'000;

}  // namespace

Takeover::Takeover(ServerState* server)
    : server_(server), self_(std::make_shared<Takeover*>(this)) {}

Takeover::~Takeover() = default;

void Takeover::Begin(Session& session, uint64_t sync_id, std::shared_ptr<ReplicaLink> link,
                     int64_t timeout_ms) {
  uint64_t attempt;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const bool over = state_ == State::kHandedOver || state_ == State::kConcluded;
    // Its first answer may have been lost.
    const bool again = server_->runtime().HasMutant(ServerMutant::kTakenOverTwice);
    if (over && (sync_id_ == sync_id || again)) return session.reply().Ok();
    if (state_ != State::kNone) return session.reply().Error(kFailed);
    if (link == nullptr) return session.reply().Error("ERR syncid not found");
    if (link->state() != ReplicaLink::State::kOnline)
      return session.reply().Error("ERR invalid state");
    state_ = State::kClosing;
    attempt = ++attempt_;
    link_ = link;
    sync_id_ = sync_id;
    identity_ = link->identity();
    session_id_ = session.id();
    worker_ = session.worker().index();
  }
  Positions ends;
  const bool closed = Close(*link->journal(), &ends);
  {
    std::lock_guard<std::mutex> guard(mutex_);
    state_ = closed ? State::kWaiting : State::kNone;
    ends_ = std::move(ends);
    if (!closed) link_.reset();
  }
  if (!closed) return session.reply().Error(kFailed);
  Log(absl::StrCat("Replica ", link->identity().address(), " takes over"));
  if (!server_->runtime().HasMutant(ServerMutant::kBlockedNotWoken)) WakeBlocked();
  if (!server_->runtime().HasMutant(ServerMutant::kTakeoverUnbounded))
    After(timeout_ms, link->worker(), attempt, &Takeover::Fail);
  link->RequestAck();
  OnProgress();
}

bool Takeover::Close(const Journal& journal, Positions* ends) {
  Store& store = server_->store();
  store.LockAll();
  const bool may_close =
      server_->service_state.load(std::memory_order_relaxed) == ServiceState::kActive &&
      !server_->is_replica.load(std::memory_order_relaxed) && store.change_sink() == &journal;
  if (may_close) {
    if (!server_->runtime().HasMutant(ServerMutant::kTakeoverWrites)) {
      server_->service_state.store(ServiceState::kTakenOver, std::memory_order_release);
      store.set_access(Store::Access::kNone);
    }
    store.set_owns_expiry(false);
    *ends = journal.Ends();
  }
  store.UnlockAll();
  return may_close;
}

void Takeover::Reopen() {
  Store& store = server_->store();
  store.LockAll();
  // Unless the node has become something else meanwhile.
  if (server_->service_state.load(std::memory_order_relaxed) == ServiceState::kTakenOver &&
      !server_->is_replica.load(std::memory_order_relaxed) &&
      !server_->runtime().HasMutant(ServerMutant::kTakeoverLeftClosed)) {
    on_reopening_();
    server_->service_state.store(ServiceState::kActive, std::memory_order_release);
    store.set_access(Store::Access::kReadWrite);
    store.set_owns_expiry(!server_->runtime().HasMutant(ServerMutant::kExpiryLeftOff));
  }
  store.UnlockAll();
  Log("The takeover has failed, this node goes on as master");
  Reply(kFailed);
  std::lock_guard<std::mutex> guard(mutex_);
  state_ = State::kNone;
  link_.reset();
}

void Takeover::WakeBlocked() {
  std::vector<std::pair<uint64_t, int>> blocked;
  server_->clients().ForEach([&](ClientInfo& info) {
    if (info.HasFlag(ClientInfo::kBlocked)) blocked.emplace_back(info.id, info.worker);
    return true;
  });
  for (const auto& [id, worker] : blocked) {
    server_->PostToSession(id, worker, [](Session& session) {
      if (session.is_waiting_for_keys()) {
        session.OnStateChanged();
      } else if (session.is_waiting()) {
        session.WakeUp(Session::Wake::kTimeout);
      }
    });
  }
}

void Takeover::OnProgress() {
  switch (NextStep()) {
    case State::kReopening:
      return Reopen();
    case State::kHandedOver:
      return HandOver();
    case State::kConcluded:
      return Conclude();
    default:
      return;
  }
}

Takeover::State Takeover::NextStep() {
  std::lock_guard<std::mutex> guard(mutex_);
  if (state_ == State::kWaiting) {
    if (link_->HasAcknowledged(ends_) ||
        server_->runtime().HasMutant(ServerMutant::kTakeoverNotAwaited))
      return state_ = State::kHandedOver;
    if (link_->state() == ReplicaLink::State::kCancelled) return state_ = State::kReopening;
  } else if (state_ == State::kHandedOver && Settled()) {
    return state_ = State::kConcluded;
  }
  return State::kNone;
}

// The replica, once promoted, hangs up; whether it does so for that reason, this node cannot know.
// One that goes on to redirect can be asked again at any time, and serves its other replicas as
// before: it redirects at once. One that ends must not be in haste.
bool Takeover::Settled() const {
  return server_->cluster_mode() == ClusterMode::kReal &&
         link_->state() == ReplicaLink::State::kCancelled;
}

void Takeover::HandOver() {
  std::string address;
  uint64_t attempt;
  int worker;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    address = identity_.address();
    attempt = attempt_;
    worker = worker_;
  }
  Log(absl::StrCat("Replica ", address, " has taken over"));
  Reply("");
  After(kSettleMs, worker, attempt, &Takeover::ConcludeAnyway);
}

void Takeover::After(int64_t delay_ms, int worker, uint64_t attempt,
                     void (Takeover::*work)(uint64_t)) {
  EventLoop* const loop = &server_->runtime().loop(worker);
  // Timers are started by the loop's own thread.
  loop->Post([loop, delay_ms, attempt, work, weak = std::weak_ptr<Takeover*>(self_)] {
    loop->StartTimer(delay_ms * kNsPerMs, [attempt, work, weak] {
      if (const auto self = weak.lock()) ((*self)->*work)(attempt);
    });
  });
}

void Takeover::Fail(uint64_t attempt) {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    if (attempt != attempt_ || state_ != State::kWaiting) return;
    state_ = State::kReopening;
  }
  Reopen();
}

void Takeover::ConcludeAnyway(uint64_t attempt) {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    if (attempt != attempt_ || state_ != State::kHandedOver) return;
    state_ = State::kConcluded;
  }
  Conclude();
}

void Takeover::Conclude() {
  std::string node_id;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    node_id = identity_.node_id;
  }
  if (server_->cluster_mode() == ClusterMode::kReal) {
    server_->slot_router()->OnTakenOver(node_id);
    return;
  }
  Log("This node has been taken over and ends");
  server_->runtime().RequestExit(0);
}

void Takeover::Reset() {
  State before;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    before = state_;
    if (before == State::kWaiting) state_ = State::kReopening;
    if (before == State::kHandedOver || before == State::kConcluded) {
      state_ = State::kNone;
      link_.reset();
    }
  }
  if (before == State::kWaiting) Reopen();
  if (before == State::kHandedOver) Conclude();
}

void Takeover::Reply(absl::string_view error) {
  std::lock_guard<std::mutex> guard(mutex_);
  server_->PostToSession(session_id_, worker_, [error = std::string(error)](Session& session) {
    error.empty() ? session.reply().Ok() : session.reply().Error(error);
    session.FlushPushed();
  });
}

void Takeover::Log(absl::string_view message) {
  server_->runtime().Log(Runtime::Severity::kWarning, message);
}

}  // namespace damselfly
