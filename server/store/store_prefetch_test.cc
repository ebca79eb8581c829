#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/store/database.h"
#include "server/store/store.h"
#include "server/store/value_edit.h"
#include "server/values/hash_value.h"
#include "server/values/set_value.h"

// Prefetching shows in nothing but time: what can be tested is that it may be done, whatever keys
// and members are there, and whatever other workers do to them.

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

class SetEdit : public ValueEdit {
 public:
  SetEdit(Database* db, const Key& key) : ValueEdit(db, key, ValueType::kSet) {}
  void Add(absl::string_view member) {
    if (value<SetValue>().Add(member, context())) Changed();
  }
};

class HashEdit : public ValueEdit {
 public:
  HashEdit(Database* db, const Key& key) : ValueEdit(db, key, ValueType::kHash) {}
  void Set(absl::string_view field) {
    Changed();
    value<HashValue>().Set(field, "value", context());
  }
};

std::string MemberName(uint64_t index) { return "member" + std::to_string(index); }

// Of members that are there or not, and none.
std::vector<absl::string_view> SomeMembers(const std::vector<std::string>& names, size_t count) {
  std::vector<absl::string_view> members(names.begin(), names.begin() + static_cast<long>(count));
  for (size_t i = 0; i < count; i += 3) members[i] = absl::string_view();
  return members;
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
        HashEdit(&db, key).Set(MemberName(member));
      store.Unlock(key.slot);
    }
    for (size_t count = 0; count <= keys.size(); ++count) {
      store.Prefetch(0, absl::MakeConstSpan(keys.data(), count), SomeMembers(names, count));
      store.Prefetch(5, absl::MakeConstSpan(keys.data(), count), SomeMembers(names, count));
    }
    EXPECT_EQ(store.KeyCount(0), keys.size() * 3 / 4);
  }
}

TEST(StorePrefetch, MembersAreAskedForWhileOthersChangeAndDeleteTheirSets) {
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
      store.Prefetch(0, absl::MakeConstSpan(keys.data(), count), SomeMembers(names, count));
      const Key& key = keys[random.Below(kSets)];
      store.Lock(key.slot);
      if (random.Chance(1, 50)) {
        db.Delete(key, random.Chance(1, 2));
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
