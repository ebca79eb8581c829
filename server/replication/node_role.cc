#include "server/replication/node_role.h"

#include <utility>

#include "server/base/check.h"
#include "server/replication/faulty_journal.h"
#include "server/session/slot_locks.h"
#include "server/session/worker.h"

namespace damselfly {

NodeRole::NodeRole(ServerState* server)
    : server_(*server), random_(server->runtime().RandomSeed("lineage")) {
  lineage_.id = server->run_id();
}

NodeRole::~NodeRole() {
  SlotLocks locks(&server_.store());
  locks.LockAll();
  server_.store().set_change_sink(nullptr);
}

Lineage NodeRole::lineage() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return lineage_;
}

bool NodeRole::IsInLineage(absl::string_view id) const {
  std::lock_guard<std::mutex> guard(mutex_);
  return lineage_.id == id;
}

std::shared_ptr<Journal> NodeRole::journal() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return complete_ ? journal_ : nullptr;
}

void NodeRole::set_reader_lag_bytes_max(int64_t bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  reader_lag_bytes_max_ = bytes;
}

std::shared_ptr<Journal> NodeRole::OpenJournal() {
  std::lock_guard<std::mutex> step(step_mutex_);
  if (server_.is_replica.load(std::memory_order_relaxed) || refuses_links_) return nullptr;
  if (std::shared_ptr<Journal> open = journal()) return open;
  // Changes that no journal has seen lie behind us: nobody may resume over them.
  Positions first = closed_at_;
  for (uint64_t& position : first) ++position;
  if (first.empty()) first.resize(static_cast<size_t>(server_.worker_count()));
  std::shared_ptr<Journal> made = MakeJournal(first);
  SlotLocks locks(&server_.store());
  locks.LockAll();
  server_.store().set_change_sink(made.get());
  std::lock_guard<std::mutex> guard(mutex_);
  journal_ = made;
  complete_ = true;
  return made;
}

void NodeRole::CloseJournal(absl::FunctionRef<bool()> is_needed) {
  std::shared_ptr<Journal> closed;  // freed when nothing is locked
  std::lock_guard<std::mutex> step(step_mutex_);
  if (server_.is_replica.load(std::memory_order_relaxed) || journal() == nullptr) return;
  if (is_needed()) return;
  SlotLocks locks(&server_.store());
  locks.LockAll();
  server_.store().set_change_sink(nullptr);
  std::lock_guard<std::mutex> guard(mutex_);
  closed_at_ = journal_->Ends();
  closed = std::move(journal_);
  journal_ = nullptr;
  complete_ = false;
}

void NodeRole::RefuseLinks() {
  std::lock_guard<std::mutex> step(step_mutex_);
  refuses_links_ = true;
}

int64_t NodeRole::CountAttempt() {
  return attempt_count_.fetch_add(1, std::memory_order_relaxed) + 1;
}

void NodeRole::BecomeReplica() {
  std::lock_guard<std::mutex> step(step_mutex_);
  refuses_links_ = false;
  SlotLocks locks(&server_.store());
  locks.LockAll();
  Store& store = server_.store();
  // Half of what a former master had is still not to be seen.
  const bool loading =
      server_.service_state.load(std::memory_order_relaxed) == ServiceState::kLoading;
  SetService(loading ? ServiceState::kLoading : ServiceState::kActive,
             loading                                      ? Store::Access::kNone
             : HasMutant(ServerMutant::kWritableUntilFed) ? Store::Access::kReadWrite
                                                          : Store::Access::kReadOnly);
  store.set_owns_expiry(HasMutant(ServerMutant::kReplicaExpires));
  store.set_change_sink(nullptr);
  server_.is_replica.store(true, std::memory_order_relaxed);
  server_.OnBecameReplica();
}

absl::optional<NodeRole::Offer> NodeRole::offer() const {
  std::lock_guard<std::mutex> guard(mutex_);
  if (!complete_) return absl::nullopt;
  return Offer{lineage_.id, journal_->Ends()};
}

void NodeRole::BeginLoading() {
  std::shared_ptr<Journal> dropped;
  std::lock_guard<std::mutex> step(step_mutex_);
  DFLY_CHECK(server_.is_replica.load(std::memory_order_relaxed));
  SlotLocks locks(&server_.store());
  locks.LockAll();
  SetService(ServiceState::kLoading, Store::Access::kNone);
  server_.store().Flush(Change::kAllDatabases, /*wait=*/false, &server_.worker(0).store_counters());
  std::lock_guard<std::mutex> guard(mutex_);
  dropped = std::move(journal_);
  journal_ = nullptr;
  complete_ = false;
}

std::shared_ptr<Journal> NodeRole::BeginLineage(absl::string_view id, const Positions& first) {
  std::lock_guard<std::mutex> step(step_mutex_);
  DFLY_CHECK(server_.service_state.load(std::memory_order_relaxed) == ServiceState::kLoading);
  std::shared_ptr<Journal> made = MakeJournal(first);
  if (HasMutant(ServerMutant::kLoadingReadable)) {
    SlotLocks locks(&server_.store());
    locks.LockAll();
    SetService(ServiceState::kActive, Store::Access::kReadOnly);
  }
  std::lock_guard<std::mutex> guard(mutex_);
  lineage_ = Lineage{std::string(id), "", {}};
  journal_ = made;
  return made;
}

void NodeRole::EndLoading() {
  std::lock_guard<std::mutex> step(step_mutex_);
  SlotLocks locks(&server_.store());
  locks.LockAll();
  SetService(ServiceState::kActive, HasMutant(ServerMutant::kReplicaWritable)
                                        ? Store::Access::kReadWrite
                                        : Store::Access::kReadOnly);
  std::lock_guard<std::mutex> guard(mutex_);
  DFLY_CHECK(journal_ != nullptr);
  complete_ = true;
}

std::shared_ptr<Journal> NodeRole::ResumeLineage(absl::string_view id) {
  std::lock_guard<std::mutex> step(step_mutex_);
  std::lock_guard<std::mutex> guard(mutex_);
  DFLY_CHECK(complete_);
  if (lineage_.id != id) lineage_ = Lineage{std::string(id), "", {}};
  return journal_;
}

void NodeRole::BecomeMaster() {
  std::shared_ptr<Journal> dropped;
  bool half_loaded = false;
  {
    std::lock_guard<std::mutex> step(step_mutex_);
    const bool taken_over =
        server_.service_state.load(std::memory_order_relaxed) == ServiceState::kTakenOver;
    if (!server_.is_replica.load(std::memory_order_relaxed) && !taken_over) return;
    refuses_links_ = false;
    closed_at_.clear();
    SlotLocks locks(&server_.store());
    locks.LockAll();
    Store& store = server_.store();
    half_loaded = server_.service_state.load(std::memory_order_relaxed) == ServiceState::kLoading;
    if (half_loaded && !HasMutant(ServerMutant::kHalfLoadedKept)) {
      store.Flush(Change::kAllDatabases, /*wait=*/false, &server_.worker(0).store_counters());
    }
    std::lock_guard<std::mutex> guard(mutex_);
    if (!complete_) dropped = std::exchange(journal_, nullptr);
    Lineage next{HasMutant(ServerMutant::kLineageKept) ? lineage_.id : NewLineageId(), "", {}};
    if (journal_ != nullptr) {
      next.previous_id = lineage_.id;
      next.fork = journal_->Ends();
    }
    lineage_ = std::move(next);
    store.set_change_sink(HasMutant(ServerMutant::kPromotedUnrecorded) ? nullptr : journal_.get());
    store.set_owns_expiry(true);
    server_.is_replica.store(false, std::memory_order_relaxed);
    SetService(ServiceState::kActive, Store::Access::kReadWrite);
  }
  if (half_loaded) {
    server_.runtime().Log(Runtime::Severity::kWarning,
                          "Promoted in the middle of a full sync: the keys that had come were "
                          "removed, this master begins empty");
  }
}

std::shared_ptr<Journal> NodeRole::MakeJournal(const Positions& first) const {
  const Config& config = server_.config();
  Journal::Options options;
  options.lane_count = static_cast<int>(first.size());
  options.worker_count = server_.worker_count();
  options.first = first;
  options.backlog_time_ms = config.integer(Parameter::shard_repl_backlog_time_ms);
  options.backlog_bytes_max = config.integer(Parameter::shard_repl_backlog_max_bytes);
  {
    std::lock_guard<std::mutex> guard(mutex_);
    options.reader_lag_bytes_max = reader_lag_bytes_max_;
  }
  const Runtime& runtime = server_.runtime();
  ServerMutant mutant;
  if (FaultyJournal::FindMutant(runtime, &mutant))
    return std::make_shared<FaultyJournal>(options, &runtime.clock(), mutant);
  return std::make_shared<Journal>(options, &runtime.clock());
}

bool NodeRole::HasMutant(ServerMutant mutant) const { return server_.runtime().HasMutant(mutant); }

std::string NodeRole::NewLineageId() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  for (size_t i = 0; i < Lineage::kIdBytes; ++i) id += kDigits[random_.Below(16)];
  return id;
}

void NodeRole::SetService(ServiceState state, Store::Access access) {
  server_.store().set_access(access);
  server_.service_state.store(state, std::memory_order_relaxed);
}

}  // namespace damselfly
