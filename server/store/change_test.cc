// What the store tells its ChangeSink: each effect once, complete in itself.

#include "server/store/change.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;
using testing::ElementsAre;
using testing::IsEmpty;

class ChangeTest : public testing::Test {
 protected:
  ChangeTest() { store_.set_change_sink(&sink_); }

  Key K(absl::string_view bytes) const { return store_.MakeKey(bytes); }
  Database Db(int index = 0, int64_t now_ms = 1000) {
    return Database(&store_, index, now_ms, &store_.counters(0));
  }

  Store store_{Store::Options{}};
  RecordingSink sink_;
};

TEST_F(ChangeTest, StringsAreToldAsTheyAreKept) {
  Db(3).SetString(K("k"), "text", Expiry::None());
  Db(3).SetString(K("k"), "same", Expiry::None());  // as long as before: in its place
  Db(3).SetString(K("k"), "12", Expiry::At(5000));
  Db(3).SetString(K("k"), "99999999999", Expiry::None());
  Db(3).SetText(K("k"), "12", Expiry::None());
  Db(3).SetRaw(K("k"), "12", Expiry::None());
  Db(3).SetInteger(K("k"), -7, Expiry::None());
  Db(3).SetString(K("k"), std::string(2000, 'x'), Expiry::None());
  Db(3).SetRaw(K("k"), std::string(2000, 'x'), Expiry::None());
  EXPECT_THAT(
      sink_.Take(),
      ElementsAre("set 3 k text 'text'", "set 3 k text 'same'", "set 3 k integer 12 at 5000",
                  "set 3 k integer 99999999999", "set 3 k text '12'", "set 3 k raw '12'",
                  "set 3 k integer -7", "set 3 k text blob of 2000", "set 3 k text blob of 2000"));
  EXPECT_EQ(sink_.last_slot(), K("k").slot);
}

TEST_F(ChangeTest, ADeadlineThatIsKeptIsTold) {
  Db().SetString(K("k"), "v", Expiry::At(5000));
  Db().SetString(K("k"), "w", Expiry::Keep());
  Db().SetInteger(K("k"), 1, Expiry::Keep());
  EXPECT_THAT(sink_.Take(), ElementsAre("set 0 k text 'v' at 5000", "set 0 k text 'w' at 5000",
                                        "set 0 k integer 1 at 5000"));
}

TEST_F(ChangeTest, ASmallBlobIsToldAsRawSoThatItsEncodingStays) {
  Db().SetBlob(K("k"), Blob::Copy("v"), Expiry::None());
  EXPECT_EQ(Db().Find(K("k"))->string_encoding(), StringEncoding::kRaw);
  EXPECT_THAT(sink_.Take(), ElementsAre("set 0 k raw blob of 1"));
}

TEST_F(ChangeTest, WritesInPlaceAreToldByTheirRange) {
  Db().WriteRange(K("k"), 5, 2, "abc");
  Db().WriteRange(K("k"), 5, 0, "x");
  Db().WriteRange(K("k"), 7, 7, "");
  EXPECT_THAT(sink_.Take(),
              ElementsAre("write 0 k size 5 offset 2 'abc'", "write 0 k size 5 offset 0 'x'",
                          "write 0 k size 7 offset 7 ''"));
}

TEST_F(ChangeTest, MakingAStringRawIsToldWhenItWasNot) {
  Db().SetString(K("k"), "12", Expiry::None());
  sink_.Take();
  Db().MakeRaw(K("k"));
  Db().MakeRaw(K("k"));
  EXPECT_THAT(sink_.Take(), ElementsAre("write 0 k size 2 offset 2 ''"));
}

TEST_F(ChangeTest, DeadlinesAreToldWhenTheyChange) {
  Db().SetString(K("k"), "v", Expiry::None());
  sink_.Take();
  Db().SetExpiry(K("k"), 5000);
  Db().SetExpiry(K("k"), 6000);
  Db().Persist(K("k"));
  Db().Persist(K("k"));
  Db().Persist(K("absent"));
  EXPECT_THAT(sink_.Take(), ElementsAre("expire 0 k at 5000", "expire 0 k at 6000", "persist 0 k"));
}

TEST_F(ChangeTest, DeletionsAreToldOfWhatWasThere) {
  Db().SetString(K("k"), "v", Expiry::None());
  Db().SetString(K("big"), std::string(1 << 17, 'x'), Expiry::None());
  sink_.Take();
  Db().Delete(K("absent"));
  Db().Delete(K(Db().Find(K("k"))->key()));  // the argument lies in what is deleted
  Db().Delete(K("k"));
  Db().Delete(K("big"), /*background=*/true);
  EXPECT_THAT(sink_.Take(), ElementsAre("delete 0 k", "delete 0 big"));
}

TEST_F(ChangeTest, LazyExpiryIsADeletionBeforeWhateverLooked) {
  Db().SetString(K("k"), "v", Expiry::At(2000));
  sink_.Take();
  Db(0, 3000).Find(K("k"));
  EXPECT_THAT(sink_.Take(), ElementsAre("delete 0 k"));
  Db().SetString(K("k"), "v", Expiry::At(2000));
  sink_.Take();
  Db(0, 3000).SetString(K("k"), "w", Expiry::Keep());
  EXPECT_THAT(sink_.Take(), ElementsAre("delete 0 k", "set 0 k text 'w'"));
}

TEST_F(ChangeTest, ActiveExpiryIsADeletionByTheWorkerThatSweeps) {
  Store::Options options;
  options.worker_count = 2;
  Store store(options);
  store.set_change_sink(&sink_);
  const Key key = store.MakeKey("k");
  Database(&store, 4, 1000, &store.counters(0)).SetString(key, "v", Expiry::At(2000));
  EXPECT_EQ(sink_.last_worker(), 0);
  sink_.Take();
  for (int step = 0; step < 10; ++step) {
    for (int worker = 0; worker < 2; ++worker)
      store.BackgroundStep(worker, 3000, &store.counters(worker));
  }
  EXPECT_THAT(sink_.Take(), ElementsAre("delete 4 k"));
  EXPECT_EQ(sink_.last_worker(), key.slot % 2);
}

TEST_F(ChangeTest, WhoDoesNotOwnExpiryTellsOfNone) {
  Db().SetString(K("k"), "v", Expiry::At(2000));
  store_.set_owns_expiry(false);
  sink_.Take();
  Db(0, 3000).Find(K("k"));
  for (int step = 0; step < 10; ++step) store_.BackgroundStep(0, 3000, &store_.counters(0));
  EXPECT_THAT(sink_.Take(), IsEmpty());
}

TEST_F(ChangeTest, MovingIsDeletingAndSettingWithTheDeadline) {
  Db().WriteRange(K("from"), 1, 0, "v");
  Db().SetExpiry(K("from"), 5000);
  sink_.Take();
  Database source = Db();
  Db(2).MoveFrom(source, K("from"), K("to"));
  EXPECT_THAT(sink_.Take(), ElementsAre("delete 0 from", "set 2 to raw 'v' at 5000"));
}

TEST_F(ChangeTest, CopyingIsSettingWithTheDeadline) {
  Db().SetString(K("from"), std::string(3000, 'x'), Expiry::At(5000));
  sink_.Take();
  Database source = Db();
  Db(2).CopyFrom(source, K("from"), K("to"));
  EXPECT_THAT(sink_.Take(), ElementsAre("set 2 to text blob of 3000 at 5000"));
}

TEST_F(ChangeTest, WholeDatabasesAreToldOnceHoweverManyKeysTheyHave) {
  for (int i = 0; i < 100; ++i) Db(i % 3).SetInteger(K(absl::StrCat(i)), i, Expiry::None());
  sink_.Take();
  store_.SwapDatabases(0, 2, &store_.counters(0));
  store_.SwapDatabases(2, 2, &store_.counters(0));
  store_.Flush(1, /*wait=*/true, &store_.counters(0));
  store_.Flush(-1, /*wait=*/false, &store_.counters(0));
  EXPECT_THAT(sink_.Take(), ElementsAre("swap 0 2", "flush database 1", "flush database -1"));
}

TEST_F(ChangeTest, SlotsThatAreEmptiedAreToldIfThereWereKeys) {
  store_.RestrictToOwnedSlots();
  const uint16_t slot = K("k").slot;
  store_.Own(slot);
  Db().SetString(K("k"), "v", Expiry::None());
  sink_.Take();
  store_.Close(slot);
  EXPECT_THAT(sink_.Take(), IsEmpty());
  store_.Disown(slot, &store_.counters(0));
  store_.Disown(slot, &store_.counters(0));
  Db().SetString(K("k"), "v", Expiry::None());
  store_.FlushSlot(slot, &store_.counters(0));
  store_.FlushSlot(slot, &store_.counters(0));
  const std::string flush = absl::StrCat("flush slot ", slot);
  EXPECT_THAT(sink_.Take(), ElementsAre(flush, "set 0 k text 'v'", flush));
}

TEST_F(ChangeTest, WithoutASinkNobodyIsTold) {
  store_.set_change_sink(nullptr);
  Db().SetString(K("k"), "v", Expiry::None());
  Db().Delete(K("k"));
  store_.Flush(-1, true, &store_.counters(0));
  EXPECT_THAT(sink_.Take(), IsEmpty());
}

}  // namespace
}  // namespace damselfly
