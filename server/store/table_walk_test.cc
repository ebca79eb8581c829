#include "server/store/table_walk.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/store/table_harness.h"

namespace damselfly {
namespace {

class Collector : public TableWalk::Receiver {
 public:
  void Receive(uint16_t slot, int database, const Entry& entry) override {
    EXPECT_EQ(slot, 5);
    EXPECT_EQ(database, 3);
    const auto inserted = received.emplace(std::string(entry.key()), TableHarness::ValueOf(entry));
    EXPECT_TRUE(inserted.second) << entry.key() << " came twice";
  }
  std::map<std::string, std::string> received;
};

// A walk in progress, with what it has to bring.
struct Running {
  explicit Running(TableWalk::Slots slots) : walk(slots, &collector) {}
  Collector collector;
  TableWalk walk;
  std::map<std::string, std::string> cut;
  uint64_t position = 0;
};

struct HashCase {
  const char* name;
  uint64_t (*hash)(absl::string_view, uint64_t);
  uint64_t key_range;
};

class TableWalkTest : public testing::TestWithParam<HashCase> {};

TEST_P(TableWalkTest, BringsTheStateOfTheCutExactlyOnceWhateverWritersDo) {
  for (uint64_t seed = 0; seed < 9; ++seed) {
    TableHarness harness(GetParam().hash);
    Random random(seed);
    const uint64_t key_range = GetParam().key_range;
    for (uint64_t i = 0; i < key_range; ++i) harness.RandomChange(random, key_range, 80);

    Running running(random.Chance(1, 2) ? TableWalk::Slots::One(5) : TableWalk::Slots::All());
    running.cut = harness.model();
    harness.walks().Begin(&running.walk);
    // Growing, steady, shrinking.
    const uint64_t insert_percent = seed % 3 == 0 ? 95 : seed % 3 == 1 ? 50 : 4;
    while (running.position < Table::kEnd) {
      const uint64_t changes = random.Below(key_range / 10);
      for (uint64_t i = 0; i < changes; ++i)
        harness.RandomChange(random, key_range * 2, insert_percent);
      running.position = harness.table().CoverSegment(running.position);
    }
    harness.walks().End(&running.walk);
    EXPECT_EQ(running.collector.received, running.cut);
    harness.ExpectEqualsModel();
  }
}

TEST_P(TableWalkTest, SeveralWalksWithDifferentCutsDoNotDisturbEachOther) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    TableHarness harness(GetParam().hash);
    Random random(seed);
    const uint64_t key_range = GetParam().key_range;
    for (uint64_t i = 0; i < key_range; ++i) harness.RandomChange(random, key_range, 80);
    std::vector<std::unique_ptr<Running>> walks;
    int begun = 0;
    while (begun < 5 || !walks.empty()) {
      if (begun < 5 && random.Chance(1, 3)) {
        walks.push_back(std::make_unique<Running>(TableWalk::Slots::All()));
        walks.back()->cut = harness.model();
        harness.walks().Begin(&walks.back()->walk);
        ++begun;
      }
      const uint64_t changes = random.Below(key_range / 20);
      for (uint64_t i = 0; i < changes; ++i) harness.RandomChange(random, key_range * 2, 50);
      for (size_t i = 0; i < walks.size();) {
        Running& running = *walks[i];
        running.position = harness.table().CoverSegment(running.position);
        if (running.position < Table::kEnd) {
          ++i;
          continue;
        }
        harness.walks().End(&running.walk);
        EXPECT_EQ(running.collector.received, running.cut);
        walks.erase(walks.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    EXPECT_FALSE(harness.walks().active());
  }
}

INSTANTIATE_TEST_SUITE_P(Hashes, TableWalkTest,
                         testing::Values(HashCase{"Good", GoodHash, 4000},
                                         HashCase{"Deep", DeepHash, 1500},
                                         HashCase{"SixBitPrefix", SixBitPrefixHash, 3000},
                                         HashCase{"FourteenBitPrefix", FourteenBitPrefixHash, 3000},
                                         HashCase{"Clumped", ClumpedHash, 1500},
                                         HashCase{"Constant", ConstantHash, 400}),
                         [](const auto& info) { return info.param.name; });

TEST(TableWalk, WalkOverAnotherSlotReceivesNothing) {
  TableHarness harness(GoodHash);
  for (int i = 0; i < 100; ++i) harness.Set(std::to_string(i), "v");
  Running running(TableWalk::Slots::One(6));
  harness.walks().Begin(&running.walk);
  for (int i = 0; i < 100; ++i) harness.Set(std::to_string(i), "w");
  harness.walks().End(&running.walk);
  EXPECT_TRUE(running.collector.received.empty());
}

}  // namespace
}  // namespace damselfly
