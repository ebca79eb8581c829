// What commands do is told in full: a store that only hears of the changes has the same keys, with
// the same encodings and deadlines.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/bitmap_commands.h"
#include "server/commands/expire_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/keyspace_commands.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/command_bench.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"

namespace damselfly {
namespace {

using testing::Contains;
using testing::ElementsAre;

class StringChangesTest : public testing::Test {
 protected:
  CommandBench bench_{{StringCommands(), BitmapCommands(), KeyCommands(), KeyMoveCommands(),
                       ExpireCommands(), KeyspaceCommands()}};
};

class ToldChangesTest : public StringChangesTest {
 protected:
  ToldChangesTest() { bench_.store().set_change_sink(&sink_); }
  ~ToldChangesTest() override { bench_.store().set_change_sink(nullptr); }

  RecordingSink sink_;
};

TEST_F(ToldChangesTest, AppendTellsWhatIsAppended) {
  bench_.Run({"APPEND", "k", "abc"});
  bench_.Run({"APPEND", "k", "de"});
  EXPECT_THAT(sink_.Take(), ElementsAre("set 0 k text 'abc'", "write 0 k size 5 offset 3 'de'"));
}

TEST_F(ToldChangesTest, BitsAreToldByTheirBytes) {
  bench_.Run({"SETBIT", "k", "17", "1"});
  bench_.Run({"SETBIT", "k", "17", "1"});
  EXPECT_THAT(sink_.Take(), ElementsAre("write 0 k size 3 offset 2 '@'"));
  bench_.Run({"SETRANGE", "k", "1", "xy"});
  EXPECT_THAT(sink_.Take(), ElementsAre("write 0 k size 3 offset 1 'xy'"));
}

TEST_F(ToldChangesTest, BitfieldsAreToldByTheBytesThatTheyTouch) {
  bench_.SetString("k", std::string(100, 'a'));
  sink_.Take();
  bench_.Run({"BITFIELD", "k", "GET", "u8", "0", "SET", "u8", "#50", "98", "SET", "u8", "#60", "97",
              "SET", "u16", "#0", "25185"});
  EXPECT_THAT(sink_.Take(),
              ElementsAre("write 0 k size 100 offset 50 'b'", "write 0 k size 100 offset 0 'ba'"));
  bench_.Run({"BITFIELD", "k", "SET", "u8", "#101", "98"});
  EXPECT_THAT(sink_.Take(),
              ElementsAre("write 0 k size 102 offset 102 ''", "write 0 k size 102 offset 101 'b'"));
}

// Words of random commands.
class RandomCommands {
 public:
  explicit RandomCommands(uint64_t seed) : random_(seed) {}

  std::vector<std::string> Next() {
    switch (random_.Below(30)) {
      case 0:
        return {"SET", Name(), Value()};
      case 1:
        return {"SET", Name(), Value(), "KEEPTTL"};
      case 2:
        return {"SET", Name(), Value(), "PX", Ttl()};
      case 3:
        return {"SET", Name(), Value(), "NX", "GET"};
      case 4:
        return {"GETSET", Name(), Value()};
      case 5:
        return {"GETDEL", Name()};
      case 6:
        return {"GETEX", Name(), "PX", Ttl()};
      case 7:
        return {"GETEX", Name(), "PERSIST"};
      case 8:
        return {random_.Chance(1, 2) ? "INCRBY" : "DECRBY", Name(),
                absl::StrCat(random_.Below(1000))};
      case 9:
        return {"INCRBYFLOAT", Name(), "1.5"};
      case 10:
        return {"MSET", Name(), Value(), Name(), Value(), Name(), Value()};
      case 11:
        return {"MSETNX", Name(), Value(), Name(), Value()};
      case 12:
        return {"APPEND", Name(), Value()};
      case 13:
        return {"APPEND", Name(), ""};
      case 14:
        return {"SETRANGE", Name(), Offset(), Value()};
      case 15:
        return {"SETBIT", Name(), Offset(), absl::StrCat(random_.Below(2))};
      case 16:
        return {"BITFIELD", Name(),   "SET",  Type(),   Offset(), "77", "INCRBY",
                Type(),     Offset(), "3",    "GET",    "u8",     "0",  "OVERFLOW",
                "FAIL",     "INCRBY", Type(), Offset(), "9"};
      case 17:
        return {"BITOP", "XOR", Name(), Name(), Name()};
      case 18:
        return {"DEL", Name(), Name()};
      case 19:
        return {"UNLINK", Name()};
      case 20:
        return {"RENAME", Name(), Name()};
      case 21:
        return {"COPY", Name(), Name(), "REPLACE"};
      case 22:
        return {"MOVE", Name(), absl::StrCat(random_.Below(2))};
      case 23:
        return {"PEXPIRE", Name(), random_.Chance(1, 5) ? "-1" : Ttl()};
      case 24:
        return {"PERSIST", Name()};
      case 25:
        return {"GET", Name()};
      case 26:
        if (random_.Chance(1, 2)) return {"PSETEX", Name(), Ttl(), Value()};
        return {"SETEX", Name(), "1", Value()};
      case 27:
        return {random_.Chance(1, 2) ? "INCR" : "DECR", Name()};
      case 28:
        return {"SETNX", Name(), Value()};
      default:
        if (random_.Chance(9, 10)) return {"GET", Name()};
        if (random_.Chance(1, 2)) return {"SWAPDB", "0", "1"};
        return {random_.Chance(1, 2) ? "FLUSHDB" : "FLUSHALL"};
    }
  }

 private:
  std::string Name() { return absl::StrCat("key", random_.Below(40)); }
  std::string Ttl() { return absl::StrCat(1 + random_.Below(2000)); }
  std::string Offset() { return absl::StrCat(random_.Below(random_.Chance(1, 10) ? 20000 : 200)); }
  std::string Type() {
    return absl::StrCat(random_.Chance(1, 2) ? "i" : "u", 1 + random_.Below(63));
  }
  std::string Value() {
    if (random_.Chance(1, 2)) return absl::StrCat(random_.Below(1000));
    return std::string(random_.Below(random_.Chance(1, 4) ? 3000 : 60), 'v');
  }

  Random random_;
};

// No deadline passes here: that would be a change of its own.
TEST_F(ToldChangesTest, WhatChangesOnceMakesAtMostOneChange) {
  RandomCommands commands(7);
  std::set<std::string> seen;
  for (int step = 1; step <= 20000; ++step) {
    const std::vector<std::string> words = commands.Next();
    bench_.blob_bytes_min = step % 2 == 0 ? 100 : 1'000'000;
    const std::vector<absl::string_view> args(words.begin(), words.end());
    bench_.Run(args);
    const size_t changes = sink_.Take().size();
    for (const CommandSpec& spec : StringCommands()) {
      if (!spec.changes_once || !absl::EqualsIgnoreCase(spec.name, words[0])) continue;
      ASSERT_LE(changes, 1u) << absl::StrJoin(words, " ");
      if (changes == 1) seen.insert(words[0]);
    }
  }
  for (const CommandSpec& spec : StringCommands()) {
    if (spec.changes_once) {
      EXPECT_THAT(seen, Contains(absl::AsciiStrToUpper(spec.name)));
    }
  }
}

TEST_F(StringChangesTest, AFollowerIsEqualWhateverCommandsRun) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    FollowingStore follower;
    bench_.store().set_change_sink(&follower);
    bench_.Run({"FLUSHALL"});
    bench_.blob_bytes_min = seed % 2 == 0 ? 100 : 1'000'000;
    RandomCommands commands(seed);
    size_t keys_seen = 0;
    for (int step = 1; step <= 10000; ++step) {
      bench_.now_ms += 3;
      bench_.database_index = step % 2;
      const std::vector<std::string> words = commands.Next();
      const std::vector<absl::string_view> args(words.begin(), words.end());
      bench_.Run(args);
      if (step % 500 != 0) continue;
      const StoreContents contents = ContentsOf(bench_.store());
      ASSERT_EQ(ContentsOf(follower.store()), contents) << "seed " << seed << " step " << step;
      keys_seen += contents.size();
    }
    bench_.store().set_change_sink(nullptr);
    EXPECT_GT(keys_seen, 300u);
  }
}

}  // namespace
}  // namespace damselfly
