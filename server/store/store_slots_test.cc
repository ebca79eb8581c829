// Ownership of single slots, removing all that is in one, and what is counted of them.

#include <string>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

class StoreSlotsTest : public testing::Test {
 protected:
  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database Db(int index = 0) { return Database(&store_, index, 1000, &store_.counters(0)); }
  void Set(absl::string_view key, int index = 0) {
    Db(index).SetString(K(key), "v", Expiry::None());
  }

  Store store_{Store::Options{}};
};

TEST_F(StoreSlotsTest, EverySlotIsOwnedUntilOwnershipIsAskedFor) {
  EXPECT_FALSE(store_.restricted_to_owned_slots());
  EXPECT_TRUE(store_.IsOwned(0));
  EXPECT_TRUE(store_.IsOwned(16383));
  store_.RestrictToOwnedSlots();
  EXPECT_TRUE(store_.restricted_to_owned_slots());
  EXPECT_FALSE(store_.IsOwned(0));
  store_.Own(7);
  EXPECT_TRUE(store_.IsOwned(7));
  EXPECT_FALSE(store_.IsOwned(8));
  store_.Disown(7, &store_.counters(0));
  EXPECT_FALSE(store_.IsOwned(7));
}

TEST_F(StoreSlotsTest, SlotsMayBeFilledUntilOwnershipIsKnown) {
  EXPECT_TRUE(store_.MayPopulate(3));
  store_.RestrictToOwnedSlots();
  EXPECT_TRUE(store_.MayPopulate(3));
  store_.set_ownership_known();
  EXPECT_FALSE(store_.MayPopulate(3));
  store_.Own(3);
  EXPECT_TRUE(store_.MayPopulate(3));
}

TEST_F(StoreSlotsTest, DisowningRemovesTheSlotsKeysAtOnceAndNoOthers) {
  store_.RestrictToOwnedSlots();
  for (int i = 0; i < 500; ++i) Set("{lost}" + std::to_string(i));
  Db().SetExpiry(K("{lost}7"), 5000);
  Set("{kept}1");
  const uint16_t lost = K("{lost}").slot;
  ASSERT_EQ(store_.KeyCountInSlot(0, lost), 500u);

  EXPECT_EQ(store_.Disown(lost, &store_.counters(0)), 500u);
  EXPECT_EQ(store_.KeyCountInSlot(0, lost), 0u);
  EXPECT_EQ(store_.KeyCount(0), 1u);
  EXPECT_EQ(store_.ExpiringKeyCount(0), 0u);
  EXPECT_EQ(store_.EntryBytesInSlot(lost), 0);
  EXPECT_EQ(Db().Find(K("{lost}7")), nullptr);
  EXPECT_NE(Db().Find(K("{kept}1")), nullptr);
}

TEST_F(StoreSlotsTest, MemoryOfADisownedSlotIsFreedInTheBackground) {
  store_.RestrictToOwnedSlots();
  for (int i = 0; i < 5000; ++i) Set("{lost}" + std::to_string(i));
  const int64_t used_bytes = store_.TotalCounters().used_bytes;
  store_.Disown(K("{lost}").slot, &store_.counters(0));
  EXPECT_EQ(store_.TotalCounters().used_bytes, used_bytes);
  EXPECT_EQ(store_.TotalCounters().background_keys, 5000);
  EXPECT_TRUE(store_.BackgroundStep(0, 1000, &store_.counters(0)));
  EXPECT_GT(store_.TotalCounters().used_bytes, 0);
  while (store_.BackgroundStep(0, 1000, &store_.counters(0))) {
  }
  EXPECT_EQ(store_.TotalCounters().used_bytes, 0);
  EXPECT_EQ(store_.TotalCounters().background_keys, 0);
}

TEST_F(StoreSlotsTest, DisowningTellsAllWhoWatchThereWhetherTheKeyExistsOrNot) {
  store_.RestrictToOwnedSlots();
  Set("{a}there");
  WatchMark there, missing, elsewhere;
  store_.Watch(0, K("{a}there"), &there);
  store_.Watch(0, K("{a}missing"), &missing);
  store_.Watch(0, K("{b}"), &elsewhere);
  store_.Disown(K("{a}").slot, &store_.counters(0));
  EXPECT_TRUE(there.dirty.load());
  EXPECT_TRUE(missing.dirty.load());
  EXPECT_FALSE(elsewhere.dirty.load());
  store_.Unwatch(0, K("{a}there"), &there);
  store_.Unwatch(0, K("{a}missing"), &missing);
  store_.Unwatch(0, K("{b}"), &elsewhere);
}

TEST_F(StoreSlotsTest, FlushingASlotTakesAllDatabasesAndTellsWhoWatchesAKeyThatWasThere) {
  Set("{a}1");
  Set("{a}2", 3);
  Set("{b}1", 3);
  WatchMark there, missing;
  store_.Watch(3, K("{a}2"), &there);
  store_.Watch(3, K("{a}missing"), &missing);
  EXPECT_EQ(store_.FlushSlot(K("{a}").slot, &store_.counters(0)), 2u);
  EXPECT_EQ(store_.KeyCount(0), 0u);
  EXPECT_EQ(store_.KeyCount(3), 1u);
  EXPECT_TRUE(there.dirty.load());
  EXPECT_FALSE(missing.dirty.load());
  store_.Unwatch(3, K("{a}2"), &there);
  store_.Unwatch(3, K("{a}missing"), &missing);
}

TEST_F(StoreSlotsTest, EntryBytesFollowEveryChangeOfASlot) {
  const uint16_t slot = K("{a}").slot;
  EXPECT_EQ(store_.EntryBytesInSlot(slot), 0);
  Set("{a}1");
  const int64_t small_bytes = store_.EntryBytesInSlot(slot);
  EXPECT_GT(small_bytes, 0);
  Db().SetString(K("{a}1"), std::string(100000, 'x'), Expiry::None());
  EXPECT_GT(store_.EntryBytesInSlot(slot), 100000);
  Db().ResizeString(K("{a}1"), 300000);
  EXPECT_GT(store_.EntryBytesInSlot(slot), 300000);
  Db().SetExpiry(K("{a}1"), 5000);
  Db().MoveFrom(*std::make_unique<Database>(Db()), K("{a}1"), K("{b}1"));
  EXPECT_EQ(store_.EntryBytesInSlot(slot), 0);
  EXPECT_GT(store_.EntryBytesInSlot(K("{b}").slot), 300000);
  store_.SwapDatabases(0, 5);
  EXPECT_GT(store_.EntryBytesInSlot(K("{b}").slot), 300000);
  store_.Flush(5, /*wait=*/true, &store_.counters(0));
  EXPECT_EQ(store_.EntryBytesInSlot(K("{b}").slot), 0);
}

TEST_F(StoreSlotsTest, AccessesAreCountedByTheirKindAndSurviveFlushing) {
  store_.CountAccess(9, /*may_write=*/false);
  store_.CountAccess(9, /*may_write=*/true);
  store_.CountAccess(9, /*may_write=*/true);
  store_.FlushSlot(9, &store_.counters(0));
  EXPECT_EQ(store_.read_count(9), 1u);
  EXPECT_EQ(store_.write_count(9), 2u);
  EXPECT_EQ(store_.read_count(8), 0u);
}

}  // namespace
}  // namespace damselfly
