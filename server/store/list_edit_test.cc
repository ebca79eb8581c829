#include "server/store/list_edit.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ListEditTest : public testing::Test {
 protected:
  ~ListEditTest() override { store_.set_change_sink(nullptr); }

  Key KeyOf(absl::string_view name) { return store_.MakeKey(name); }
  int64_t used_bytes() { return store_.TotalCounters().used_bytes; }

  Store store_{Store::Options{}};
  Database db_{&store_, 0, 1000, &store_.counters(0)};
};

TEST_F(ListEditTest, KeyLivesAsLongAsTheListHasElements) {
  const int64_t before = used_bytes();
  { ListEdit untouched(&db_, KeyOf("l")); }
  EXPECT_EQ(db_.Find(KeyOf("l")), nullptr);
  { ListEdit(&db_, KeyOf("l")).Push(ListEnd::kTail, "a"); }
  ASSERT_NE(db_.Find(KeyOf("l")), nullptr);
  EXPECT_EQ(db_.Find(KeyOf("l"))->as<ListValue>().size(), 1u);
  { ListEdit(&db_, KeyOf("l")).Pop(ListEnd::kHead); }
  EXPECT_EQ(db_.Find(KeyOf("l")), nullptr);
  EXPECT_EQ(used_bytes(), before);
}

TEST_F(ListEditTest, AccountsForLongListsAndShortOnes) {
  { ListEdit(&db_, KeyOf("l")).Push(ListEnd::kTail, "x"); }
  const int64_t others = used_bytes() - static_cast<int64_t>(db_.Find(KeyOf("l"))->memory_bytes());
  for (int i = 0; i < 3000; ++i) {
    {
      ListEdit edit(&db_, KeyOf("l"));
      i < 2000 ? edit.Push(ListEnd::kHead, absl::StrCat("element:", i))
               : edit.EraseRange(edit->size() / 2, 2);
    }
    const Entry* const entry = db_.Find(KeyOf("l"));
    if (entry == nullptr) break;
    ASSERT_EQ(used_bytes(), others + static_cast<int64_t>(entry->memory_bytes()));
  }
}

TEST_F(ListEditTest, TouchTellsWatchersAndNobodyElse) {
  { ListEdit(&db_, KeyOf("l")).Push(ListEnd::kTail, "a"); }
  RecordingSink sink;
  store_.set_change_sink(&sink);
  WatchMark mark;
  store_.Lock(KeyOf("l").slot);
  store_.Watch(0, KeyOf("l"), &mark);
  { ListEdit(&db_, KeyOf("l")).EraseEqual("nope", 1, ListEnd::kHead); }
  EXPECT_FALSE(mark.dirty.load());
  { ListEdit(&db_, KeyOf("l")).Touch(); }
  EXPECT_TRUE(mark.dirty.load());
  store_.Unwatch(0, KeyOf("l"), &mark);
  store_.Unlock(KeyOf("l").slot);
  EXPECT_THAT(sink.Take(), IsEmpty());
}

TEST_F(ListEditTest, EveryStepIsToldOnce) {
  FollowingStore follower;
  store_.set_change_sink(&follower);
  {
    ListEdit edit(&db_, KeyOf("l"));
    edit.Push(ListEnd::kTail, "b");
    edit.Push(ListEnd::kHead, "a");
    edit.Insert(1, ListSide::kBefore, "x");
    edit.Insert(1, ListSide::kAfter, "y");
    edit.Set(0, "first");
    edit.Push(ListEnd::kTail, "x");
    EXPECT_EQ(edit.EraseEqual("x", 1, ListEnd::kTail), 1u);
    edit.EraseRange(2, 1);
  }
  EXPECT_EQ(follower.change_count(), 1);
  EXPECT_EQ(ContentsOf(follower.store()), ContentsOf(store_));
  EXPECT_THAT(ContentsOf(store_), SizeIs(1));
}

}  // namespace
}  // namespace damselfly
