#ifndef DAMSELFLY_SERVER_REPLICATION_FLOW_HARNESS_H_
#define DAMSELFLY_SERVER_REPLICATION_FLOW_HARNESS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/store/apply_change.h"
#include "server/store/entry_content.h"
#include "server/store/store.h"

namespace damselfly {

// Type and encoding, value and deadline of every key, expired or not.
using Contents = std::map<std::string, std::tuple<std::string, std::string, int64_t>>;

inline Contents ContentsOf(Store& store) {
  Contents contents;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    for (int slot = 0; slot < kSlotCount; ++slot) {
      store.ForEachInSlot(database, static_cast<uint16_t>(slot), [&](Entry& entry) {
        std::string scratch;
        const std::string encoding =
            entry.type() == ValueType::kString
                ? absl::StrCat("string ", static_cast<int>(entry.string_encoding()))
                : std::string(entry.traits().encoding(entry.collection_word()));
        contents[absl::StrCat(database, ":", entry.key())] = {
            std::string(ContentOf(entry, &scratch)), encoding, entry.expiry_ms()};
      });
    }
  }
  return contents;
}

// A replica in a test: applies what flows say to a store of its own, by one thread. Parts of a
// transaction wait for each other, as a replica has them.
class ReplicaModel {
 public:
  explicit ReplicaModel(int lane_count) : store_(OptionsOf()), lanes_(Size(lane_count)) {
    store_.set_owns_expiry(false);
  }

  // What has come on one flow.
  void Feed(int lane, absl::string_view bytes) {
    Lane& from = lanes_[Size(lane)];
    from.parser.Append(bytes);
    Frame frame;
    for (;;) {
      const absl::StatusOr<bool> there = from.parser.Next(&frame);
      ASSERT_TRUE(there.ok()) << there.status();
      if (!*there) break;
      from.frames.emplace_back(frame.type, std::string(frame.payload));
    }
    while (ApplySome()) {
    }
  }

  Store& store() { return store_; }
  bool synced(int lane) const { return lanes_[Size(lane)].synced; }
  bool all_synced() const {
    for (const Lane& lane : lanes_) {
      if (!lane.synced) return false;
    }
    return true;
  }
  // Everything that has come has been applied, and nothing has come by half.
  bool settled() const {
    for (const Lane& lane : lanes_) {
      if (!lane.frames.empty() || lane.parser.pending_bytes() > 0 || lane.missing_bytes > 0)
        return false;
    }
    return true;
  }
  uint64_t records(int lane) const { return lanes_[Size(lane)].records; }
  uint64_t entries(int lane) const { return lanes_[Size(lane)].entries; }
  uint64_t count(FrameType type) const {
    const auto found = counts_.find(type);
    return found == counts_.end() ? 0 : found->second;
  }
  size_t longest_piece() const { return longest_piece_; }

 private:
  struct Lane {
    FrameParser parser;
    std::deque<std::pair<FrameType, std::string>> frames;
    bool synced = false;
    uint64_t records = 0;
    uint64_t entries = 0;
    // An entry whose value has not all come.
    std::string entry;
    std::string value;
    uint64_t missing_bytes = 0;
  };

  static size_t Size(int lane) { return static_cast<size_t>(lane); }
  static Store::Options OptionsOf() {
    Store::Options options;
    options.hash_seed = 99;  // another one: nothing may depend on where an entry lies
    return options;
  }

  void Apply(const Change& change) {
    EXPECT_TRUE(ApplyChange(&store_, change, &store_.counters(0)));
  }

  bool ApplySome() {
    bool any = false;
    for (Lane& lane : lanes_) {
      while (!lane.frames.empty() && ApplyFrame(lane)) any = true;
    }
    return any;
  }

  // Returns false when it has to wait.
  bool ApplyFrame(Lane& lane) {
    const auto& [type, payload] = lane.frames.front();
    if (type == FrameType::kRecord) {
      EXPECT_EQ(lane.missing_bytes, 0u);
      if (!ApplyRecord(payload)) return false;
      ++lane.records;
    } else if (type == FrameType::kEntry) {
      EXPECT_FALSE(lane.synced);
      EXPECT_EQ(lane.missing_bytes, 0u);
      BeginEntry(lane, payload);
    } else if (type == FrameType::kChunk) {
      AddPiece(lane, payload);
    } else if (type == FrameType::kSyncEnd) {
      EXPECT_FALSE(lane.synced);
      lane.synced = true;
    }
    ++counts_[type];
    lane.frames.pop_front();
    return true;
  }

  void BeginEntry(Lane& lane, absl::string_view payload) {
    Change change;
    size_t used = 0;
    ASSERT_TRUE(ParseEntry(payload, &change, &used).ok());
    ++lane.entries;
    if (change.form == Change::Form::kInteger) return Apply(change);
    lane.entry = std::string(payload.substr(0, used));
    lane.value.clear();
    lane.missing_bytes = change.size;
    AddPiece(lane, payload.substr(used));
  }

  void AddPiece(Lane& lane, absl::string_view piece) {
    ASSERT_LE(piece.size(), lane.missing_bytes);
    longest_piece_ = std::max(longest_piece_, piece.size());
    lane.value.append(piece.data(), piece.size());
    lane.missing_bytes -= piece.size();
    if (lane.missing_bytes > 0) return;
    Change change;
    size_t used = 0;
    ASSERT_TRUE(ParseEntry(lane.entry, &change, &used).ok());
    change.value = lane.value;
    Apply(change);
  }

  bool ApplyRecord(absl::string_view payload) {
    Record record;
    EXPECT_TRUE(ParseRecord(payload, &record).ok());
    if (record.transaction_id == 0) {
      for (const Change& change : record.changes) Apply(change);
      return true;
    }
    return ApplyTransaction(record.transaction_id, record.lane_count);
  }

  // When all parts stand at the head of their lanes: applies the first lane's with the others',
  // which then find it done.
  bool ApplyTransaction(uint64_t id, uint64_t lane_count) {
    if (const auto done = done_.find(id); done != done_.end()) {
      if (--done->second == 0) done_.erase(done);
      return true;
    }
    std::vector<Record> parts;
    for (const Lane& lane : lanes_) {
      if (lane.frames.empty() || lane.frames.front().first != FrameType::kRecord) continue;
      Record record;
      EXPECT_TRUE(ParseRecord(lane.frames.front().second, &record).ok());
      if (record.transaction_id == id) parts.push_back(std::move(record));
    }
    if (parts.size() < lane_count) return false;
    for (const Record& part : parts) {
      for (const Change& change : part.changes) Apply(change);
    }
    if (lane_count > 1) done_[id] = lane_count - 1;
    return true;
  }

  Store store_;
  std::vector<Lane> lanes_;
  std::map<uint64_t, uint64_t> done_;  // parts that will find it done
  std::map<FrameType, uint64_t> counts_;
  size_t longest_piece_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_FLOW_HARNESS_H_
