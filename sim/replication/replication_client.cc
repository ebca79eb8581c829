#include "sim/replication/replication_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/cluster/introspection.h"

namespace damselfly::sim {
namespace {

// A cluster has one database.
uint32_t OtherFamilies(const KeyFamilies& keys) {
  const uint32_t families = kStringFamily | kBitmapFamily | kKeyFamily | kExpiryFamily |
                            kTransactionFamily | kCollectionFamilies;
  return keys.one_slot ? families : families | kDatabaseFamily;
}

bool IsSelect(const Args& args) { return args[0] == "SELECT"; }

}  // namespace

ReplicationClient::ReplicationClient(World* world, Host* host,
                                     const std::vector<std::unique_ptr<SimNode>>* nodes,
                                     const ReplicationClientOptions& options,
                                     ReplicationHistory* history, OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      options_(options),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "replication client", static_cast<uint64_t>(options.number)),
      other_decisions_(&world->decider(), "other commands", static_cast<uint64_t>(options.number)),
      other_commands_(&other_decisions_, &(*nodes)[0]->host().clock(),
                      OtherFamilies(options.keys)) {
  other_commands_.set_prefix(KeyFamilies::OtherPrefix(static_cast<uint64_t>(options.number)));
  if (options.many_keys) other_commands_.set_key_count(CommandGenerator::kManyKeys);
}

ReplicationClient::~ReplicationClient() = default;

void ReplicationClient::Start() {
  started_ = true;
  host_->runtime().loop(0).Post([this] { Begin(); });
}

bool ReplicationClient::finished() const {
  return (idle_ || !started_) && std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
           return lane.second.client->finished();
         });
}

uint64_t ReplicationClient::replies() const {
  uint64_t count = 0;
  for (const auto& [node, lane] : lanes_) count += lane.client->replies();
  return count;
}

ReplicationClient::Lane& ReplicationClient::LaneTo(int node) {
  Lane& lane = lanes_[node];
  if (lane.client != nullptr) return lane;
  SimNode& server = *(*nodes_)[static_cast<size_t>(node)];
  lane.lane = std::make_unique<NodeLane>(
      node, [this, node](StepResult result) { OnStep(node, std::move(result)); });
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

int ReplicationClient::ChooseNodeForSlot(int slot) {
  const ShardMap& map = *history_->map;
  const int shard = map.ShardOf(slot);
  std::vector<int> members;
  for (size_t i = 0; i < map.shard_of.size(); ++i) {
    if (map.shard_of[i] == shard) members.push_back(static_cast<int>(i));
  }
  if (options_.masters_only && !members.empty()) return map.MasterOf(slot);
  const bool at_master = request_.writes() || request_.kind == ReplicationRequest::Kind::kOther;
  const bool of_another_shard = decisions_.Chance(1, 16);
  const bool at_any = decisions_.Chance(at_master ? 1 : 10, 16);
  if (members.empty() || of_another_shard)
    return static_cast<int>(decisions_.Below(nodes_->size()));
  if (at_any) return members[decisions_.Below(members.size())];
  return map.MasterOf(slot);
}

int ReplicationClient::ChooseNode() {
  if (history_->map != nullptr && request_.slot() >= 0) return ChooseNodeForSlot(request_.slot());
  const bool at_master = request_.writes() || request_.kind == ReplicationRequest::Kind::kOther;
  const bool anywhere = !options_.masters_only && decisions_.Chance(at_master ? 1 : 10, 16);
  if (anywhere || history_->masters.empty())
    return static_cast<int>(decisions_.Below(nodes_->size()));
  return history_->masters[decisions_.Below(history_->masters.size())];
}

void ReplicationClient::Begin() {
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
  world_->CountExternalEvent();
  request_ =
      DrawRequest(&decisions_, options_.mix, options_.keys, static_cast<uint64_t>(options_.number),
                  absl::StrCat("c", options_.number, "-", ++value_count_), options_.big_bytes);
  if (request_.kind == ReplicationRequest::Kind::kOther) DrawOtherCalls();
  hops_ = 0;
  Send(ChooseNode());
}

// All other requests are for database 0, so whoever leaves it comes back within the pipeline.
void ReplicationClient::DrawOtherCalls() {
  std::vector<Args>* const calls = &request_.other_calls;
  if (!options_.keys.one_slot && other_decisions_.Chance(1, 12)) return DrawVisit();
  other_commands_.Next(calls);
  if (std::any_of(calls->begin(), calls->end(), IsSelect)) calls->push_back({"SELECT", "0"});
}

// To one of the databases whose keys nobody else judges, which may be flushed and exchanged.
void ReplicationClient::DrawVisit() {
  std::vector<Args>* const calls = &request_.other_calls;
  calls->push_back({"SELECT", absl::StrCat(other_decisions_.Between(1, 2))});
  for (uint64_t i = 1 + other_decisions_.Below(3); i > 0; --i) other_commands_.Next(calls);
  if (other_decisions_.Chance(1, 8)) {
    calls->push_back({"SWAPDB", "1", "2"});
    history_->Count("databases exchanged");
  } else if (other_decisions_.Chance(1, 16)) {
    calls->push_back({"FLUSHDB"});
  }
  if (other_decisions_.Chance(1, 2)) other_commands_.Next(calls);
  calls->push_back({"SELECT", "0"});
  history_->Count("visits to other databases");
}

bool ReplicationClient::IsAstray(const StepResult& result) const {
  return result.complete && request_.kind == ReplicationRequest::Kind::kOther &&
         IsSelect(request_.other_calls.back()) && !result.replies.back().is_ok();
}

void ReplicationClient::Send(int node) {
  Lane& lane = LaneTo(node);
  if (request_.kind == ReplicationRequest::Kind::kWait) history_->waits.OnSent(node);
  sent_ns_ = world_->now_ns();
  lane.lane->Send(request_.Calls());
  lane.client->Wake();
}

bool ReplicationClient::Follow(const StepResult& result) {
  const std::string address = MovedTo(result);
  if (address.empty() || finishing_ || hops_ >= kHopsMax) return false;
  const int node = NodeAt(history_->shards.nodes(), address);
  if (node < 0) return false;
  ++hops_;
  history_->Count("redirections followed");
  Renew(absl::StrCat("c", options_.number, "-", ++value_count_), options_.big_bytes, &request_);
  host_->runtime().loop(0).Post([this, node] { Send(node); });
  return true;
}

// Comes from within the lane's client: what follows waits for a call-back of its own.
void ReplicationClient::OnStep(int node, StepResult result) {
  if (std::exchange(leaving_, false)) return Rest();
  if (world_->mutant() == Mutant::kStaleReplicaRead) MakeStale(node, &result);
  JudgeRequest(request_, result, (*nodes_)[static_cast<size_t>(node)]->host().clock(), history_,
               board_);
  if (request_.kind == ReplicationRequest::Kind::kWait) history_->waits.OnOver(node);
  if (request_.kind == ReplicationRequest::Kind::kFlush)
    history_->flushes.push_back({node, sent_ns_, result.complete ? world_->now_ns() : INT64_MAX});
  if (Follow(result)) return;
  if (!IsAstray(result)) return Rest();
  leaving_ = true;
  host_->runtime().loop(0).Post([this, node] {
    Lane& lane = LaneTo(node);
    lane.lane->Send({{"QUIT"}});
    lane.client->Wake();
  });
}

void ReplicationClient::Rest() {
  host_->runtime().loop(0).StartTimer(std::max(rest_ns_, rest_min_ns_), [this] { Begin(); });
}

void ReplicationClient::MakeStale(int node, StepResult* result) {
  const std::vector<int>& masters = history_->masters;
  if (request_.kind != ReplicationRequest::Kind::kGet || !result->complete ||
      result->replies[0].is_error() ||
      std::find(masters.begin(), masters.end(), node) != masters.end())
    return;
  const auto [last, is_new] = last_read_.emplace(std::pair(node, request_.key), result->replies[0]);
  const Reply before = std::exchange(last->second, result->replies[0]);
  if (!is_new && world_->MutantStrikes(Mutant::kStaleReplicaRead, 65536 / 16))
    result->replies[0] = before;
}

}  // namespace damselfly::sim
