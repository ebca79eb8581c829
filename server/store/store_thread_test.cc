#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/database.h"
#include "server/store/store.h"

// Meant for ThreadSanitizer above all: four workers do everything at once.

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

constexpr int kWorkers = 4;
constexpr int kAccounts = 40;
constexpr int64_t kBalance = 1000;

Store::Options Threaded() {
  Store::Options options;
  options.worker_count = kWorkers;
  return options;
}

std::string AccountName(uint64_t index) { return "account" + std::to_string(index); }

int64_t Balance(Database& db, const Key& key) {
  int64_t value = -1;
  const Entry* const entry = db.Find(key);
  EXPECT_TRUE(entry != nullptr && entry->IntegerValue(&value));
  return value;
}

// Moves money between two keys of different slots, under both locks.
void Transfer(Store& store, Random& random, StoreCounters* counters) {
  const std::string names[2] = {AccountName(random.Below(kAccounts)),
                                AccountName(random.Below(kAccounts))};
  if (names[0] == names[1]) return;
  const Key keys[2] = {store.MakeKey(names[0]), store.MakeKey(names[1])};
  std::vector<uint16_t> slots = {keys[0].slot, keys[1].slot};
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  store.LockSlots(slots);
  Database db(&store, 1, 1000, counters);
  db.SetInteger(keys[0], Balance(db, keys[0]) - 1, Expiry::None());
  db.SetInteger(keys[1], Balance(db, keys[1]) + 1, Expiry::None());
  store.UnlockSlots(slots);
}

void ChangeOneKey(Store& store, Random& random, StoreCounters* counters, int64_t now_ms) {
  const std::string name =
      (random.Chance(1, 4) ? "{tag}" : "k") + std::to_string(random.Below(2000));
  Key key = store.MakeKey(name);
  store.PrefetchSlot(key.slot);
  store.Prefetch(0, absl::MakeSpan(&key, 1));
  store.Lock(key.slot);
  Database db(&store, 0, now_ms, counters);
  switch (random.Below(6)) {
    case 0:
      db.SetString(key, std::string(random.Below(100), 'v'), Expiry::None());
      break;
    case 1:
      db.SetString(key, std::string(random.Below(3000), 'v'), Expiry::At(now_ms + 5));
      break;
    case 2:
      db.Delete(key, random.Chance(1, 2));
      break;
    case 3:
      db.WriteRange(key, 5 + random.Below(2000), 2, "abc");
      break;
    default: {
      const Entry* const entry = db.FindCounted(key);
      if (entry != nullptr) {
        EXPECT_EQ(entry->key(), name);
      }
    }
  }
  store.Unlock(key.slot);
}

void ReadEverything(Store& store, Random& random) {
  uint64_t cursor = 0;
  do {
    cursor =
        store.Scan(0, cursor, 100, false, [](Entry& entry) { EXPECT_FALSE(entry.key().empty()); });
  } while (cursor != 0);
  store.RandomEntry(0, 1000, random, false,
                    [](Entry& entry) { EXPECT_FALSE(entry.key().empty()); });
  store.KeyCount(0);
  store.AverageTtlMs(0);
  store.TotalCounters();
}

class CountingReceiver : public TableWalk::Receiver {
 public:
  void Receive(uint16_t, int database, const Entry& entry) override {
    int64_t value = 0;
    if (database == 1 && entry.IntegerValue(&value)) sum.fetch_add(value);
  }
  std::atomic<int64_t> sum{0};
};

// Each worker tells in its own thread: its count needs no lock.
class CountingSink : public ChangeSink {
 public:
  void OnChange(int worker, const Change& change) override {
    EXPECT_LT(change.slot, kSlotCount);
    ++counts_[worker].changes;
  }
  void BeginGroup(int) override {}
  void EndGroup(int) override {}

  int64_t changes(int worker) const { return counts_[worker].changes; }

 private:
  struct alignas(64) Count {
    int64_t changes = 0;
  };
  Count counts_[kWorkers];
};

// A snapshot of all accounts, taken while transfers go on: no money may be missing.
void WalkAccounts(Store& store) {
  CountingReceiver receiver;
  TableWalk walk(TableWalk::Slots::All(), &receiver);
  store.LockAll();
  store.BeginWalk(&walk);
  store.UnlockAll();
  while (store.StepWalk(&walk, false)) {
  }
  store.LockAll();
  store.EndWalk(&walk);
  store.UnlockAll();
  EXPECT_EQ(receiver.sum.load(), kAccounts * kBalance);
}

TEST(StoreThreads, SingleAndMultiSlotWorkFlushesScansAndWalksRunTogether) {
  Store store(Threaded());
  for (uint64_t i = 0; i < kAccounts; ++i) {
    const std::string name = AccountName(i);
    Database(&store, 1, 1000, &store.counters(0))
        .SetInteger(store.MakeKey(name), kBalance, Expiry::None());
  }
  CountingSink sink;
  store.set_change_sink(&sink);
  std::atomic<int64_t> now_ms{1000};
  const auto run = [&](int worker) {
    StoreCounters* const counters = &store.counters(worker);
    Random random(static_cast<uint64_t>(worker));
    WatchMark mark;
    for (int i = 0; i < 3000; ++i) {
      ChangeOneKey(store, random, counters, now_ms.load());
      Transfer(store, random, counters);
      if (i % 10 == 0) store.BackgroundStep(worker, now_ms.fetch_add(1), counters);
      if (i % 500 == 100) ReadEverything(store, random);
      if (i % 1000 == 500 + worker) WalkAccounts(store);
      if (worker == 0 && (i % 1000 == 300 || i % 1000 == 400)) {
        store.LockAll();
        store.set_change_sink(i % 1000 == 300 ? nullptr : &sink);
        store.UnlockAll();
      }
      if (i % 1000 == 700 + worker) {
        store.LockAll();
        store.Flush(0, worker == 0, counters);
        if (worker == 1) store.SwapDatabases(0, 2, counters);
        store.UnlockAll();
      }
      const Key watched = store.MakeKey("k1");
      store.Lock(watched.slot);
      if (i % 2 == 0) {
        store.Watch(0, watched, &mark);
      } else {
        mark.dirty.load();
        store.Unwatch(0, watched, &mark);
      }
      store.Unlock(watched.slot);
    }
  };
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) threads.emplace_back(run, worker);
  for (std::thread& thread : threads) thread.join();

  EXPECT_GT(sink.changes(0), 0);
  store.set_change_sink(nullptr);

  int64_t sum = 0;
  Database db(&store, 1, 1000, &store.counters(0));
  for (uint64_t i = 0; i < kAccounts; ++i) {
    const std::string name = AccountName(i);
    sum += Balance(db, store.MakeKey(name));
  }
  EXPECT_EQ(sum, kAccounts * kBalance);
  uint64_t listed = 0;
  for (int slot = 0; slot < kSlotCount; ++slot) {
    store.ForEachInSlot(0, static_cast<uint16_t>(slot), [&](Entry&) { ++listed; });
  }
  EXPECT_EQ(store.KeyCount(0), listed);
  store.Flush(-1, true, &store.counters(0));
  EXPECT_EQ(store.TotalCounters().used_bytes, 0);
}

}  // namespace
}  // namespace damselfly
