#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "server/store/database.h"
#include "server/store/reclaimer.h"
#include "server/store/set_edit.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

constexpr int kKeys = 1000000;

// Bytes a key, index included, as asked of the allocator, of a million keys of 16 bytes.
template <typename SetKey>
double BytesPerKey(SetKey set_key) {
  Store store{Store::Options{}};
  Database db(&store, 0, 1000, &store.counters(0));
  for (int i = 0; i < kKeys; ++i) {
    const std::string name = absl::StrFormat("key:%012d", i);
    set_key(db, store.MakeKey(name), i);
  }
  return static_cast<double>(store.TotalCounters().used_bytes) / kKeys;
}

TEST(Memory, ShortStringsCostAtMostSeventyBytes) {
  EXPECT_LE(BytesPerKey([value = std::string(32, 'v')](Database& db, const Key& key, int) {
              db.SetString(key, value, Expiry::None());
            }),
            70);
}

TEST(Memory, EightDigitIntegersCostAtMostForty) {
  EXPECT_LE(BytesPerKey([](Database& db, const Key& key, int i) {
              db.SetString(key, std::to_string(10000000 + i), Expiry::None());
            }),
            40);
}

TEST(Memory, ShortStringsWithExpiryCostAtMostSeventyEight) {
  EXPECT_LE(BytesPerKey([value = std::string(32, 'v')](Database& db, const Key& key, int) {
              db.SetString(key, value, Expiry::At(100000));
            }),
            78);
}

// However fast they come and go.
TEST(Memory, CollectionsThatWaitToBeFreedDoNotPileUp) {
  Store store{Store::Options{}};
  Database db(&store, 0, 1000, &store.counters(0));
  int64_t most = 0;
  for (int pass = 0; pass < 200; ++pass) {
    for (int i = 0; i < 20; ++i) {
      const std::string name = absl::StrFormat("key:%d", i);
      const Key key = store.MakeKey(name);
      for (int member = 0; member < 200; ++member)
        SetEdit(&db, key).Add(absl::StrFormat("member:%d", member));
      db.Delete(key, /*background=*/pass % 2 == 0);
    }
    store.BackgroundStep(0, 1000, &store.counters(0));
    most = std::max(most, store.TotalCounters().used_bytes);
  }
  EXPECT_LE(most, Reclaimer::kWaitingBytesMax + (int64_t{1} << 20));
  while (store.BackgroundStep(0, 1000, &store.counters(0))) {
  }
  EXPECT_EQ(store.TotalCounters().used_bytes, 0);
}

TEST(Memory, WhatIsFlushedAndWaitsToBeFreedDoesNotPileUp) {
  Store store{Store::Options{}};
  Database db(&store, 0, 1000, &store.counters(0));
  int64_t most = 0;
  for (int pass = 0; pass < 300; ++pass) {
    for (int i = 0; i < 1000; ++i)
      db.SetString(store.MakeKey(std::to_string(i)), "value", Expiry::None());
    for (int i = 0; i < 10; ++i) {
      const std::string name = absl::StrFormat("set:%d", i);
      const Key key = store.MakeKey(name);
      for (int member = 0; member < 300; ++member)
        SetEdit(&db, key).Add(absl::StrFormat("member:%d", member));
    }
    store.LockAll();
    store.Flush(0, /*wait=*/false, &store.counters(0));
    store.UnlockAll();
    store.BackgroundStep(0, 1000, &store.counters(0));
    most = std::max(most, store.TotalCounters().used_bytes);
  }
  EXPECT_LE(most, Reclaimer::kWaitingBytesMax);
}

TEST(Memory, OverwritingWithValuesOfTheSameSizeMovesNothing) {
  Store store{Store::Options{}};
  Database db(&store, 0, 1000, &store.counters(0));
  const Key key = store.MakeKey("key");
  const Entry* const entry = db.SetString(key, "the first value", Expiry::None());
  EXPECT_EQ(db.SetString(key, "another content", Expiry::None()), entry);
  EXPECT_EQ(db.SetString(key, "another content", Expiry::Keep()), entry);
}

}  // namespace
}  // namespace damselfly
