#include "server/store/apply_change.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/runtime/random.h"
#include "server/store/following_store.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

// Random work on a store of a node.
class Workload {
 public:
  Workload(Store* store, uint64_t seed) : store_(store), random_(seed) {}

  void Step() {
    now_ms_ += static_cast<int64_t>(random_.Below(4));
    if (random_.Chance(1, 400)) {
      ChangeManyKeys();
    } else if (random_.Chance(1, 20)) {
      store_->BackgroundStep(0, now_ms_, &counters());
    } else if (random_.Chance(1, 6)) {
      ChangeTwoKeys();
    } else {
      ChangeOneKey();
    }
  }

 private:
  StoreCounters& counters() { return store_->counters(0); }
  Database Db() {
    const int index = random_.Chance(1, 2) ? 0 : static_cast<int>(random_.Below(4)) * 5;
    return Database(store_, index, now_ms_, &counters());
  }
  std::string Name() {
    return absl::StrCat(random_.Chance(1, 2) ? "{tag}" : "", random_.Below(150));
  }
  // Of every size that is kept differently.
  std::string Value() {
    if (random_.Chance(1, 3)) return absl::StrCat(random_.Next() >> random_.Below(64));
    constexpr uint64_t kBytesMax[] = {3, 50, 1100, 3000, 70000};
    const uint64_t bytes_max = random_.Chance(1, 30) ? kBytesMax[4] : kBytesMax[random_.Below(4)];
    return std::string(random_.Below(bytes_max), static_cast<char>('a' + random_.Below(26)));
  }
  Expiry Deadline() {
    switch (random_.Below(4)) {
      case 0:
        return Expiry::At(now_ms_ + 1 + static_cast<int64_t>(random_.Below(500)));
      case 1:
        return Expiry::Keep();
      default:
        return Expiry::None();
    }
  }

  void ChangeOneKey() {
    Database db = Db();
    const std::string name = Name();
    const Key key = store_->MakeKey(name);
    switch (random_.Below(11)) {
      case 0:
        db.SetString(key, Value(), Deadline());
        break;
      case 1:
        db.SetText(key, Value(), Deadline());
        break;
      case 2:
        db.SetBlob(key, Blob::Copy(Value()), Deadline());
        break;
      case 3:
        db.SetInteger(key, static_cast<int64_t>(random_.Next() >> random_.Below(64)), Deadline());
        break;
      case 4:
      case 5:
        Write(db, key);
        break;
      case 6:
        if (db.Find(key) != nullptr) db.MakeRaw(key);
        break;
      case 7:
        if (db.Find(key) != nullptr) db.SetExpiry(key, now_ms_ + 1 + random_.Chance(1, 2) * 300);
        break;
      case 8:
        db.Persist(key);
        break;
      case 9:
        db.Delete(key, random_.Chance(1, 2));
        break;
      default:
        db.Find(key);
    }
  }

  // As APPEND, SETRANGE and SETBIT do; at times shorter, which no command does.
  void Write(Database& db, const Key& key) {
    const Entry* const entry = db.Find(key);
    const size_t old_size = entry == nullptr ? 0 : entry->string_size();
    const std::string bytes = random_.Chance(1, 5) ? "" : Value();
    size_t offset = random_.Chance(1, 2) ? old_size : random_.Below(old_size + 100);
    size_t new_size = std::max(old_size, offset + bytes.size());
    if (random_.Chance(1, 10)) new_size = offset + bytes.size();
    db.WriteRange(key, new_size, offset, bytes);
  }

  void ChangeTwoKeys() {
    Database from_db = Db();
    Database to_db = Db();
    const std::string from_name = Name();
    const std::string to_name = Name();
    const Key from = store_->MakeKey(from_name);
    const Key to = store_->MakeKey(to_name);
    if (from_db.index() == to_db.index() && from_name == to_name) return;
    if (from_db.Find(from) == nullptr) return;
    if (random_.Chance(1, 2)) {
      to_db.MoveFrom(from_db, from, to);
    } else {
      to_db.CopyFrom(from_db, from, to);
    }
  }

  void ChangeManyKeys() {
    switch (random_.Below(8)) {
      case 0:
        store_->Flush(-1, random_.Chance(1, 2), &counters());
        break;
      case 1:
        store_->Flush(Db().index(), random_.Chance(1, 2), &counters());
        break;
      case 2:
      case 3:
        store_->FlushSlot(store_->MakeKey(Name()).slot, &counters());
        break;
      default:
        store_->SwapDatabases(Db().index(), Db().index(), &counters());
    }
  }

  Store* store_;
  Random random_;
  int64_t now_ms_ = 1000;
};

TEST(ApplyChange, AFollowerIsEqualWhateverHasBeenDone) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Store store{Store::Options{}};
    FollowingStore follower;
    store.set_change_sink(&follower);
    Workload workload(&store, seed);
    size_t keys_seen = 0;
    for (int step = 1; step <= 20000; ++step) {
      workload.Step();
      if (step % 2000 != 0) continue;
      const StoreContents contents = ContentsOf(store);
      ASSERT_EQ(ContentsOf(follower.store()), contents) << "seed " << seed << " step " << step;
      keys_seen += contents.size();
      for (int index = 0; index < Store::kDatabaseCount; ++index) {
        ASSERT_EQ(follower.store().KeyCount(index), store.KeyCount(index));
        ASSERT_EQ(follower.store().ExpiringKeyCount(index), store.ExpiringKeyCount(index));
      }
    }
    EXPECT_GT(keys_seen, 500u);
    EXPECT_GT(follower.change_count(), 10000);
    EXPECT_GT(store.TotalCounters().expired_keys, 200);
    EXPECT_EQ(follower.store().TotalCounters().expired_keys, 0);
    // Nothing is kept that is in no table.
    store.set_change_sink(nullptr);
    follower.store().Flush(-1, /*wait=*/true, &follower.store().counters(0));
    EXPECT_EQ(follower.store().TotalCounters().used_bytes, 0);
  }
}

class ApplyChangeTest : public testing::Test {
 protected:
  ApplyChangeTest() { store_.set_owns_expiry(false); }

  Change ChangeOf(Change::Kind kind, absl::string_view key = "k") {
    Change change;
    change.kind = kind;
    change.key = key;
    change.slot = KeySlot(key);
    return change;
  }
  bool Apply(const Change& change) { return ApplyChange(&store_, change, &store_.counters(0)); }
  Entry* Find(absl::string_view key = "k") {
    return Database(&store_, 0, 1000, &store_.counters(0)).Find(store_.MakeKey(key));
  }

  Store store_{Store::Options{}};
};

TEST_F(ApplyChangeTest, NothingHasExpiredForAFollower) {
  Change set = ChangeOf(Change::Kind::kSet);
  set.value = "v";
  set.expiry_ms = 5;
  EXPECT_TRUE(Apply(set));
  EXPECT_EQ(Find(), nullptr);  // hidden
  Change write = ChangeOf(Change::Kind::kWriteRange);
  write.size = 2;
  write.offset = 1;
  write.value = "w";
  EXPECT_TRUE(Apply(write));
  Change expire = ChangeOf(Change::Kind::kExpireAt);
  expire.expiry_ms = 5000;
  EXPECT_TRUE(Apply(expire));
  char scratch[Entry::kIntegerTextBytesMax];
  EXPECT_EQ(Find()->StringValue(scratch), "vw");
  EXPECT_EQ(store_.TotalCounters().expired_keys, 0);
}

TEST_F(ApplyChangeTest, ABigValueIsSharedAndASmallOneIsNot) {
  for (const size_t size : {size_t{5000}, size_t{500}}) {
    const BlobRef blob = Blob::Copy(std::string(size, 'x'));
    Change set = ChangeOf(Change::Kind::kSet);
    set.blob = blob.get();
    set.value = blob->view();
    EXPECT_TRUE(Apply(set));
    EXPECT_EQ(Find()->blob(), size == 5000 ? blob.get() : nullptr);
    EXPECT_EQ(Find()->string_size(), size);
  }
}

TEST_F(ApplyChangeTest, WhatFindsNothingToChangeDoesNothing) {
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kExpireAt)));
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kPersist)));
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kDelete)));
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kFlushSlot)));
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kFlushDatabase)));
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kSwapDatabases)));
  EXPECT_EQ(store_.KeyCount(0), 0u);
}

TEST_F(ApplyChangeTest, AWriteIntoAMissingKeyMakesIt) {
  Change write = ChangeOf(Change::Kind::kWriteRange);
  write.size = 3;
  write.offset = 3;
  EXPECT_TRUE(Apply(write));
  EXPECT_EQ(Find()->string_size(), 3u);
  EXPECT_EQ(Find()->string_encoding(), StringEncoding::kRaw);
}

TEST_F(ApplyChangeTest, WhatNoStoreCanHaveMadeIsRefused) {
  const auto refused = [&](const Change& change) {
    return !Apply(change) && store_.KeyCount(0) == 0;
  };
  Change write = ChangeOf(Change::Kind::kWriteRange);
  write.value = "abc";
  write.size = 2;
  EXPECT_TRUE(refused(write));
  write.size = 4;
  write.offset = 2;
  EXPECT_TRUE(refused(write));
  write.offset = UINT64_MAX;
  EXPECT_TRUE(refused(write));
  write.offset = 0;
  for (int bit = 38; bit < 64; ++bit) {
    write.size = uint64_t{1} << bit | 1;
    EXPECT_TRUE(refused(write)) << bit;
  }
  for (const Change::Kind kind :
       {Change::Kind::kSet, Change::Kind::kWriteRange, Change::Kind::kExpireAt,
        Change::Kind::kPersist, Change::Kind::kDelete, Change::Kind::kFlushDatabase,
        Change::Kind::kSwapDatabases}) {
    for (const int database : {-2, Store::kDatabaseCount}) {
      Change change = ChangeOf(kind);
      change.database = database;
      EXPECT_TRUE(refused(change));
    }
  }
  Change swap = ChangeOf(Change::Kind::kSwapDatabases);
  swap.other_database = Store::kDatabaseCount;
  EXPECT_TRUE(refused(swap));
  Change flush = ChangeOf(Change::Kind::kFlushSlot);
  flush.slot = kSlotCount;
  EXPECT_TRUE(refused(flush));
  EXPECT_TRUE(refused(ChangeOf(static_cast<Change::Kind>(77))));
}

TEST_F(ApplyChangeTest, DeadlinesAtTheEndsOfTimeDoNoHarm) {
  for (const int64_t at_ms : {INT64_MIN, INT64_MIN + 1, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    Change set = ChangeOf(Change::Kind::kSet);
    set.expiry_ms = at_ms;
    Change expire = ChangeOf(Change::Kind::kExpireAt);
    expire.expiry_ms = at_ms;
    for (const Change& change :
         {set, expire, expire, ChangeOf(Change::Kind::kWriteRange), expire,
          ChangeOf(Change::Kind::kPersist), expire, ChangeOf(Change::Kind::kDelete)}) {
      EXPECT_TRUE(Apply(change));
    }
  }
}

TEST_F(ApplyChangeTest, WatchersAreToldAsOfAnyChange) {
  WatchMark mark;
  store_.Watch(0, store_.MakeKey("k"), &mark);
  EXPECT_TRUE(Apply(ChangeOf(Change::Kind::kSet)));
  EXPECT_TRUE(mark.dirty.load());
  store_.Unwatch(0, store_.MakeKey("k"), &mark);
}

}  // namespace
}  // namespace damselfly
