#include "sim/cluster/control_plane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "server/resp/request_writer.h"
#include "sim/cluster/introspection.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kAnswerTimeoutNs = 5 * kSecond;
constexpr int64_t kWatchNs = 20 * kMillisecond;
constexpr int64_t kRetryMaxNs = 50 * kMillisecond;
// Epochs of one controller are so far apart, so that those of the other lie in between.
constexpr int64_t kEpochStep = 10;

constexpr absl::string_view kInvalidError = "ERR Invalid cluster configuration.";
constexpr absl::string_view kStaleError = "ERR Stale cluster configuration";

std::shared_ptr<const std::string> Encoded(absl::Span<const absl::string_view> args) {
  auto request = std::make_shared<std::string>();
  AppendCommand(request.get(), args);
  return request;
}

// Something that is no configuration, made from one that is.
std::string Nonsense(const std::string& json, uint64_t kind) {
  switch (kind) {
    case 0:
      return json.substr(0, json.size() / 2);
    case 1:
      return "[]";
    case 2:
      return absl::StrReplaceAll(json, {{"\"end\":16383", "\"end\":16384"}});
    case 3:
      return absl::StrReplaceAll(json, {{"\"start\":0,", "\"start\":1,"}});
    case 4:
      return absl::StrReplaceAll(json, {{"\"master\"", "\"mister\""}});
    default:
      return absl::StrCat(json.substr(0, json.size() - 1),
                          ",{\"slot_ranges\":[{\"start\":5,\"end\":5}],\"master\":{\"id\":\"x\","
                          "\"ip\":\"10.9.9.9\",\"port\":1},\"replicas\":[]}]");
  }
}

}  // namespace

ControlPlane::ControlPlane(World* world, Host* host,
                           const std::vector<std::unique_ptr<SimNode>>* nodes,
                           const ControlPlaneOptions& options, ClusterHistory* history,
                           OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      options_(options),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "control plane", options.deposed ? 1 : 0),
      push_decisions_(&world->decider(), "pushes", options.deposed ? 1 : 0),
      goal_(Topology::Even(static_cast<int>(nodes->size()))),
      incarnations_(nodes->size(), 0),
      settled_(nodes->size(), false) {}

ControlPlane::~ControlPlane() = default;

void ControlPlane::Start() {
  loop().Post([this] {
    tasks_.Spawn(Live());
    tasks_.Spawn(WatchNodes());
  });
}

void ControlPlane::Settle() {
  loop().Post([this] {
    settling_ = true;
    BeginTurn();
    // Above every epoch that the other controller can have reached.
    change_number_ = std::max(change_number_, options_.change_count + 2);
    Change();
    for (size_t i = 0; i < nodes_->size(); ++i) tasks_.Spawn(SettleNode(static_cast<int>(i)));
  });
}

bool ControlPlane::settled() const {
  return settling_ && std::all_of(settled_.begin(), settled_.end(), [](bool has) { return has; });
}

void ControlPlane::Close() {
  for (auto& [number, push] : unresolved_) {
    push.occasion.end_ns = INT64_MAX;
    history_->ledger.Add(push);
  }
  unresolved_.clear();
}

// ---- What it wants ----

int64_t ControlPlane::NextEpoch() {
  ++change_number_;
  if (!options_.epochs) return Push::kNoEpoch;
  if (!options_.deposed) return change_number_ * kEpochStep;
  // Now and then the very epoch that the other has, or will have.
  return change_number_ * kEpochStep - (decisions_.Chance(1, 4) ? 0 : 5);
}

void ControlPlane::MakeVersion() {
  const int config = history_->ledger.AddConfig(goal_);
  version_ = VersionOf(config, NextEpoch(),
                       std::make_shared<const std::string>(goal_.ToJson(history_->nodes)));
}

ControlPlane::Version ControlPlane::VersionOf(int config, int64_t epoch,
                                              std::shared_ptr<const std::string> json) const {
  const bool told = epoch != Push::kNoEpoch && world_->mutant() != Mutant::kOlderConfigAccepted;
  const std::string epoch_text = absl::StrCat(epoch);
  const absl::string_view args[] = {"DFLYCLUSTER", "CONFIG", *json, "EPOCH", epoch_text};
  std::shared_ptr<const std::string> request =
      Encoded(absl::MakeConstSpan(args).first(told ? 5 : 3));
  return {config, epoch, std::move(json), std::move(request)};
}

void ControlPlane::Change() {
  const scenario::ControlPlane& behaviour = options_.behaviour;
  if (last_move_.node >= 0 && decisions_.Chance(behaviour.return_percent(), 100)) {
    history_->Count("ranges given back at once");
    goal_.Assign(last_move_.first, last_move_.last, last_move_.node);
    last_move_.node = -1;
  } else {
    const int64_t count =
        decisions_.Between(behaviour.slots_moved().min(), behaviour.slots_moved().max());
    int64_t first = static_cast<int64_t>(decisions_.Below(kSlotCount));
    const uint64_t used = decisions_.Below(2 * options_.used_slots.size() + 1);
    if (used < options_.used_slots.size()) {
      const int64_t back = static_cast<int64_t>(decisions_.Below(static_cast<uint64_t>(count)));
      first = std::max<int64_t>(0, options_.used_slots[used] - back);
    }
    const int64_t last = std::min<int64_t>(kSlotCount - 1, first + count - 1);
    last_move_ = {static_cast<int>(first), static_cast<int>(last),
                  goal_.owner(static_cast<int>(first))};
    goal_.Assign(last_move_.first, last_move_.last,
                 static_cast<int>(decisions_.Below(nodes_->size())));
  }
  MakeVersion();
}

int64_t ControlPlane::Delay(DecisionStream& draw) {
  return draw.Between(options_.behaviour.delay_ms().min() * kMillisecond,
                      options_.behaviour.delay_ms().max() * kMillisecond);
}

// Tells the nodes of a change, in its bad way.
void ControlPlane::Announce() {
  const scenario::ControlPlane& behaviour = options_.behaviour;
  for (size_t i = 0; i < nodes_->size(); ++i) {
    const int node = static_cast<int>(i);
    BeginUnit(i + 1);
    const bool left_out = !decisions_.Acts();
    const bool skip = decisions_.Chance(behaviour.skip_percent(), 100) || left_out;
    const bool twice = decisions_.Chance(behaviour.duplicate_percent(), 100);
    const bool nonsense = decisions_.Chance(behaviour.invalid_percent(), 100);
    const bool thrice = decisions_.Chance(behaviour.without_epoch_percent(), 100);
    const int64_t delay_ns = Delay(decisions_);
    if (skip) {
      history_->Count("pushes left out");
      continue;
    }
    if (thrice && version_.epoch != Push::kNoEpoch) {
      history_->Count("pushes of the same contents without and with an epoch");
      tasks_.Spawn(PushThrice(node, version_, delay_ns));
    } else {
      tasks_.Spawn(PushLate(node, version_, delay_ns));
    }
    if (twice) {
      history_->Count("pushes repeated");
      tasks_.Spawn(PushLate(node, version_, delay_ns + Delay(decisions_)));
    }
    if (nonsense) tasks_.Spawn(PushNonsense(node, delay_ns + Delay(decisions_)));
  }
}

Task<void> ControlPlane::Live() {
  co_await Sleep(loop(), options_.begin_ns);
  BeginTurn();
  if (options_.deposed) {
    Change();
  } else {
    MakeVersion();
  }
  Announce();
  for (int64_t left = options_.change_count; left > 0; --left) {
    // However they are spread, there is time for all of them.
    const int64_t left_ns = std::max<int64_t>(0, options_.end_ns - world_->now_ns());
    BeginTurn();
    const int64_t pause_ns = decisions_.Pause(0, 2 * left_ns / (left + 1));
    const bool acts = decisions_.Acts();
    co_await Sleep(loop(), pause_ns);
    if (stopped_) break;
    if (!acts) continue;
    Change();
    Announce();
  }
}

// A node that has come back knows nothing: it is told, in a while.
Task<void> ControlPlane::WatchNodes() {
  while (!stopped_) {
    co_await Sleep(loop(), kWatchNs);
    if (version_.json == nullptr) continue;
    if (options_.node_starts != nullptr &&
        std::exchange(node_starts_seen_, *options_.node_starts) == *options_.node_starts)
      continue;
    for (size_t i = 0; i < nodes_->size(); ++i) {
      SimNode& node = *(*nodes_)[i];
      if (!node.running() || node.host().incarnation() == incarnations_[i]) continue;
      const bool first_seen = incarnations_[i] == 0;
      incarnations_[i] = node.host().incarnation();
      if (first_seen && incarnations_[i] == 1) continue;
      history_->Count("restarted nodes configured again");
      tasks_.Spawn(PushLate(static_cast<int>(i), version_, Delay(push_decisions_)));
    }
  }
}

// ---- How it gets there ----

Endpoint ControlPlane::AdminEndpoint(int node) const {
  Endpoint endpoint = (*nodes_)[static_cast<size_t>(node)]->endpoint();
  endpoint.port = kAdminPort;
  return endpoint;
}

bool ControlPlane::Wanted(const Version& version) const {
  if (!stopped_) return true;
  return version.epoch != Push::kNoEpoch || (settling_ && version.config == version_.config);
}

Task<void> ControlPlane::PushLate(int node, Version version, int64_t delay_ns) {
  ++pushes_open_;
  co_await Sleep(loop(), delay_ns);
  co_await Deliver(node, version);
  --pushes_open_;
}

Task<void> ControlPlane::PushThrice(int node, Version version, int64_t delay_ns) {
  ++pushes_open_;
  ++pushes_without_epoch_open_;
  co_await Sleep(loop(), delay_ns);
  const Version without = VersionOf(version.config, Push::kNoEpoch, version.json);
  co_await Deliver(node, without);
  --pushes_without_epoch_open_;
  co_await Deliver(node, version);
  co_await Deliver(node, version);
  --pushes_open_;
}

Task<void> ControlPlane::PushNonsense(int node, int64_t delay_ns) {
  ++pushes_open_;
  const Version nonsense = VersionOf(
      Push::kInvalidConfig, version_.epoch,
      std::make_shared<const std::string>(Nonsense(*version_.json, push_decisions_.Below(6))));
  co_await Sleep(loop(), delay_ns);
  bool applied = false;
  co_await PushOnce(node, nonsense, &applied);
  --pushes_open_;
}

Task<void> ControlPlane::SettleNode(int node) {
  ++pushes_open_;
  const Version last = version_;
  const bool applied = co_await Deliver(node, last);
  settled_[static_cast<size_t>(node)] = applied;
  if (!applied) {
    board_->Violate(Oracle::kControlPlane,
                    absl::StrCat("node ", node, " refuses the last topology, epoch ", last.epoch));
  }
  --pushes_open_;
}

Task<bool> ControlPlane::Deliver(int node, Version version) {
  bool applied = false;
  while (Wanted(version)) {
    const bool answered = co_await PushOnce(node, version, &applied);
    if (answered) break;
    co_await Sleep(loop(), push_decisions_.Between(kMillisecond, kRetryMaxNs));
  }
  co_return applied;
}

std::vector<std::shared_ptr<const std::string>> ControlPlane::Requests(const Version& version) {
  if (world_->mutant() == Mutant::kConfigHalfInstalled && version.config == Push::kInvalidConfig) {
    Topology half = goal_;
    half.Assign(0, kSlotCount / 2, static_cast<int>(push_decisions_.Below(nodes_->size())));
    return {Encoded({"DFLYCLUSTER", "CONFIG", half.ToJson(history_->nodes)}), version.request};
  }
  if (world_->mutant() == Mutant::kEqualConfigFlushes && version.config == version_.config)
    return {Encoded({"DFLYCLUSTER", "FLUSHSLOTS", "0", "16383"}), version.request};
  if (world_->MutantStrikes(Mutant::kConfigIgnored, 65536 / 8)) return {Encoded({"PING"})};
  return {version.request};
}

Task<bool> ControlPlane::PushOnce(int node, Version version, bool* applied) {
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, AdminEndpoint(node), node);
  if (!link.ok()) {
    history_->Count("pushes that could not connect");
    co_return false;
  }
  world_->CountExternalEvent();
  const uint64_t number = ++push_count_;
  Push push;
  push.occasion = (*link)->opened();
  push.config = version.config;
  push.epoch = version.epoch;
  unresolved_[number] = push;
  absl::StatusOr<AdminLink::Answer> answer = absl::UnknownError("not asked");
  const bool silent = world_->mutant() == Mutant::kPushUnanswered && node == 0 && number > 8;
  std::vector<std::shared_ptr<const std::string>> requests;
  if (!silent) requests = Requests(version);
  for (const std::shared_ptr<const std::string>& request : requests) {
    answer = co_await (*link)->AskEncoded(request, kAnswerTimeoutNs);
    if (!answer.ok()) break;
  }
  if (answer.ok()) {
    unresolved_.erase(number);
    push.occasion = answer->occasion;
    Note(push, answer->reply);
    *applied = IsApplied(answer->reply);
    if (!*applied || push_decisions_.Chance(1, 8)) co_await Inspect(link->get(), node);
    co_return true;
  }
  history_->Count("pushes without an answer");
  push.occasion = co_await (*link)->Resolve();
  unresolved_.erase(number);
  push.outcome = push.occasion.end_ns < 0 ? PushOutcome::kNever : PushOutcome::kUnknown;
  history_->ledger.Add(push);
  co_return false;
}

bool ControlPlane::IsApplied(const Reply& reply) const {
  // What takes the place of a push that the mutant ignores is answered so.
  return reply.is_ok() || (world_->mutant() == Mutant::kConfigIgnored && reply.text == "PONG");
}

void ControlPlane::Note(Push push, const Reply& reply) {
  push.answer = reply.text;
  if (IsApplied(reply)) {
    push.outcome = PushOutcome::kApplied;
    history_->Count("pushes applied");
  } else if (reply.is_error() && absl::StartsWith(reply.text, kStaleError)) {
    push.outcome = PushOutcome::kStale;
    history_->Count("pushes refused as stale");
  } else if (reply.is_error() && absl::StartsWith(reply.text, kInvalidError)) {
    push.outcome = PushOutcome::kInvalid;
    history_->Count("pushes refused as invalid");
  } else {
    board_->Violate(
        Oracle::kConfigOrder,
        absl::StrCat(OccasionText(push.occasion), ": a push was answered by ", DebugString(reply)));
    return;
  }
  history_->ledger.Add(std::move(push));
}

Task<void> ControlPlane::Inspect(AdminLink* link, int node) {
  // Named, because g++ 12 cannot make a list of arguments inside co_await.
  Args ask_slots = {"CLUSTER", "SLOTS"};
  Args ask_info = {"CLUSTER", "INFO"};
  absl::StatusOr<AdminLink::Answer> slots =
      co_await link->Ask(std::move(ask_slots), kAnswerTimeoutNs);
  if (!slots.ok()) co_return;
  if (!slots->reply.is_error()) {
    absl::StatusOr<std::vector<SlotRange>> ranges =
        ParseClusterSlots(slots->reply, history_->node_index());
    if (ranges.ok()) {
      history_->views.OnView(slots->occasion, "CLUSTER SLOTS", *std::move(ranges));
    } else {
      board_->Violate(Oracle::kIntrospection,
                      absl::StrCat("node ", node, ": ", ranges.status().message()));
    }
  }
  absl::StatusOr<AdminLink::Answer> info =
      co_await link->Ask(std::move(ask_info), kAnswerTimeoutNs);
  if (!info.ok()) co_return;
  const absl::StatusOr<int64_t> epoch = ParseClusterInfo(info->reply, "cluster_current_epoch");
  if (epoch.ok()) history_->views.OnEpoch(info->occasion, *epoch);
}

}  // namespace damselfly::sim
