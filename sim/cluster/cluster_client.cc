#include "sim/cluster/cluster_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

ClusterClient::ClusterClient(World* world, Host* host,
                             const std::vector<std::unique_ptr<SimNode>>* nodes,
                             const ClusterClientOptions& options, ClusterHistory* history,
                             OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      options_(options),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "cluster client", static_cast<uint64_t>(options.number)) {
  owners_.fill(-1);
}

ClusterClient::~ClusterClient() = default;

void ClusterClient::Start() {
  started_ = true;
  host_->runtime().loop(0).Post([this] { Begin(); });
}

std::vector<std::string> ClusterClient::AllKeys(uint64_t key_count) {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < key_count; ++i) {
    for (std::string key : {RegisterKey(i), WatchedKey(i), PairKey(i, 0), PairKey(i, 1)})
      keys.push_back(std::move(key));
  }
  return keys;
}

bool ClusterClient::finished() const {
  return (idle_ || !started_) && std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
           return lane.second.client->finished();
         });
}

uint64_t ClusterClient::replies() const {
  uint64_t count = 0;
  for (const auto& [node, lane] : lanes_) count += lane.client->replies();
  return count;
}

void ClusterClient::Later(int64_t pause_max_ns, void (ClusterClient::*next)()) {
  host_->runtime().loop(0).StartTimer(decisions_.Between(0, pause_max_ns),
                                      [this, next] { (this->*next)(); });
}

void ClusterClient::Rest() {
  host_->runtime().loop(0).StartTimer(rest_ns_, [this] { Begin(); });
}

ClusterClient::Lane& ClusterClient::LaneTo(int node) {
  Lane& lane = lanes_[node];
  if (lane.client != nullptr) return lane;
  SimNode& server = *(*nodes_)[static_cast<size_t>(node)];
  lane.lane =
      std::make_unique<NodeLane>(node, [this](StepResult result) { OnStep(std::move(result)); });
  ClientOptions options;
  options.server = server.endpoint();
  options.protocol = options_.protocol;
  options.waits_to_be_woken = true;
  options.number_on_host = static_cast<uint64_t>(node) + 1;
  lane.client =
      std::make_unique<Client>(world_, host_, &server.host(), options, lane.lane.get(), board_);
  lane.client->Start();
  return lane;
}

// ---- Beginning ----

void ClusterClient::Begin() {
  if (finishing_) {
    idle_ = true;
    for (auto& [node, lane] : lanes_) lane.client->Finish();
    return;
  }
  decisions_.BeginUnit(++request_count_);
  // First of all, so that who leaves out a request can keep the time of those after it.
  rest_ns_ = decisions_.Pause(0, options_.think_max_ns);
  if (!decisions_.Acts()) {
    Rest();
    return;
  }
  journey_ = RedirectOracle::Journey();
  journey_.begin_ns = world_->now_ns();
  unconfigured_count_ = 0;
  if (!knows_owners_ || decisions_.Chance(1, 50)) {
    Learn();
    return;
  }
  operation_ = DrawOperation();
  int node = RandomNode();
  if (operation_.kind != OperationKind::kView) {
    journey_.slot = KeySlot(operation_.key);
    const int owner = owners_[static_cast<size_t>(journey_.slot)];
    if (owner >= 0) node = owner;
  }
  Try(node);
}

void ClusterClient::Learn() {
  operation_ = Operation{OperationKind::kView, "", ""};
  Try(RandomNode());
}

Operation ClusterClient::DrawOperation() {
  const scenario::Mix& mix = options_.mix;
  const std::pair<uint32_t, OperationKind> weights[] = {
      {mix.get(), OperationKind::kGet},
      {mix.set(), OperationKind::kSet},
      {mix.del(), OperationKind::kDel},
      {mix.pair_write(), OperationKind::kPairWrite},
      {mix.pair_read(), OperationKind::kPairRead},
      {mix.transaction(), OperationKind::kTransaction},
      {mix.watch(), OperationKind::kWatch},
      {mix.cross_slot(), OperationKind::kCrossWrite},
      {mix.introspect(), OperationKind::kView},
      {options_.channel_count > 0 ? mix.publish() : 0, OperationKind::kPublish},
  };
  uint64_t sum = 0;
  for (const auto& [weight, kind] : weights) sum += weight;
  uint64_t choice = decisions_.Below(sum);
  Operation operation;
  for (const auto& [weight, kind] : weights) {
    operation.kind = kind;
    if (choice < weight) break;
    choice -= weight;
  }
  const uint64_t key = decisions_.Below(options_.key_count);
  switch (operation.kind) {
    case OperationKind::kPairWrite:
    case OperationKind::kPairRead:
    case OperationKind::kTransaction:
      operation.key = PairKey(key, 0);
      operation.other_key = PairKey(key, 1);
      break;
    case OperationKind::kWatch:
      operation.key = WatchedKey(key);
      break;
    case OperationKind::kCrossWrite: {
      static constexpr OperationKind kKinds[] = {OperationKind::kCrossWrite,
                                                 OperationKind::kCrossDelete,
                                                 OperationKind::kCrossTransaction};
      operation.kind = kKinds[decisions_.Below(3)];
      operation.key = RegisterKey(key);
      operation.other_key = WatchedKey(key);
      if (KeySlot(operation.key) == KeySlot(operation.other_key))
        operation.kind = OperationKind::kGet;
      break;
    }
    case OperationKind::kPublish:
      operation.key = ChannelName(decisions_.Below(options_.channel_count));
      break;
    case OperationKind::kView:
      break;
    case OperationKind::kDel:
      // Those that are watched had better be missing now and then.
      operation.key = decisions_.Chance(1, 2) ? WatchedKey(key) : RegisterKey(key);
      break;
    default:
      operation.key = RegisterKey(key);
      break;
  }
  return operation;
}

// ---- One try ----

void ClusterClient::Try(int node) {
  world_->CountExternalEvent();
  node_ = node;
  attempt_ = std::make_unique<Attempt>(operation_, options_.number,
                                       absl::StrCat("c", options_.number, "-", ++value_count_),
                                       history_, board_);
  first_step_ = true;
  Step();
}

void ClusterClient::Step() {
  Lane& lane = LaneTo(node_);
  if (!first_step_ && lane.lane->connection_number() != connection_number_) {
    attempt_->OnGone();
    OnLost();
    return;
  }
  first_step_ = false;
  lane.lane->Send(attempt_->NextStep());
  lane.client->Wake();
}

// Comes from within the lane's client: what follows waits for a call-back of its own.
void ClusterClient::OnStep(StepResult result) {
  result_ = std::move(result);
  connection_number_ = LaneTo(node_).lane->connection_number();
  host_->runtime().loop(0).Post([this] {
    const StepResult result = std::move(result_);
    OnVerdict(attempt_->OnStep(result));
  });
}

void ClusterClient::OnVerdict(Attempt::Verdict verdict) {
  switch (verdict) {
    case Attempt::Verdict::kGoOn:
      // Time enough for a configuration to come in between.
      Later(options_.think_max_ns, &ClusterClient::Step);
      break;
    case Attempt::Verdict::kDone:
      OnDone();
      break;
    case Attempt::Verdict::kMoved:
      OnMoved();
      break;
    case Attempt::Verdict::kUnconfigured:
      OnUnconfigured();
      break;
    case Attempt::Verdict::kLost:
      OnLost();
      break;
  }
}

void ClusterClient::OnDone() {
  if (operation_.kind == OperationKind::kView) {
    for (const SlotRange& range : attempt_->view()) {
      std::fill(owners_.begin() + range.first, owners_.begin() + range.last + 1,
                static_cast<int16_t>(range.node));
    }
    knows_owners_ = knows_owners_ || !attempt_->view().empty();
  } else {
    ++done_count_;
    journey_.answers.push_back(attempt_->decided());
    Arrive();
  }
  Rest();
}

void ClusterClient::OnMoved() {
  ++journey_.hops;
  journey_.answers.push_back(attempt_->decided());
  owners_[static_cast<size_t>(journey_.slot)] = static_cast<int16_t>(attempt_->moved_to());
  if (journey_.hops > kRedirectsMax) {
    journey_.given_up = true;
    GiveUp("requests given up after too many redirects");
    return;
  }
  Try(attempt_->moved_to());
}

void ClusterClient::OnUnconfigured() {
  Arrive();
  if (++unconfigured_count_ > kUnconfiguredMax) {
    GiveUp("requests given up because no node is configured");
    return;
  }
  journey_.hops = 0;
  journey_.answers.clear();
  if (operation_.kind == OperationKind::kView) {
    Later(options_.think_max_ns, &ClusterClient::Learn);
  } else {
    node_ = RandomNode();
    host_->runtime().loop(0).StartTimer(decisions_.Between(0, options_.think_max_ns),
                                        [this] { Try(node_); });
  }
}

void ClusterClient::OnLost() {
  Arrive();
  history_->Count("requests that lost their connection");
  knows_owners_ = false;
  Rest();
}

void ClusterClient::GiveUp(absl::string_view why) {
  Arrive();
  history_->Count(why);
  knows_owners_ = false;
  Rest();
}

void ClusterClient::Arrive() {
  if (journey_.answers.empty()) return;
  history_->redirects.OnArrived(journey_);
  journey_.answers.clear();
}

}  // namespace damselfly::sim
