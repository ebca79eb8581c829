#include "server/store/store.h"

#include <string>

#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

class StoreTest : public testing::Test {
 protected:
  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database Db(int index = 0, int64_t now_ms = 1000) {
    return Database(&store_, index, now_ms, &store_.counters(0));
  }
  void Fill(int index, int keys) {
    for (int i = 0; i < keys; ++i)
      Db(index).SetInteger(K("k" + std::to_string(i)), i, Expiry::At(100000));
  }

  Store store_{Store::Options{}};
};

TEST_F(StoreTest, KeyHasTheClustersSlotAndASeededHash) {
  EXPECT_EQ(K("foo").slot, 12182);
  EXPECT_EQ(K("{foo}bar").slot, 12182);
  Store::Options options;
  options.hash_seed = 1;
  EXPECT_NE(Store(options).MakeKey("foo").hash, K("foo").hash);
}

TEST_F(StoreTest, LocksOfSlotsAndOfAllExcludeEachOther) {
  Store::Options options;
  options.worker_count = 2;
  Store store(options);
  const uint16_t slots[] = {1, 5, 16383};
  store.LockSlots(slots);
  store.UnlockSlots(slots);
  store.LockAll();
  store.UnlockAll();
  store.Lock(5);
  store.Unlock(5);
}

// Among threads each of these would wait for itself for ever.
TEST_F(StoreTest, WithoutThreadsALockThatIsTakenTwiceIsABug) {
  Store::Options options;
  options.worker_count = 2;
  options.has_threads = false;
  Store store(options);
  store.Lock(5);
  EXPECT_DEATH(store.Lock(5), "IsHeld");
  EXPECT_DEATH(store.LockAll(), "held_count_");
  store.Unlock(5);
  store.LockAll();
  EXPECT_DEATH(store.Lock(5), "all_held_");
  EXPECT_DEATH(store.LockAll(), "all_held_");
  store.UnlockAll();
  store.Lock(5);
  store.Unlock(5);
}

TEST_F(StoreTest, TellsWhichSlotsMayHaveKeysInWhichDatabases) {
  EXPECT_EQ(store_.NextUsedSlot(0), kSlotCount);
  Db().SetInteger(K("foo"), 1, Expiry::None());
  EXPECT_EQ(store_.NextUsedSlot(0), 12182);
  EXPECT_EQ(store_.NextUsedSlot(12183), kSlotCount);
  EXPECT_FALSE(store_.HasOtherDatabases(12182));
  Db(3).SetInteger(K("foo"), 1, Expiry::None());
  EXPECT_TRUE(store_.HasOtherDatabases(12182));
}

TEST_F(StoreTest, PrefetchingIsAllowedWhateverIsThere) {
  Fill(0, 1000);
  Fill(3, 10);
  for (const int workers : {1, 2}) {
    Store::Options options;
    options.worker_count = workers;
    Store store(options);
    for (int i = 0; i < 2000; ++i) {
      const std::string name = "k" + std::to_string(i);
      Key key = store.MakeKey(name);
      for (const int database : {0, 3, 7}) {
        store.PrefetchSlot(key.slot);
        store.Prefetch(database, absl::MakeSpan(&key, 1));
      }
      if (i % 2 == 0) Database(&store, 3, 0, &store.counters(0)).SetInteger(key, 1, Expiry::None());
    }
  }
}

TEST_F(StoreTest, CountsKeysByDatabaseAndSlot) {
  Fill(0, 100);
  Fill(5, 50);
  EXPECT_EQ(store_.KeyCount(0), 100u);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 100u);
  EXPECT_EQ(store_.KeyCount(5), 50u);
  EXPECT_EQ(store_.KeyCount(6), 0u);
  uint64_t sum = 0;
  for (int slot = 0; slot < kSlotCount; ++slot)
    sum += store_.KeyCountInSlot(5, static_cast<uint16_t>(slot));
  EXPECT_EQ(sum, 50u);
}

TEST_F(StoreTest, FlushEmptiesAtOnceAndFreesInTheBackground) {
  Fill(0, 5000);
  Fill(5, 50);
  const int64_t used_bytes = store_.TotalCounters().used_bytes;
  store_.LockAll();
  EXPECT_EQ(store_.Flush(0, false, &store_.counters(0)), 5000u);
  store_.UnlockAll();
  EXPECT_EQ(store_.KeyCount(0), 0u);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
  EXPECT_EQ(store_.KeyCount(5), 50u);
  EXPECT_EQ(Db().Find(K("k1")), nullptr);
  EXPECT_EQ(store_.TotalCounters().background_keys, 5000);
  EXPECT_EQ(store_.TotalCounters().used_bytes, used_bytes);
  // The database is usable meanwhile.
  Db().SetInteger(K("new"), 1, Expiry::None());
  int steps = 0;
  while (store_.BackgroundStep(0, 1000, &store_.counters(0))) ++steps;
  EXPECT_GE(steps, 4);
  EXPECT_EQ(store_.TotalCounters().background_keys, 0);
  EXPECT_EQ(store_.TotalCounters().freed_keys, 5000);
  EXPECT_EQ(store_.KeyCount(0), 1u);
  EXPECT_EQ(store_.Flush(-1, true, &store_.counters(0)), 51u);
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
  EXPECT_EQ(store_.TotalCounters().freed_keys, 5000);
}

TEST_F(StoreTest, SwapExchangesKeysCountsAndDeadlines) {
  Fill(0, 100);
  Fill(7, 10);
  Db(7).SetString(K("only"), "in seven", Expiry::At(2000));
  for (const int with : {7, 3}) {
    const uint64_t count = store_.KeyCount(with);
    store_.SwapDatabases(0, with, &store_.counters(0));
    EXPECT_EQ(store_.KeyCount(0), count);
    EXPECT_EQ(store_.KeyCount(with), with == 7 ? 100u : 11u);
    EXPECT_EQ(store_.ExpiringKeyCount(0), count);
  }
  EXPECT_NE(Db(3).Find(K("only")), nullptr);
  for (int i = 0; i < 40; ++i) store_.BackgroundStep(0, 3000, &store_.counters(0));
  EXPECT_EQ(store_.KeyCount(3), 10u);
  store_.SwapDatabases(3, 3, &store_.counters(0));
  EXPECT_EQ(store_.KeyCount(3), 10u);
}

TEST_F(StoreTest, UnlinkedBigValuesAreFreedInTheBackground) {
  Db().SetString(K("big"), std::string(1 << 20, 'x'), Expiry::None());
  Db().SetString(K("small"), "x", Expiry::None());
  EXPECT_TRUE(Db().Delete(K("big"), true));
  EXPECT_TRUE(Db().Delete(K("small"), true));
  EXPECT_GT(store_.TotalCounters().background_bytes, 1 << 20);
  EXPECT_GT(store_.TotalCounters().used_bytes, 1 << 20);
  while (store_.BackgroundStep(0, 1000, &store_.counters(0))) {
  }
  EXPECT_EQ(store_.TotalCounters().background_bytes, 0);
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
}

class WatchTest : public StoreTest {
 protected:
  // Whether `change` marks a watcher of "a" in database 0.
  template <typename Change>
  bool Marks(Change change) {
    WatchMark mark;
    store_.Watch(0, K("a"), &mark);
    change();
    store_.Unwatch(0, K("a"), &mark);
    return mark.dirty.load();
  }
};

TEST_F(WatchTest, EveryChangeOfTheKeyMarks) {
  EXPECT_TRUE(Marks([&] { Db().SetString(K("a"), "v", Expiry::None()); }));
  EXPECT_TRUE(Marks([&] { Db().SetString(K("a"), "v", Expiry::None()); }));
  EXPECT_TRUE(Marks([&] { Db().WriteRange(K("a"), 1, 0, "w"); }));
  EXPECT_TRUE(Marks([&] { Db().WriteRange(K("a"), 9, 9, ""); }));
  EXPECT_TRUE(Marks([&] { Db().SetExpiry(K("a"), 5000); }));
  EXPECT_TRUE(Marks([&] { Db().Persist(K("a")); }));
  EXPECT_FALSE(Marks([&] {
    Database db = Db();
    db.CopyFrom(db, K("a"), K("b"));
  }));
  EXPECT_TRUE(Marks([&] {
    Database db = Db();
    db.MoveFrom(db, K("a"), K("c"));
  }));
  EXPECT_TRUE(Marks([&] {
    Database db = Db();
    db.MoveFrom(db, K("c"), K("a"));
  }));
  EXPECT_TRUE(Marks([&] { Db().Delete(K("a")); }));
  Db().SetString(K("a"), "v", Expiry::At(2000));
  EXPECT_TRUE(Marks([&] { Db(0, 2001).Find(K("a")); }));
}

TEST_F(WatchTest, WhatDoesNotChangeTheKeyDoesNotMark) {
  Db().SetString(K("a"), "v", Expiry::None());
  EXPECT_FALSE(Marks([&] { Db().Find(K("a")); }));
  EXPECT_FALSE(Marks([&] { Db(1).SetString(K("a"), "v", Expiry::None()); }));
  EXPECT_FALSE(Marks([&] { Db().SetString(K("{a}b"), "v", Expiry::None()); }));
  EXPECT_FALSE(Marks([&] { Db().Persist(K("a")); }));
  Db().Delete(K("a"));
  EXPECT_FALSE(Marks([&] { Db().Delete(K("a")); }));
  EXPECT_FALSE(Marks([&] { store_.Flush(-1, true, &store_.counters(0)); }));
}

TEST_F(WatchTest, FlushAndSwapMarkKeysThatWereOrAreThere) {
  Db().SetString(K("a"), "v", Expiry::None());
  EXPECT_FALSE(Marks([&] { store_.Flush(1, true, &store_.counters(0)); }));
  EXPECT_TRUE(Marks([&] { store_.SwapDatabases(0, 1, &store_.counters(0)); }));
  EXPECT_TRUE(Marks([&] { store_.SwapDatabases(1, 0, &store_.counters(0)); }));
  EXPECT_TRUE(Marks([&] { store_.Flush(0, true, &store_.counters(0)); }));
  EXPECT_FALSE(Marks([&] { store_.SwapDatabases(1, 0, &store_.counters(0)); }));
}

TEST_F(WatchTest, SeveralWatchersAreIndependent) {
  WatchMark first;
  WatchMark second;
  store_.Watch(0, K("a"), &first);
  store_.Watch(0, K("a"), &second);
  store_.Unwatch(0, K("a"), &first);
  store_.Unwatch(0, K("a"), &first);
  Db().SetString(K("a"), "v", Expiry::None());
  EXPECT_FALSE(first.dirty.load());
  EXPECT_TRUE(second.dirty.load());
  store_.Unwatch(0, K("a"), &second);
}

}  // namespace
}  // namespace damselfly
