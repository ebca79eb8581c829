#include "server/store/awaited_keys.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

std::vector<const KeyWait*> WaitsFor(const AwaitedKey* awaited) {
  std::vector<const KeyWait*> waits;
  if (awaited == nullptr) return waits;
  for (const KeyWait* wait = awaited->first; wait != nullptr; wait = wait->next)
    waits.push_back(wait);
  return waits;
}

using Waits = std::vector<const KeyWait*>;

TEST(AwaitedKeysTest, WhoHasComeFirstStandsFirst) {
  AwaitedKeys keys;
  KeyWait first, second, third;
  keys.Add(0, "a", &first);
  keys.Add(0, "a", &second);
  keys.Add(0, "a", &third);
  EXPECT_EQ(WaitsFor(keys.Find(0, "a")), (Waits{&first, &second, &third}));
  keys.Remove(&second);
  EXPECT_EQ(WaitsFor(keys.Find(0, "a")), (Waits{&first, &third}));
  keys.Remove(&first);
  keys.Add(0, "a", &first);
  EXPECT_EQ(WaitsFor(keys.Find(0, "a")), (Waits{&third, &first}));
  keys.Remove(&first);
  keys.Remove(&third);
  EXPECT_EQ(keys.Find(0, "a"), nullptr);
  EXPECT_TRUE(keys.empty());
}

TEST(AwaitedKeysTest, KeysAreToldApartByDatabaseAndBytes) {
  AwaitedKeys keys;
  KeyWait waits[3];
  keys.Add(0, "b", &waits[0]);
  keys.Add(1, "a", &waits[1]);
  keys.Add(0, std::string("b\0", 2), &waits[2]);
  EXPECT_EQ(WaitsFor(keys.Find(0, "b")), (Waits{&waits[0]}));
  EXPECT_EQ(keys.Find(1, "b"), nullptr);
  std::vector<std::string> seen;
  keys.ForEach(0, [&](AwaitedKey& awaited) { seen.push_back(awaited.name->second); });
  EXPECT_EQ(seen, (std::vector<std::string>{"b", std::string("b\0", 2)}));
  for (KeyWait& wait : waits) keys.Remove(&wait);
}

TEST(AwaitedKeysTest, CountsThoseWhoWantToHearOfTheEnd) {
  AwaitedKeys keys;
  KeyWait usual, curious;
  curious.also_without_value = true;
  keys.Add(0, "a", &usual);
  keys.Add(0, "a", &curious);
  EXPECT_EQ(keys.Find(0, "a")->also_without_value_count, 1u);
  keys.Remove(&curious);
  EXPECT_EQ(keys.Find(0, "a")->also_without_value_count, 0u);
  keys.Remove(&usual);
}

class AwaitingTest : public testing::Test {
 protected:
  static Store::Options OptionsOf() {
    Store::Options options;
    options.worker_count = 2;
    options.has_threads = false;
    return options;
  }
  void SetUp() override {
    store_.LockAll();
    store_.Await(0, key_, &wait_);
  }
  void TearDown() override {
    store_.StopAwaiting(key_.slot, &wait_);
    store_.UnlockAll();
  }
  Database DatabaseOf(int worker, int index = 0) {
    return Database(&store_, index, 1000, &store_.counters(worker));
  }
  std::vector<std::string> Ready(int worker) {
    std::vector<std::string> keys;
    for (const ReadyKey& key : store_.ready_keys(worker)) keys.push_back(key.key);
    store_.ready_keys(worker).clear();
    return keys;
  }
  // Looked at, as by whoever serves.
  void Look() { wait_.at->noted_by = AwaitedKey::kNobody; }

  using Keys = std::vector<std::string>;
  Store store_{OptionsOf()};
  const Key key_ = store_.MakeKey("a");
  KeyWait wait_;
};

TEST_F(AwaitingTest, AChangeIsNotedForItsWorkerOnce) {
  Database db = DatabaseOf(1);
  db.SetText(key_, "x", Database::Expiry::None());
  db.SetText(key_, "y", Database::Expiry::None());
  db.SetText(store_.MakeKey("{a}b"), "x", Database::Expiry::None());
  EXPECT_EQ(Ready(0), Keys());
  EXPECT_EQ(Ready(1), Keys{"a"});
  // Another one that changes it has to serve as well.
  DatabaseOf(0).SetText(key_, "z", Database::Expiry::None());
  EXPECT_EQ(Ready(0), Keys{"a"});
  Look();
  DatabaseOf(0).Delete(key_);
  EXPECT_EQ(Ready(0), Keys{"a"});
}

TEST_F(AwaitingTest, OtherDatabasesDoNotMatter) {
  DatabaseOf(0, 1).SetText(key_, "x", Database::Expiry::None());
  EXPECT_EQ(Ready(0), Keys());
}

TEST_F(AwaitingTest, WhatExpiresIsNoted) {
  DatabaseOf(0).SetText(key_, "x", Database::Expiry::At(500));
  Look();
  Ready(0);
  EXPECT_EQ(DatabaseOf(1).Find(key_), nullptr);
  EXPECT_EQ(Ready(1), Keys{"a"});
}

TEST_F(AwaitingTest, AWholeDatabaseThatGoesIsNotedForItsKeys) {
  EXPECT_EQ(store_.Flush(0, /*wait=*/false, &store_.counters(1)), 0u);
  EXPECT_EQ(Ready(1), Keys());
  DatabaseOf(0).SetText(key_, "x", Database::Expiry::None());
  Look();
  Ready(0);
  store_.SwapDatabases(0, 1, &store_.counters(1));
  EXPECT_EQ(Ready(1), Keys{"a"});
  Look();
  store_.SwapDatabases(0, 1, &store_.counters(1));
  EXPECT_EQ(Ready(1), Keys{"a"});
  Look();
  store_.Flush(0, /*wait=*/false, &store_.counters(1));
  EXPECT_EQ(Ready(1), Keys{"a"});
}

TEST_F(AwaitingTest, ANodeThatAnswersNothingNotesNoFlush) {
  DatabaseOf(0).SetText(key_, "x", Database::Expiry::None());
  Look();
  Ready(0);
  store_.set_access(Store::Access::kNone);
  store_.Flush(0, /*wait=*/false, &store_.counters(0));
  EXPECT_EQ(Ready(0), Keys());
}

}  // namespace
}  // namespace damselfly
