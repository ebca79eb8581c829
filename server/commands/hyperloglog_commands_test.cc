#include "server/commands/hyperloglog_commands.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"
#include "server/values/hyperloglog.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

constexpr char kNotAState[] = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n";
constexpr char kCorrupt[] = "-INVALIDOBJ Corrupted HLL object detected\r\n";

class HyperLogLogTest : public testing::Test {
 protected:
  // PFADD of the elements "e<from>" to "e<to - 1>".
  std::string AddRange(absl::string_view key, int from, int to) {
    std::vector<std::string> words = {"PFADD", std::string(key)};
    for (int i = from; i < to; ++i) words.push_back(absl::StrCat("e", i));
    return bench_.Run(std::vector<absl::string_view>(words.begin(), words.end()));
  }
  std::string HexOf(absl::string_view key) { return absl::BytesToHexString(bench_.GetString(key)); }

  CommandBench bench_{{HyperLogLogCommands(), StringCommands(), BitmapCommands()}};
};

TEST_F(HyperLogLogTest, PfAddSaysWhetherTheEstimateMayHaveChanged) {
  EXPECT_EQ(bench_.Run({"PFADD", "h", "a", "b", "c"}), Integer(1));
  EXPECT_EQ(bench_.Run({"PFADD", "h", "a", "b"}), Integer(0));
  EXPECT_EQ(bench_.Run({"PFADD", "h", "a", "d"}), Integer(1));
  EXPECT_EQ(bench_.Run({"PFADD", "h"}), Integer(0));
  EXPECT_EQ(bench_.Run({"PFADD", "new"}), Integer(1));
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), Integer(4));
}

TEST_F(HyperLogLogTest, TheValueIsThatOfRedis) {
  bench_.Run({"PFADD", "h", "a", "b", "c"});
  EXPECT_EQ(HexOf("h"), "48594c4c01000000000000000000008060f38050b1844bfb80425a");
  bench_.Run({"PFCOUNT", "h"});
  EXPECT_EQ(HexOf("h"), "48594c4c01000000030000000000000060f38050b1844bfb80425a");
  bench_.Run({"PFADD", "empty"});
  EXPECT_EQ(HexOf("empty"), "48594c4c0100000000000000000000807fff");
}

TEST_F(HyperLogLogTest, PfCountKeepsTheCountInTheKey) {
  AddRange("h", 0, 100);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), Integer(100));
  // What is kept is believed.
  bench_.Run({"SETRANGE", "h", "8", "\x07"});
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), Integer(7));
  AddRange("h", 100, 101);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), Integer(101));
}

TEST_F(HyperLogLogTest, AReplicaDoesNotKeepCounts) {
  AddRange("h", 0, 10);
  const std::string before = HexOf("h");
  bench_.store().set_owns_expiry(false);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), Integer(10));
  EXPECT_EQ(HexOf("h"), before);
}

TEST_F(HyperLogLogTest, PfCountOfSeveralKeysIsThatOfTheirUnion) {
  AddRange("a", 0, 60);
  AddRange("b", 40, 100);
  const std::string before = HexOf("a");
  EXPECT_EQ(bench_.Run({"PFCOUNT", "a", "b", "missing"}), Integer(100));
  EXPECT_EQ(HexOf("a"), before);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "missing"}), Integer(0));
  EXPECT_EQ(bench_.Run({"PFCOUNT", "missing", "missing"}), Integer(0));
}

TEST_F(HyperLogLogTest, PfMergeMakesTheUnion) {
  AddRange("a", 0, 60);
  AddRange("b", 40, 100);
  EXPECT_EQ(bench_.Run({"PFMERGE", "to", "a", "b", "missing"}), kOk);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "to"}), Integer(100));
  // The destination counts too.
  EXPECT_EQ(bench_.Run({"PFMERGE", "a", "b"}), kOk);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "a"}), Integer(100));
  EXPECT_EQ(bench_.Run({"PFMERGE", "empty"}), kOk);
  EXPECT_EQ(HexOf("empty"), "48594c4c0100000000000000000000807fff");
}

TEST_F(HyperLogLogTest, PfMergeIsDenseWhereASourceIs) {
  AddRange("dense", 0, 5000);
  AddRange("sparse", 0, 10);
  EXPECT_EQ(bench_.GetString("dense").size(), kHllDenseBytes);
  bench_.Run({"PFMERGE", "sparse", "dense"});
  EXPECT_EQ(bench_.Run({"PFDEBUG", "ENCODING", "sparse"}), "+dense\r\n");
  EXPECT_EQ(bench_.Run({"PFCOUNT", "sparse"}), bench_.Run({"PFCOUNT", "dense"}));
}

TEST_F(HyperLogLogTest, TheLimitOfSparseStatesIsTheStores) {
  bench_.store().value_context().hll_sparse_max_bytes = 100;
  AddRange("h", 0, 20);
  EXPECT_EQ(bench_.Run({"PFDEBUG", "ENCODING", "h"}), "+sparse\r\n");
  AddRange("h", 20, 200);
  EXPECT_EQ(bench_.Run({"PFDEBUG", "ENCODING", "h"}), "+dense\r\n");
}

TEST_F(HyperLogLogTest, OtherValuesAreRefused) {
  bench_.SetString("text", "HYLL but nothing else");
  bench_.SetString("number", "12345");
  for (absl::string_view key : {"text", "number"}) {
    EXPECT_EQ(bench_.Run({"PFADD", key, "a"}), kNotAState);
    EXPECT_EQ(bench_.Run({"PFCOUNT", key}), kNotAState);
    EXPECT_EQ(bench_.Run({"PFCOUNT", "missing", key}), kNotAState);
    EXPECT_EQ(bench_.Run({"PFMERGE", "to", key}), kNotAState);
    EXPECT_EQ(bench_.Run({"PFMERGE", key}), kNotAState);
    EXPECT_EQ(bench_.Run({"PFDEBUG", "ENCODING", key}), kNotAState);
  }
  EXPECT_EQ(bench_.GetString("to"), "(none)");
}

TEST_F(HyperLogLogTest, CorruptStatesAreRefused) {
  bench_.Run({"PFADD", "h", "a"});
  const std::string good = bench_.GetString("h");
  bench_.SetString("h", good.substr(0, 17));
  EXPECT_EQ(bench_.Run({"PFADD", "h", "b"}), kCorrupt);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h"}), kCorrupt);
  EXPECT_EQ(bench_.Run({"PFCOUNT", "h", "h"}), kCorrupt);
  EXPECT_EQ(bench_.Run({"PFMERGE", "to", "h"}), kCorrupt);
  EXPECT_EQ(bench_.Run({"PFDEBUG", "TODENSE", "h"}), kCorrupt);
}

TEST_F(HyperLogLogTest, PfDebugLooksInside) {
  bench_.Run({"PFADD", "h", "a", "b", "c"});
  EXPECT_EQ(bench_.Run({"PFDEBUG", "ENCODING", "h"}), "+sparse\r\n");
  EXPECT_EQ(bench_.Run({"PFDEBUG", "decode", "h"}),
            Bulk("Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603"));
  EXPECT_EQ(bench_.Run({"PFDEBUG", "TODENSE", "h"}), Integer(1));
  EXPECT_EQ(bench_.Run({"PFDEBUG", "TODENSE", "h"}), Integer(0));
  EXPECT_EQ(bench_.Run({"PFDEBUG", "DECODE", "h"}), "-ERR HLL encoding is not sparse\r\n");
  EXPECT_TRUE(absl::StartsWith(bench_.Run({"PFDEBUG", "GETREG", "h"}), "*16384\r\n:0\r\n"));
  EXPECT_EQ(bench_.Run({"PFDEBUG", "foo", "h"}), "-ERR Unknown PFDEBUG subcommand 'foo'\r\n");
  EXPECT_EQ(bench_.Run({"PFDEBUG", "foo", "missing"}), "-ERR The specified key does not exist\r\n");
}

TEST_F(HyperLogLogTest, TheSelfTestPasses) { EXPECT_EQ(bench_.Run({"PFSELFTEST"}), kOk); }

TEST_F(HyperLogLogTest, TheDeadlineStays) {
  bench_.Run({"PFADD", "h", "a"});
  bench_.Run({"GETEX", "h", "EX", "10"});
  bench_.Run({"PFADD", "h", "b"});
  AddRange("h", 0, 5000);
  bench_.Run({"PFMERGE", "h"});
  bench_.Run({"PFCOUNT", "h"});
  bench_.now_ms += 10'000;
  EXPECT_EQ(bench_.GetString("h"), "(none)");
}

class ToldHyperLogLogTest : public HyperLogLogTest {
 protected:
  ToldHyperLogLogTest() { bench_.store().set_change_sink(&sink_); }
  ~ToldHyperLogLogTest() override { bench_.store().set_change_sink(nullptr); }
  RecordingSink sink_;
};

TEST_F(ToldHyperLogLogTest, OnlyWhatChangesIsTold) {
  AddRange("h", 0, 5000);
  sink_.Take();
  EXPECT_EQ(AddRange("h", 0, 5000), Integer(0));
  EXPECT_THAT(sink_.Take(), ElementsAre());
  bench_.Run({"PFCOUNT", "h"});
  const std::vector<std::string> count = sink_.Take();
  ASSERT_EQ(count.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(count[0], "write 0 h size 12304 offset 8 ")) << count[0];
  // A register and the mark that the count is old.
  ASSERT_EQ(AddRange("h", 5000, 5001), Integer(1));
  const std::vector<std::string> told = sink_.Take();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(absl::StartsWith(told[0], "write 0 h size 12304 offset 15 ")) << told[0];
  for (const std::string& change : told) EXPECT_LT(change.size(), 60u) << change;
}

TEST_F(ToldHyperLogLogTest, AMergeThatChangesNothingIsAChangeForWatchers) {
  AddRange("h", 0, 3);
  sink_.Take();
  EXPECT_EQ(bench_.Run({"PFMERGE", "h"}), kOk);
  EXPECT_EQ(sink_.Take().size(), 1u);
}

TEST_F(HyperLogLogTest, WhoeverHearsOfTheChangesHasTheSame) {
  FollowingStore follower;
  bench_.store().set_change_sink(&follower);
  for (int step = 0; step < 3000; ++step) {
    const std::string key = absl::StrCat("h", step % 7);
    AddRange(key, step * 3, step * 3 + step % 5);
    if (step % 11 == 0) bench_.Run({"PFCOUNT", key});
    if (step % 501 == 0) bench_.Run({"PFMERGE", key, "h0", "h3"});
    if (step % 100 == 0) {
      ASSERT_EQ(ContentsOf(bench_.store()), ContentsOf(follower.store()));
    }
  }
  EXPECT_EQ(ContentsOf(bench_.store()), ContentsOf(follower.store()));
  bench_.store().set_change_sink(nullptr);
}

}  // namespace
}  // namespace damselfly
