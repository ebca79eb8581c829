#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/store/database.h"
#include "server/store/hash_edit.h"
#include "server/store/set_edit.h"
#include "server/store/store.h"
#include "server/store/stream_edit.h"

// Prefetching shows in nothing but time: what can be tested is that it may be done, whatever keys
// and members are there, whatever other workers do to them, and whatever has become of what it has
// found by the time when that is used.

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

std::string MemberName(uint64_t index) { return "member" + std::to_string(index); }

// Of members that are there or not, and none.
std::vector<absl::string_view> SomeMembers(const std::vector<std::string>& names, size_t count) {
  std::vector<absl::string_view> members(names.begin(), names.begin() + static_cast<long>(count));
  for (size_t i = 0; i < count; i += 3) members[i] = absl::string_view();
  return members;
}

void AppendEntry(StreamEdit* stream) {
  StreamId id = (*stream)->last_id();
  id.Increment();
  stream->Append(id, {"field", "value"});
}

std::vector<std::string> MemberNames() {
  std::vector<std::string> names;
  for (uint64_t i = 0; i < Store::kPrefetchedKeysMax; ++i) names.push_back(MemberName(i * 100));
  return names;
}

TEST(StorePrefetch, MembersAreAskedForWhateverTheKeysHold) {
  const std::vector<std::string> names = MemberNames();
  for (const int workers : {1, 2}) {
    Store::Options options;
    options.worker_count = workers;
    Store store(options);
    Database db(&store, 0, 0, &store.counters(0));
    std::vector<std::string> key_names;
    for (size_t i = 0; i < Store::kPrefetchedKeysMax; ++i)
      key_names.push_back("key" + std::to_string(i));
    std::vector<Key> keys;
    for (size_t i = 0; i < key_names.size(); ++i) {
      const Key key = keys.emplace_back(store.MakeKey(key_names[i]));
      const uint64_t size = i % 2 == 0 ? 3 : 2000;
      store.Lock(key.slot);
      if (i % 4 == 0) db.SetString(key, "text", Expiry::None());
      for (uint64_t member = 0; i % 4 == 1 && member < size; ++member)
        SetEdit(&db, key).Add(MemberName(member));
      for (uint64_t member = 0; i % 4 == 2 && member < size; ++member)
        HashEdit(&db, key).Set(MemberName(member), "value");
      if (i % 4 == 3) {
        StreamEdit stream(&db, key);
        stream.Create();
        for (size_t entry = 0; entry < i; ++entry) AppendEntry(&stream);
        if (i % 8 == 3) stream.Trim(StreamTrim{});
      }
      store.Unlock(key.slot);
    }
    for (size_t count = 0; count <= keys.size(); ++count) {
      store.Prefetch(0, absl::MakeSpan(keys.data(), count), SomeMembers(names, count));
      store.Prefetch(5, absl::MakeSpan(keys.data(), count), SomeMembers(names, count));
    }
    EXPECT_EQ(store.KeyCount(0), keys.size());
  }
}

// One thread alone: what a guess is followed for is what is there, whatever has happened since.
TEST(StorePrefetch, GuessesLeadToWhatIsThereWhateverHasChangedSince) {
  constexpr size_t kNames = 300;
  Store store(Store::Options{});
  Database databases[] = {Database(&store, 0, 0, &store.counters(0)),
                          Database(&store, 1, 0, &store.counters(0))};
  std::vector<std::string> names;
  // Few slots, so that their tables grow, split and shrink again.
  for (size_t i = 0; i < kNames; ++i)
    names.push_back("{" + std::to_string(i % 3) + "}" + std::to_string(i));
  std::map<std::string, std::string> expected[2];
  Random random(7);
  for (int batch = 0; batch < 3000; ++batch) {
    const int fetched_for = static_cast<int>(random.Below(2));
    // Sometimes many keys are there, sometimes few.
    const uint64_t deletes_of_200 = batch / 300 % 2 == 0 ? 5 : 60;
    std::vector<Key> keys;
    for (uint64_t i = 1 + random.Below(Store::kPrefetchedKeysMax); i > 0; --i)
      keys.push_back(store.MakeKey(names[random.Below(kNames)]));
    store.Prefetch(fetched_for, absl::MakeSpan(keys));
    for (const Key& key : keys) {
      const auto index = static_cast<size_t>(random.Chance(1, 10) ? 1 - fetched_for : fetched_for);
      Database& db = databases[index];
      auto& there = expected[index];
      const std::string name(key.bytes);
      if (random.Chance(1, 100)) {
        store.LockAll();
        store.SwapDatabases(0, 1, &store.counters(0));
        store.UnlockAll();
        std::swap(expected[0], expected[1]);
      }
      if (random.Chance(1, 300)) {
        const auto flushed = static_cast<int>(random.Below(2));
        store.LockAll();
        store.Flush(flushed, /*wait=*/random.Chance(1, 2), &store.counters(0));
        store.UnlockAll();
        expected[flushed].clear();
      }
      if (random.Chance(1, 20)) store.BackgroundStep(0, 0, &store.counters(0));
      store.Lock(key.slot);
      if (random.Chance(deletes_of_200, 200)) {
        ASSERT_EQ(db.Delete(key, false), there.erase(name) == 1);
      } else if (random.Chance(1, 2)) {
        const std::string value(random.Below(40), static_cast<char>('a' + random.Below(26)));
        db.SetString(key, value, Expiry::None());
        there[name] = value;
      } else {
        char scratch[Entry::kIntegerTextBytesMax];
        const Entry* const entry = db.Find(key);
        ASSERT_EQ(entry != nullptr, there.count(name) == 1) << name;
        if (entry != nullptr) {
          ASSERT_EQ(entry->key(), name);
          ASSERT_EQ(entry->StringValue(scratch), there[name]);
        }
      }
      store.Unlock(key.slot);
    }
  }
}

TEST(StorePrefetch, MembersAndBlocksAreAskedForWhileOthersChangeAndDeleteTheirKeys) {
  constexpr int kWorkers = 3;
  constexpr int kSets = 4;
  Store::Options options;
  options.worker_count = kWorkers;
  Store store(options);
  const std::vector<std::string> names = MemberNames();
  const auto run = [&](int worker) {
    Random random(static_cast<uint64_t>(worker));
    Database db(&store, 0, 0, &store.counters(worker));
    const std::string set_names[kSets] = {"a", "b", "c", "d"};
    std::vector<Key> keys;
    for (size_t i = 0; i < Store::kPrefetchedKeysMax; ++i)
      keys.push_back(store.MakeKey(set_names[i % kSets]));
    for (int step = 0; step < 3000; ++step) {
      const size_t count = 1 + random.Below(keys.size());
      store.Prefetch(0, absl::MakeSpan(keys.data(), count), SomeMembers(names, count));
      const Key& key = keys[random.Below(kSets)];
      store.Lock(key.slot);
      if (random.Chance(1, 50)) {
        db.Delete(key, random.Chance(1, 2));
      } else if (key.bytes == "d") {
        StreamEdit edit(&db, key);
        for (int i = 0; i < 30; ++i) AppendEntry(&edit);
        if (random.Chance(1, 4)) edit.Trim(StreamTrim{});
      } else {
        SetEdit edit(&db, key);
        for (int i = 0; i < 30; ++i) edit.Add(MemberName(random.Below(3200)));
      }
      store.Unlock(key.slot);
    }
  };
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) threads.emplace_back(run, worker);
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(store.KeyCount(0), static_cast<uint64_t>(kSets));
}

}  // namespace
}  // namespace damselfly
