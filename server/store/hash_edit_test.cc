#include "server/store/hash_edit.h"

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

using Expiry = Database::Expiry;

class HashEditTest : public testing::Test {
 protected:
  Key KeyOf(absl::string_view name) { return store_.MakeKey(name); }
  int64_t used_bytes() { return store_.TotalCounters().used_bytes; }

  Store store_{Store::Options{}};
  Database db_{&store_, 0, 1000, &store_.counters(0)};
};

TEST_F(HashEditTest, MakesAKeyOnlyWhenSomethingIsInIt) {
  { HashEdit untouched(&db_, KeyOf("h")); }
  EXPECT_EQ(db_.Find(KeyOf("h")), nullptr);
  {
    HashEdit edit(&db_, KeyOf("h"));
    EXPECT_FALSE(edit.existed());
    EXPECT_FALSE(edit.Erase("a"));
    EXPECT_TRUE(edit.Set("a", "1"));
    EXPECT_TRUE(edit.Erase("a"));
  }
  EXPECT_EQ(db_.Find(KeyOf("h")), nullptr);
  { HashEdit(&db_, KeyOf("h")).Set("a", "1"); }
  ASSERT_NE(db_.Find(KeyOf("h")), nullptr);
  EXPECT_EQ(db_.Find(KeyOf("h"))->as<HashValue>().size(), 1u);
}

TEST_F(HashEditTest, DeletesTheKeyWithItsLastField) {
  const int64_t before = used_bytes();
  { HashEdit(&db_, KeyOf("h")).Set("a", "1"); }
  { HashEdit(&db_, KeyOf("h")).Erase("a"); }
  EXPECT_EQ(db_.Find(KeyOf("h")), nullptr);
  EXPECT_EQ(used_bytes(), before);
}

TEST_F(HashEditTest, KnowsOtherTypes) {
  db_.SetString(KeyOf("s"), "text", Expiry::None());
  EXPECT_TRUE(HashEdit(&db_, KeyOf("s")).wrong_type());
  EXPECT_FALSE(HashEdit(&db_, KeyOf("h")).wrong_type());
}

TEST_F(HashEditTest, AccountsForWhatItAdds) {
  { HashEdit(&db_, KeyOf("h")).Set("a", "1"); }
  const int64_t others = used_bytes() - static_cast<int64_t>(db_.Find(KeyOf("h"))->memory_bytes());
  for (int i = 0; i < 1000; ++i) {
    { HashEdit(&db_, KeyOf("h")).Set(absl::StrCat("f", i), std::string(50, 'x')); }
    ASSERT_EQ(used_bytes(), others + static_cast<int64_t>(db_.Find(KeyOf("h"))->memory_bytes()));
  }
  EXPECT_GT(used_bytes(), 50000);
}

TEST_F(HashEditTest, TellsOneChangeForAllSteps) {
  RecordingSink sink;
  store_.set_change_sink(&sink);
  {
    HashEdit edit(&db_, KeyOf("h"));
    edit.Set("a", "1");
    edit.Set("b", "2");
  }
  { HashEdit unchanged(&db_, KeyOf("h")); }
  {
    HashEdit edit(&db_, KeyOf("h"));
    edit.Erase("a");
    edit.Erase("b");
  }
  EXPECT_EQ(
      sink.Take(),
      (std::vector<std::string>{
          absl::StrCat("update 0 h of type ", static_cast<int>(ValueType::kHash), " by 10 bytes"),
          "delete 0 h"}));
  store_.set_change_sink(nullptr);
}

TEST_F(HashEditTest, AFollowerHasTheSameHashes) {
  FollowingStore follower;
  store_.set_change_sink(&follower);
  Random random(6);
  for (int step = 0; step < 6000; ++step) {
    const std::string name = absl::StrCat("h", random.Below(6));
    HashEdit edit(&db_, KeyOf(name));
    const uint64_t steps = random.Below(4);
    for (uint64_t i = 0; i < steps; ++i) {
      const std::string field = absl::StrCat("f", random.Below(step < 3000 ? 20 : 800));
      if (random.Chance(1, 3)) {
        edit.Erase(field);
      } else {
        edit.Set(field, absl::StrCat(random.Below(1000)));
      }
    }
  }
  EXPECT_EQ(ContentsOf(store_), ContentsOf(follower.store()));
  EXPECT_GT(ContentsOf(store_).size(), 3u);
  store_.set_change_sink(nullptr);
}

}  // namespace
}  // namespace damselfly
