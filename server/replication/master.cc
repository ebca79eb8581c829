#include "server/replication/master.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/strip.h"
#include "server/base/check.h"
#include "server/replication/lineage.h"
#include "server/replication/master_flow.h"
#include "server/replication/takeover.h"
#include "server/replication/wait_list.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// Longer than any client waits, and what "for ever" means to WAIT.
constexpr int64_t kWaitMsMax = 10 * 60 * 1000;

absl::Status Error(absl::string_view text) { return absl::FailedPreconditionError(text); }

// Of "host:port" or "[host]:port".
std::string HostOf(absl::string_view address) {
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return std::string(host);
}

}  // namespace

Master& MasterOf(ServerState& server) {
  DFLY_CHECK(server.replication() != nullptr);
  return static_cast<MasterHost*>(server.replication())->master();
}

Master::Master(ServerState* server, JournalOwner* owner)
    : server_(server),
      owner_(owner),
      self_(std::make_shared<Master*>(this)),
      last_sync_id_(server->runtime().RandomSeed("sync ids") >> 20),
      waits_(std::make_unique<WaitList>(server)),
      takeover_(std::make_unique<Takeover>(server)) {}

Master::~Master() {
  // Nothing comes back to the owner, who is going too. The walks must not outlive the store.
  self_.reset();
  for (const auto& link : Links()) link->Break("");
}

std::vector<std::shared_ptr<ReplicaLink>> Master::Links() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return links_;
}

std::vector<ReplicaFacts> Master::Facts() const {
  std::vector<ReplicaFacts> all;
  for (const auto& link : Links()) all.push_back(link->Facts());
  return all;
}

bool Master::has_links() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return !links_.empty();
}

int64_t Master::ReaderLagBytesMax() const {
  if (server_->runtime().HasMutant(ServerMutant::kLagUnbounded)) return 0;
  return server_->config().output_limits(ClientClass::kReplica).hard_bytes;
}

void Master::DropLinks(absl::string_view reason) {
  takeover_->Reset();
  for (const auto& link : Links()) link->Break(reason);
}

std::shared_ptr<ReplicaLink> Master::FindLink(uint64_t sync_id) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const auto& link) { return link->sync_id() == sync_id; });
  return found == links_.end() ? nullptr : *found;
}

std::shared_ptr<ReplicaLink> Master::FindLinkOf(const Session& session) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = std::find_if(links_.begin(), links_.end(), [&](const auto& link) {
    return link->session_id() == session.id();
  });
  return found == links_.end() ? nullptr : *found;
}

ReplicaIdentity Master::Greeting(Session& session) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto greeting = greetings_.find(session.id());
  if (greeting != greetings_.end()) return greeting->second;
  ReplicaIdentity identity;
  identity.host = HostOf(session.info().address);
  return identity;
}

void Master::SetGreeting(Session& session, ReplicaIdentity identity) {
  const uint64_t id = session.id();
  std::lock_guard<std::mutex> guard(mutex_);
  if (!greetings_.insert_or_assign(id, std::move(identity)).second) return;
  session.SetCloseHandler([weak = std::weak_ptr<Master*>(self_), id] {
    if (const auto self = weak.lock()) (*self)->OnControlClosed(id);
  });
}

Positions Master::JournalEnds() const {
  const std::shared_ptr<Journal> journal = owner_->journal();
  if (journal != nullptr) return journal->Ends();
  return Positions(static_cast<size_t>(server_->worker_count()), 0);
}

void Master::OnControlClosed(uint64_t session_id) {
  std::shared_ptr<ReplicaLink> link;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    greetings_.erase(session_id);
    for (const auto& each : links_) {
      if (each->session_id() == session_id) link = each;
    }
  }
  if (link != nullptr) link->BreakSoon("");
}

absl::StatusOr<Master::Agreement> Master::Sync(Session& session, absl::string_view lineage_id,
                                               const Positions& positions) {
  ReplicaLink::Options options;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto greeting = greetings_.find(session.id());
    if (greeting == greetings_.end() || !greeting->second.is_damselfly)
      return Error("ERR invalid state");
    options.identity = greeting->second;
    options.sync_id = ++last_sync_id_;
  }
  const bool active =
      server_->service_state.load(std::memory_order_acquire) == ServiceState::kActive;
  if (!active || FindLinkOf(session) != nullptr) return Error("ERR invalid state");
  options.session_id = session.id();
  options.worker = session.worker().index();
  options.journal = owner_->OpenJournal();
  if (options.journal == nullptr) return Error("ERR invalid state");
  const Lineage lineage = owner_->lineage();
  const bool resumable = CanResume(lineage, lineage_id, positions, *options.journal) ||
                         (IsFooledBy(lineage, lineage_id) && options.journal->Retains(positions));

  Agreement agreement;
  std::shared_ptr<ReplicaLink> link = MakeLink(options);
  agreement.is_partial = resumable && link->Prepare(&positions);
  // What was there a moment ago may be gone: then all of it.
  if (!agreement.is_partial) {
    link = MakeLink(options);
    DFLY_CHECK(link->Prepare(nullptr));
  }
  agreement.lineage_id = lineage.id;
  agreement.sync_id = options.sync_id;
  agreement.lane_count = options.journal->lane_count();
  if (!AddLink(link)) return Error("ERR a later connection of this replica is here already");
  session.info().SetFlag(ClientInfo::kReplica, true);
  return agreement;
}

bool Master::AddLink(const std::shared_ptr<ReplicaLink>& link) {
  const Runtime& runtime = server_->runtime();
  bool first;
  bool outrun = false;
  std::vector<std::shared_ptr<ReplicaLink>> superseded;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    first = links_.empty();
    for (const auto& each : links_) {
      if (!each->identity().IsSameReplica(link->identity())) continue;
      if (link->identity().IsBefore(each->identity()) &&
          !runtime.HasMutant(ServerMutant::kStaleGreetingHeeded)) {
        outrun = true;
      } else if (!runtime.HasMutant(ServerMutant::kOldLinkCounts)) {
        superseded.push_back(each);
      }
    }
    if (!outrun) {
      links_.push_back(link);
      is_one_lost_ = false;
    }
  }
  if (outrun) return false;
  // Whoever comes back has let go of what it had, and what the old link has acknowledged may have
  // been dropped since: neither WAIT nor a takeover may count on it.
  for (const auto& old : superseded) old->Break("the replica has come back");
  if (first) owner_->OnFirstLink();
  return true;
}

bool Master::IsFooledBy(const Lineage& lineage, absl::string_view id) const {
  const Runtime& runtime = server_->runtime();
  return (runtime.HasMutant(ServerMutant::kLineageIgnored) && id != "?") ||
         (runtime.HasMutant(ServerMutant::kForkIgnored) && id == lineage.previous_id);
}

std::shared_ptr<ReplicaLink> Master::MakeLink(const ReplicaLink::Options& options) {
  return std::make_shared<ReplicaLink>(
      server_, options, [weak = std::weak_ptr<Master*>(self_)](const ReplicaLink& link) {
        if (const auto self = weak.lock()) (*self)->OnLinkGone(link);
      });
}

void Master::OnLinkGone(const ReplicaLink& link) {
  bool last;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto found = std::find_if(links_.begin(), links_.end(),
                                    [&](const auto& each) { return each.get() == &link; });
    DFLY_CHECK(found != links_.end());
    links_.erase(found);
    last = links_.empty();
    is_one_lost_ = true;
  }
  OnProgress();
  if (last) owner_->OnLastLinkGone();
}

absl::StatusOr<std::shared_ptr<OutputSource>> Master::AttachFlow(Session& session, uint64_t sync_id,
                                                                 int64_t lane) {
  const std::shared_ptr<ReplicaLink> link = FindLink(sync_id);
  if (link == nullptr) return Error("ERR syncid not found");
  if (lane < 0 || lane >= link->lane_count())
    return Error("ERR value is not an integer or out of range");
  const bool is_control = HasGreeted(session);
  std::shared_ptr<MasterFlow> flow = link->shared_flow(static_cast<int>(lane));
  if (is_control || link->state() != ReplicaLink::State::kPreparation ||
      !flow->Attach(session.id(), session.worker().index())) {
    return Error("ERR invalid state");
  }
  return std::shared_ptr<OutputSource>(std::move(flow));
}

bool Master::HasGreeted(const Session& session) const {
  std::lock_guard<std::mutex> guard(mutex_);
  return greetings_.count(session.id()) != 0;
}

absl::StatusOr<Positions> Master::Start(Session& session, uint64_t sync_id) {
  const std::shared_ptr<ReplicaLink> link = FindLink(sync_id);
  if (link == nullptr) return Error("ERR syncid not found");
  if (link != FindLinkOf(session)) return Error("ERR invalid state");
  // Before it may count itself. At its greeting would be too soon: that may come late, from one
  // that is gone.
  DoubtOthersInPlaceOf(*link);
  Positions first = link->Start();
  if (first.empty()) return Error("ERR invalid state");
  OnProgress();
  return first;
}

void Master::DoubtOthersInPlaceOf(const ReplicaLink& link) {
  if (server_->runtime().HasMutant(ServerMutant::kNamelessCountsTwice)) return;
  std::lock_guard<std::mutex> guard(mutex_);
  for (const auto& each : links_) {
    const bool other = each.get() != &link && !each->identity().IsSameReplica(link.identity());
    if (other && each->identity().IsAtSamePlace(link.identity())) each->Doubt();
  }
}

void Master::Acknowledge(Session& session, const Positions& positions) {
  const std::shared_ptr<ReplicaLink> link = FindLinkOf(session);
  if (link == nullptr) return;
  if (!link->Acknowledge(positions)) {
    link->Break("it acknowledges what there has never been");
    return;
  }
  OnProgress();
}

void Master::OnProgress() {
  takeover_->OnProgress();
  const std::vector<std::shared_ptr<ReplicaLink>> links = Links();
  const bool sleeps = server_->runtime().HasMutant(ServerMutant::kWaitSleeps);
  waits_->WakeIf([&](const Waiter& waiter) { return !sleeps && IsSatisfied(waiter, links); });
}

bool Master::IsSatisfied(const Waiter& waiter,
                         const std::vector<std::shared_ptr<ReplicaLink>>& links) const {
  if (server_->runtime().HasMutant(ServerMutant::kWaitAwaitsTheLost) && is_one_lost_) return false;
  const int64_t wanted =
      std::min<int64_t>(waiter.replica_count, static_cast<int64_t>(links.size()));
  return CountAcknowledged(waiter.positions, links) >= wanted;
}

int64_t Master::CountAcknowledged(const Positions& positions,
                                  const std::vector<std::shared_ptr<ReplicaLink>>& links) {
  return std::count_if(links.begin(), links.end(), [&](const auto& link) {
    return link->HasAcknowledged(positions) && !link->is_doubted();
  });
}

void Master::Wait(Session& session, bool may_block, int64_t replicas, int64_t timeout_ms) {
  const std::shared_ptr<Journal> journal = owner_->journal();
  const std::vector<std::shared_ptr<ReplicaLink>> links = Links();
  auto waiter = std::make_shared<Waiter>();
  waiter->session_id = session.id();
  waiter->worker = session.worker().index();
  waiter->replica_count = replicas;
  if (journal != nullptr) waiter->positions = journal->Ends();
  if (server_->runtime().HasMutant(ServerMutant::kWaitCountsLinks))
    waiter->positions.assign(waiter->positions.size(), 0);
  if (!may_block || IsSatisfied(*waiter, links)) {
    session.reply().Integer(CountAcknowledged(waiter->positions, links));
    return;
  }
  waits_->Add(waiter);
  session.Block(timeout_ms == 0 ? kWaitMsMax : std::min(timeout_ms, kWaitMsMax),
                [waiter, weak = std::weak_ptr<Master*>(self_)](Session& woken, Session::Wake wake) {
                  waiter->over = true;
                  const auto self = weak.lock();
                  const int64_t count =
                      self == nullptr ? 0 : CountAcknowledged(waiter->positions, (*self)->Links());
                  if (self != nullptr) (*self)->waits_->Remove(*waiter);
                  if (wake == Session::Wake::kRefused) return;
                  if (wake == Session::Wake::kUnblockedWithError) {
                    woken.reply().Error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
                  } else {
                    woken.reply().Integer(count);
                  }
                });
  for (const auto& link : links) link->RequestAck();
  // What has come in since the look above.
  OnProgress();
}

void Master::set_on_reopening(std::function<void()> handler) {
  takeover_->set_on_reopening(std::move(handler));
}

void Master::BeginTakeover(Session& session, uint64_t sync_id, int64_t timeout_ms) {
  takeover_->Begin(session, sync_id, FindLink(sync_id), timeout_ms);
}

}  // namespace damselfly
