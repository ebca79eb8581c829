#include "sim/replication/lineage.h"

#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly::sim {
namespace {

Change Of(Change::Kind kind, const std::string& key) {
  Change change;
  change.kind = kind;
  change.slot = KeySlot(key);
  change.key = key;
  return change;
}

Change Set(const std::string& key, absl::string_view value) {
  Change change = Of(Change::Kind::kSet, key);
  change.value = value;
  return change;
}

std::string TextAt(const Lineage& lineage, const std::string& key, uint64_t position) {
  const Held& held = lineage.HeldAt({0, key}, position);
  return held.data == nullptr ? "-" : *held.data;
}

class LineageTest : public testing::Test {
 protected:
  LineageTest() : lineage_(1) { lineage_.Rebase(0, 10, {}); }
  bool Append(const Change& change) { return lineage_.Append(0, 0, 1, {change}); }

  const std::string key_ = "k";
  const std::string other_ = "other";
  Lineage lineage_;
};

TEST_F(LineageTest, RemembersEveryPosition) {
  Append(Set(key_, "one"));
  Append(Set(key_, "two"));
  Append(Of(Change::Kind::kDelete, key_));
  EXPECT_EQ(lineage_.head(0), 13u);
  EXPECT_EQ(TextAt(lineage_, key_, 10), "-");
  EXPECT_EQ(TextAt(lineage_, key_, 11), "one");
  EXPECT_EQ(TextAt(lineage_, key_, 12), "two");
  EXPECT_EQ(TextAt(lineage_, key_, 13), "-");
  EXPECT_EQ(lineage_.DigestAt(0, 12), HeldDigest(0, key_, "two", -1));
  EXPECT_EQ(lineage_.DigestAt(0, 13), 0u);
  EXPECT_FALSE(lineage_.Knows(0, 9));
  EXPECT_FALSE(lineage_.Knows(0, 14));
}

TEST_F(LineageTest, SaysWhichSlotsDifferBetweenTwoPositions) {
  using Slots = std::vector<uint16_t>;
  Slots slots;
  Append(Set(key_, "one"));
  EXPECT_TRUE(lineage_.SlotsTouched(0, 10, 10, &slots));
  EXPECT_EQ(slots, Slots());
  lineage_.Append(0, 0, 1, {Set(other_, "two"), Of(Change::Kind::kDelete, key_)});
  EXPECT_TRUE(lineage_.SlotsTouched(0, 11, 12, &slots));
  EXPECT_EQ(slots, (Slots{KeySlot(other_), KeySlot(key_)}));
  EXPECT_TRUE(lineage_.SlotsTouched(0, 10, 12, &slots));
  EXPECT_EQ(slots.size(), 3u);
  Change flush;
  flush.kind = Change::Kind::kFlushDatabase;
  flush.database = Change::kAllDatabases;
  Append(flush);
  EXPECT_FALSE(lineage_.SlotsTouched(0, 12, 13, &slots));
  lineage_.Rebase(0, 20, {});
  EXPECT_FALSE(lineage_.SlotsTouched(0, 13, 20, &slots));
  Append(Set(key_, "new"));
  EXPECT_TRUE(lineage_.SlotsTouched(0, 20, 21, &slots));
}

TEST_F(LineageTest, WritesInPlaceAndFillsWithZeros) {
  Append(Set(key_, "abc"));
  Change write = Of(Change::Kind::kWriteRange, key_);
  write.value = "xy";
  write.offset = 4;
  write.size = 7;
  EXPECT_TRUE(Append(write));
  EXPECT_EQ(TextAt(lineage_, key_, 12), std::string("abc\0xy\0", 7));
  write.size = 2;
  EXPECT_FALSE(Append(write)) << "beyond the end";
}

TEST_F(LineageTest, DeadlinesComeAndGoAndNeedAKey) {
  Change expire = Of(Change::Kind::kExpireAt, key_);
  expire.expiry_ms = 77;
  EXPECT_FALSE(Append(expire));
  Append(Set(key_, "v"));
  EXPECT_TRUE(Append(expire));
  EXPECT_EQ(lineage_.HeldAt({0, key_}, 13).expiry_ms, 77);
  EXPECT_TRUE(Append(Of(Change::Kind::kPersist, key_)));
  EXPECT_EQ(lineage_.HeldAt({0, key_}, 14).expiry_ms, -1);
}

TEST_F(LineageTest, FlushesSlotsAndDatabases) {
  Append(Set(key_, "v"));
  Append(Set(other_, "w"));
  Append(Of(Change::Kind::kFlushSlot, key_));
  EXPECT_EQ(TextAt(lineage_, key_, 13), "-");
  EXPECT_EQ(TextAt(lineage_, other_, 13), "w");
  Change flush;
  flush.kind = Change::Kind::kFlushDatabase;
  flush.database = 5;
  Append(flush);
  EXPECT_EQ(TextAt(lineage_, other_, 14), "w");
  flush.database = Change::kAllDatabases;
  Append(flush);
  EXPECT_EQ(TextAt(lineage_, other_, 15), "-");
}

TEST_F(LineageTest, SwapsDatabases) {
  Append(Set(key_, "v"));
  Change swap;
  swap.kind = Change::Kind::kSwapDatabases;
  swap.other_database = 3;
  Append(swap);
  EXPECT_EQ(TextAt(lineage_, key_, 12), "-");
  EXPECT_EQ(*lineage_.HeldAt({3, key_}, 12).data, "v");
}

TEST_F(LineageTest, AGapIsNotKnown) {
  Append(Set(key_, "v"));
  Contents contents;
  contents[{0, other_}] = Held{std::make_shared<const std::string>("w"), -1};
  lineage_.Rebase(0, 20, contents);
  EXPECT_TRUE(lineage_.Knows(0, 10));
  EXPECT_TRUE(lineage_.Knows(0, 11));
  EXPECT_FALSE(lineage_.Knows(0, 12));
  EXPECT_FALSE(lineage_.Knows(0, 19));
  EXPECT_TRUE(lineage_.Knows(0, 20));
  EXPECT_EQ(TextAt(lineage_, key_, 20), "-");
  EXPECT_EQ(lineage_.DigestAt(0, 20), HeldDigest(0, other_, "w", -1));
}

TEST(HeldDigest, TellsBigValuesApart) {
  std::string value;
  for (int i = 0; i < 20'000; ++i) value += std::to_string(10'000'000 + i);
  const uint64_t digest = HeldDigest(0, "k", value, -1);
  EXPECT_EQ(HeldDigest(0, "k", value, -1), digest);
  std::string missing = value;
  missing.replace(70'000, 8, "");
  EXPECT_NE(HeldDigest(0, "k", missing + "12345678", -1), digest);
  std::string last = value;
  last.back() = 'x';
  EXPECT_NE(HeldDigest(0, "k", last, -1), digest);
  EXPECT_NE(HeldDigest(0, "k", value, 5), digest);
}

TEST(Lineage, RefusesWhatIsNotOfTheLane) {
  Lineage lineage(2);
  lineage.Rebase(0, 0, {});
  lineage.Rebase(1, 0, {});
  const std::string key = "k";
  const int wrong = 1 - KeySlot(key) % 2;
  EXPECT_FALSE(lineage.Append(wrong, 0, 1, {Set(key, "v")}));
}

TEST(Lineage, WhatConcernsAllSlotsIsToldInLaneZero) {
  Lineage lineage(2);
  lineage.Rebase(0, 0, {});
  lineage.Rebase(1, 0, {});
  std::string keys[2];
  for (char c = 'a'; keys[0].empty() || keys[1].empty(); ++c)
    keys[KeySlot(std::string(1, c)) % 2] = std::string(1, c);
  for (int lane : {0, 1}) lineage.Append(lane, 0, 1, {Set(keys[lane], "old")});
  Change flush;
  flush.kind = Change::Kind::kFlushDatabase;
  flush.database = Change::kAllDatabases;
  EXPECT_TRUE(lineage.Append(0, 7, 2, {flush, Set(keys[1], "new")}));
  EXPECT_EQ(TextAt(lineage, keys[1], 1), "old") << "its lane has not come so far";
  EXPECT_TRUE(lineage.Append(1, 7, 2, {}));
  EXPECT_EQ(TextAt(lineage, keys[0], 2), "-");
  EXPECT_EQ(TextAt(lineage, keys[1], 2), "new");
}

TEST(Lineage, KnowsTheParts) {
  Lineage lineage(2);
  lineage.Rebase(0, 0, {});
  lineage.Rebase(1, 5, {});
  lineage.Append(0, 9, 2, {});
  EXPECT_EQ(lineage.TransactionAt(0, 0)->parts.size(), 1u);
  lineage.Append(1, 9, 2, {});
  EXPECT_EQ(lineage.TransactionAt(0, 0)->parts.size(), 2u);
  EXPECT_EQ(lineage.TransactionAt(1, 5)->parts[0].lane, 0);
  // Another journal counts from the beginning.
  lineage.Append(0, 9, 2, {});
  EXPECT_EQ(lineage.TransactionAt(0, 1)->parts.size(), 1u);
  lineage.Append(1, 9, 2, {});
  // ... where the same number may be another size's.
  lineage.Append(1, 9, 4, {});
  EXPECT_EQ(lineage.TransactionAt(1, lineage.head(1) - 1)->parts.size(), 1u);
  EXPECT_EQ(lineage.TransactionAt(0, 1)->parts.size(), 2u);
  lineage.Append(0, 0, 1, {});
  EXPECT_EQ(lineage.TransactionAt(0, 2), nullptr);
}

}  // namespace
}  // namespace damselfly::sim
