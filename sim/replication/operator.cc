#include "sim/replication/operator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr int kLastSlot = 16383;
// In a cluster a slot is lent and given back so often, at random times.
constexpr int64_t kLoans = 4;
// So long after that a node knows the goal no more somebody begins to tell it, and so long after he
// has failed he tries again.
constexpr int64_t kLookNs = 10 * kMillisecond;
constexpr int64_t kBeginNsMax = 40 * kMillisecond;
constexpr int64_t kRetryNsMin = 5 * kMillisecond;
constexpr int64_t kRetryNsMax = 60 * kMillisecond;
// Longer than a node tries to reach a master.
constexpr int64_t kTellTimeoutNs = 40 * kSecond;
constexpr int kTakeOverTriesMax = 4;

std::string RangeJson(int first, int last) {
  return absl::StrCat("{\"start\":", first, ",\"end\":", last, "}");
}

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
      configured_(nodes->size()),
      tells_(nodes->size(), false),
      configures_(nodes->size(), false) {
  for (uint64_t i = 0; i < nodes->size(); ++i) {
    tell_decisions_.emplace_back(&world->decider(), "keeper", i);
    configure_decisions_.emplace_back(&world->decider(), "keeper of configurations", i);
  }
  for (size_t i = static_cast<size_t>(options_.master_count); i < goal_.size(); ++i)
    goal_[i] = static_cast<int>(decisions_.Below(static_cast<uint64_t>(options_.master_count)));
  OnGoalChanged();
}

Operator::~Operator() = default;

void Operator::Start() {
  PlanActions();
  LookAtNodes();
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
  if (options_.cluster)
    plan(kLoans, [](Operator* self, DecisionStream) { ++self->config_generation_; });
}

// ---- The goal ----

void Operator::SetGoal(int node, int master) {
  goal_[static_cast<size_t>(node)] = master;
  ++generation_[static_cast<size_t>(node)];
}

void Operator::OnGoalChanged() {
  ++config_generation_;
  history_->masters.clear();
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (goal_[i] == kNone) history_->masters.push_back(static_cast<int>(i));
  }
}

bool Operator::told(int node) const {
  const size_t i = static_cast<size_t>(node);
  return NodeAt(node).running() && told_[i].incarnation == NodeAt(node).host().incarnation() &&
         told_[i].generation == generation_[i];
}

bool Operator::configured(int node) const {
  const size_t i = static_cast<size_t>(node);
  return configured_[i].incarnation == NodeAt(node).host().incarnation() &&
         configured_[i].generation == config_generation_;
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
    if (stopped_ || options_.cluster || goal_[static_cast<size_t>(node)] == kNone || busy(node))
      return;
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
  co_await Sleep(loop(), draw.Between(0, 500 * kMillisecond));
  --actions_open_;
  if (goal_[static_cast<size_t>(node)] != kNone) co_return;
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
    if (options_.cluster && !configured(node)) return false;
  }
  return true;
}

// A look is no pass of the operator's host: mostly there is nothing to do.
void Operator::LookAtNodes() {
  for (size_t i = 0; i < goal_.size(); ++i) {
    const int node = static_cast<int>(i);
    if (!tells_[i] && MustTell(node)) {
      tells_[i] = true;
      loop().Post([this, node] { tasks_.Spawn(Keep(node)); });
    }
    if (!configures_[i] && MustConfigure(node)) {
      configures_[i] = true;
      loop().Post([this, node] { tasks_.Spawn(KeepConfig(node)); });
    }
  }
  world_->After(kLookNs, [this] { LookAtNodes(); });
}

bool Operator::MustTell(int node) const {
  return NodeAt(node).running() && !told(node) && !busy(node);
}

bool Operator::MustConfigure(int node) const {
  return options_.cluster && NodeAt(node).running() && !configured(node);
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
    args = {"REPLICAOF", NodeAt(master).host().address(), absl::StrCat(SimNode::kPort)};
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
  const bool taken = co_await AskTakeOver(replica, seconds, draw);
  history_->Count(taken ? "takeovers that succeeded" : "takeovers that failed");
  AddBusy(replica, -1);
  AddBusy(master, -1);
  --actions_open_;
  const NodeView* const view = ViewOf(master);
  const bool left_without =
      view != nullptr && view->service == NodeView::Service::kTakenOver && !taken;
  if (left_without) history_->Count("masters that had handed over to nobody");
  if (!taken && !left_without) {
    // Whoever has been replaced by a process that knows nothing is told anew.
    co_return;
  }
  MakeMaster(replica);
}

void Operator::CheckOpenAgain(int replica, int master_incarnation) {
  const int master = master_of(replica);
  const NodeView* const view = ViewOf(master);
  if (view == nullptr || view->incarnation != master_incarnation ||
      view->service != NodeView::Service::kTakenOver)
    return;
  board_->Violate(Oracle::kTakeoverEnds, absl::StrCat("a takeover by node ", replica,
                                                      " has failed, and ", ViewText(*view)));
}

Task<bool> Operator::AskTakeOver(int replica, int64_t seconds, DecisionStream draw) {
  const int incarnation = NodeAt(replica).host().incarnation();
  const int master_incarnation = NodeAt(master_of(replica)).host().incarnation();
  for (int i = 0; i < kTakeOverTriesMax; ++i) {
    absl::StatusOr<std::unique_ptr<AdminLink>> link =
        co_await AdminLink::Open(host_, NodeAt(replica).endpoint(), replica);
    if (link.ok()) {
      history_->lineages.ExpectTakeover(replica);
      world_->CountExternalEvent();
      Args args = {"REPLTAKEOVER", absl::StrCat(seconds)};
      const absl::StatusOr<AdminLink::Answer> answer =
          co_await (*link)->Ask(std::move(args), (seconds + 60) * kSecond);
      board_->CountCheck(Oracle::kTakeoverEnds);
      if (answer.ok()) {
        const NodeView* const view = ViewOf(replica);
        const bool is_master = view != nullptr && !view->replica;
        if (answer->reply.is_ok()) {
          if (!is_master) {
            board_->Violate(Oracle::kTakeoverEnds,
                            absl::StrCat("node ", replica, " says that it has taken over, and is ",
                                         view == nullptr ? "nothing" : ViewText(*view)));
          }
          co_return true;
        }
        history_->lineages.CancelTakeover(replica);
        // These are the master's own words. To a replica that asks for the first time it says them
        // when it is open again.
        if (i == 0 && incarnation == (*link)->opened().incarnation &&
            absl::StrContains(answer->reply.text, "Takeover failed!"))
          CheckOpenAgain(replica, master_incarnation);
        co_return is_master;
      }
    }
    co_await Sleep(loop(), draw.Between(10 * kMillisecond, kSecond));
    const NodeView* const view = ViewOf(replica);
    if (NodeAt(replica).running() && view != nullptr && !view->replica &&
        view->incarnation == NodeAt(replica).host().incarnation() && link.ok() &&
        (*link)->opened().incarnation == view->incarnation)
      co_return true;
  }
  history_->lineages.CancelTakeover(replica);
  co_return false;
}

void Operator::OnExited(int node) {
  SimNode& sim_node = NodeAt(node);
  sim_node.Kill(Host::Death::kExit);
  history_->Count("masters that ended after a takeover");
  world_->After(decisions_.Between(0, 500 * kMillisecond), [&sim_node] {
    if (!sim_node.running()) sim_node.Start();
  });
}

// ---- Configurations ----

std::string Operator::ConfigJson() const {
  const auto member = [this](int node) {
    return absl::StrCat("{\"id\":\"n", node, "\",\"ip\":\"", NodeAt(node).host().address(),
                        "\",\"port\":", SimNode::kPort, "}");
  };
  const int master = history_->masters.front();
  std::string replicas;
  for (size_t i = 0; i < goal_.size(); ++i) {
    if (static_cast<int>(i) == master) continue;
    absl::StrAppend(&replicas, replicas.empty() ? "" : ",", member(static_cast<int>(i)));
  }
  // Every other configuration gives one slot to a shard that is nowhere: its keys go.
  const int lent = KeySlot(KeyFamilies::OtherPrefix(0));
  const bool lends = config_generation_ % 2 == 0;
  const std::string ranges =
      lends ? absl::StrCat(RangeJson(0, lent - 1), ",", RangeJson(lent + 1, kLastSlot))
            : RangeJson(0, kLastSlot);
  const std::string elsewhere = absl::StrCat(",{\"slot_ranges\":[", RangeJson(lent, lent),
                                             "],\"master\":{\"id\":\"elsewhere\",\"ip\":\"10.255."
                                             "255.254\",\"port\":6379},\"replicas\":[]}");
  return absl::StrCat("[{\"slot_ranges\":[", ranges, "],\"master\":", member(master),
                      ",\"replicas\":[", replicas, "]}", lends ? elsewhere : "", "]");
}

Task<void> Operator::KeepConfig(int node) {
  const size_t i = static_cast<size_t>(node);
  DecisionStream& draw = configure_decisions_[i];
  co_await Sleep(loop(), draw.Between(0, kBeginNsMax));
  while (MustConfigure(node)) {
    co_await Sleep(loop(), draw.Between(options_.push_delay_ms.min() * kMillisecond,
                                        options_.push_delay_ms.max() * kMillisecond));
    Endpoint admin = NodeAt(node).endpoint();
    admin.port = kAdminPort;
    const std::string json = ConfigJson();
    const uint64_t pushed = config_generation_;
    absl::StatusOr<std::unique_ptr<AdminLink>> link = co_await AdminLink::Open(host_, admin, node);
    if (!link.ok()) continue;
    world_->CountExternalEvent();
    Args args = {"DFLYCLUSTER", "CONFIG", json};
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(args), kTellTimeoutNs);
    if (!answer.ok()) continue;
    if (!answer->reply.is_ok()) {
      board_->Violate(Oracle::kControlPlane,
                      absl::StrCat("node ", node, ": a configuration was answered by ",
                                   DebugString(answer->reply)));
    }
    history_->Count("configurations pushed");
    configured_[i] = {(*link)->opened().incarnation, pushed};
  }
  configures_[i] = false;
}

}  // namespace damselfly::sim
