#include "sim/replication/shard_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

int ShardOracle::AddMap(std::shared_ptr<const ShardMap> map) {
  maps_.push_back(std::move(map));
  return static_cast<int>(maps_.size()) - 1;
}

void ShardOracle::OnPush(const Occasion& occasion, int map, bool certain) {
  const auto [at, is_new] = in_force_.try_emplace({occasion.node, occasion.incarnation});
  if (is_new) at->second.Add(INT64_MIN, INT64_MIN, true, kUnconfigured);
  at->second.Add(occasion.begin_ns, occasion.end_ns, certain, map);
}

void ShardOracle::OnExecuted(const Occasion& occasion, int slot, absl::string_view command) {
  executed_.push_back({occasion, slot, std::string(command)});
}

void ShardOracle::OnMoved(const Occasion& occasion, int key_slot, int moved_slot,
                          absl::string_view address) {
  moved_.push_back({occasion, key_slot, moved_slot, std::string(address)});
}

bool ShardOracle::Any(const Occasion& occasion,
                      absl::FunctionRef<bool(const ShardMap* map)> visit) const {
  const auto found = in_force_.find({occasion.node, occasion.incarnation});
  if (found == in_force_.end()) return visit(nullptr);
  bool has = false;
  found->second.ForEachPossible(occasion.begin_ns, occasion.end_ns, [&](int64_t number) {
    has =
        has || visit(number == kUnconfigured ? nullptr : maps_[static_cast<size_t>(number)].get());
  });
  return has;
}

void ShardOracle::CheckExecuted(const Executed& executed, OracleBoard* board) const {
  const int node = executed.occasion.node;
  bool configured = false;
  const bool may = Any(executed.occasion, [&](const ShardMap* map) {
    configured = configured || map != nullptr;
    return map != nullptr && map->Serves(node, executed.slot);
  });
  const Oracle oracle = configured ? Oracle::kOneOwner : Oracle::kUnconfigured;
  board->CountCheck(oracle);
  if (may) return;
  board->Violate(oracle,
                 absl::StrCat(OccasionText(executed.occasion), " executed ", executed.command,
                              " for slot ", executed.slot,
                              configured ? ", which no configuration that it may have had gives it"
                                         : " before any configuration was applied"));
}

std::set<int> ShardOracle::TakenOverBy(const Occasion& occasion) const {
  std::set<int> nodes;
  log_->ForEachChange(occasion.node, occasion.incarnation, [&](const ViewLog::Entry& entry) {
    if (entry.since_ns > occasion.end_ns) return false;
    if (entry.view.service != NodeView::Service::kTakenOver) return true;
    for (const TakeoverAsked& asked : takeovers_) {
      if (asked.begin_ns <= entry.since_ns && entry.since_ns <= asked.end_ns)
        nodes.insert(asked.replica);
    }
    return true;
  });
  return nodes;
}

bool ShardOracle::MayName(const Moved& moved, const ShardMap& map) const {
  if (!map.Serves(moved.occasion.node, moved.key_slot))
    return map.AddressOf(map.ShardOf(moved.key_slot), nodes_) == moved.address;
  const std::set<int> by = TakenOverBy(moved.occasion);
  return std::any_of(by.begin(), by.end(), [&](int node) {
    const NodeAddress& address = nodes_[static_cast<size_t>(node)];
    return node != moved.occasion.node && map.Serves(node, moved.key_slot) &&
           absl::StrCat(address.ip, ":", address.port) == moved.address;
  });
}

// ---- Views ----

absl::string_view ShardOracle::NameOf(ViewCommand command) {
  switch (command) {
    case ViewCommand::kMyId:
      return "MYID";
    case ViewCommand::kSlots:
      return "SLOTS";
    case ViewCommand::kShards:
      return "SHARDS";
    case ViewCommand::kNodes:
      return "NODES";
  }
  return "";
}

std::string ShardOracle::ViewText(ViewCommand command, const ClusterView& view, int self,
                                  absl::Span<const NodeAddress> nodes) {
  switch (command) {
    case ViewCommand::kMyId:
      return AddressOfNode(self, nodes).id;
    case ViewCommand::kSlots:
      return view.SlotsText(nodes);
    case ViewCommand::kShards:
      return view.ShardsText(nodes);
    case ViewCommand::kNodes:
      return view.NodesText(nodes, self);
  }
  return "";
}

bool ShardOracle::Promoted(const Occasion& occasion) const {
  bool was_replica = false;
  bool promoted = false;
  log_->ForEach(occasion.node, occasion.incarnation, INT64_MIN, occasion.end_ns,
                [&](const NodeView& view) {
                  promoted = promoted || (was_replica && !view.replica);
                  was_replica = view.replica;
                  return !promoted;
                });
  return promoted;
}

bool ShardOracle::MayHaveChanged(const Occasion& occasion, int64_t begin_ns, int64_t end_ns) const {
  const auto found = in_force_.find({occasion.node, occasion.incarnation});
  return found != in_force_.end() && found->second.MayChange(begin_ns, end_ns);
}

const ClusterView& ShardOracle::ViewOf(const ShardMap& map) const {
  std::unique_ptr<ClusterView>& view = view_of_[&map];
  if (view == nullptr) view = std::make_unique<ClusterView>(map);
  return *view;
}

std::vector<ClusterView> ShardOracle::PossibleViews(const Occasion& occasion,
                                                    const ShardMap& map) const {
  std::vector<ClusterView> views = {ViewOf(map)};
  if (Promoted(occasion)) {
    views.push_back(views[0]);
    views.back().Promote(occasion.node);
  }
  const std::set<int> by = TakenOverBy(occasion);
  const size_t count = views.size();
  for (size_t i = 0; i < count; ++i) {
    for (int replica : views[i].ReplicasOf(occasion.node)) {
      if (by.count(replica) == 0) continue;
      views.push_back(views[i]);
      views.back().TakeOver(occasion.node, replica);
    }
  }
  return views;
}

bool ShardOracle::MayTell(const View& view, const ShardMap& map) const {
  const OwnChange& change = view.change;
  Occasion occasion = view.occasion;
  const bool changed = change.kind != OwnChange::Kind::kNone &&
                       !MayHaveChanged(occasion, change.since_ns, occasion.end_ns);
  // All that it may have made of it before that.
  if (changed) occasion.end_ns = change.since_ns;
  std::vector<ClusterView> views = PossibleViews(occasion, map);
  return std::any_of(views.begin(), views.end(), [&](ClusterView& wanted) {
    if (changed && change.kind == OwnChange::Kind::kPromoted) wanted.Promote(occasion.node);
    if (changed && change.kind == OwnChange::Kind::kTakenOver)
      wanted.TakeOver(occasion.node, change.by);
    return view.text == ViewText(view.command, wanted, occasion.node, nodes_);
  });
}

void ShardOracle::CheckView(const View& view, OracleBoard* board) const {
  board->CountCheck(Oracle::kIntrospection);
  std::string wanted;
  const bool may = Any(view.occasion, [&](const ShardMap* map) {
    // Its id it has by itself.
    if (view.command == ViewCommand::kMyId)
      return view.text == AddressOfNode(view.occasion.node, nodes_).id;
    if (map == nullptr) return false;
    if (MayTell(view, *map)) return true;
    absl::StrAppend(&wanted, wanted.empty() ? "" : "\nor\n",
                    ViewText(view.command, ViewOf(*map), view.occasion.node, nodes_));
    return false;
  });
  if (may) return;
  board->Violate(Oracle::kIntrospection,
                 absl::StrCat(OccasionText(view.occasion), ": CLUSTER ", NameOf(view.command),
                              " told\n", view.text,
                              "\nwhich no configuration says that it may have had, nor has it made "
                              "that of one: what was pushed is\n",
                              wanted));
}

void ShardOracle::CheckMoved(const Moved& moved, OracleBoard* board) const {
  board->CountCheck(Oracle::kTruthfulMoved);
  const bool may = moved.moved_slot == moved.key_slot &&
                   Any(moved.occasion,
                       [&](const ShardMap* map) { return map != nullptr && MayName(moved, *map); });
  if (may) return;
  board->Violate(Oracle::kTruthfulMoved,
                 absl::StrCat(OccasionText(moved.occasion), " answered MOVED ", moved.moved_slot,
                              " ", moved.address, " for a key of slot ", moved.key_slot,
                              ": no configuration that it may have had says so"));
}

void ShardOracle::Check(OracleBoard* board) const {
  for (const Executed& executed : executed_) CheckExecuted(executed, board);
  for (const Moved& moved : moved_) CheckMoved(moved, board);
  for (const View& view : views_) CheckView(view, board);
  for (const Occasion& occasion : unconfigured_) {
    board->CountCheck(Oracle::kUnconfigured);
    if (Any(occasion, [](const ShardMap* map) { return map == nullptr; })) continue;
    board->Violate(Oracle::kUnconfigured,
                   absl::StrCat(OccasionText(occasion),
                                " said that it is not configured although it had been"));
  }
}

}  // namespace damselfly::sim
