#include "sim/replication/config_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kLookNs = 30 * kMillisecond;
constexpr int64_t kBeginNsMax = 30 * kMillisecond;
constexpr int64_t kAnswerTimeoutNs = 40 * kSecond;

}  // namespace

ConfigKeeper::ConfigKeeper(World* world, Host* host,
                           const std::vector<std::unique_ptr<SimNode>>* nodes,
                           const scenario::Range& delay_ms, ReplicationHistory* history,
                           OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      delay_ms_(delay_ms),
      history_(history),
      board_(board),
      again_count_(nodes->size(), 0),
      taken_(nodes->size()),
      pending_(nodes->size()),
      tells_(nodes->size(), false) {
  for (uint64_t i = 0; i < nodes->size(); ++i)
    decisions_.emplace_back(&world->decider(), "keeper of configurations", i);
}

ConfigKeeper::~ConfigKeeper() = default;

void ConfigKeeper::Start() { LookAtNodes(); }

// A look is no pass of the host: mostly there is nothing to do.
void ConfigKeeper::LookAtNodes() {
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (tells_[i] || !MustTell(i)) continue;
    tells_[i] = true;
    loop().Post([this, i] { tasks_.Spawn(Keep(static_cast<int>(i))); });
  }
  world_->After(kLookNs, [this] { LookAtNodes(); });
}

bool ConfigKeeper::MustTell(size_t node) const {
  return generation_ != 0 && !taken(node) && (*nodes_)[node]->running();
}

void ConfigKeeper::SetMap(std::shared_ptr<const ShardMap> map) {
  map_ = map;
  json_ = map->ToJson(history_->shards.nodes());
  map_number_ = history_->shards.AddMap(std::move(map));
  ++generation_;
}

void ConfigKeeper::TellAgain(int node) {
  taken_[static_cast<size_t>(node)] = Taken();
  ++again_count_[static_cast<size_t>(node)];
}

bool ConfigKeeper::taken(size_t node) const {
  return taken_[node].incarnation == (*nodes_)[node]->host().incarnation() &&
         taken_[node].generation == generation_;
}

bool ConfigKeeper::settled() const {
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (!taken(i)) return false;
  }
  return true;
}

void ConfigKeeper::Close() {
  for (std::optional<Pending>& pending : pending_) {
    if (!pending.has_value()) continue;
    pending->occasion.end_ns = INT64_MAX;
    history_->shards.OnPush(pending->occasion, pending->map, false);
    pending.reset();
  }
}

Task<void> ConfigKeeper::Keep(int node) {
  const size_t i = static_cast<size_t>(node);
  DecisionStream& draw = decisions_[i];
  co_await Sleep(loop(), draw.Between(0, kBeginNsMax));
  while (MustTell(i)) {
    co_await Sleep(loop(),
                   draw.Between(delay_ms_.min() * kMillisecond, delay_ms_.max() * kMillisecond));
    co_await Push(node);
  }
  tells_[i] = false;
}

Task<void> ConfigKeeper::Push(int node) {
  Endpoint admin = NodeAt(node).endpoint();
  admin.port = kAdminPort;
  absl::StatusOr<std::unique_ptr<AdminLink>> link = co_await AdminLink::Open(host_, admin, node);
  if (!link.ok()) co_return;
  const size_t i = static_cast<size_t>(node);
  std::optional<Pending>& pending = pending_[i];
  const std::shared_ptr<const ShardMap> map = map_;
  const Taken pushed = {(*link)->opened().incarnation, generation_};
  const uint64_t again_count = again_count_[i];
  pending = {(*link)->opened(), map_number_};
  pending->occasion.begin_ns = world_->now_ns();
  world_->CountExternalEvent();
  Args args = {"DFLYCLUSTER", "CONFIG", json_};
  const absl::StatusOr<AdminLink::Answer> answer =
      co_await (*link)->Ask(std::move(args), kAnswerTimeoutNs);
  if (!answer.ok()) {
    history_->Count("pushes without an answer");
    const Occasion occasion = co_await (*link)->Resolve();
    if (occasion.end_ns >= 0) history_->shards.OnPush(occasion, pending->map, false);
    pending.reset();
    co_return;
  }
  history_->shards.OnPush(answer->occasion, pending->map, true);
  pending.reset();
  history_->Count("configurations pushed");
  if (!answer->reply.is_ok()) {
    board_->Violate(Oracle::kControlPlane,
                    absl::StrCat("node ", node, ": a configuration was answered by ",
                                 DebugString(answer->reply)));
    co_return;
  }
  // Whoever is to be told again is told by a push that begins after that.
  if (again_count == again_count_[i]) taken_[i] = pushed;
  on_taken_(answer->occasion, *map);
}

}  // namespace damselfly::sim
