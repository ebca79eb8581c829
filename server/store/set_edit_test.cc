#include "server/store/set_edit.h"

#include <set>
#include <string>
#include <utility>
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

class SetEditTest : public testing::Test {
 protected:
  Key KeyOf(absl::string_view name) { return store_.MakeKey(name); }

  Store store_{Store::Options{}};
  Database db_{&store_, 0, 1000, &store_.counters(0)};
};

TEST_F(SetEditTest, ChangesOnlyWhatIsNotSoAlready) {
  RecordingSink sink;
  store_.set_change_sink(&sink);
  {
    SetEdit edit(&db_, KeyOf("s"));
    EXPECT_TRUE(edit.Add("a"));
    EXPECT_FALSE(edit.Add("a"));
  }
  EXPECT_EQ(sink.Take().size(), 1u);
  {
    SetEdit edit(&db_, KeyOf("s"));
    EXPECT_TRUE(edit.existed());
    EXPECT_FALSE(edit.Add("a"));
    EXPECT_FALSE(edit.Erase("b"));
  }
  EXPECT_EQ(sink.Take().size(), 0u);
  { EXPECT_TRUE(SetEdit(&db_, KeyOf("s")).Erase("a")); }
  EXPECT_EQ(sink.Take(), (std::vector<std::string>{"delete 0 s"}));
  store_.set_change_sink(nullptr);
}

TEST_F(SetEditTest, KnowsOtherTypes) {
  db_.SetString(KeyOf("s"), "text", Expiry::None());
  EXPECT_TRUE(SetEdit(&db_, KeyOf("s")).wrong_type());
}

TEST_F(SetEditTest, PopsEverything) {
  {
    SetEdit edit(&db_, KeyOf("s"));
    edit.Add("a");
    edit.Add("b");
  }
  Random random(1);
  std::set<std::string> popped;
  {
    SetEdit edit(&db_, KeyOf("s"));
    edit.Pop(2, random, [&](absl::string_view member) { popped.insert(std::string(member)); });
  }
  EXPECT_EQ(popped, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(db_.Find(KeyOf("s")), nullptr);
}

TEST_F(SetEditTest, AFollowerHasTheSameSets) {
  FollowingStore follower;
  store_.set_change_sink(&follower);
  Random random(6);
  for (int step = 0; step < 6000; ++step) {
    const std::string name = absl::StrCat("s", random.Below(6));
    SetEdit edit(&db_, KeyOf(name));
    const uint64_t steps = random.Below(4);
    for (uint64_t i = 0; i < steps; ++i) {
      const std::string member =
          absl::StrCat(step % 50 == 49 ? "m" : "", random.Below(step < 3000 ? 20 : 800));
      if (random.Chance(1, 3)) {
        edit.Erase(member);
      } else {
        edit.Add(member);
      }
    }
    if (step % 100 == 0) edit.Pop(random.Below(edit->size() + 1), random, [](absl::string_view) {});
  }
  // Encodings may differ: that of what is left when most was popped is chosen anew.
  const StoreContents ours = ContentsOf(store_), theirs = ContentsOf(follower.store());
  ASSERT_EQ(ours.size(), theirs.size());
  for (const auto& [key, content] : ours)
    EXPECT_EQ(std::get<0>(content), std::get<0>(theirs.at(key))) << key;
  EXPECT_GT(ours.size(), 3u);
  store_.set_change_sink(nullptr);
}

TEST_F(SetEditTest, AFollowerTakesWholeSets) {
  FollowingStore follower;
  store_.set_change_sink(&follower);
  ValueContext context;
  for (const char* prefix : {"", "m"}) {
    for (int size : {1, 50, 600}) {
      SetValue set;
      for (int i = 0; i < size; ++i) set.Add(absl::StrCat(prefix, i), context);
      db_.SetCollection(KeyOf(absl::StrCat("s", prefix, size)), std::move(set), Expiry::At(5000));
    }
  }
  EXPECT_EQ(ContentsOf(store_), ContentsOf(follower.store()));
  EXPECT_EQ(ContentsOf(store_).size(), 6u);
  store_.set_change_sink(nullptr);
}

}  // namespace
}  // namespace damselfly
