#include "sim/replication/operator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/crc16.h"

namespace damselfly::sim {
namespace {

// So long after that a node knows the goal no more somebody begins to tell it, and so long after he
// has failed he tries again.
constexpr int64_t kLookNs = 10 * kMillisecond;
constexpr int64_t kBeginNsMax = 40 * kMillisecond;
constexpr int64_t kRetryNsMin = 5 * kMillisecond;
constexpr int64_t kRetryNsMax = 60 * kMillisecond;
// Longer than a node tries to reach a master.
constexpr int64_t kTellTimeoutNs = 40 * kSecond;
// Two replicas of one master are asked within so long, where they are.
constexpr int64_t kRivalNsMax = 200 * kMillisecond;
constexpr int64_t kRivalLookNs = 20 * kMillisecond;
// A node that has been taken over says so after a moment.
constexpr int64_t kConcludedNs = 2500 * kMillisecond;

}  // namespace

Operator::Operator(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                   const OperatorOptions& options, ReplicationHistory* history, OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      options_(options),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "operator"),
      goal_(nodes->size(), kNone),
      generation_(nodes->size(), 1),
      told_(nodes->size()),
      busy_(nodes->size(), 0),
      tells_(nodes->size(), false),
      health_of_(nodes->size(), NodeHealth::kOnline),
      health_decisions_(&world->decider(), "health"),
      configs_(world, host, nodes, options.push_delay_ms, history, board),
      views_(world, host, nodes, history),
      takeovers_(world, host, nodes, history, board) {
  for (uint64_t i = 0; i < nodes->size(); ++i)
    tell_decisions_.emplace_back(&world->decider(), "keeper", i);
  const size_t master_count = static_cast<size_t>(options_.master_count);
  for (size_t i = master_count; i < goal_.size(); ++i) {
    const uint64_t drawn = decisions_.Below(master_count);
    goal_[i] = static_cast<int>(options_.cluster ? i % master_count : drawn);
  }
  if (options_.cluster) DivideSlots();
  OnGoalChanged();
}

Operator::~Operator() = default;

void Operator::Start() {
  PlanActions();
  LookAtNodes();
  if (!options_.cluster) return;
  configs_.Start();
  views_.Start();
}

void Operator::PlanActions() {
  uint64_t deed = 0;
  const auto plan = [this, &deed](int64_t count, void (*act)(Operator*, DecisionStream)) {
    for (int64_t i = 0; i < count; ++i) {
      // Each is decided for itself.
      DecisionStream draw(&world_->decider(), "operator's deed", ++deed);
      const int64_t at_ns = draw.Between(1, options_.end_ns);
      if (!draw.Acts()) continue;
      world_->At(at_ns, [this, act, draw] {
        loop().Post([this, act, draw] {
          if (!stopped_) act(this, draw);
        });
      });
    }
  };
  plan(options_.repoints, [](Operator* self, DecisionStream draw) {
    const int replica = self->RandomReplica(draw);
    if (replica >= 0) self->Repoint(replica, draw);
  });
  plan(options_.takeovers, [](Operator* self, DecisionStream draw) {
    const int replica = self->RandomReplica(draw);
    if (replica >= 0) self->tasks_.Spawn(self->TakeOver(replica, draw));
  });
  plan(options_.failovers, [](Operator* self, DecisionStream draw) { self->FailOver(draw); });
  plan(options_.detours, [](Operator* self, DecisionStream draw) {
    const int replica = self->RandomReplica(draw);
    if (replica >= 0) self->tasks_.Spawn(self->Detour(replica, draw));
  });
  if (!options_.cluster) return;
  plan(options_.slot_moves,
       [](Operator* self, DecisionStream draw) { self->tasks_.Spawn(self->MoveSlots(draw)); });
}

// ---- The goal ----

void Operator::SetGoal(int node, int master) {
  goal_[static_cast<size_t>(node)] = master;
  ++generation_[static_cast<size_t>(node)];
}

void Operator::OnGoalChanged() {
  history_->masters.clear();
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] == kNone) history_->masters.push_back(static_cast<int>(i));
  }
  if (!options_.cluster) return;
  DrawHealth();
  history_->map = MakeMap();
  configs_.SetMap(history_->map);
}

void Operator::DrawHealth() {
  if (!health_decisions_.Chance(1, 4)) return;
  const uint64_t node = health_decisions_.Below(health_of_.size());
  health_of_[node] = static_cast<NodeHealth>(health_decisions_.Below(4));
}

bool Operator::told(int node) const {
  const size_t i = static_cast<size_t>(node);
  return NodeAt(node).running() && told_[i].incarnation == NodeAt(node).host().incarnation() &&
         told_[i].generation == generation_[i];
}

int Operator::RandomReplica(DecisionStream& draw) {
  std::vector<int> replicas;
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    // Who has not been told yet may still be a master, and one that has handed over at that.
    if (goal_[i] != kNone && !busy(node) && told(node)) replicas.push_back(node);
  }
  return replicas.empty() ? -1 : replicas[draw.Below(replicas.size())];
}

int Operator::RandomMaster(DecisionStream& draw) {
  return history_->masters[draw.Below(history_->masters.size())];
}

void Operator::Repoint(int node, DecisionStream draw) {
  if (stopped_ || goal_[static_cast<size_t>(node)] == kNone || busy(node)) return;
  const int master = RandomMaster(draw);
  if (busy(master)) return;
  history_->Count(master == master_of(node) ? "replicas told their master again"
                                            : "replicas told another master");
  SetGoal(node, master);
  OnGoalChanged();
}

void Operator::MakeDetour(int node, DecisionStream draw) {
  loop().Post([this, node, draw] {
    if (stopped_ || goal_[static_cast<size_t>(node)] == kNone || busy(node)) return;
    // A former master that has handed over would stay closed.
    if (told(node)) tasks_.Spawn(Detour(node, draw));
  });
}

void Operator::MakeMaster(int replica) {
  const int old_master = master_of(replica);
  SetGoal(replica, kNone);
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] == old_master) SetGoal(static_cast<int>(i), replica);
  }
  SetGoal(old_master, replica);
  std::replace(master_of_shard_.begin(), master_of_shard_.end(), old_master, replica);
  OnGoalChanged();
}

const NodeView* Operator::ViewOf(int node) const {
  return history_->views.Last(node, NodeAt(node).host().incarnation());
}

void Operator::FailOver(DecisionStream draw) {
  const int master = RandomMaster(draw);
  if (busy(master)) return;
  int best = -1;
  uint64_t best_applied = 0;
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    const NodeView* const view = ViewOf(node);
    if (goal_[i] != master || busy(node) || !NodeAt(node).running() || view == nullptr ||
        !view->serves_replica())
      continue;
    uint64_t applied = 1;
    for (uint64_t position : view->positions) applied += position;
    if (applied <= best_applied) continue;
    best = node;
    best_applied = applied;
  }
  if (best < 0) return;
  history_->Count("failovers");
  world_->CountExternalEvent();
  MakeMaster(best);
  // Mostly because it has died: not from within a call-back.
  if (!draw.Chance(3, 4)) return;
  const int64_t away_ns = draw.Between(0, kSecond);
  world_->After(0, [this, master, away_ns] {
    SimNode& node = NodeAt(master);
    if (!node.running()) return;
    node.Kill(Host::Death::kReset);
    world_->After(away_ns, [&node] {
      if (!node.running()) node.Start();
    });
  });
}

Task<void> Operator::Detour(int node, DecisionStream draw) {
  const int master = master_of(node);
  history_->Count("replicas made masters for a while");
  ++actions_open_;
  SetGoal(node, kNone);
  OnGoalChanged();
  const uint64_t generation = generation_[static_cast<size_t>(node)];
  co_await Sleep(loop(), draw.Between(0, 500 * kMillisecond));
  --actions_open_;
  // It may have become a replica meanwhile, and even a master again, of other nodes.
  if (generation_[static_cast<size_t>(node)] != generation) co_return;
  // Its master may be a replica by now; and so may all but this one.
  const bool others = history_->masters.size() > 1;
  if (!others) co_return;
  const int to = goal_[static_cast<size_t>(master)] == kNone ? master : RandomMaster(draw);
  if (to == node || busy(node)) co_return;
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] == node) SetGoal(static_cast<int>(i), to);
  }
  SetGoal(node, to);
  OnGoalChanged();
}

// ---- Keeping nodes at the goal ----

bool Operator::settled() const {
  if (actions_open_ > 0) return false;
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    if (busy(node) || !told(node)) return false;
  }
  return !options_.cluster || configs_.settled();
}

// A look is no pass of the operator's host: mostly there is nothing to do.
void Operator::LookAtNodes() {
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    if (!tells_[i] && MustTell(node)) {
      tells_[i] = true;
      loop().Post([this, node] { tasks_.Spawn(Keep(node)); });
    }
  }
  world_->After(kLookNs, [this] { LookAtNodes(); });
}

bool Operator::MustTell(int node) const {
  return NodeAt(node).running() && !told(node) && !busy(node);
}

Task<void> Operator::Keep(int node) {
  DecisionStream& draw = tell_decisions_[static_cast<size_t>(node)];
  co_await Sleep(loop(), draw.Between(0, kBeginNsMax));
  while (MustTell(node)) {
    const bool ok = co_await Tell(node);
    if (!ok) co_await Sleep(loop(), draw.Between(kRetryNsMin, kRetryNsMax));
  }
  tells_[static_cast<size_t>(node)] = false;
}

Task<bool> Operator::Tell(int node) {
  const size_t i = static_cast<size_t>(node);
  const uint64_t generation = generation_[i];
  const int master = goal_[i];
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, NodeAt(node).endpoint(), node);
  if (!link.ok() || generation != generation_[i] || busy(node)) co_return false;
  world_->CountExternalEvent();
  Args args = {"REPLICAOF", "NO", "ONE"};
  if (master != kNone) {
    args = {"REPLICAOF", NodeAt(master).host().address(), absl::StrCat(NodeAt(master).port())};
    on_told_(node, master);
  } else {
    history_->lineages.CancelTakeover(node);
  }
  const absl::StatusOr<AdminLink::Answer> answer =
      co_await (*link)->Ask(std::move(args), kTellTimeoutNs);
  if (!answer.ok()) co_return false;
  history_->Count(answer->reply.is_ok() ? "REPLICAOF obeyed" : "REPLICAOF refused");
  if (answer->reply.is_error() && !absl::StartsWith(answer->reply.text, "ERR ") &&
      !absl::StartsWith(answer->reply.text, "LOADING")) {
    board_->Violate(Oracle::kPairing, absl::StrCat("node ", node, ": REPLICAOF was answered by ",
                                                   DebugString(answer->reply)));
  }
  if (!answer->reply.is_ok()) co_return false;
  told_[i] = {(*link)->opened().incarnation, generation};
  if (options_.cluster && master == kNone) configs_.TellAgain(node);
  co_return true;
}

// ---- Takeovers ----

Task<void> Operator::TakeOver(int replica, DecisionStream draw) {
  const int master = master_of(replica);
  if (busy(replica) || busy(master)) co_return;
  AddBusy(replica, 1);
  AddBusy(master, 1);
  ++actions_open_;
  const int64_t seconds = draw.Between(options_.takeover_s.min(), options_.takeover_s.max());
  const bool asks_for_changes = options_.cluster && draw.Chance(1, 3);
  const int64_t begin_ns = world_->now_ns();
  const int master_incarnation = NodeAt(master).host().incarnation();
  const int by = co_await AskTakeOver(replica, seconds, draw);
  // Until it is made the master below, nobody may tell it to follow another one.
  if (by >= 0) AddBusy(by, 1);
  history_->Count(by >= 0 ? "takeovers that succeeded" : "takeovers that failed");
  const bool same = NodeAt(master).host().incarnation() == master_incarnation;
  if (by >= 0 && same && asks_for_changes) co_await AskForChanges(master, by, begin_ns);
  if (by >= 0) AddBusy(by, -1);
  AddBusy(replica, -1);
  AddBusy(master, -1);
  --actions_open_;
  const NodeView* const view = ViewOf(master);
  const bool left_without =
      view != nullptr && view->service == NodeView::Service::kTakenOver && by < 0;
  if (left_without) history_->Count("masters that had handed over to nobody");
  // Whoever has been replaced by a process that knows nothing is told anew.
  if (by >= 0 || left_without) MakeMaster(by >= 0 ? by : replica);
}

int Operator::RivalOf(int replica, DecisionStream& draw) {
  std::vector<int> rivals;
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    if (node != replica && goal_[i] == master_of(replica) && !busy(node) && told(node))
      rivals.push_back(node);
  }
  return rivals.empty() ? -1 : rivals[draw.Below(rivals.size())];
}

Task<int> Operator::AskTakeOver(int replica, int64_t seconds, DecisionStream draw) {
  TakeoverAsker::Request request{replica, master_of(replica), seconds, true};
  const bool has_rival = draw.Chance(1, 3);
  const bool at_once = draw.Chance(1, 2);
  const int rival = has_rival ? RivalOf(replica, draw) : -1;
  if (rival < 0) {
    const bool taken = co_await takeovers_.Ask(request, draw);
    co_return taken ? replica : -1;
  }
  AddBusy(rival, 1);
  TakeoverAsker::Request of_rival = request;
  of_rival.replica = rival;
  bool rival_over = false;
  bool rival_taken = false;
  if (at_once) {
    history_->Count("takeovers with a rival");
    request.alone = of_rival.alone = false;
    tasks_.Spawn(AskRival(of_rival, draw, &rival_over, &rival_taken));
  }
  const bool taken = co_await takeovers_.Ask(request, draw);
  if (at_once) {
    while (!rival_over) co_await Sleep(loop(), kRivalLookNs);
  } else if (!taken) {
    history_->Count("takeovers tried again by another replica");
    rival_taken = co_await takeovers_.Ask(of_rival, draw);
  }
  AddBusy(rival, -1);
  co_return taken ? replica : rival_taken ? rival : -1;
}

Task<void> Operator::AskRival(TakeoverAsker::Request request, DecisionStream draw, bool* over,
                              bool* taken) {
  co_await Sleep(loop(), draw.Between(0, kRivalNsMax));
  *taken = co_await takeovers_.Ask(request, draw);
  *over = true;
}

Task<void> Operator::AskForChanges(int old_master, int replica, int64_t since_ns) {
  using OwnChange = ShardOracle::OwnChange;
  const Host& host = NodeAt(old_master).host();
  const int incarnation = host.incarnation();
  const int64_t begin_ns = world_->now_ns();
  history_->Count("nodes asked what they make of a takeover");
  co_await views_.Ask(replica, {OwnChange::Kind::kPromoted, -1, since_ns});
  co_await Sleep(loop(), kConcludedNs);
  const NodeView* const view = ViewOf(old_master);
  const bool as_it_was = NodeAt(old_master).running() && host.incarnation() == incarnation &&
                         host.paused_until_ns() <= begin_ns && view != nullptr &&
                         view->service == NodeView::Service::kTakenOver;
  if (as_it_was) co_await views_.Ask(old_master, {OwnChange::Kind::kTakenOver, replica, since_ns});
}

void Operator::OnExited(int node) {
  SimNode& sim_node = NodeAt(node);
  sim_node.Kill(Host::Death::kExit);
  history_->Count("masters that ended after a takeover");
  world_->After(decisions_.Between(0, 500 * kMillisecond), [&sim_node] {
    if (!sim_node.running()) sim_node.Start();
  });
}

// ---- Shards and slots ----

void Operator::DivideSlots() {
  DecisionStream draw(&world_->decider(), "operator's slots");
  const int64_t shard_count = options_.master_count;
  const int64_t width = kSlotCount / shard_count;
  int64_t first = 0;
  for (int64_t shard = 0; shard < shard_count; ++shard) {
    int64_t end = (shard + 1) * width + draw.Between(0, width / 2) - width / 4;
    if (shard + 1 == shard_count) end = kSlotCount;
    slots_.Assign(static_cast<int>(first), static_cast<int>(end) - 1, static_cast<int>(shard));
    master_of_shard_.push_back(static_cast<int>(shard));
    first = end;
  }
  if (shard_count == 1) master_of_shard_.push_back(ShardMap::kNone);
}

Task<void> Operator::MoveSlots(DecisionStream draw) {
  static constexpr int64_t kWidths[] = {1, 16, 1024, 4096};
  const uint64_t shard_count = master_of_shard_.size();
  const int64_t used = options_.used_slots[draw.Below(options_.used_slots.size())];
  const int64_t width = draw.Between(1, kWidths[draw.Below(4)]);
  const int64_t back = draw.Between(0, width - 1);
  const int first = static_cast<int>(std::max<int64_t>(0, used - back));
  const int last = std::min(first + static_cast<int>(width), kSlotCount) - 1;
  const int from = slots_.owner(static_cast<int>(used));
  const uint64_t onwards = 1 + draw.Below(shard_count - 1);
  history_->Count("ranges of slots moved");
  world_->CountExternalEvent();
  slots_.Assign(first, last,
                static_cast<int>((static_cast<uint64_t>(from) + onwards) % shard_count));
  OnGoalChanged();
  if (!draw.Chance(1, 2)) co_return;
  co_await Sleep(loop(), draw.Between(0, 2 * kSecond));
  if (stopped_) co_return;
  history_->Count("ranges of slots given back");
  slots_.Assign(first, last, from);
  OnGoalChanged();
}

std::shared_ptr<const ShardMap> Operator::MakeMap() const {
  auto map = std::make_shared<ShardMap>();
  map->slots = slots_;
  for (int master : master_of_shard_)
    DFLY_CHECK(master == ShardMap::kNone || goal_[static_cast<size_t>(master)] == kNone);
  map->master_of = master_of_shard_;
  map->health_of = health_of_;
  map->shard_of.assign(goal_.size(), ShardMap::kNone);
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] != kNone) continue;
    const int node = static_cast<int>(i);
    const auto found = std::find(map->master_of.begin(), map->master_of.end(), node);
    map->shard_of[i] = static_cast<int>(found - map->master_of.begin());
    if (found == map->master_of.end()) map->master_of.push_back(node);
  }
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] != kNone) map->shard_of[i] = map->shard_of[static_cast<size_t>(goal_[i])];
  }
  return map;
}

}  // namespace damselfly::sim
