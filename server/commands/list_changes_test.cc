// What list commands do is told in full: a store that only hears of the changes has the same lists,
// in the same nodes.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/list_commands.h"
#include "server/commands/testing/word_bench.h"
#include "server/runtime/random.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"

namespace damselfly {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(ListChangesTest, WhatChangesNothingIsNotTold) {
  WordBench bench({ListCommands()});
  bench.Do("RPUSH l a b");
  RecordingSink sink;
  bench.store().set_change_sink(&sink);
  for (const char* words :
       {"LPUSHX nil a", "LINSERT l AFTER nope a", "LSET l 9 a", "LREM l 0 nope", "LTRIM l 0 -1",
        "LPOP l 0", "LPOP nil", "LMOVE nil l LEFT LEFT", "LMPOP 1 nil LEFT", "LRANGE l 0 -1"}) {
    bench.Do(words);
    EXPECT_THAT(sink.Take(), IsEmpty()) << words;
  }
  bench.Do("LPUSH l a b c");
  EXPECT_THAT(sink.Take(), SizeIs(1));
  bench.Do("LPOP l 99");
  EXPECT_THAT(sink.Take(), SizeIs(1));
  bench.store().set_change_sink(nullptr);
}

class RandomListCommands {
 public:
  explicit RandomListCommands(uint64_t seed) : random_(seed) {}

  std::string Next() {
    switch (random_.Below(14)) {
      case 0:
      case 1:
        return absl::StrCat("RPUSH ", Key(), " ", Text(), " ", Text());
      case 2:
      case 3:
        return absl::StrCat("LPUSH ", Key(), " ", Text());
      case 4:
        return absl::StrCat("LINSERT ", Key(), " BEFORE ", Text(), " ", Text());
      case 5:
        return absl::StrCat("LINSERT ", Key(), " AFTER ", Text(), " ", Text());
      case 6:
        return absl::StrCat("LSET ", Key(), " ", Index(), " ", Text());
      case 7:
        return absl::StrCat("LREM ", Key(), " ", random_.Between(-2, 2), " ", Text());
      case 8:
        return absl::StrCat("LTRIM ", Key(), " ", random_.Below(3), " -", 1 + random_.Below(3));
      case 9:
        return absl::StrCat("LPOP ", Key(), " ", random_.Below(5));
      case 10:
        return absl::StrCat("RPOP ", Key());
      case 11:
        return absl::StrCat("LMOVE ", Key(), " ", Key(), " LEFT RIGHT");
      case 12:
        return absl::StrCat("RPOPLPUSH ", Key(), " ", Key());
      default:
        return absl::StrCat("LMPOP 2 ", Key(), " ", Key(), " RIGHT COUNT 3");
    }
  }

 private:
  std::string Key() { return absl::StrCat("list:", random_.Below(4)); }
  std::string Index() { return absl::StrCat(random_.Between(-40, 40)); }
  std::string Text() {
    if (random_.Below(8) == 0) return std::string(1 + random_.Below(3000), 'x');
    return absl::StrCat("element:", random_.Below(20));
  }

  Random random_;
};

TEST(ListChangesTest, FollowerHasTheSameLists) {
  for (const int64_t node_limit : {-1, 3}) {
    WordBench bench({ListCommands()});
    FollowingStore follower;
    bench.store().value_context().list_max_listpack_size = node_limit;
    follower.store().value_context().list_max_listpack_size = node_limit;
    bench.store().set_change_sink(&follower);
    RandomListCommands commands(11);
    for (int i = 0; i < 20000; ++i) {
      bench.Do(commands.Next());
      if (i % 500 == 0) {
        ASSERT_EQ(ContentsOf(follower.store()), ContentsOf(bench.store())) << i;
      }
    }
    EXPECT_EQ(ContentsOf(follower.store()), ContentsOf(bench.store()));
    EXPECT_GT(follower.change_count(), 8000);
    bench.store().set_change_sink(nullptr);
  }
}

}  // namespace
}  // namespace damselfly
