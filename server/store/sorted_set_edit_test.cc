#include "server/store/sorted_set_edit.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

using Outcome = SortedSetValue::Outcome;

class SortedSetEditTest : public testing::Test {
 protected:
  Key KeyOf(absl::string_view name) { return store_.MakeKey(name); }
  int64_t used_bytes() { return store_.TotalCounters().used_bytes; }

  Store store_{Store::Options{}};
  Database db_{&store_, 0, 1000, &store_.counters(0)};
};

TEST_F(SortedSetEditTest, MakesAKeyOnlyWhenSomethingIsInIt) {
  { SortedSetEdit untouched(&db_, KeyOf("z")); }
  EXPECT_EQ(db_.Find(KeyOf("z")), nullptr);
  {
    SortedSetEdit edit(&db_, KeyOf("z"));
    EXPECT_FALSE(edit.existed());
    EXPECT_FALSE(edit.Erase("a"));
    EXPECT_EQ(edit.Update("a", [](const double*, double*) { return false; }), Outcome::kUnchanged);
  }
  EXPECT_EQ(db_.Find(KeyOf("z")), nullptr);
  { SortedSetEdit(&db_, KeyOf("z")).Set("a", 1); }
  ASSERT_NE(db_.Find(KeyOf("z")), nullptr);
  EXPECT_EQ(db_.Find(KeyOf("z"))->as<SortedSetValue>().size(), 1u);
}

TEST_F(SortedSetEditTest, DeletesTheKeyWithItsLastMember) {
  const int64_t before = used_bytes();
  {
    SortedSetEdit edit(&db_, KeyOf("z"));
    edit.Set("a", 1);
    edit.Set("b", 2);
  }
  { SortedSetEdit(&db_, KeyOf("z")).EraseRanks({0, 2}); }
  EXPECT_EQ(db_.Find(KeyOf("z")), nullptr);
  EXPECT_EQ(used_bytes(), before);
}

TEST_F(SortedSetEditTest, KnowsOtherTypes) {
  db_.SetString(KeyOf("s"), "text", Database::Expiry::None());
  EXPECT_TRUE(SortedSetEdit(&db_, KeyOf("s")).wrong_type());
  EXPECT_FALSE(SortedSetEdit(&db_, KeyOf("z")).wrong_type());
}

TEST_F(SortedSetEditTest, AccountsForWhatItAdds) {
  { SortedSetEdit(&db_, KeyOf("z")).Set("a", 1); }
  const int64_t others = used_bytes() - static_cast<int64_t>(db_.Find(KeyOf("z"))->memory_bytes());
  for (int i = 0; i < 1000; ++i) {
    { SortedSetEdit(&db_, KeyOf("z")).Set(absl::StrCat("m", i), i); }
    ASSERT_EQ(used_bytes(), others + static_cast<int64_t>(db_.Find(KeyOf("z"))->memory_bytes()));
  }
}

TEST_F(SortedSetEditTest, TellsOneChangeForAllSteps) {
  RecordingSink sink;
  store_.set_change_sink(&sink);
  {
    SortedSetEdit edit(&db_, KeyOf("z"));
    edit.Set("a", 1);
    edit.Set("b", 2);
    edit.Set("b", 2);
  }
  {
    SortedSetEdit unchanged(&db_, KeyOf("z"));
    unchanged.Set("a", 1);
    unchanged.Erase("c");
    unchanged.EraseRanks({1, 1});
  }
  { SortedSetEdit(&db_, KeyOf("z")).EraseRanks({0, 2}); }
  EXPECT_EQ(sink.Take(), (std::vector<std::string>{
                             absl::StrCat("update 0 z of type ",
                                          static_cast<int>(ValueType::kSortedSet), " by 22 bytes"),
                             "delete 0 z"}));
  store_.set_change_sink(nullptr);
}

TEST_F(SortedSetEditTest, AFollowerHasTheSameSets) {
  FollowingStore follower;
  store_.set_change_sink(&follower);
  Random random(6);
  for (int step = 0; step < 6000; ++step) {
    const std::string name = absl::StrCat("z", random.Below(6));
    SortedSetEdit edit(&db_, KeyOf(name));
    const uint64_t steps = random.Below(4);
    for (uint64_t i = 0; i < steps; ++i) {
      const std::string member = absl::StrCat("m", random.Below(step < 3000 ? 20 : 800));
      const uint64_t kind = random.Below(12);
      if (kind < 3) {
        edit.Erase(member);
      } else if (kind < 4) {
        const size_t first = random.Below(edit->size() + 1);
        edit.EraseRanks({first, std::min(edit->size(), first + random.Below(3))});
      } else {
        edit.Update(member, [&](const double* present, double* score) {
          *score = (present == nullptr ? 0 : *present) + static_cast<double>(random.Below(30)) / 4;
          return true;
        });
      }
    }
  }
  EXPECT_EQ(ContentsOf(store_), ContentsOf(follower.store()));
  EXPECT_GT(ContentsOf(store_).size(), 3u);
  store_.set_change_sink(nullptr);
}

}  // namespace
}  // namespace damselfly
