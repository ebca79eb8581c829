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
  EXPECT_EQ(store_.FiguresOf(lost).entry_bytes, 0);
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

TEST_F(StoreSlotsTest, ClosingASlotTellsAllWhoWatchThereAndKeepsItsKeys) {
  store_.RestrictToOwnedSlots();
  const uint16_t slot = K("{a}").slot;
  store_.Own(slot);
  Set("{a}there");
  WatchMark there, missing, elsewhere;
  store_.Watch(0, K("{a}there"), &there);
  store_.Watch(0, K("{a}missing"), &missing);
  store_.Watch(0, K("{b}"), &elsewhere);
  store_.Close(slot);
  EXPECT_FALSE(store_.IsOwned(slot));
  EXPECT_TRUE(there.dirty.load());
  EXPECT_TRUE(missing.dirty.load());
  EXPECT_FALSE(elsewhere.dirty.load());
  store_.Unwatch(0, K("{a}there"), &there);
  store_.Unwatch(0, K("{a}missing"), &missing);
  store_.Unwatch(0, K("{b}"), &elsewhere);
  store_.Own(slot);
  EXPECT_TRUE(store_.IsOwned(slot));
  EXPECT_NE(Db().Find(K("{a}there")), nullptr);
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
  store_.RestrictToOwnedSlots();
  const auto bytes_of = [this](absl::string_view key) {
    return store_.FiguresOf(K(key).slot).entry_bytes;
  };
  EXPECT_EQ(bytes_of("{a}"), 0);
  Set("{a}1");
  EXPECT_GT(bytes_of("{a}"), 0);
  EXPECT_LT(bytes_of("{a}"), 100);
  Db().SetString(K("{a}1"), std::string(100000, 'x'), Expiry::None());
  EXPECT_GT(bytes_of("{a}"), 100000);
  Db().WriteRange(K("{a}1"), 300000, 299999, "x");
  EXPECT_GT(bytes_of("{a}"), 300000);
  Db().SetExpiry(K("{a}1"), 5000);
  Database source = Db();
  Db().MoveFrom(source, K("{a}1"), K("{b}1"));
  EXPECT_EQ(bytes_of("{a}"), 0);
  EXPECT_GT(bytes_of("{b}"), 300000);
  store_.Flush(0, /*wait=*/true, &store_.counters(0));
  EXPECT_EQ(bytes_of("{b}"), 0);
}

TEST_F(StoreSlotsTest, AccessesAreCountedByTheirKindAndSurviveFlushing) {
  store_.CountAccess(9, /*may_write=*/false);  // nobody keeps figures yet
  store_.RestrictToOwnedSlots();
  store_.CountAccess(9, /*may_write=*/false);
  store_.CountAccess(9, /*may_write=*/true);
  store_.CountAccess(9, /*may_write=*/true);
  store_.FlushSlot(9, &store_.counters(0));
  EXPECT_EQ(store_.FiguresOf(9).read_count, 1u);
  EXPECT_EQ(store_.FiguresOf(9).write_count, 2u);
  EXPECT_EQ(store_.FiguresOf(8).read_count, 0u);
}

TEST_F(StoreSlotsTest, AccessesAreCountedBeyondWhatASlotsOwnCountersHold) {
  store_.RestrictToOwnedSlots();
  for (int i = 0; i < 1000; ++i) store_.CountAccess(9, /*may_write=*/false);
  for (int i = 0; i < 256; ++i) store_.CountAccess(9, /*may_write=*/true);
  EXPECT_EQ(store_.FiguresOf(9).read_count, 1000u);
  EXPECT_EQ(store_.FiguresOf(9).write_count, 256u);
  EXPECT_EQ(store_.FiguresOf(10).read_count, 0u);
}

}  // namespace
}  // namespace damselfly
