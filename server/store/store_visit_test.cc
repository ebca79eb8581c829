#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

class StoreVisitTest : public testing::Test {
 protected:
  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database Db(int index = 0) { return Database(&store_, index, 1000, &store_.counters(0)); }

  Store store_{Store::Options{}};
};

TEST_F(StoreVisitTest, ScanOfNothingEndsAtOnce) {
  EXPECT_EQ(store_.Scan(3, 0, 10, false, [](Entry&) {}), 0u);
}

TEST_F(StoreVisitTest, ScanReturnsAboutCountKeysACall) {
  for (int i = 0; i < 20000; ++i) Db().SetInteger(K(std::to_string(i)), i, Expiry::None());
  std::set<std::string> seen;
  uint64_t cursor = 0;
  do {
    size_t visited = 0;
    cursor = store_.Scan(0, cursor, 10, false, [&](Entry& entry) {
      ++visited;
      EXPECT_TRUE(seen.insert(std::string(entry.key())).second);
    });
    EXPECT_LE(visited, 13u);
    EXPECT_LT(cursor, uint64_t{1} << 53);
    if (cursor != 0) {
      EXPECT_GE(visited, 10u);
    }
  } while (cursor != 0);
  EXPECT_EQ(seen.size(), 20000u);
}

TEST_F(StoreVisitTest, ScanReturnsEveryKeyThatStaysWhileOthersComeAndGo) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    Random random(seed);
    const bool grows = seed % 2 == 0;
    const auto name = [&] {
      return (random.Chance(1, 2) ? "{tag}" : "") + std::string("k") +
             std::to_string(random.Below(20000));
    };
    store_.Flush(-1, true, &store_.counters(0));
    for (int i = 0; i < 1000; ++i) {
      Db().SetInteger(K("stay" + std::to_string(i)), i, Expiry::None());
      Db().SetInteger(K("{tag}stay" + std::to_string(i)), i, Expiry::None());
    }
    for (int i = 0; i < 20000 && !grows; ++i) Db().SetInteger(K(name()), i, Expiry::None());
    std::set<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = store_.Scan(0, cursor, 20, false,
                           [&](Entry& entry) { seen.insert(std::string(entry.key())); });
      for (int i = 0; i < 200; ++i) {
        if (random.Chance(grows ? 9 : 1, 10)) {
          Db().SetInteger(K(name()), i, Expiry::None());
        } else {
          Db().Delete(K(name()));
        }
      }
    } while (cursor != 0);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(seen.count("stay" + std::to_string(i)));
      EXPECT_TRUE(seen.count("{tag}stay" + std::to_string(i)));
    }
  }
}

TEST_F(StoreVisitTest, AnyNumberIsALegalCursor) {
  for (int i = 0; i < 1000; ++i) Db().SetInteger(K(std::to_string(i)), i, Expiry::None());
  Random random(1);
  for (int i = 0; i < 1000; ++i)
    store_.Scan(0, random.Next() >> random.Below(64), 5, false, [](Entry&) {});
  store_.Scan(0, UINT64_MAX, 0, false, [](Entry&) {});
}

TEST_F(StoreVisitTest, SlotsListTheirOwnKeys) {
  for (int i = 0; i < 500; ++i) Db(2).SetInteger(K("{foo}" + std::to_string(i)), i, Expiry::None());
  Db(2).SetInteger(K("elsewhere"), 1, Expiry::None());
  size_t visited = 0;
  store_.ForEachInSlot(2, K("foo").slot,
                       [&](Entry& entry) { visited += entry.key().substr(0, 5) == "{foo}"; });
  EXPECT_EQ(visited, 500u);
  store_.ForEachInSlot(9, K("foo").slot, [&](Entry&) { ADD_FAILURE(); });
}

TEST_F(StoreVisitTest, RandomEntryPrefersNoSlot) {
  // Half of the keys in one slot, half spread over many.
  std::map<bool, int> drawn;
  for (int i = 0; i < 2000; ++i) {
    Db().SetInteger(K((i % 2 == 0 ? "{tag}" : "") + std::to_string(i)), i, Expiry::None());
  }
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    EXPECT_TRUE(store_.RandomEntry(0, 1000, random, false,
                                   [&](Entry& entry) { ++drawn[entry.key()[0] == '{']; }));
  }
  EXPECT_NEAR(drawn[true], 1000, 150);
}

TEST_F(StoreVisitTest, KeysOfAGroupOfSlotsAreThoseOfItsSlots) {
  constexpr int kWorkers = 3;
  Store::Options options;
  options.worker_count = kWorkers;
  options.has_threads = false;
  Store store(options);
  Random random(4);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 500; ++i) {
      StoreCounters& counters = store.counters(static_cast<int>(random.Below(kWorkers)));
      // Some of them past the deadlines that are set.
      Database db(&store, static_cast<int>(random.Below(4)), random.Chance(1, 20) ? 3000 : 1000,
                  &counters);
      const std::string name = std::to_string(random.Below(2000));
      const Key key = store.MakeKey(name);
      if (random.Chance(1, 3))
        db.Delete(key);
      else
        db.SetInteger(key, 1, random.Chance(1, 4) ? Expiry::At(2000) : Expiry::None());
    }
    StoreCounters* const counters = &store.counters(static_cast<int>(random.Below(kWorkers)));
    const int database = static_cast<int>(random.Below(4));
    switch (random.Below(6)) {
      case 0:
        store.Flush(random.Chance(1, 4) ? -1 : database, random.Chance(1, 2), counters);
        break;
      case 1:
        store.SwapDatabases(database, static_cast<int>(random.Below(4)), counters);
        break;
      case 2:
        store.FlushSlot(static_cast<uint16_t>(random.Below(kSlotCount)), counters);
        break;
      default:
        store.FlushSlot(store.MakeKey(std::to_string(random.Below(2000))).slot, counters);
    }
    std::map<std::pair<int, int>, uint64_t> expected;
    for (int each = 0; each < 4; ++each) {
      for (int slot = 0; slot < kSlotCount; ++slot) {
        expected[{each, slot / SlotGroupCounts::kSlotsInGroup}] +=
            store.KeyCountInSlot(each, static_cast<uint16_t>(slot));
      }
    }
    for (const auto& [group, keys] : expected)
      EXPECT_EQ(store.KeyCountInGroup(group.first, group.second), keys);
  }
}

TEST_F(StoreVisitTest, RandomEntryIsAliveOrThereIsNone) {
  Random random(1);
  EXPECT_FALSE(store_.RandomEntry(0, 1000, random, false, [](Entry&) {}));
  for (int i = 0; i < 3000; ++i) Db().SetInteger(K(std::to_string(i)), i, Expiry::At(2000));
  EXPECT_FALSE(store_.RandomEntry(0, 3000, random, false, [](Entry&) {}));
  Db().SetInteger(K("live"), 1, Expiry::None());
  EXPECT_TRUE(store_.RandomEntry(0, 3000, random, true,
                                 [](Entry& entry) { EXPECT_EQ(entry.key(), "live"); }));
}

class Collector : public TableWalk::Receiver {
 public:
  explicit Collector(bool wants_flushed = true) : wants_flushed_(wants_flushed) {}
  bool WantsFlushed() const override { return wants_flushed_; }
  void Receive(uint16_t, int database, const Entry& entry) override {
    char scratch[Entry::kIntegerTextBytesMax];
    EXPECT_TRUE(received
                    .emplace(std::to_string(database) + ":" + std::string(entry.key()),
                             std::string(entry.StringValue(scratch)))
                    .second);
  }
  std::map<std::string, std::string> received;

 private:
  const bool wants_flushed_;
};

TEST_F(StoreVisitTest, WalkBringsTheWholeStoreAsItWasAtTheCut) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    store_.Flush(-1, true, &store_.counters(0));
    Random random(seed);
    std::map<std::string, std::string> cut;
    const auto change = [&](bool record) {
      const int index = random.Chance(1, 2) ? 0 : static_cast<int>(random.Below(16));
      const std::string name =
          (random.Chance(1, 2) ? "{tag}" : "") + std::to_string(random.Below(3000));
      const std::string value = std::string(random.Below(100), 'v') + std::to_string(random.Next());
      switch (random.Below(record ? 1 : 4)) {
        case 0:
          Db(index).SetString(K(name), value, Expiry::None());
          if (record) cut[std::to_string(index) + ":" + name] = value;
          break;
        case 1:
          Db(index).Delete(K(name));
          break;
        case 2:
          if (Db(index).Find(K(name)) != nullptr) Db(index).SetExpiry(K(name), 5000);
          break;
        default:
          Db(index).WriteRange(K(name), 10, 0, "c");
      }
    };
    for (int i = 0; i < 5000; ++i) change(true);
    Collector collector;
    TableWalk walk(TableWalk::Slots::All(), &collector);
    store_.BeginWalk(&walk);
    int steps = 0;
    while (store_.StepWalk(&walk, false)) {
      for (int i = 0; i < 3; ++i) change(false);
      ++steps;
      if (seed >= 2 && steps == 500) store_.SwapDatabases(0, 3, &store_.counters(0));
      if (seed >= 4 && steps == 700) store_.Flush(0, false, &store_.counters(0));
    }
    store_.EndWalk(&walk);
    EXPECT_EQ(collector.received, cut);
  }
}

TEST_F(StoreVisitTest, WalkOverOneSlotBringsThatSlot) {
  for (int i = 0; i < 300; ++i) {
    Db(i % 2).SetInteger(K("{foo}" + std::to_string(i)), i, Expiry::None());
    Db().SetInteger(K(std::to_string(i)), i, Expiry::None());
  }
  Collector collector;
  TableWalk walk(TableWalk::Slots::One(K("foo").slot), &collector);
  store_.BeginWalk(&walk);
  for (int i = 0; i < 300; ++i) Db().Delete(K("{foo}" + std::to_string(i)));
  while (store_.StepWalk(&walk, true)) {
  }
  store_.EndWalk(&walk);
  EXPECT_EQ(collector.received.size(), 300u);
}

// As a full sync does: one walk a lane, each at its own pace.
TEST_F(StoreVisitTest, WalksOverEveryNthSlotTogetherBringEveryKeyOnce) {
  constexpr int kLanes = 3;
  constexpr int kKeys = 6000;
  const auto name = [](int i) { return (i % 4 == 0 ? "{tag}" : "") + std::to_string(i); };
  for (int i = 0; i < kKeys; ++i) Db(i % 2).SetInteger(K(name(i)), i, Expiry::None());
  Collector collectors[kLanes];
  std::vector<std::unique_ptr<TableWalk>> walks;
  for (int lane = 0; lane < kLanes; ++lane) {
    walks.push_back(std::make_unique<TableWalk>(TableWalk::Slots{lane, kLanes}, &collectors[lane]));
    store_.BeginWalk(walks.back().get());
  }
  Random random(5);
  bool going = true;
  while (going) {
    going = false;
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int step = 0; step < 10 + lane; ++step)
        going = store_.StepWalk(walks[static_cast<size_t>(lane)].get(), false) || going;
      const std::string changed = name(static_cast<int>(random.Below(kKeys)));
      Db(lane % 2).SetString(K(changed), "changed", Expiry::None());
    }
  }
  for (const auto& walk : walks) store_.EndWalk(walk.get());
  size_t received = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    received += collectors[lane].received.size();
    for (const auto& [key, value] : collectors[lane].received) {
      EXPECT_EQ(K(key.substr(2)).slot % kLanes, lane);
      EXPECT_NE(value, "changed");
    }
  }
  EXPECT_EQ(received, static_cast<size_t>(kKeys));
}

TEST_F(StoreVisitTest, WalksMayDoWithoutWhatIsFlushedAsAWhole) {
  for (int i = 0; i < 300; ++i) {
    Db(1).SetInteger(K("{foo}" + std::to_string(i)), i, Expiry::None());
    Db(2).SetInteger(K("{bar}" + std::to_string(i)), i, Expiry::None());
  }
  Collector all;
  Collector lasting(/*wants_flushed=*/false);
  TableWalk walk_of_all(TableWalk::Slots::All(), &all);
  TableWalk walk_of_lasting(TableWalk::Slots::All(), &lasting);
  store_.BeginWalk(&walk_of_all);
  store_.BeginWalk(&walk_of_lasting);
  // What moves is not flushed.
  store_.SwapDatabases(2, 3, &store_.counters(0));
  EXPECT_EQ(lasting.received.size(), 300u);
  store_.FlushSlot(K("{foo}").slot, &store_.counters(0));
  store_.Flush(-1, /*wait=*/false, &store_.counters(0));
  Db(1).SetInteger(K("{foo}new"), 1, Expiry::None());
  for (TableWalk* walk : {&walk_of_all, &walk_of_lasting}) {
    while (store_.StepWalk(walk, true)) {
    }
    store_.EndWalk(walk);
  }
  EXPECT_EQ(all.received.size(), 600u);
  EXPECT_EQ(lasting.received.size(), 300u);
}

}  // namespace
}  // namespace damselfly
