#include "sim/cluster/node_inspector.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/crc16.h"
#include "server/store/database.h"
#include "server/store/entry_content.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kProbeTimeoutNs = 30 * kSecond;

// By the keys that a walk finds, which are few; slot by slot where the slots of these do not hold
// all that the node counts.
std::vector<int> SlotsWithKeys(Store* store) {
  std::vector<int> slots;
  uint64_t found = 0;
  uint64_t cursor = 0;
  do {
    cursor = store->Scan(0, cursor, SIZE_MAX, /*all_locked=*/true, [&](Entry& entry) {
      ++found;
      const int slot = KeySlot(entry.key());
      if (slots.empty() || slots.back() != slot) slots.push_back(slot);
    });
  } while (cursor != 0);
  uint64_t counted = 0;
  for (int slot : slots) counted += store->KeyCountInSlot(0, static_cast<uint16_t>(slot));
  if (found == counted && found == store->KeyCount(0)) return slots;
  slots.clear();
  for (int slot = 0; slot < kSlotCount; ++slot) {
    if (store->KeyCountInSlot(0, static_cast<uint16_t>(slot)) > 0) slots.push_back(slot);
  }
  return slots;
}

}  // namespace

NodeInspector::NodeInspector(World* world, Host* host,
                             const std::vector<std::unique_ptr<SimNode>>* nodes,
                             std::vector<std::string> keys, ClusterHistory* history,
                             OracleBoard* board)
    : world_(world),
      host_(host),
      nodes_(nodes),
      keys_(std::move(keys)),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "inspector") {}

Occasion NodeInspector::Now(int node) const {
  return {node, (*nodes_)[static_cast<size_t>(node)]->host().incarnation(), world_->now_ns(),
          world_->now_ns()};
}

void NodeInspector::PlanLooks(int node, int64_t count, int64_t begin_ns, int64_t end_ns) {
  for (int64_t i = 0; i < count; ++i)
    world_->At(decisions_.Between(begin_ns, end_ns), [this, node] { Look(node); });
}

void NodeInspector::Look(int node) {
  SimNode& sim_node = *(*nodes_)[static_cast<size_t>(node)];
  if (!sim_node.running()) return;
  if (world_->mutant() == Mutant::kLostKeysKept) KeepLostKeys(node);
  if (world_->mutant() == Mutant::kLostKeysComeBack) BringBackLostKeys(node);
  history_->Count("looks into a node's memory");
  history_->foreign_keys.OnLook(Now(node), SlotsWithKeys(&sim_node.node().store()));
}

NodeInspector::Contents NodeInspector::ContentsOf(int node,
                                                  absl::Span<const std::string> keys) const {
  Store& store = (*nodes_)[static_cast<size_t>(node)]->node().store();
  Contents contents;
  for (const std::string& name : keys) {
    const Key key = store.MakeKey(name);
    Database database(&store, 0, 0, &store.counters(0));
    store.Lock(key.slot);
    std::string scratch;
    if (const Entry* entry = database.Find(key))
      contents[name] = std::string(ContentOf(*entry, &scratch));
    store.Unlock(key.slot);
  }
  return contents;
}

void NodeInspector::KeepLostKeys(int node) {
  const Occasion now = Now(node);
  Contents& seen = seen_[{node, now.incarnation}];
  Store& store = (*nodes_)[static_cast<size_t>(node)]->node().store();
  for (const auto& [name, value] : seen) {
    const Key key = store.MakeKey(name);
    if (history_->ledger.MayOwn(now, key.slot)) continue;
    Database database(&store, 0, 0, &store.counters(0));
    store.Lock(key.slot);
    database.SetString(key, value, Database::Expiry::None());
    store.Unlock(key.slot);
  }
  seen = ContentsOf(node, keys_);
}

void NodeInspector::BringBackLostKeys(int node) {
  const Occasion now = Now(node);
  Store& store = (*nodes_)[static_cast<size_t>(node)]->node().store();
  Contents& seen = seen_[{node, now.incarnation}];
  Contents& lost = lost_[{node, now.incarnation}];
  for (const auto& [name, value] : seen) {
    if (!history_->ledger.MayOwn(now, KeySlot(name))) lost[name] = value;
  }
  seen = ContentsOf(node, keys_);
  for (auto each = lost.begin(); each != lost.end();) {
    const auto& [name, value] = *each;
    const Key key = store.MakeKey(name);
    Database database(&store, 0, 0, &store.counters(0));
    store.Lock(key.slot);
    const bool back = store.IsOwned(key.slot);
    if (back && seen.count(name) == 0) database.SetString(key, value, Database::Expiry::None());
    store.Unlock(key.slot);
    each = back ? lost.erase(each) : std::next(each);
  }
}

std::vector<std::vector<std::string>> NodeInspector::KeysByOwner(const Topology& topology) const {
  std::vector<std::vector<std::string>> keys(nodes_->size());
  for (const std::string& key : keys_)
    keys[static_cast<size_t>(topology.owner(KeySlot(key)))].push_back(key);
  return keys;
}

void NodeInspector::ReadAll(const Topology& topology) {
  const std::vector<std::vector<std::string>> keys = KeysByOwner(topology);
  for (size_t i = 0; i < nodes_->size(); ++i) {
    const int node = static_cast<int>(i);
    // Nothing is looked for where it should not be: that alone would take up memory there.
    const Contents contents = ContentsOf(node, keys[i]);
    for (const std::string& key : keys[i]) {
      const auto found = contents.find(key);
      history_->data.OnRead(key, found == contents.end() ? "" : found->second, Now(node));
    }
  }
}

void NodeInspector::Probe(const Topology& topology) {
  const std::vector<std::string> key_of_slot = KeysOfSlots();
  std::vector<std::vector<std::string>> keys = KeysByOwner(topology);
  // Where one is off by one, if at all: both sides of each end of a range.
  for (const SlotRange& range : topology.Ranges()) {
    for (int slot : {range.first - 1, range.first, range.last, range.last + 1}) {
      if (slot < 0 || slot >= kSlotCount) continue;
      keys[static_cast<size_t>(range.node)].push_back(key_of_slot[static_cast<size_t>(slot)]);
    }
  }
  auto shared = std::make_shared<const Topology>(topology);
  host_->runtime().loop(0).Post([this, keys = std::move(keys), shared]() mutable {
    for (size_t i = 0; i < nodes_->size(); ++i)
      probes_.Spawn(ProbeNode(static_cast<int>(i), std::move(keys[i]), shared));
  });
}

Task<void> NodeInspector::ProbeNode(int node, std::vector<std::string> keys,
                                    std::shared_ptr<const Topology> topology) {
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, (*nodes_)[static_cast<size_t>(node)]->endpoint(), node);
  if (!link.ok()) {
    board_->Violate(Oracle::kEverySlot, absl::StrCat("node ", node, ": ", link.status().message()));
    co_return;
  }
  for (const std::string& key : keys) {
    Args get = {"GET", key};
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(get), kProbeTimeoutNs);
    if (!answer.ok() || !OnProbe(key, *answer, topology->owner(KeySlot(key)) == node)) {
      board_->Violate(
          Oracle::kEverySlot,
          absl::StrCat(
              "node ", node, " was asked for a key of slot ", KeySlot(key), ": ",
              answer.ok() ? DebugString(answer->reply) : std::string(answer.status().message())));
      co_return;
    }
  }
}

bool NodeInspector::OnProbe(const std::string& key, const AdminLink::Answer& answer, bool owned) {
  board_->CountCheck(Oracle::kEverySlot);
  if (!answer.reply.is_error()) {
    history_->ownership.OnExecuted(answer.occasion, KeySlot(key), "GET");
    history_->data.OnRead(key, answer.reply.text, answer.occasion);
    return owned;
  }
  const std::vector<std::string> words = absl::StrSplit(answer.reply.text, ' ');
  int slot = -1;
  if (owned || words.size() != 3 || words[0] != "MOVED" || !absl::SimpleAtoi(words[1], &slot))
    return false;
  history_->ownership.OnMoved(answer.occasion, KeySlot(key), slot, words[2]);
  return true;
}

}  // namespace damselfly::sim
