#include "sim/replication/core_liveness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/replication/replication_info.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kWaitNs = 60 * kSecond;
// A machine that is gone without a word is noticed within replication_timeout, 30 s at most here.
constexpr int64_t kLossNs = 120 * kSecond;
// ... and a process that dies, at once.
constexpr int64_t kDeathNs = 2 * kSecond;
constexpr int64_t kAskAgainNs = 100 * kMillisecond;
constexpr int64_t kAnswerTimeoutNs = 100 * kSecond;
constexpr absl::string_view kValue = "the core serves";

}  // namespace

CoreLiveness::CoreLiveness(World* world, Host* host,
                           const std::vector<std::unique_ptr<SimNode>>* nodes,
                           std::vector<int> master_of, OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      master_of_(std::move(master_of)),
      board_(board),
      decisions_(&world->decider(), "core liveness") {}

CoreLiveness::~CoreLiveness() = default;

std::string CoreLiveness::CoreText() const {
  return absl::StrCat("node ", master_, " and ", replicas_.size(), " replicas, of ", nodes_->size(),
                      " nodes");
}

bool CoreLiveness::Begin(const std::vector<std::string>& keys) {
  std::vector<int> masters;
  for (size_t i = 0; i < master_of_.size(); ++i) {
    if (master_of_[i] < 0 && !keys[i].empty()) masters.push_back(static_cast<int>(i));
  }
  if (masters.empty()) return false;
  master_ = masters[decisions_.Below(masters.size())];
  for (size_t i = 0; i < nodes_->size(); ++i) {
    const int node = static_cast<int>(i);
    if (node == master_) continue;
    if (master_of_[i] == master_ && decisions_.Chance(1, 2)) {
      replicas_.push_back(node);
    } else {
      if (master_of_[i] == master_) ++lost_replica_count_;
      Fail(*(*nodes_)[i]);
    }
  }
  const std::string& key = keys[static_cast<size_t>(master_)];
  host_->runtime().loop(0).Post([this, key] { tasks_.Spawn(Judge(key)); });
  return true;
}

void CoreLiveness::Fail(SimNode& node) {
  ++failed_count_;
  switch (decisions_.Below(4)) {
    case 0:
      return node.Kill(Host::Death::kReset);
    case 1:
      return node.Kill(Host::Death::kSilent);
    case 2:
      return node.host().PauseUntil(SimNetwork::kUntilHealed);
    default:
      // From all the others: the core is not chosen yet.
      for (const auto& other : *nodes_) {
        if (other.get() == &node) continue;
        world_->network().Partition(node.host(), other->host(), SimNetwork::kUntilHealed);
      }
  }
}

Task<void> CoreLiveness::Judge(std::string key) {
  // Little of the rest comes of all that has been before: not in every run.
  const bool awaits_loss = decisions_.Chance(1, 4);
  const bool loses_master = decisions_.Chance(1, 2);
  std::string fault = co_await Write(key);
  if (fault.empty() && awaits_loss) fault = co_await AwaitLoss();
  if (fault.empty() && loses_master && !replicas_.empty()) fault = co_await LoseMaster(key);
  done_ = true;
  board_->CountCheck(Oracle::kCoreLiveness);
  if (!fault.empty()) board_->Violate(Oracle::kCoreLiveness, absl::StrCat(CoreText(), ": ", fault));
}

Task<std::string> CoreLiveness::Write(std::string key) {
  const absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, NodeAt(master_).endpoint(), master_);
  if (!link.ok()) co_return std::string(link.status().message());
  Args set = {"SET", key, std::string(kValue)};
  const absl::StatusOr<AdminLink::Answer> written =
      co_await (*link)->Ask(std::move(set), kAnswerTimeoutNs);
  if (!written.ok()) co_return std::string(written.status().message());
  if (!written->reply.is_ok()) co_return DebugString(written->reply);
  if (replicas_.empty()) co_return "";
  co_return co_await AwaitReplicas(link->get(), replicas_.size(), kWaitNs);
}

Task<std::string> CoreLiveness::AwaitReplicas(AdminLink* link, size_t asked_for,
                                              int64_t patience_ns) {
  // WAIT ends early when a replica's link breaks. One that fell silent before the core was chosen
  // may do that only now; the replica comes back.
  const int64_t deadline_ns = world_->now_ns() + patience_ns;
  for (;;) {
    const int64_t left_ms = std::max<int64_t>((deadline_ns - world_->now_ns()) / kMillisecond, 1);
    Args wait = {"WAIT", absl::StrCat(asked_for), absl::StrCat(left_ms)};
    const absl::StatusOr<AdminLink::Answer> counted =
        co_await link->Ask(std::move(wait), patience_ns + kAnswerTimeoutNs);
    if (!counted.ok()) co_return absl::StrCat("WAIT: ", counted.status().message());
    // All that it asks for was there long before: at its timeout alone is too late.
    const bool in_time = world_->now_ns() < deadline_ns;
    if (in_time && counted->reply.integer >= static_cast<int64_t>(replicas_.size())) co_return "";
    if (counted->reply.type != Reply::Type::kInteger || !in_time)
      co_return absl::StrCat("WAIT ", asked_for,
                             in_time ? ": " : " at its timeout: ", DebugString(counted->reply));
    co_await Sleep(host_->runtime().loop(0), kAskAgainNs);
  }
}

// Those that are lost cannot acknowledge, and are waited for until it is known that they are lost.
Task<std::string> CoreLiveness::AwaitLoss() {
  const absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, NodeAt(master_).endpoint(), master_);
  if (!link.ok()) co_return std::string(link.status().message());
  std::string fault = co_await AwaitReplicas(
      link->get(), replicas_.size() + std::max<size_t>(lost_replica_count_, 1), kLossNs);
  if (!fault.empty()) co_return fault;
  co_await LookAtMaster();
  for (size_t i = 0; i < replicas_.size(); ++i) co_await LookAtReplica(replicas_[i], true);
  co_return "";
}

Task<std::string> CoreLiveness::LoseMaster(std::string key) {
  // Not from within a call-back.
  world_->After(0, [this] { NodeAt(master_).Kill(Host::Death::kReset); });
  co_await Sleep(host_->runtime().loop(0), kDeathNs);
  for (size_t i = 0; i < replicas_.size(); ++i) {
    const int replica = replicas_[i];
    const absl::StatusOr<std::unique_ptr<AdminLink>> link =
        co_await AdminLink::Open(host_, NodeAt(replica).endpoint(), replica);
    if (!link.ok()) co_return std::string(link.status().message());
    Args get = {"GET", key};
    const absl::StatusOr<AdminLink::Answer> read =
        co_await (*link)->Ask(std::move(get), kAnswerTimeoutNs);
    if (!read.ok()) co_return std::string(read.status().message());
    if (read->reply.text != kValue)
      co_return absl::StrCat("without its master, node ", replica, " reads ",
                             DebugString(read->reply));
    co_await LookAtReplica(replica, false);
  }
  co_return "";
}

Task<void> CoreLiveness::LookAtMaster() {
  std::vector<std::string> hosts;
  for (int replica : replicas_) hosts.push_back(NodeAt(replica).host().address());
  const absl::StatusOr<ReplicationInfo> info =
      co_await AskReplicationInfo(host_, NodeAt(master_).endpoint(), master_, kAnswerTimeoutNs);
  board_->CountCheck(Oracle::kIntrospection);
  const std::string fault = info.ok() ? WhatMasterGetsWrong(*info, std::move(hosts))
                                      : std::string(info.status().message());
  if (fault.empty()) co_return;
  board_->Violate(Oracle::kIntrospection,
                  absl::StrCat(CoreText(), ": INFO REPLICATION of the master: ", fault));
}

Task<void> CoreLiveness::LookAtReplica(int replica, bool link_up) {
  const Endpoint master = NodeAt(master_).endpoint();
  const absl::StatusOr<ReplicationInfo> info =
      co_await AskReplicationInfo(host_, NodeAt(replica).endpoint(), replica, kAnswerTimeoutNs);
  board_->CountCheck(Oracle::kIntrospection);
  const std::string fault = info.ok() ? WhatReplicaGetsWrong(*info, master, link_up)
                                      : std::string(info.status().message());
  if (fault.empty()) co_return;
  board_->Violate(Oracle::kIntrospection,
                  absl::StrCat(CoreText(), ": INFO REPLICATION of node ", replica, ": ", fault));
}

}  // namespace damselfly::sim
