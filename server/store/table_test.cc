#include "server/store/table.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/store/table_harness.h"

namespace damselfly {
namespace {

struct HashCase {
  const char* name;
  uint64_t (*hash)(absl::string_view, uint64_t);
  uint64_t key_range;
};

class TableTest : public testing::TestWithParam<HashCase> {};

// Grows, keeps its size, and shrinks to nothing, several times.
TEST_P(TableTest, BehavesLikeAMapUnderRandomChanges) {
  TableHarness harness(GetParam().hash);
  Random random(1);
  const uint64_t key_range = GetParam().key_range;
  for (int round = 0; round < 2; ++round) {
    for (const uint64_t insert_percent : {90, 50, 10, 60, 0}) {
      for (uint64_t i = 0; i < key_range * 2; ++i)
        harness.RandomChange(random, key_range, insert_percent);
      harness.ExpectEqualsModel();
      EXPECT_FALSE(harness.Find("absent").found());
    }
  }
}

// SCAN's guarantee: what is there from the first step to the last is returned, whatever else comes
// and goes.
TEST_P(TableTest, CursorReturnsEveryKeyThatStaysWhileTheTableGrowsAndShrinks) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    TableHarness harness(GetParam().hash);
    Random random(seed);
    const uint64_t stay = GetParam().key_range / 8;
    for (uint64_t i = 0; i < stay; ++i) harness.Set("stay" + std::to_string(i), "v");
    // Even seeds begin small and grow during the scan, odd ones begin big and shrink.
    const bool grows = seed % 2 == 0;
    if (!grows) {
      for (uint64_t i = 0; i < GetParam().key_range; ++i) harness.Set("k" + std::to_string(i), "v");
    }
    std::set<std::string> seen;
    uint64_t position = 0;
    while (position < Table::kEnd) {
      const uint64_t before = position;
      position = harness.table().Scan(position, 1 + random.Below(20),
                                      [&](Entry& entry) { seen.insert(std::string(entry.key())); });
      ASSERT_GT(position, before);
      const uint64_t changes = random.Below(GetParam().key_range / 100);
      for (uint64_t i = 0; i < changes; ++i)
        harness.RandomChange(random, GetParam().key_range, grows ? 95 : 3);
    }
    for (uint64_t i = 0; i < stay; ++i) EXPECT_TRUE(seen.count("stay" + std::to_string(i))) << i;
  }
}

TEST_P(TableTest, ScanOfAQuietTableVisitsEachKeyOnce) {
  TableHarness harness(GetParam().hash);
  for (uint64_t i = 0; i < GetParam().key_range; ++i) harness.Set(std::to_string(i), "v");
  std::vector<std::string> seen;
  for (uint64_t position = 0; position < Table::kEnd;) {
    position =
        harness.table().Scan(position, 7, [&](Entry& entry) { seen.emplace_back(entry.key()); });
  }
  EXPECT_EQ(seen.size(), GetParam().key_range);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), GetParam().key_range);
}

TEST_P(TableTest, RandomEntryFindsSomethingAsLongAsThereIsSomething) {
  TableHarness harness(GetParam().hash);
  Random random(3);
  EXPECT_EQ(harness.table().RandomEntry(random), nullptr);
  for (uint64_t i = 0; i < GetParam().key_range; ++i) harness.Set(std::to_string(i), "v");
  for (uint64_t i = 1; i < GetParam().key_range; ++i) harness.Remove(std::to_string(i));
  ASSERT_NE(harness.table().RandomEntry(random), nullptr);
  EXPECT_EQ(harness.table().RandomEntry(random)->key(), "0");
}

INSTANTIATE_TEST_SUITE_P(Hashes, TableTest,
                         testing::Values(HashCase{"Good", GoodHash, 10000},
                                         HashCase{"Deep", DeepHash, 2000},
                                         HashCase{"SixBitPrefix", SixBitPrefixHash, 3000},
                                         HashCase{"FourteenBitPrefix", FourteenBitPrefixHash, 3000},
                                         HashCase{"Clumped", ClumpedHash, 3000},
                                         HashCase{"Constant", ConstantHash, 600}),
                         [](const auto& info) { return info.param.name; });

TEST(Table, ScanReturnsAboutAsManyAsAskedFor) {
  TableHarness harness(GoodHash);
  for (int i = 0; i < 5000; ++i) harness.Set(std::to_string(i), "v");
  for (uint64_t position = 0; position < Table::kEnd;) {
    size_t visited = 0;
    position = harness.table().Scan(position, 10, [&](Entry&) { ++visited; });
    EXPECT_LE(visited, 14u);
  }
}

TEST(Table, MemoryComesBackAsKeysGo) {
  TableHarness harness(GoodHash);
  for (int i = 0; i < 20000; ++i) harness.Set(std::to_string(i), "v");
  const int64_t full_bytes = harness.table_bytes();
  EXPECT_LT(full_bytes, 20000 * 13);
  for (int i = 0; i < 18000; ++i) harness.Remove(std::to_string(i));
  EXPECT_LT(harness.table_bytes(), full_bytes / 3);
  for (int i = 18000; i < 19990; ++i) harness.Remove(std::to_string(i));
  EXPECT_LE(harness.table_bytes(), 4096);
}

TEST(Table, RandomEntryIsNearlyUniform) {
  TableHarness harness(GoodHash);
  constexpr int kKeys = 500;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kKeys; ++i) harness.Set(std::to_string(i), "v");
  Random random(4);
  std::vector<int> drawn(kKeys);
  for (int i = 0; i < kDraws; ++i) {
    ++drawn[static_cast<size_t>(
        std::stoi(std::string(harness.table().RandomEntry(random)->key())))];
  }
  EXPECT_GT(*std::min_element(drawn.begin(), drawn.end()), kDraws / kKeys / 2);
  EXPECT_LT(*std::max_element(drawn.begin(), drawn.end()), kDraws / kKeys * 2);
}

TEST(Table, AnyPositionIsALegalPlaceToScanFrom) {
  TableHarness harness(GoodHash);
  for (int i = 0; i < 3000; ++i) harness.Set(std::to_string(i), "v");
  Random random(5);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t position = random.Below(Table::kEnd);
    EXPECT_GT(harness.table().Scan(position, 5, [](Entry&) {}), position);
  }
}

TEST(Table, AProbeGuessesTheEntryThatFindFinds) {
  TableHarness harness(GoodHash);
  EXPECT_EQ(Table::ProbeFor(harness.root(), 1).first, nullptr);
  for (int i = 0; i < 3000; ++i) harness.Set(std::to_string(i), "v");
  int guessed = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = std::to_string(i);
    const uint64_t hash = harness.HashOf(key);
    const Table::Probe probe = Table::ProbeFor(harness.root(), hash);
    ASSERT_NE(probe.first, nullptr);
    const Entry* entry = probe.GuessIn(probe.first);
    if (entry == nullptr) entry = probe.GuessIn(probe.second);
    ASSERT_NE(entry, nullptr);
    // Another entry may have the same tag.
    guessed += entry == harness.table().Find(hash, key).entry() ? 1 : 0;
  }
  EXPECT_GT(guessed, 2900);
}

}  // namespace
}  // namespace damselfly
