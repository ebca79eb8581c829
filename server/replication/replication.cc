#include "server/replication/replication.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kUpkeepPeriodNs = kNsPerSecond;

}  // namespace

Replication::Replication(ServerState* server)
    : server_(*server), loop_(server->worker(0).loop()), role_(server), master_(server, this) {
  server->set_replication(this);
}

Replication::~Replication() = default;

absl::Status Replication::Start() {
  const std::string text = server_.config().text(Parameter::replicaof);
  if (text.empty()) return absl::OkStatus();
  absl::StatusOr<Endpoint> master = ParseMasterAddress(text);
  if (!master.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--replicaof '", text, "': ", master.status().message()));
  }
  role_.BecomeReplica();
  status_.Reset(*master);
  Enqueue([this, master = *std::move(master)] {
    current_ = MakeReplica(master);
    current_number_ = last_number_;
    current_->Follow();
    StartUpkeep();
  });
  return absl::OkStatus();
}

void Replication::ReplicaOf(Endpoint master, Done done) {
  Enqueue([this, master = std::move(master), done = std::move(done)]() mutable {
    CancelCandidate();
    BeginCandidate(std::move(master), std::move(done));
  });
}

void Replication::NoOne(Done done) {
  Enqueue([this, done = std::move(done)]() mutable {
    CancelCandidate();
    Promote(std::move(done));
  });
}

void Replication::TakeOver(int64_t timeout_s, Done done) {
  Enqueue([this, timeout_s, done = std::move(done)]() mutable {
    if (current_ == nullptr) return done(absl::OkStatus());
    current_->TakeOver(timeout_s, std::move(done));
  });
}

void Replication::Enqueue(Work work) {
  loop_.Post([this, work = std::move(work)]() mutable {
    queue_.push_back(std::move(work));
    RunQueue();
  });
}

void Replication::RunQueue() {
  while (!changing_ && !queue_.empty()) {
    Work work = std::move(queue_.front());
    queue_.pop_front();
    work();
  }
}

void Replication::BeginChange() {
  DFLY_CHECK(!changing_);
  changing_ = true;
}

void Replication::EndChange() {
  DFLY_CHECK(changing_);
  changing_ = false;
  RunQueue();
}

std::unique_ptr<Replica> Replication::MakeReplica(Endpoint master) {
  const uint64_t number = ++last_number_;
  return std::make_unique<Replica>(&server_, &role_, &status_, std::move(master),
                                   [this, number] { OnTakenOver(number); });
}

void Replication::BeginCandidate(Endpoint master, Done done) {
  candidate_ = MakeReplica(std::move(master));
  candidate_number_ = last_number_;
  candidate_done_ = std::move(done);
  candidate_->Greet([this, number = candidate_number_](absl::Status status) {
    OnGreeted(number, std::move(status));
  });
}

void Replication::CancelCandidate() {
  if (candidate_ == nullptr) return;
  candidate_ = nullptr;
  candidate_done_(absl::CancelledError("replication cancelled"));
}

void Replication::OnGreeted(uint64_t number, absl::Status status) {
  // Of one that has been cancelled meanwhile.
  if (candidate_ == nullptr || candidate_number_ != number) return;
  if (!status.ok()) {
    candidate_ = nullptr;
    return candidate_done_(std::move(status));
  }
  BeginChange();
  StopCurrent([this] { Adopt(); });
}

void Replication::StopCurrent(Work stopped) {
  if (current_ == nullptr) return stopped();
  Replica* const stopping = current_.get();
  stopping->Stop([this, stopped = std::move(stopped)]() mutable {
    current_ = nullptr;
    stopped();
  });
}

void Replication::Adopt() {
  // No link may begin from here on, so that none is left behind.
  role_.RefuseLinks();
  master_.DropLinks("this node becomes a replica");
  role_.BecomeReplica();
  master_.DropLinks("this node has become a replica");
  status_.Reset(candidate_->master());
  server_.runtime().Log(Runtime::Severity::kInfo, absl::StrCat("Initiate replication with: ",
                                                               candidate_->master().ToString()));
  current_ = std::move(candidate_);
  current_number_ = candidate_number_;
  current_->Follow();
  StartUpkeep();
  candidate_done_(absl::OkStatus());
  EndChange();
}

bool Replication::IsTakenOver() const {
  return server_.service_state.load(std::memory_order_acquire) == ServiceState::kTakenOver;
}

void Replication::Promote(Done done) {
  if (current_ == nullptr && IsTakenOver()) {
    if (server_.cluster_mode() != ClusterMode::kReal)
      return done(absl::FailedPreconditionError("this node is being taken over, and ends then"));
    // Made a master again, it begins a lineage of its own. A takeover that is not through has
    // failed then, and this node has been a master all along.
    master_.DropLinks("this node is made a master again");
    if (!IsTakenOver()) return done(absl::OkStatus());
  } else if (current_ == nullptr) {
    return done(absl::OkStatus());
  }
  BeginChange();
  StopCurrent([this, done = std::move(done)]() mutable {
    role_.set_reader_lag_bytes_max(master_.ReaderLagBytesMax());
    role_.BecomeMaster();
    journal_wanted_ns_.store(loop_.pass_monotonic_ns(), std::memory_order_relaxed);
    if (server_.slot_router() != nullptr) server_.slot_router()->OnPromoted();
    server_.runtime().Log(Runtime::Severity::kInfo,
                          absl::StrCat("Master from now on, lineage ", role_.lineage().id));
    done(absl::OkStatus());
    EndChange();
  });
}

// Posted by way of the queue: the caller is a task of what is about to be destroyed.
void Replication::OnTakenOver(uint64_t number) {
  Enqueue([this, number] {
    if (current_ == nullptr || current_number_ != number) return;
    CancelCandidate();
    Promote(current_->TakeAsker());
  });
}

std::shared_ptr<Journal> Replication::OpenJournal() {
  journal_wanted_ns_.store(server_.runtime().clock().MonotonicNs(), std::memory_order_relaxed);
  role_.set_reader_lag_bytes_max(master_.ReaderLagBytesMax());
  std::shared_ptr<Journal> journal = role_.OpenJournal();
  if (journal != nullptr && !upkeep_runs_.load(std::memory_order_relaxed))
    loop_.Post([this] { StartUpkeep(); });
  return journal;
}

void Replication::OnFirstLink() {
  journal_wanted_ns_.store(server_.runtime().clock().MonotonicNs(), std::memory_order_relaxed);
}

void Replication::OnLastLinkGone() { OnFirstLink(); }

void Replication::StartUpkeep() {
  if (upkeep_runs_.exchange(true, std::memory_order_relaxed)) return;
  loop_.StartTimer(kUpkeepPeriodNs, [this] { Upkeep(); });
}

void Replication::Upkeep() {
  if (std::shared_ptr<Journal> journal = role_.journal()) {
    const Config& config = server_.config();
    journal->SetLimits(config.integer(Parameter::shard_repl_backlog_time_ms),
                       config.integer(Parameter::shard_repl_backlog_max_bytes),
                       master_.ReaderLagBytesMax());
    journal->Trim();
  }
  if (!IsJournalNeeded()) role_.CloseJournal([this] { return IsJournalNeeded(); });
  upkeep_runs_.store(false, std::memory_order_relaxed);
  if (role_.journal() != nullptr || server_.is_replica.load(std::memory_order_relaxed))
    StartUpkeep();
}

bool Replication::IsJournalNeeded() const {
  const int64_t ttl_s = server_.config().integer(Parameter::repl_backlog_ttl);
  if (ttl_s == 0 || master_.has_links()) return true;
  const int64_t unwanted_ns =
      server_.runtime().clock().MonotonicNs() - journal_wanted_ns_.load(std::memory_order_relaxed);
  return unwanted_ns < ttl_s * kNsPerSecond;
}

ReplicationFacts Replication::Facts() const {
  ReplicationFacts facts;
  facts.is_replica = server_.is_replica.load(std::memory_order_relaxed);
  const Lineage lineage = role_.lineage();
  facts.lineage_id = lineage.id;
  facts.previous_lineage_id = lineage.previous_id;
  for (const uint64_t position : lineage.fork) facts.fork_records += position;
  const std::shared_ptr<Journal> journal = role_.journal();
  if (!facts.is_replica) {
    facts.replicas = master_.Facts();
    if (journal == nullptr) return facts;
    facts.journal_records = journal->record_count();
    facts.backlog_bytes = journal->backlog_bytes();
    return facts;
  }
  const bool complete = status_.Describe(server_.runtime().clock().MonotonicNs(), &facts);
  if (!complete || journal == nullptr) return facts;
  uint64_t applied = 0;
  for (const uint64_t end : journal->Ends()) applied += end;
  facts.applied_records = applied;
  return facts;
}

Replication& ReplicationOf(ServerState& server) {
  DFLY_CHECK(server.replication() != nullptr);
  // Nothing else is ever set as a node's replication.
  return static_cast<Replication&>(*server.replication());
}

absl::StatusOr<Endpoint> ParseMasterAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos)
    return absl::InvalidArgumentError("is not host:port or [IPv6 address]:port");
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && absl::StrContains(host, ":")))
    return absl::InvalidArgumentError("is not host:port or [IPv6 address]:port");
  int64_t port = 0;
  if (!ParseInt64(text.substr(colon + 1), &port) || port < 1 || port > 65535)
    return absl::InvalidArgumentError("the port is out of range");
  Endpoint endpoint;
  endpoint.host = std::string(host);
  endpoint.port = static_cast<int>(port);
  return endpoint;
}

}  // namespace damselfly
