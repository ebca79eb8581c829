#include "sim/replication/core_liveness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kWaitMs = 60'000;
constexpr int64_t kAskAgainNs = 100 * kMillisecond;
constexpr int64_t kAnswerTimeoutNs = 100 * kSecond;

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
      Fail(*(*nodes_)[i]);
    }
  }
  const std::string& key = keys[static_cast<size_t>(master_)];
  host_->runtime().loop(0).Post([this, key] { tasks_.Spawn(Write(key)); });
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

Task<void> CoreLiveness::Write(std::string key) {
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, (*nodes_)[static_cast<size_t>(master_)]->endpoint(), master_);
  std::string fault;
  if (!link.ok()) {
    fault = std::string(link.status().message());
  } else {
    Args set = {"SET", key, "the core serves"};
    const absl::StatusOr<AdminLink::Answer> written =
        co_await (*link)->Ask(std::move(set), kAnswerTimeoutNs);
    if (!written.ok() || !written->reply.is_ok()) {
      fault = written.ok() ? DebugString(written->reply) : std::string(written.status().message());
    } else if (!replicas_.empty()) {
      fault = co_await AwaitReplicas(**link);
    }
  }
  done_ = true;
  board_->CountCheck(Oracle::kCoreLiveness);
  if (!fault.empty()) board_->Violate(Oracle::kCoreLiveness, absl::StrCat(CoreText(), ": ", fault));
}

Task<std::string> CoreLiveness::AwaitReplicas(AdminLink& link) {
  // WAIT ends early when a replica's link breaks. One that fell silent before the core was chosen
  // may do that only now; the replica comes back.
  const int64_t deadline_ns = world_->now_ns() + kWaitMs * kMillisecond;
  for (;;) {
    const int64_t left_ms = std::max<int64_t>((deadline_ns - world_->now_ns()) / kMillisecond, 1);
    Args wait = {"WAIT", absl::StrCat(replicas_.size()), absl::StrCat(left_ms)};
    const absl::StatusOr<AdminLink::Answer> counted =
        co_await link.Ask(std::move(wait), kAnswerTimeoutNs);
    if (!counted.ok()) co_return absl::StrCat("WAIT: ", counted.status().message());
    // All that it asks for was there long before: at its timeout alone is too late.
    const bool in_time = world_->now_ns() < deadline_ns;
    if (in_time && counted->reply.integer >= static_cast<int64_t>(replicas_.size())) co_return "";
    if (counted->reply.type != Reply::Type::kInteger || !in_time)
      co_return absl::StrCat("WAIT",
                             in_time ? ": " : " at its timeout: ", DebugString(counted->reply));
    co_await Sleep(host_->runtime().loop(0), kAskAgainNs);
  }
}

}  // namespace damselfly::sim
