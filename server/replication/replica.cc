#include "server/replication/replica.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/check.h"
#include "server/resp/request_writer.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kPauseNs = 500 * kNsPerMs;
// How much longer than its master a takeover waits at the replica.
constexpr int64_t kTakeOverGraceNs = 10 * kNsPerSecond;
constexpr absl::string_view kProtocolVersion = "1";

// A request of any length.
std::string MakeRequest(const std::vector<std::string>& words) {
  const std::vector<absl::string_view> views(words.begin(), words.end());
  std::string request;
  AppendCommand(&request, views);
  return request;
}

absl::Status Prefixed(absl::string_view prefix, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(prefix, status.message()));
}

}  // namespace

Replica::Replica(ServerState* server, NodeRole* role, LinkStatus* status, Endpoint master,
                 std::function<void()> on_taken_over)
    : server_(*server),
      role_(*role),
      status_(*status),
      loop_(server->worker(0).loop()),
      master_(std::move(master)),
      on_taken_over_(std::move(on_taken_over)),
      flows_(server) {}

Replica::~Replica() = default;

void Replica::Greet(Done greeted) { tasks_.Spawn(RunGreet(std::move(greeted))); }

void Replica::Follow() { tasks_.Spawn(RunFollow()); }

void Replica::Stop(absl::AnyInvocable<void()> stopped) {
  tasks_.DestroyAll();
  helpers_.DestroyAll();
  mail_.reset();
  control_ = nullptr;
  FailTakeOver("replication cancelled");
  flows_.Close(std::move(stopped));
}

Task<void> Replica::RunGreet(Done greeted) {
  absl::Status status = co_await Connect(TimeoutNs(Parameter::master_connect_timeout_ms));
  // Posted, because whoever is told may destroy this task.
  loop_.Post([greeted = std::move(greeted), status = std::move(status)]() mutable {
    greeted(std::move(status));
  });
}

Task<void> Replica::RunFollow() {
  while (true) {
    absl::Status ended;
    // REPLICAOF has greeted already.
    if (control_ == nullptr) {
      ended = co_await Connect(TimeoutNs(Parameter::master_reconnect_timeout_ms));
    }
    if (ended.ok()) ended = co_await Sync();
    if (ended.ok()) break;
    status_.SetState(LinkStatus::State::kConnecting);
    LogBroken(ended);
    co_await CloseLink();
    if (takeover_ != nullptr && co_await AskAgain()) break;
    if (has_failed_takeover_ && HasMutant(ServerMutant::kFollowsNoMore)) co_return;
    co_await Sleep(loop_, HasMutant(ServerMutant::kReconnectsLate) ? 20 * kPauseNs : kPauseNs);
    status_.CountReconnect();
  }
  on_taken_over_();
}

Task<absl::Status> Replica::Connect(int64_t timeout_ns) {
  control_ = std::make_unique<MasterConnection>(&server_.runtime().network(), &loop_);
  absl::Status status =
      co_await control_->Open(master_, MasterAuthRequest(server_.config()), timeout_ns);
  if (status.code() == absl::StatusCode::kNotFound)
    co_return Prefixed("could not resolve master dns: ", status);
  if (!status.ok()) co_return Prefixed("could not connect to master: ", status);
  status = co_await Introduce(timeout_ns);
  if (!status.ok()) co_return Prefixed("could not greet master ", status);
  co_return absl::OkStatus();
}

Task<absl::Status> Replica::Introduce(int64_t timeout_ns) {
  const Config& config = server_.config();
  const int64_t announced_port = config.integer(Parameter::announce_port);
  const int64_t port =
      announced_port != 0 ? announced_port : server_.bound_port.load(std::memory_order_relaxed);
  std::vector<std::string> words = {"REPLCONF", "listening-port", absl::StrCat(port)};
  const std::string address = config.text(Parameter::replica_announce_ip);
  if (!address.empty()) words.insert(words.end(), {"ip-address", address});
  const std::string named = config.text(Parameter::cluster_node_id);
  words.insert(words.end(), {"client-id", named.empty() ? server_.run_id() : named, "capa",
                             "damselfly", "version", std::string(kProtocolVersion), "run-id",
                             server_.run_id(), "attempt", absl::StrCat(role_.CountAttempt())});
  std::string ping = MakeCommand({"PING"});
  absl::Status status = co_await control_->Ask(std::move(ping), timeout_ns);
  if (!status.ok()) co_return status;
  std::string greeting = MakeRequest(words);
  co_return co_await control_->Ask(std::move(greeting), timeout_ns);
}

Task<absl::Status> Replica::Sync() {
  status_.SetState(LinkStatus::State::kPreparation);
  control_->ShowAsClient(&server_);
  absl::optional<NodeRole::Offer> offer;
  const bool offers = server_.config().boolean(Parameter::replica_partial_sync) &&
                      !HasMutant(ServerMutant::kSyncsAgain);
  if (offers) offer = role_.offer();
  absl::StatusOr<SyncAgreement> agreement = co_await Agree(offer);
  if (!agreement.ok()) co_return agreement.status();

  const LinkMail mail(&loop_);
  FlowPlan plan(mail);
  plan.master = master_;
  plan.auth_request = MasterAuthRequest(server_.config());
  plan.sync_id = agreement->sync_id;
  plan.lane_count = agreement->lane_count;
  plan.full_sync = !agreement->is_partial;
  plan.connect_timeout_ns = TimeoutNs(Parameter::master_connect_timeout_ms);
  plan.status = &status_;
  plan.gate = std::make_shared<TransactionGate>(agreement->lane_count,
                                                HasMutant(ServerMutant::kTransactionInParts));
  flows_.Open(std::make_shared<const FlowPlan>(std::move(plan)));
  absl::Status attached = co_await AwaitFlows(mail, agreement->lane_count);
  if (!attached.ok()) co_return attached;

  absl::StatusOr<std::shared_ptr<Journal>> journal = co_await Begin(*agreement, offer);
  if (!journal.ok()) co_return journal.status();
  flows_.Begin(*journal);
  last_error_.clear();
  co_return co_await Attend(mail, *agreement);
}

Task<absl::StatusOr<SyncAgreement>> Replica::Agree(const absl::optional<NodeRole::Offer>& offer) {
  std::vector<std::string> words = {"DFLY", "SYNC", offer ? offer->lineage_id : "?"};
  if (offer) {
    for (const uint64_t position : offer->positions) words.push_back(absl::StrCat(position));
  }
  std::string request = MakeRequest(words);
  absl::StatusOr<Reply> reply =
      co_await control_->Call(std::move(request), TimeoutNs(Parameter::replication_timeout));
  if (!reply.ok()) co_return reply.status();
  absl::StatusOr<SyncAgreement> agreement = ParseSyncReply(*reply);
  if (offer) status_.CountPartialSync(agreement.ok() && agreement->is_partial);
  if (!agreement.ok()) co_return agreement;
  // Nobody else ever begins a lineage that is called so.
  if (!agreement->is_partial && agreement->lineage_id == server_.run_id())
    co_return absl::FailedPreconditionError("Can't connect to myself");
  const bool as_offered =
      offer && offer->positions.size() == static_cast<size_t>(agreement->lane_count);
  if (agreement->is_partial && !as_offered)
    co_return absl::DataLossError("a partial sync that was not asked for");
  co_return agreement;
}

Task<absl::Status> Replica::AwaitFlows(LinkMail mail, int lane_count) {
  for (int attached = 0; attached < lane_count;) {
    const LinkEvent event = co_await mail.Take();
    if (event.kind == LinkEvent::Kind::kFlowEnded) co_return event.status;
    if (event.kind == LinkEvent::Kind::kFlowAttached) ++attached;
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::shared_ptr<Journal>>> Replica::Begin(
    SyncAgreement agreement, absl::optional<NodeRole::Offer> offer) {
  const std::string target = master_.ToString();
  if (!agreement.is_partial) {
    server_.runtime().Log(Runtime::Severity::kInfo,
                          absl::StrCat("Started full sync with ", target));
    // Only now: the master is there, and so are all flows.
    role_.BeginLoading();
    status_.SetComplete(false);
    status_.SetState(LinkStatus::State::kFullSync);
  }
  std::string request = MakeCommand({"DFLY", "START", absl::StrCat(agreement.sync_id)});
  absl::StatusOr<Reply> reply =
      co_await control_->Call(std::move(request), TimeoutNs(Parameter::replication_timeout));
  if (!reply.ok()) co_return reply.status();
  absl::StatusOr<Positions> first = ParseStartReply(*reply, agreement.lane_count);
  if (!first.ok()) co_return first.status();
  if (!agreement.is_partial) co_return role_.BeginLineage(agreement.lineage_id, *first);
  if (*first != offer->positions)
    co_return absl::DataLossError("a partial sync from elsewhere than asked");
  server_.runtime().Log(Runtime::Severity::kInfo,
                        absl::StrCat("Started partial sync with ", target));
  co_return role_.ResumeLineage(agreement.lineage_id);
}

Task<absl::Status> Replica::Attend(LinkMail mail, SyncAgreement agreement) {
  helpers_.Spawn(WatchControl(mail));
  mail_ = mail;
  int lanes_left = agreement.is_partial ? 0 : agreement.lane_count;
  if (HasMutant(ServerMutant::kEarlyStable)) lanes_left = std::min(lanes_left, 1);
  bool online = false;
  int acks = 0;
  absl::Status status;
  while (status.ok()) {
    if (lanes_left == 0 && !online) {
      online = true;
      if (!agreement.is_partial) role_.EndLoading();
      status_.SetComplete(true);
      status_.SetState(LinkStatus::State::kOnline);
      server_.runtime().Log(Runtime::Severity::kInfo, "Transitioned into stable sync");
      // The first one tells the master that a full sync is complete: none goes before it.
      status = co_await SendAck();
      if (!status.ok()) break;
      helpers_.Spawn(WatchAcks(mail));
    }
    const LinkEvent event = co_await mail.Take();
    switch (event.kind) {
      case LinkEvent::Kind::kFlowSynced:
        --lanes_left;
        break;
      case LinkEvent::Kind::kAckWanted:
      case LinkEvent::Kind::kAckDue:
        if (online) status = co_await SendAck();
        if (online && ++acks == 3 && HasMutant(ServerMutant::kSyncsAgain))
          status = absl::CancelledError("once more");
        break;
      case LinkEvent::Kind::kFlowEnded:
      case LinkEvent::Kind::kControlEnded:
        status = event.status;
        break;
      case LinkEvent::Kind::kTakeOver:
        if (takeover_ != nullptr) status = co_await AskForTakeOver(agreement.sync_id);
        break;
      case LinkEvent::Kind::kReply:
        if (takeover_ == nullptr || takeover_->sync_id.empty()) {
          status = absl::DataLossError("a reply that was not asked for");
        } else if (event.reply.is_ok()) {
          co_return absl::OkStatus();
        } else {
          FailTakeOver(event.reply.text);
          has_failed_takeover_ = true;
          if (HasMutant(ServerMutant::kFollowsNoMore))
            status = absl::CancelledError("the takeover has failed");
        }
        break;
      case LinkEvent::Kind::kTakeOverExpired:
        FailTakeOver("the master does not answer");
        // An answer that still comes would be taken for another request's.
        status = absl::DeadlineExceededError("the master does not answer DFLY TAKEOVER");
        break;
      case LinkEvent::Kind::kFlowAttached:
        status = absl::InternalError("a flow attached twice");
        break;
    }
  }
  co_return status;
}

Task<void> Replica::WatchControl(LinkMail mail) {
  while (true) {
    absl::StatusOr<Reply> reply = co_await control_->NextReply();
    LinkEvent event;
    event.kind = reply.ok() ? LinkEvent::Kind::kReply : LinkEvent::Kind::kControlEnded;
    if (!reply.ok()) event.status = reply.status();
    const bool ended = !reply.ok();
    if (!ended) event.reply = *std::move(reply);
    mail.Post(std::move(event));
    if (ended) co_return;
  }
}

Task<void> Replica::WatchAcks(LinkMail mail) {
  while (true) {
    co_await Sleep(loop_, TimeoutNs(Parameter::replication_acks_interval));
    mail.Post(LinkEvent::Kind::kAckDue);
  }
}

Task<absl::Status> Replica::SendAck() {
  std::vector<std::string> words = {"REPLCONF", "ACK"};
  for (const uint64_t position : role_.journal()->Ends()) words.push_back(absl::StrCat(position));
  std::string request = MakeRequest(words);
  co_return co_await control_->Send(std::move(request), TimeoutNs(Parameter::replication_timeout));
}

void Replica::TakeOver(int64_t timeout_s, Done done) {
  const auto fail = [&](absl::string_view why) { done(absl::FailedPreconditionError(why)); };
  if (status_.state() != LinkStatus::State::kOnline || !mail_) return fail("Full sync not done");
  if (takeover_ != nullptr) return fail("Couldn't execute takeover: another one is under way");
  takeover_ = std::make_unique<TakeOverRequest>();
  takeover_->timeout_s = timeout_s;
  takeover_->deadline_ns = loop_.pass_monotonic_ns() + timeout_s * kNsPerSecond + kTakeOverGraceNs;
  takeover_->done = std::move(done);
  mail_->Post(LinkEvent::Kind::kTakeOver);
}

Replica::Done Replica::TakeAsker() {
  Done done = takeover_ != nullptr ? std::move(takeover_->done) : Done([](absl::Status) {});
  takeover_ = nullptr;
  return done;
}

void Replica::FailTakeOver(absl::string_view why) {
  if (takeover_ == nullptr) return;
  absl::ConsumePrefix(&why, "ERR ");
  TakeAsker()(absl::AbortedError(absl::StrCat("Couldn't execute takeover: ", why)));
}

Task<absl::Status> Replica::AskForTakeOver(int64_t sync_id) {
  takeover_->sync_id = absl::StrCat(sync_id);
  helpers_.Spawn(ExpireTakeOver(*mail_));
  std::string request =
      MakeCommand({"DFLY", "TAKEOVER", absl::StrCat(takeover_->timeout_s), takeover_->sync_id});
  co_return co_await control_->Send(std::move(request), TimeoutNs(Parameter::replication_timeout));
}

Task<void> Replica::ExpireTakeOver(LinkMail mail) {
  const int64_t deadline_ns = takeover_->deadline_ns;
  co_await Sleep(loop_, std::max<int64_t>(0, deadline_ns - loop_.pass_monotonic_ns()));
  const bool same = takeover_ != nullptr && takeover_->deadline_ns == deadline_ns;
  if (same) mail.Post(LinkEvent::Kind::kTakeOverExpired);
}

Task<void> Replica::CloseLink() {
  helpers_.DestroyAll();
  mail_.reset();
  control_ = nullptr;
  auto closed = std::make_shared<Mailbox<bool>>();
  flows_.Close([closed] { closed->Put(true); });
  co_await closed->Take();
}

Task<bool> Replica::AskAgain() {
  absl::Status last = absl::UnavailableError("the link to the master broke");
  // One that was never sent has not happened.
  while (!takeover_->sync_id.empty() && loop_.pass_monotonic_ns() < takeover_->deadline_ns) {
    last = co_await AskAnew();
    control_ = nullptr;
    if (last.ok()) co_return true;
    if (last.code() == absl::StatusCode::kAborted) break;
    co_await Sleep(loop_, kPauseNs);
  }
  FailTakeOver(last.message());
  co_return false;
}

// The error is Aborted when the master has said no.
Task<absl::Status> Replica::AskAnew() {
  absl::Status status = co_await Connect(TimeoutNs(Parameter::master_reconnect_timeout_ms));
  if (!status.ok()) co_return absl::UnavailableError(status.message());
  std::string request =
      MakeCommand({"DFLY", "TAKEOVER", absl::StrCat(takeover_->timeout_s), takeover_->sync_id});
  const int64_t left_ns = takeover_->deadline_ns - loop_.pass_monotonic_ns();
  co_return co_await control_->Ask(std::move(request), std::max<int64_t>(kNsPerMs, left_ns));
}

bool Replica::HasMutant(ServerMutant mutant) const { return server_.runtime().HasMutant(mutant); }

int64_t Replica::TimeoutNs(Parameter parameter) const {
  return server_.config().integer(parameter) * kNsPerMs;
}

void Replica::LogBroken(const absl::Status& why) {
  std::string error(why.message());
  if (error == last_error_) return;
  server_.runtime().Log(Runtime::Severity::kWarning,
                        absl::StrCat("Replication from ", master_.ToString(), ": ", error));
  last_error_ = std::move(error);
}

}  // namespace damselfly
