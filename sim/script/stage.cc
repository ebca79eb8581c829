#include "sim/script/stage.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "sim/replication/node_probe.h"
#include "sim/script/script.h"

namespace damselfly::sim {
namespace {

constexpr int kAdminPort = 6380;
constexpr absl::string_view kControlPlane = "control plane";
// The limit that a node has when nothing is said.
constexpr int64_t kOutputBytesMax = 268435456;

// The slot of a request's first key; -1 of one that has none.
int SlotOf(const Args& args) {
  static constexpr absl::string_view kKeyed[] = {"GET",    "SET",  "DEL",   "MGET", "MSET",
                                                 "EXISTS", "INCR", "TTL",   "PTTL", "APPEND",
                                                 "STRLEN", "TYPE", "GETDEL"};
  const std::string name = absl::AsciiStrToUpper(args[0]);
  const bool keyed = std::find(std::begin(kKeyed), std::end(kKeyed), name) != std::end(kKeyed);
  return keyed && args.size() > 1 ? KeySlot(args[1]) : -1;
}

bool HasReplicas(const scenario::Script& script) {
  return std::any_of(script.step().begin(), script.step().end(), [](const scenario::Step& step) {
    const auto& shards = step.config().shard();
    return step.has_follow() || absl::StrContains(step.call(), "REPLICAOF") ||
           std::any_of(shards.begin(), shards.end(),
                       [](const scenario::Shard& shard) { return shard.replica_size() > 0; });
  });
}

}  // namespace

Stage::Stage(World* world, const scenario::Script& script, DecisionStream* draw, OracleBoard* board)
    : world_(world), board_(board), replication_(board), judges_ownership_(!HasReplicas(script)) {
  CollectSlots(script);
  for (const scenario::ScriptNode& node : script.node()) MakeNode(node, draw);
  client_hosts_[std::string(kControlPlane)] = &world_->AddHost(kControlPlane, 1, 0);
  std::set<std::string> clients;
  for (const scenario::Step& step : script.step()) clients.insert(step.by());
  for (const std::string& name : clients)
    client_hosts_[name] = &world_->AddHost(absl::StrCat("client ", name), 1, 0);
  for (int i = 0; i < script.node_size(); ++i) {
    if (!script.node(i).down()) nodes_[static_cast<size_t>(i)]->Start();
  }
}

Stage::~Stage() = default;

// Any word may be a key: a slot too many does no harm.
void Stage::CollectSlots(const scenario::Script& script) {
  std::set<uint16_t> slots;
  for (const scenario::Step& step : script.step()) {
    for (const std::string& word : WordsOf(step.call())) slots.insert(KeySlot(word));
    for (const std::string& word : WordsOf(step.send())) slots.insert(KeySlot(word));
    for (int64_t i = 0; step.has_write() && i < step.write().keys(); ++i)
      slots.insert(KeySlot(absl::StrCat(step.write().prefix(), ":", i)));
  }
  slots_.assign(slots.begin(), slots.end());
}

void Stage::MakeNode(const scenario::ScriptNode& node, DecisionStream* draw) {
  const int number = static_cast<int>(nodes_.size());
  const int64_t drawn = draw->Between(1, 3);
  const std::string& name = node.name();
  Host& host =
      world_->AddHost(name, static_cast<int>(node.has_workers() ? node.workers() : drawn), 0);
  SimNode::Parameters parameters;
  if (node.cluster()) {
    parameters = {{"cluster_mode", "yes"},
                  {"cluster_node_id", name},
                  {"admin_port", absl::StrCat(kAdminPort)}};
  }
  for (const std::string& flag : node.flag()) parameters.push_back(ParseFlag(flag));
  nodes_.push_back(std::make_unique<SimNode>(&host, parameters, &config_cache_));
  names_.push_back(name);
  members_.push_back(node.cluster());
  cluster_.nodes.push_back({name, host.address(), SimNode::kPort});
  NodeWatch::Options options;
  options.number = number;
  options.output_bytes_max = kOutputBytesMax;
  watches_.push_back(
      std::make_unique<NodeWatch>(world_, &nodes_, &slots_, options, &replication_, board_));
  host.set_exit_handler([this, number, name](int exit_code) {
    exits_[name] = exit_code;
    nodes_[static_cast<size_t>(number)]->Kill(Host::Death::kExit);
  });
}

// ---- Names ----

size_t Stage::NumberOf(absl::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  DFLY_CHECK(found != names_.end());
  return static_cast<size_t>(found - names_.begin());
}

Host& Stage::host(absl::string_view name) {
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) return node(name).host();
  return *client_hosts_.at(std::string(name));
}

ScriptClient& Stage::client(absl::string_view client, absl::string_view node_name) {
  std::unique_ptr<ScriptClient>& found = clients_[{std::string(client), std::string(node_name)}];
  if (found == nullptr) {
    Endpoint endpoint = node(node_name).endpoint();
    if (client == kControlPlane) endpoint.port = kAdminPort;
    found = std::make_unique<ScriptClient>(client_hosts_.at(std::string(client)), endpoint,
                                           static_cast<int>(NumberOf(node_name)));
  }
  return *found;
}

ScriptClient& Stage::control_plane(absl::string_view node) { return client(kControlPlane, node); }

void Stage::Restart(absl::string_view name) {
  for (const auto& [names, client] : clients_) {
    if (names.second == name && client->pending() == 0 && !client->has_answers()) client->Close();
  }
  node(name).Start();
}

std::string Stage::AddressOf(absl::string_view name) const {
  return cluster_.nodes[NumberOf(name)].ip;
}

std::string Stage::Fill(absl::string_view text) const {
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const std::string& name : names_) {
    const std::string ip = AddressOf(name);
    replacements.emplace_back(absl::StrCat("<", name, ">"), absl::StrCat(ip, ":", SimNode::kPort));
    replacements.emplace_back(absl::StrCat("<", name, " ip>"), ip);
  }
  return absl::StrReplaceAll(text, replacements);
}

// ---- What is asked, and what comes of it ----

void Stage::OnAsked(absl::string_view node, const Args& args) {
  if (absl::EqualsIgnoreCase(args[0], "REPLTAKEOVER"))
    replication_.lineages.ExpectTakeover(static_cast<int>(NumberOf(node)));
}

void Stage::OnAnswered(absl::string_view node, const Args& args, const Answer& answer) {
  if (absl::EqualsIgnoreCase(args[0], "REPLTAKEOVER"))
    replication_.lineages.CancelTakeover(static_cast<int>(NumberOf(node)));
  const int slot = SlotOf(args);
  if (!judges_ownership_ || !is_member(node) || slot < 0 || answer.kind != Answer::Kind::kReply)
    return;
  const Reply& reply = answer.reply;
  if (!reply.is_error()) {
    if (reply.text != "QUEUED") cluster_.ownership.OnExecuted(answer.occasion, slot, args[0]);
    return;
  }
  const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
  int moved_slot = -1;
  if (words.size() == 3 && words[0] == "MOVED" && absl::SimpleAtoi(words[1], &moved_slot)) {
    cluster_.ownership.OnMoved(answer.occasion, slot, moved_slot, words[2]);
  } else if (absl::StrContains(reply.text, "not yet configured")) {
    cluster_.ownership.OnUnconfigured(answer.occasion);
  }
}

Topology Stage::TopologyOf(const scenario::ScriptConfig& config) const {
  Topology topology = Topology::Even(1);
  for (const scenario::Shard& shard : config.shard()) {
    std::vector<std::pair<int, int>> ranges;
    DFLY_CHECK(ParseSlots(shard.slots(), &ranges));
    for (const auto& [first, last] : ranges)
      topology.Assign(first, last, static_cast<int>(NumberOf(shard.master())));
  }
  return topology;
}

void Stage::OnPushed(absl::string_view node, const scenario::ScriptConfig& config,
                     const Answer& answer) {
  if (!judges_ownership_) return;
  Push push;
  push.occasion = answer.occasion;
  push.epoch = config.has_epoch() ? config.epoch() : Push::kNoEpoch;
  if (answer.kind != Answer::Kind::kReply) {
    push.occasion = {static_cast<int>(NumberOf(node)), this->node(node).host().incarnation(), 0,
                     INT64_MAX};
  } else if (answer.reply.is_ok()) {
    push.outcome = PushOutcome::kApplied;
  } else {
    push.outcome = PushOutcome::kStale;
    push.answer = answer.reply.text;
  }
  push.config = cluster_.ledger.AddConfig(TopologyOf(config));
  cluster_.ledger.Add(push);
}

std::string Stage::JsonOf(const scenario::ScriptConfig& config) const {
  const auto member = [this](const std::string& name) {
    return absl::StrCat("{\"id\":\"", name, "\",\"ip\":\"", AddressOf(name),
                        "\",\"port\":", SimNode::kPort, "}");
  };
  std::vector<std::string> shards;
  for (const scenario::Shard& shard : config.shard()) {
    std::vector<std::pair<int, int>> ranges;
    DFLY_CHECK(ParseSlots(shard.slots(), &ranges));
    std::vector<std::string> slots;
    for (const auto& [first, last] : ranges)
      slots.push_back(absl::StrCat("{\"start\":", first, ",\"end\":", last, "}"));
    std::vector<std::string> replicas;
    for (const std::string& name : shard.replica()) replicas.push_back(member(name));
    shards.push_back(absl::StrCat("{\"slot_ranges\":[", absl::StrJoin(slots, ","),
                                  "],\"master\":", member(shard.master()), ",\"replicas\":[",
                                  absl::StrJoin(replicas, ","), "]}"));
  }
  return absl::StrCat("[", absl::StrJoin(shards, ","), "]");
}

// ---- A look inside ----

Contents Stage::ContentsOf(absl::string_view name) const {
  const size_t number = NumberOf(name);
  return NodeProbe(static_cast<int>(number), nodes_[number].get(), &slots_).AllContents();
}

std::string Stage::WhyNotInStep(absl::string_view name) const {
  const size_t number = NumberOf(name);
  if (!nodes_[number]->running()) return "it does not run";
  const NodeProbe probe(static_cast<int>(number), nodes_[number].get(), &slots_);
  const NodeView view = probe.View();
  const ReplicationFacts facts = probe.Facts();
  if (!view.serves_replica()) return absl::StrCat("it is no replica: ", ViewText(view));
  if (!facts.link_up) return absl::StrCat("it has no link: ", ViewText(view));
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->host().address() != facts.master_host || !nodes_[i]->running()) continue;
    const NodeView of_master = NodeProbe(static_cast<int>(i), nodes_[i].get(), &slots_).View();
    if (view.lineage == of_master.lineage && view.positions == of_master.positions) return "";
    return absl::StrCat("it is ", ViewText(view), ", its master ", ViewText(of_master));
  }
  return "its master does not run";
}

bool Stage::TakeExit(absl::string_view node, int* exit_code) {
  const auto found = exits_.find(std::string(node));
  if (found == exits_.end()) return false;
  *exit_code = found->second;
  exits_.erase(found);
  return true;
}

void Stage::LookForForeignKeys() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!judges_ownership_ || !members_[i] || !nodes_[i]->running()) continue;
    const Store& store = nodes_[i]->node().store();
    std::vector<int> slots;
    for (int slot = 0; slot < kSlotCount; ++slot) {
      if (store.KeyCountInSlot(0, static_cast<uint16_t>(slot)) > 0) slots.push_back(slot);
    }
    const Occasion now = {static_cast<int>(i), nodes_[i]->host().incarnation(), world_->now_ns(),
                          world_->now_ns()};
    cluster_.foreign_keys.OnLook(now, std::move(slots));
  }
}

void Stage::CloseClients() {
  for (const auto& [names, client] : clients_) client->Close();
}

void Stage::Judge() {
  for (const auto& [name, exit_code] : exits_) {
    board_->Violate(Oracle::kCrashOnly,
                    absl::StrCat("node ", name, " has exited with ", exit_code));
  }
  cluster_.ownership.Check(cluster_.ledger, cluster_.nodes, board_);
  cluster_.foreign_keys.Check(cluster_.ledger, board_);
}

}  // namespace damselfly::sim
