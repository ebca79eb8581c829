#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/streams/stream_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

constexpr char kTooSmall[] =
    "-ERR The ID specified in XADD is equal or smaller than the target stream top item";

TEST(XAdd, MakesIdsFromTheTimeOfTheCommand) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XADD s * a b"), "1700000000000-0");
  EXPECT_EQ(bench.Do("XADD s * a b"), "1700000000000-1");
  bench.now_ms -= 50;
  EXPECT_EQ(bench.Do("XADD s * a b"), "1700000000000-2");
  bench.now_ms += 60;
  EXPECT_EQ(bench.Do("XADD s * a b"), "1700000000010-0");
}

TEST(XAdd, TakesIdsInWholeOrInPart) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XADD s 5-3 a b"), "5-3");
  EXPECT_EQ(bench.Do("XADD s 5-* a b"), "5-4");
  EXPECT_EQ(bench.Do("XADD s 6-* a b"), "6-0");
  EXPECT_EQ(bench.Do("XADD s 7 a b"), "7-0");
  EXPECT_EQ(bench.Do("XADD s 007-+1 a b"), "7-1");
  EXPECT_EQ(bench.Do("XADD t 0-* a b"), "0-1");
}

TEST(XAdd, RefusesIdsThatAreNotBehindTheLastOne) {
  StreamBench bench;
  bench.Do("XADD s 5-3 a b");
  EXPECT_EQ(bench.Do("XADD s 5-3 a b"), kTooSmall);
  EXPECT_EQ(bench.Do("XADD s 4-* a b"), kTooSmall);
  EXPECT_EQ(bench.Do("XADD t 0-0 a b"), "-ERR The ID specified in XADD must be greater than 0-0");
  EXPECT_EQ(bench.Do("EXISTS t"), "0");
  bench.Do("XADD s 18446744073709551615-18446744073709551615 a b");
  EXPECT_EQ(bench.Do("XADD s * a b"),
            "-ERR The stream has exhausted the last possible ID, unable to add more items");
  bench.Do("XADD u 7-18446744073709551615 a b");
  EXPECT_EQ(bench.Do("XADD u 7-* a b"), kTooSmall);
}

TEST(XAdd, RefusesWhatIsNoId) {
  StreamBench bench;
  for (const absl::string_view id : {"-", "+", "x", "''", "1-", "-1", "1-x", "1-1-1", "$", ">",
                                     "99999999999999999999", "1-99999999999999999999"}) {
    EXPECT_EQ(bench.Do(absl::StrCat("XADD s ", id, " a b")), kInvalidId) << id;
  }
  EXPECT_EQ(bench.Do(absl::StrCat("XADD s ", std::string(128, '1'), " a b")), kInvalidId);
  EXPECT_EQ(bench.Do("EXISTS s"), "0");
}

TEST(XAdd, ReadsNumbersAsStrtoullDoes) {
  StreamBench bench;
  EXPECT_EQ(bench.Run({"XADD", "s", " 5-\t6", "a", "b"}), "$3\r\n5-6\r\n");
  EXPECT_EQ(bench.Run({"XADD", "s", absl::string_view("7-1\0x", 5), "a", "b"}), "$3\r\n7-1\r\n");
  EXPECT_EQ(bench.Do("XADD s 7--3 a b"), kInvalidId);
  EXPECT_EQ(bench.Do("XADD s 7--03 a b"), "7-18446744073709551613");
}

TEST(XAdd, WantsFieldsWithValues) {
  StreamBench bench;
  constexpr char kWrongArity[] = "-ERR wrong number of arguments for 'xadd' command";
  EXPECT_EQ(bench.Do("XADD s * a"), kWrongArity);
  EXPECT_EQ(bench.Do("XADD s * a b c"), kWrongArity);
  EXPECT_EQ(bench.Do("XADD s MAXLEN 5 NOMKSTREAM"), kWrongArity);
  EXPECT_EQ(bench.Do("XADD s * a b a c"), "1700000000000-0");
  EXPECT_EQ(bench.Do("XRANGE s - +"), "[[1700000000000-0 [a b a c]]]");
}

TEST(XAdd, MakesNoStreamWithNomkstream) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XADD s NOMKSTREAM 1-1 a b"), "nil");
  EXPECT_EQ(bench.Do("EXISTS s"), "0");
  bench.Do("XADD s 1-1 a b");
  EXPECT_EQ(bench.Do("XADD s nomkstream 1-2 a b"), "1-2");
}

TEST(XAdd, TrimsAndTellsOfBoth) {
  StreamBench bench;
  bench.Do("XADD s 1-1 a b");
  bench.Do("XADD s 2-1 a b");
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XADD s MAXLEN 2 3-1 a b"), "3-1");
  EXPECT_EQ(bench.TakeEvents(), (Events{"xadd s", "xtrim s"}));
  EXPECT_EQ(bench.Do("XADD s MINID = 2 4-1 a b"), "4-1");
  EXPECT_EQ(bench.TakeEvents(), (Events{"xadd s"}));
  EXPECT_EQ(bench.Do("XADD s MAXLEN 0 5-1 a b"), "5-1");
  EXPECT_EQ(bench.Do("XLEN s"), "0");
  EXPECT_EQ(bench.Do("EXISTS s"), "1");
}

TEST(XAdd, LeavesOtherTypesAlone) {
  StreamBench bench;
  bench.SetString("s", "text");
  EXPECT_EQ(bench.Do("XADD s 1-1 a b"), kWrongType);
  EXPECT_EQ(bench.Do("XADD s 0-0 a b"), "-ERR The ID specified in XADD must be greater than 0-0");
  EXPECT_EQ(bench.GetString("s"), "text");
}

TEST(XTrim, TakesWholeBlocksWithATilde) {
  StreamBench bench;
  bench.store().value_context().stream_node_max_entries = 10;
  for (int i = 1; i <= 35; ++i) bench.Do(absl::StrCat("XADD s ", i, "-0 a b"));
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ~ 30"), "0");
  EXPECT_EQ(bench.TakeEvents(), Events());
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ~ 25"), "10");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ~ 0 LIMIT 19"), "10");
  EXPECT_EQ(bench.Do("XTRIM s MINID ~ 31"), "10");
  EXPECT_EQ(bench.Do("XTRIM s MINID = 33-1"), "3");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 1"), "1");
  EXPECT_EQ(bench.TakeEvents().size(), 5u);
  EXPECT_EQ(bench.Do("XRANGE s - +"), "[[35-0 [a b]]]");
}

TEST(XTrim, LimitsItselfToAHundredBlocks) {
  StreamBench bench;
  bench.store().value_context().stream_node_max_entries = 1;
  for (int i = 1; i <= 150; ++i) bench.Do(absl::StrCat("XADD s ", i, "-0 a b"));
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ~ 0"), "100");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ~ 0 LIMIT 0"), "50");
}

TEST(XTrim, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 5"), "0");
  EXPECT_EQ(bench.Do("XTRIM s FOO 5"), kSyntaxError);
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 5 MINID 5"),
            "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN x"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN -1"), "-ERR The MAXLEN argument must be >= 0.");
  EXPECT_EQ(bench.Do("XTRIM s MINID -"), kInvalidId);
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 5 LIMIT -1"), "-ERR The LIMIT argument must be >= 0.");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 5 LIMIT 1"),
            "-ERR syntax error, LIMIT cannot be used without the special ~ option");
  EXPECT_EQ(bench.Do("XTRIM s LIMIT 5"),
            "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  EXPECT_EQ(bench.Do("XTRIM s LIMIT 0"),
            "-ERR syntax error, XTRIM must be called with a trimming strategy");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN ="), kNotAnInteger);
  bench.SetString("s", "text");
  EXPECT_EQ(bench.Do("XTRIM s MAXLEN 5"), kWrongType);
}

TEST(XDel, CountsWhatWasThere) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XDEL s nonsense"), "0");
  bench.Do("XADD s 1-1 a b");
  bench.Do("XADD s 2-1 a b");
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XDEL s 1-1 nonsense"), kInvalidId);
  EXPECT_EQ(bench.Do("XDEL s 3-1"), "0");
  EXPECT_EQ(bench.TakeEvents(), Events());
  EXPECT_EQ(bench.Do("XDEL s 1-1 1-1 2-0 2-1"), "2");
  EXPECT_EQ(bench.TakeEvents(), Events{"xdel s"});
  EXPECT_EQ(bench.Do("EXISTS s"), "1");
}

TEST(XSetId, SetsWhatCopiesNeed) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XSETID s 5-5"), "-ERR no such key");
  bench.Do("XADD s 1-1 a b");
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XSETID s 5-5 ENTRIESADDED 9 MAXDELETEDID 3-3"), "OK");
  EXPECT_EQ(bench.TakeEvents(), Events{"xsetid s"});
  EXPECT_EQ(bench.Do("XADD s 5-5 a b"), kTooSmall);
  EXPECT_EQ(bench.Do("XINFO STREAM s").substr(0, 121),
            "[length 1 radix-tree-keys 1 radix-tree-nodes 2 last-generated-id 5-5 "
            "max-deleted-entry-id 3-3 entries-added 9 recorded-fi");
}

TEST(XSetId, RefusesWhatDoesNotFitTheEntries) {
  StreamBench bench;
  bench.Do("XADD s 2-1 a b");
  bench.Do("XADD s 3-1 a b");
  EXPECT_EQ(bench.Do("XSETID s 3-0"),
            "-ERR The ID specified in XSETID is smaller than the target stream top item");
  EXPECT_EQ(bench.Do("XSETID s 4-0 ENTRIESADDED 1"),
            "-ERR The entries_added specified in XSETID is smaller than the target stream length");
  EXPECT_EQ(bench.Do("XSETID s 4-0 ENTRIESADDED -1"), "-ERR entries_added must be positive");
  EXPECT_EQ(bench.Do("XSETID s 4-0 MAXDELETEDID 4-1"),
            "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  EXPECT_EQ(bench.Do("XSETID s 4-0 FOO"), kSyntaxError);
  EXPECT_EQ(bench.Do("XSETID s 4-0 ENTRIESADDED"), kSyntaxError);
  EXPECT_EQ(bench.Do("XSETID s x"), kInvalidId);
}

}  // namespace
}  // namespace damselfly
