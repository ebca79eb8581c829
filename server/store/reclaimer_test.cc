#include "server/store/reclaimer.h"

#include <atomic>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "server/store/table_harness.h"

namespace damselfly {
namespace {

TEST(Reclaimer, FreesATableInBoundedSteps) {
  for (const auto hash : {GoodHash, DeepHash, ClumpedHash}) {
    TableHarness harness(hash);
    constexpr int kKeys = 3000;
    int64_t entry_bytes = 0;
    for (int i = 0; i < kKeys; ++i) {
      harness.Set(std::to_string(i), "value");
      entry_bytes += static_cast<int64_t>(harness.Find(std::to_string(i)).entry()->memory_bytes());
    }
    StoreCounters counters;
    counters.used_bytes.Add(entry_bytes + harness.table_bytes());
    Reclaimer reclaimer;
    reclaimer.AddTable(harness.ReleaseRoot(), kKeys, &counters);
    EXPECT_EQ(counters.background_keys.get(), kKeys);
    int steps = 0;
    int64_t freed = 0;
    while (reclaimer.Step(100, &counters)) {
      ++steps;
      // A degenerate segment goes in one piece.
      if (hash == GoodHash) {
        EXPECT_LE(counters.freed_keys.get() - freed, 100 + 112);
      }
      freed = counters.freed_keys.get();
    }
    if (hash == GoodHash) {
      EXPECT_GE(steps, kKeys / (100 + 112));
    }
    EXPECT_EQ(counters.freed_keys.get(), kKeys);
    EXPECT_EQ(counters.background_keys.get(), 0);
    EXPECT_EQ(counters.used_bytes.get(), 0);
  }
}

TEST(Reclaimer, DropsItsReferenceToAValueLater) {
  StoreCounters counters;
  Reclaimer reclaimer;
  BlobRef blob = Blob::Create(100000);
  const auto bytes = static_cast<int64_t>(blob->memory_bytes());
  counters.used_bytes.Add(bytes);
  reclaimer.AddBlob(blob, &counters);
  EXPECT_FALSE(blob->unique());
  EXPECT_EQ(counters.background_bytes.get(), bytes);
  EXPECT_TRUE(reclaimer.Step(1, &counters));
  EXPECT_TRUE(blob->unique());
  EXPECT_EQ(counters.background_bytes.get(), 0);
  EXPECT_EQ(counters.used_bytes.get(), 0);
  EXPECT_FALSE(reclaimer.Step(1, &counters));
}

TEST(Reclaimer, FreesWhatIsLeftWhenItGoes) {
  StoreCounters counters;
  TableHarness harness(GoodHash);
  for (int i = 0; i < 1000; ++i) harness.Set(std::to_string(i), "value");
  Reclaimer reclaimer;
  reclaimer.AddTable(harness.ReleaseRoot(), 1000, &counters);
  reclaimer.Step(10, &counters);
}

// While one worker frees a piece of the last table, another finds nothing to take: what is left
// must not be forgotten then.
TEST(Reclaimer, GoesOnAfterAnotherWorkerHasFoundNothing) {
  TableHarness harness(GoodHash);
  constexpr int kKeys = 100000;
  for (int i = 0; i < kKeys; ++i) harness.Set(std::to_string(i), "value");
  StoreCounters own;
  StoreCounters others;
  Reclaimer reclaimer;
  reclaimer.AddTable(harness.ReleaseRoot(), kKeys, &own);
  std::atomic<bool> started{false};
  std::atomic<bool> stop{false};
  std::thread other([&] {
    started.store(true);
    while (!stop.load()) reclaimer.Step(1, &others);
  });
  while (!started.load()) std::this_thread::yield();
  for (int i = 0; i < kKeys; ++i) reclaimer.Step(1, &own);
  stop.store(true);
  other.join();
  while (reclaimer.Step(1, &own)) {
  }
  EXPECT_EQ(own.freed_keys.get() + others.freed_keys.get(), kKeys);
  EXPECT_EQ(own.background_keys.get() + others.background_keys.get(), 0);
}

}  // namespace
}  // namespace damselfly
