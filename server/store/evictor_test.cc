#include "server/store/evictor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/blob.h"
#include "server/base/crc16.h"
#include "server/runtime/random.h"
#include "server/store/database.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;
using Outcome = Evictor::Outcome;

class EvictorTest : public testing::Test {
 protected:
  explicit EvictorTest(int worker_count = 1) {
    Store::Options options;
    options.worker_count = worker_count;
    options.random_seed = 7;
    store_ = std::make_unique<Store>(options);
  }

  void Choose(EvictionPolicy policy, int64_t samples = 5) {
    Evictor::Settings settings;
    settings.policy = policy;
    settings.samples = samples;
    store_->evictor().Configure(settings, now_ms_);
  }
  Database Db(int index = 0) { return {store_.get(), index, now_ms_, &store_->counters(0)}; }
  Key K(absl::string_view bytes) const { return store_->MakeKey(bytes); }
  void Set(absl::string_view key, Expiry expiry = Expiry::None(), int database = 0) {
    Db(database).SetString(K(key), "value", expiry);
  }
  bool Has(absl::string_view key, int database = 0) { return Db(database).Peek(K(key)) != nullptr; }
  Outcome EvictOne(int worker = 0) {
    return store_->evictor().EvictOne(now_ms_, &store_->counters(worker),
                                      [&] { return may_evict_; });
  }
  // A key has gone, after as many calls as that takes.
  bool Evict() {
    for (int i = 0; i < 100000; ++i) {
      const Outcome outcome = EvictOne();
      if (outcome != Outcome::kUnfinished) return outcome == Outcome::kEvicted;
    }
    return false;
  }
  // Whole rounds of the sweep.
  void SweepRounds(int rounds) {
    for (int i = 0; i < rounds; ++i) store_->evictor().Sweep(INT64_MAX, now_ms_);
  }
  int64_t evicted() const { return store_->TotalCounters().evicted_keys; }

  int64_t now_ms_ = 1000000;
  bool may_evict_ = true;
  std::unique_ptr<Store> store_;
};

TEST_F(EvictorTest, EvictsNothingWithoutAPolicy) {
  Set("k");
  EXPECT_EQ(EvictOne(), Outcome::kNothing);
  EXPECT_TRUE(Has("k"));
}

TEST_F(EvictorTest, EvictsAllKeysOfAllDatabasesIfItMust) {
  Choose(EvictionPolicy::kAllKeysRandom);
  for (int i = 0; i < 1000; ++i) Set(absl::StrCat("k", i), Expiry::None(), i % 16);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Evict());
  EXPECT_EQ(store_->KeyCountOfAllDatabases(), 0u);
  EXPECT_EQ(evicted(), 1000);
  EXPECT_EQ(EvictOne(), Outcome::kNothing);
}

TEST_F(EvictorTest, VolatilePoliciesTakeOnlyKeysWithDeadlines) {
  for (const EvictionPolicy policy :
       {EvictionPolicy::kVolatileLru, EvictionPolicy::kVolatileLfu, EvictionPolicy::kVolatileRandom,
        EvictionPolicy::kVolatileTtl}) {
    Choose(policy);
    for (int i = 0; i < 3000; ++i) {
      const bool expires = i % 100 == 0;
      Set(absl::StrCat("k", i), expires ? Expiry::At(now_ms_ + 1000 + i) : Expiry::None(), i % 2);
    }
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(Evict()) << NameOf(policy);
    EXPECT_EQ(EvictOne(), Outcome::kNothing);
    EXPECT_EQ(store_->KeyCountOfAllDatabases(), 2970u);
  }
}

// One key with a deadline among many without, in one slot.
TEST_F(EvictorTest, FindsTheOnlyKeyWithADeadlineInBoundedSteps) {
  Choose(EvictionPolicy::kVolatileLru);
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("{tag}", i));
  Set("{tag}x", Expiry::At(now_ms_ + 1000));
  int unfinished = 0;
  while (EvictOne() == Outcome::kUnfinished) ++unfinished;
  EXPECT_LE(unfinished, 20);
  EXPECT_EQ(evicted(), 1);
  EXPECT_FALSE(Has("{tag}x"));
}

TEST_F(EvictorTest, TheNearestDeadlinesGoFirst) {
  Choose(EvictionPolicy::kVolatileTtl, /*samples=*/10);
  for (int i = 0; i < 2000; ++i)
    Set(absl::StrCat(i < 1000 ? "near" : "far", i), Expiry::At(now_ms_ + 1000 + 1000 * i));
  for (int i = 0; i < 900; ++i) ASSERT_TRUE(Evict());
  int far = 0;
  for (int i = 1000; i < 2000; ++i) far += Has(absl::StrCat("far", i)) ? 1 : 0;
  EXPECT_GE(far, 980);
}

TEST_F(EvictorTest, WhatHasExpiredGoesFirstAndIsCountedAsExpired) {
  Choose(EvictionPolicy::kAllKeysLru, /*samples=*/1000);
  for (int i = 0; i < 10; ++i) Set(absl::StrCat("k", i));
  Set("old", Expiry::At(now_ms_ - 1));
  ASSERT_TRUE(Evict());
  EXPECT_EQ(store_->TotalCounters().expired_keys, 1);
  EXPECT_EQ(evicted(), 0);
  EXPECT_EQ(store_->KeyCount(0), 10u);
}

TEST_F(EvictorTest, TellsReplicasAndListeners) {
  struct Listener : KeyEventSink {
    void OnKeyEvent(int, int database, KeyEventClass event_class, absl::string_view event,
                    absl::string_view key) override {
      if (event_class == KeyEventClass::kEvicted)
        heard.push_back(absl::StrCat(event, " ", database, " ", key));
    }
    std::vector<std::string> heard;
  };
  Choose(EvictionPolicy::kAllKeysLru);
  Set("k", Expiry::None(), 3);
  RecordingSink changes;
  Listener listener;
  store_->LockAll();
  store_->set_change_sink(&changes);
  store_->UnlockAll();
  store_->set_key_event_sink(&listener);
  ASSERT_TRUE(Evict());
  EXPECT_EQ(changes.Take(), std::vector<std::string>{"delete 3 k"});
  EXPECT_EQ(listener.heard, std::vector<std::string>{"evicted 3 k"});
  store_->LockAll();
  store_->set_change_sink(nullptr);
  store_->UnlockAll();
}

TEST_F(EvictorTest, EvictsNothingWhereItIsNotAllowed) {
  Choose(EvictionPolicy::kAllKeysLru);
  Set("k");
  may_evict_ = false;
  EXPECT_EQ(EvictOne(), Outcome::kNothing);
  EXPECT_TRUE(Has("k"));
}

TEST_F(EvictorTest, ReplicasEvictNothing) {
  Choose(EvictionPolicy::kAllKeysLru);
  Set("k");
  store_->set_owns_expiry(false);
  EXPECT_EQ(EvictOne(), Outcome::kNothing);
  EXPECT_TRUE(Has("k"));
}

TEST_F(EvictorTest, ACollectionThatIsEvictedIsFreedInTheBackground) {
  Choose(EvictionPolicy::kAllKeysLru);
  Db().SetBlob(K("big"), Blob::Copy(std::string(1 << 20, 'v')), Expiry::None());
  ASSERT_TRUE(Evict());
  EXPECT_GE(store_->TotalCounters().background_bytes, 1 << 20);
  while (store_->BackgroundStep(0, now_ms_, &store_->counters(0))) {
  }
  EXPECT_EQ(store_->TotalCounters().background_bytes, 0);
}

// A slot with half of all keys gives half of the evicted ones.
TEST_F(EvictorTest, LooksAtKeysEquallyOftenWhereverTheyAre) {
  Choose(EvictionPolicy::kAllKeysRandom);
  for (int i = 0; i < 5000; ++i) {
    Set(absl::StrCat("{tag}", i));
    Set(absl::StrCat("k", i));
  }
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(Evict());
  const auto left = static_cast<double>(store_->KeyCountInSlot(0, KeySlot("{tag}")));
  EXPECT_NEAR(left, 2500, 400);
}

TEST_F(EvictorTest, AccessesAreKeptThroughChangesOfTheEntry) {
  Choose(EvictionPolicy::kAllKeysLfu);
  Set("k");
  Entry* entry = Db().Peek(K("k"));
  Db().SetFrequency(entry, 255);
  ASSERT_EQ(entry->access(), 15);
  const auto access = [&] { return Db().Peek(K("k"))->access(); };
  Db().SetExpiry(K("k"), now_ms_ + 1000);
  EXPECT_EQ(access(), 15);
  Db().Persist(K("k"));
  EXPECT_EQ(access(), 15);
  Set("k");
  EXPECT_EQ(access(), 15);
  Db().SetInteger(K("k"), int64_t{1} << 40, Expiry::None());
  EXPECT_EQ(access(), 15);
  Db().SetBlob(K("k"), Blob::Copy(std::string(5000, 'v')), Expiry::Keep());
  EXPECT_EQ(access(), 15);
  Db().WriteRange(K("k"), 100000, 99999, "x");
  EXPECT_EQ(access(), 15);
  Db().SetText(K("k"), "text", Expiry::None());
  EXPECT_EQ(access(), 15);
  Database db = Db();
  db.MoveFrom(db, K("k"), K("moved"));
  EXPECT_EQ(Db().Peek(K("moved"))->access(), 15);
}

TEST_F(EvictorTest, LooksFromOutsideAreNoAccesses) {
  Choose(EvictionPolicy::kAllKeysLru);
  Set("k");
  Set("other");
  SweepRounds(20);
  const AccessClock& clock = store_->evictor().clock();
  const auto age = [&] { return clock.RankOf(Db().Peek(K("k"))->access()); };
  ASSERT_EQ(age(), 1);
  Db().PeekCounted(K("k"));
  EXPECT_EQ(age(), 1);
  Db().Find(K("k"));
  EXPECT_EQ(age(), 0);
}

TEST_F(EvictorTest, GenerationsWaitUntilASixteenthOfTheKeysWasAccessed) {
  Choose(EvictionPolicy::kAllKeysLru);
  for (int i = 0; i < 1600; ++i) Set(absl::StrCat("k", i));
  const AccessClock& clock = store_->evictor().clock();
  SweepRounds(2);
  const uint8_t second = clock.first();
  for (int i = 0; i < 99; ++i) Db().Find(K(absl::StrCat("k", i)));
  SweepRounds(5);
  EXPECT_EQ(clock.first(), second);
  Db().Find(K("k99"));
  SweepRounds(5);
  EXPECT_EQ(clock.first(), second + 1);
}

TEST_F(EvictorTest, TheOldestStayTheOldestHoweverManyGenerationsPass) {
  Choose(EvictionPolicy::kAllKeysLru);
  for (int i = 0; i < 2000; ++i) Set(absl::StrCat("k", i));
  const AccessClock& clock = store_->evictor().clock();
  int generations = 0;
  uint8_t last = clock.first();
  for (int round = 0; round < 200; ++round) {
    for (int i = 100; i < 2000; ++i) Db().Find(K(absl::StrCat("k", i)));
    SweepRounds(1);
    if (clock.first() != last) ++generations;
    last = clock.first();
  }
  EXPECT_GE(generations, 100);
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(clock.RankOf(Db().Peek(K(absl::StrCat("k", i)))->access()), 15);
}

TEST_F(EvictorTest, LevelsDecayWithTime) {
  Choose(EvictionPolicy::kAllKeysLfu);
  Set("k");
  SweepRounds(1);
  Db().SetFrequency(Db().Peek(K("k")), 255);
  const auto access = [&] { return Db().Peek(K("k"))->access(); };
  now_ms_ += 59000;
  SweepRounds(2);
  EXPECT_EQ(access(), 15);
  now_ms_ += 1000;
  SweepRounds(2);
  EXPECT_EQ(access(), 14);
  now_ms_ += 10 * 60000;
  SweepRounds(2);
  EXPECT_EQ(access(), 4);
}

TEST_F(EvictorTest, AnotherKindOfPolicyBeginsAnew) {
  Choose(EvictionPolicy::kAllKeysLfu);
  Set("k");
  Db().SetFrequency(Db().Peek(K("k")), 255);
  Choose(EvictionPolicy::kAllKeysLru);
  SweepRounds(1);
  // The round's end is the generation's.
  EXPECT_EQ(store_->evictor().clock().RankOf(Db().Peek(K("k"))->access()), 1);
}

// ---- Threads: for ThreadSanitizer above all. ----

TEST(EvictorThreads, WorkersFillAndEvictTogether) {
  constexpr int kWorkers = 4;
  constexpr uint64_t kKeysMax = 2000;
  Store::Options options;
  options.worker_count = kWorkers;
  Store store(options);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&store, worker] {
      constexpr EvictionPolicy kPolicies[] = {
          EvictionPolicy::kAllKeysLru, EvictionPolicy::kAllKeysLfu, EvictionPolicy::kAllKeysRandom,
          EvictionPolicy::kVolatileLru};
      StoreCounters* const counters = &store.counters(worker);
      Random random(static_cast<uint64_t>(worker));
      for (int64_t i = 0; i < 20000; ++i) {
        if (worker == 0 && i % 1000 == 0) {
          Evictor::Settings settings;
          settings.policy = kPolicies[i / 1000 % 4];
          store.evictor().Configure(settings, i);
        }
        const std::string name = absl::StrCat("key:", random.Below(2 * kKeysMax));
        const Key key = store.MakeKey(name);
        store.Lock(key.slot);
        Database db(&store, 0, i, counters);
        if (db.Find(key) == nullptr) db.SetString(key, "value", Expiry::At(1000000));
        store.Unlock(key.slot);
        while (store.KeyCount(0) > kKeysMax && store.evictor().EvictOne(i, counters, [] {
          return true;
        }) == Evictor::Outcome::kEvicted) {
        }
        if (i % 100 == 0) store.BackgroundStep(worker, i, counters);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(store.KeyCount(0), kKeysMax + kWorkers);
  EXPECT_GT(store.TotalCounters().evicted_keys, 1000);
  uint64_t keys = 0;
  for (int slot = 0; slot < kSlotCount; ++slot)
    keys += store.KeyCountInSlot(0, static_cast<uint16_t>(slot));
  EXPECT_EQ(keys, store.KeyCount(0));
}

// ---- How good the choice is: a cache of 4000 keys that is asked for keys of a Zipf distribution.
// ----

class ZipfKeys {
 public:
  ZipfKeys(int count, double exponent, uint64_t seed) : random_(seed) {
    double sum = 0;
    for (int i = 1; i <= count; ++i) sums_.push_back(sum += std::pow(i, -exponent));
  }
  int Next() {
    const double at = static_cast<double>(random_.Next() >> 11) * 0x1p-53 * sums_.back();
    return static_cast<int>(std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  Random random_;
  std::vector<double> sums_;
};

constexpr size_t kCapacity = 4000;
constexpr int kWarmUp = 30000;
constexpr int kAccesses = 60000;

// Hits of the second part of the sequence, in percent. In its course other keys become popular,
// `drift` of them over all of it.
template <typename Access>
double HitRate(double exponent, int drift, const Access& access) {
  ZipfKeys zipf(20000, exponent, 3);
  int hits = 0;
  for (int i = 0; i < kWarmUp + kAccesses; ++i) {
    const int key = zipf.Next() + static_cast<int>(int64_t{drift} * i / (kWarmUp + kAccesses));
    const bool hit = access(absl::StrCat("key:", key));
    if (i >= kWarmUp && hit) ++hits;
  }
  return 100.0 * hits / kAccesses;
}

double TrueLruHitRate(double exponent, int drift) {
  std::list<std::string> order;
  std::unordered_map<std::string, std::list<std::string>::iterator> places;
  return HitRate(exponent, drift, [&](const std::string& key) {
    const auto found = places.find(key);
    const bool hit = found != places.end();
    if (hit) order.erase(found->second);
    order.push_front(key);
    places[key] = order.begin();
    if (order.size() > kCapacity) {
      places.erase(order.back());
      order.pop_back();
    }
    return hit;
  });
}

class HitRateTest : public EvictorTest {
 protected:
  double Measure(EvictionPolicy policy, double exponent, int drift) {
    Choose(policy);
    store_->LockAll();
    store_->Flush(-1, true, &store_->counters(0));
    store_->UnlockAll();
    return HitRate(exponent, drift, [&](const std::string& key) {
      if (Db().Find(K(key)) != nullptr) return true;
      Set(key);
      while (store_->KeyCount(0) > kCapacity) EvictOne();
      return false;
    });
  }
};

TEST_F(HitRateTest, LruKeepsWhatWasUsedLately) {
  for (const double exponent : {0.7, 1.0, 1.2}) {
    for (const int drift : {0, 20000}) {
      const double random = Measure(EvictionPolicy::kAllKeysRandom, exponent, drift);
      const double lru = Measure(EvictionPolicy::kAllKeysLru, exponent, drift);
      const double ideal = TrueLruHitRate(exponent, drift);
      std::printf("Zipf %.1f, drift %5d: random %.1f%%, LRU %.1f%%, true LRU %.1f%%\n", exponent,
                  drift, random, lru, ideal);
      // Where a few keys are asked for most of the time chance does nearly as well.
      EXPECT_GT(lru, random + (ideal - random) * 0.5);
      EXPECT_GT(lru, ideal - 0.75);
    }
  }
}

TEST_F(HitRateTest, LfuKeepsWhatIsUsedOften) {
  for (const double exponent : {0.7, 1.0, 1.2}) {
    const double random = Measure(EvictionPolicy::kAllKeysRandom, exponent, 0);
    const double lfu = Measure(EvictionPolicy::kAllKeysLfu, exponent, 0);
    const double lru = TrueLruHitRate(exponent, 0);
    std::printf("Zipf %.1f: random %.1f%%, LFU %.1f%%, true LRU %.1f%%\n", exponent, random, lfu,
                lru);
    EXPECT_GT(lfu, random + 1);
  }
}

}  // namespace
}  // namespace damselfly
