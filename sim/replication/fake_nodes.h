#ifndef DAMSELFLY_SIM_REPLICATION_FAKE_NODES_H_
#define DAMSELFLY_SIM_REPLICATION_FAKE_NODES_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/replication/record.h"
#include "sim/oracles/key_slot.h"
#include "sim/replication/node_view.h"

namespace damselfly::sim {

// A node for the tests of oracles: what it is, what it holds, and a journal, each to be made right
// or wrong by hand.
struct FakeNode final : public NodeMemory {
  NodeView view;
  Contents contents;
  // By lane; the record behind position p is journal[lane][p - first].
  std::vector<std::vector<std::string>> journal;
  uint64_t first = 0;

  FakeNode(int node, const std::string& lineage, int lane_count) {
    view.node = node;
    view.incarnation = 1;
    view.lineage = lineage;
    view.positions.assign(static_cast<size_t>(lane_count), 0);
    journal.resize(static_cast<size_t>(lane_count));
  }
  int lane_count() const { return static_cast<int>(journal.size()); }

  uint64_t SlotDigest(uint16_t slot) const override {
    uint64_t digest = 0;
    for (const auto& [key, held] : contents) {
      if (KeySlot(key.second) == slot)
        digest += HeldDigest(key.first, key.second, *held.data, held.expiry_ms);
    }
    return digest;
  }
  void LaneDigests(int lane, int count, SlotDigests* digests) const override {
    std::set<uint16_t> slots;
    for (const auto& [key, held] : LaneContents(lane, count)) slots.insert(KeySlot(key.second));
    digests->clear();
    for (uint16_t slot : slots) digests->emplace_back(slot, SlotDigest(slot));
  }
  Contents LaneContents(int lane, int count) const override {
    Contents of_lane;
    for (const auto& [key, held] : contents) {
      if (KeySlot(key.second) % count == lane) of_lane[key] = held;
    }
    return of_lane;
  }
  uint64_t KeyCount() const override { return contents.size(); }
  bool ReadRecords(int lane, uint64_t position, std::vector<std::string>* records) const override {
    const std::vector<std::string>& all = journal[static_cast<size_t>(lane)];
    if (position < first || position > first + all.size()) return false;
    records->assign(all.begin() + static_cast<int64_t>(position - first), all.end());
    return true;
  }

  void Hold(const std::string& key, const std::string& value, int64_t expiry_ms = -1) {
    contents[{0, key}] = Held{std::make_shared<const std::string>(value), expiry_ms};
  }
  // Holds it and journals it.
  void Set(const std::string& key, const std::string& value, int64_t expiry_ms = -1,
           uint64_t transaction_id = 0, uint64_t part_count = 1) {
    Hold(key, value, expiry_ms);
    Journal(SetOf(key, value, expiry_ms), transaction_id, part_count);
  }
  void Delete(const std::string& key) {
    contents.erase({0, key});
    Change change;
    change.kind = Change::Kind::kDelete;
    change.slot = KeySlot(key);
    change.key = key;
    Journal(change, 0, 1);
  }
  static Change SetOf(const std::string& key, const std::string& value, int64_t expiry_ms) {
    Change change;
    change.kind = Change::Kind::kSet;
    change.slot = KeySlot(key);
    change.key = key;
    change.value = value;
    change.expiry_ms = expiry_ms;
    return change;
  }
  void Journal(const Change& change, uint64_t transaction_id, uint64_t part_count) {
    std::string record;
    record.push_back(static_cast<char>(transaction_id));
    record.push_back(static_cast<char>(part_count));
    AppendChange(change, false, &record);
    const size_t lane = change.slot % journal.size();
    journal[lane].push_back(record);
    ++view.positions[lane];
  }
};

// A key of that lane, of two.
inline std::string KeyOfLane(int lane) {
  for (char c = 'a';; ++c) {
    if (KeySlot(std::string(1, c)) % 2 == lane) return std::string(1, c);
  }
}

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_FAKE_NODES_H_
