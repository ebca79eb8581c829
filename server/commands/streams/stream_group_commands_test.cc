#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/streams/stream_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

constexpr char kNoKey[] =
    "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
    "use the MKSTREAM option to create an empty stream automatically.";
constexpr char kNoKeyOrGroup[] = "-NOGROUP No such key 's' or consumer group 'g'";
constexpr char kNoGroup[] = "-NOGROUP No such consumer group 'g' for key name 's'";

// Stream s with entries 1-0 to n-0, all of which alice of group g has.
void Deliver(StreamBench* bench, int n) {
  for (int i = 1; i <= n; ++i) bench->Do(absl::StrCat("XADD s ", i, "-0 n ", i));
  bench->Do("XGROUP CREATE s g 0");
  bench->Do("XREADGROUP GROUP g alice STREAMS s >");
  bench->TakeEvents();
}

TEST(XGroup, CreatesGroupsAndStreams) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0"), kNoKey);
  EXPECT_EQ(bench.Do("XGROUP CREATE s g x MKSTREAM"), kInvalidId);
  EXPECT_EQ(bench.Do("EXISTS s"), "0");
  EXPECT_EQ(bench.Do("XGROUP CREATE s g $ MKSTREAM ENTRIESREAD 5"), "OK");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-create s"});
  EXPECT_EQ(bench.Do("XGROUP CREATE s g $"), "-BUSYGROUP Consumer Group name already exists");
  EXPECT_EQ(bench.Do("XGROUP CREATE s '' 7-1"), "OK");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name '' consumers 0 pending 0 last-delivered-id 7-1 entries-read nil lag 0] [name g "
            "consumers 0 pending 0 last-delivered-id 0-0 entries-read 5 lag 0]]");
}

TEST(XGroup, ChecksTheArgumentsOfCreateInRedissOrder) {
  StreamBench bench;
  constexpr char kSubcommandError[] =
      "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.";
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 FOO"), kSubcommandError);
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 ENTRIESREAD"), kSubcommandError);
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 ENTRIESREAD x"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 ENTRIESREAD -2"),
            "-ERR value for ENTRIESREAD must be positive or -1");
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM"), kSubcommandError);
  bench.SetString("s", "text");
  EXPECT_EQ(bench.Do("XGROUP CREATE s g 0 MKSTREAM"), kWrongType);
}

TEST(XGroup, SetsHowFarAGroupHasRead) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XGROUP SETID s g 0"), kNoKey);
  bench.Do("XADD s 5-5 a b");
  EXPECT_EQ(bench.Do("XGROUP SETID s g 0"), kNoGroup);
  bench.Do("XGROUP CREATE s g 0");
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XGROUP SETID s g $ ENTRIESREAD 1"), "OK");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-setid s"});
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 0 pending 0 last-delivered-id 5-5 entries-read 1 lag 0]]");
  EXPECT_EQ(bench.Do("XGROUP SETID s g -"), "OK");
  EXPECT_EQ(bench.Do("XGROUP SETID s g x"), kInvalidId);
}

TEST(XGroup, DestroysGroups) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XGROUP DESTROY s g"), kNoKey);
  Deliver(&bench, 2);
  EXPECT_EQ(bench.Do("XGROUP DESTROY s other"), "0");
  EXPECT_EQ(bench.TakeEvents(), Events());
  EXPECT_EQ(bench.Do("XGROUP DESTROY s g"), "1");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-destroy s"});
  EXPECT_EQ(bench.Do("XINFO GROUPS s"), "[]");
}

TEST(XGroup, AddsAndRemovesConsumers) {
  StreamBench bench;
  Deliver(&bench, 2);
  EXPECT_EQ(bench.Do("XGROUP CREATECONSUMER s g bob"), "1");
  EXPECT_EQ(bench.Do("XGROUP CREATECONSUMER s g bob"), "0");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-createconsumer s"});
  EXPECT_EQ(bench.Do("XGROUP DELCONSUMER s g alice"), "2");
  EXPECT_EQ(bench.Do("XGROUP DELCONSUMER s g alice"), "0");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-delconsumer s"});
  EXPECT_EQ(bench.Do("XPENDING s g"), "[0 nil nil nil[]]");
  EXPECT_EQ(bench.Do("XGROUP DELCONSUMER s other alice"),
            "-NOGROUP No such consumer group 'other' for key name 's'");
}

TEST(XAck, CountsWhatWasPending) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XACK s g nonsense"), "0");
  Deliver(&bench, 3);
  EXPECT_EQ(bench.Do("XACK s other nonsense"), "0");
  EXPECT_EQ(bench.Do("XACK s g 1-0 nonsense"), kInvalidId);
  EXPECT_EQ(bench.Do("XACK s g 1-0 1-0 9-0 3-0"), "2");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[1 2-0 2-0 [[alice 1]]]");
  bench.SetString("t", "text");
  EXPECT_EQ(bench.Do("XACK t g 1-0"), kWrongType);
}

TEST(XPending, ListsByRangeIdleTimeAndConsumer) {
  StreamBench bench;
  Deliver(&bench, 4);
  bench.Do("XCLAIM s g bob 0 2-0 3-0");
  bench.now_ms += 700;
  bench.Do("XCLAIM s g bob 0 3-0");
  EXPECT_EQ(bench.Do("XPENDING s g - + 10"),
            "[[1-0 alice 700 1] [2-0 bob 700 2] [3-0 bob 0 3] [4-0 alice 700 1]]");
  EXPECT_EQ(bench.Do("XPENDING s g (1-0 4 2"), "[[2-0 bob 700 2] [3-0 bob 0 3]]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 10 bob"), "[[2-0 bob 700 2] [3-0 bob 0 3]]");
  EXPECT_EQ(bench.Do("XPENDING s g IDLE 500 - + 10 bob"), "[[2-0 bob 700 2]]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 10 nobody"), "[]");
  EXPECT_EQ(bench.Do("XPENDING s g - + -1"), "[]");
}

TEST(XPending, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XPENDING s g"), kNoKeyOrGroup);
  EXPECT_EQ(bench.Do("XPENDING s g - +"), kSyntaxError);
  EXPECT_EQ(bench.Do("XPENDING s g IDLE x - + 5"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XPENDING s g IDLE 5 - +"), kSyntaxError);
  EXPECT_EQ(bench.Do("XPENDING s g x + y"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XPENDING s g x + 5"), kInvalidId);
  EXPECT_EQ(bench.Do("XPENDING s g - (0-0 5"), "-ERR invalid end ID for the interval");
  EXPECT_EQ(bench.Do("XPENDING s g IDLE 5 - + 5 c d"), kSyntaxError);
}

TEST(XClaim, TakesEntriesThatHaveBeenIdle) {
  StreamBench bench;
  Deliver(&bench, 3);
  bench.now_ms += 100;
  EXPECT_EQ(bench.Do("XCLAIM s g bob 101 1-0"), "[]");
  EXPECT_EQ(bench.Do("XINFO CONSUMERS s g"), "[[name alice pending 3 idle 100]]");
  EXPECT_EQ(bench.Do("XCLAIM s g bob 100 1-0 9-0"), "[[1-0 [n 1]]]");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-createconsumer s"});
  EXPECT_EQ(bench.Do("XCLAIM s g bob 0 2-0 JUSTID"), "[2-0]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 9"), "[[1-0 bob 0 2] [2-0 bob 0 1] [3-0 alice 100 1]]");
}

TEST(XClaim, TakesTimesAndCountsAsGiven) {
  StreamBench bench;
  Deliver(&bench, 3);
  EXPECT_EQ(bench.Do("XCLAIM s g bob 0 1-0 IDLE 500 RETRYCOUNT 7 JUSTID"), "[1-0]");
  EXPECT_EQ(bench.Do("XCLAIM s g bob 0 2-0 TIME 1699999999000 JUSTID"), "[2-0]");
  EXPECT_EQ(bench.Do("XCLAIM s g bob 0 3-0 TIME 1800000000000 LASTID 9-9 JUSTID"), "[3-0]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 9"), "[[1-0 bob 500 7] [2-0 bob 1000 1] [3-0 bob 0 1]]");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 2 pending 3 last-delivered-id 9-9 entries-read 3 lag 0]]");
}

TEST(XClaim, MakesEntriesPendingByForce) {
  StreamBench bench;
  bench.Do("XADD s 1-0 a b");
  bench.Do("XADD s 2-0 a b");
  bench.Do("XGROUP CREATE s g 0");
  EXPECT_EQ(bench.Do("XCLAIM s g c 1000 1-0"), "[]");
  EXPECT_EQ(bench.Do("XCLAIM s g c 1000 1-0 9-0 FORCE"), "[[1-0 [a b]]]");
  EXPECT_EQ(bench.Do("XCLAIM s g c 1000 2-0 FORCE JUSTID"), "[2-0]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 9"), "[[1-0 c 0 2] [2-0 c 0 1]]");
}

TEST(XClaim, ForgetsEntriesThatHaveGone) {
  StreamBench bench;
  Deliver(&bench, 2);
  bench.Do("XDEL s 1-0");
  EXPECT_EQ(bench.Do("XCLAIM s g bob 0 1-0 2-0 JUSTID"), "[2-0]");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[1 2-0 2-0 [[bob 1]]]");
}

TEST(XClaim, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XCLAIM s g c x 1-0"), kNoKeyOrGroup);
  Deliver(&bench, 1);
  EXPECT_EQ(bench.Do("XCLAIM s g c x 1-0"), "-ERR Invalid min-idle-time argument for XCLAIM");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 nonsense"), "-ERR Unrecognized XCLAIM option 'nonsense'");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 IDLE"), "-ERR Unrecognized XCLAIM option 'IDLE'");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 IDLE x"), "-ERR Invalid IDLE option argument for XCLAIM");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 TIME x"), "-ERR Invalid TIME option argument for XCLAIM");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 RETRYCOUNT x"),
            "-ERR Invalid RETRYCOUNT option argument for XCLAIM");
  EXPECT_EQ(bench.Do("XCLAIM s g c 0 1-0 LASTID x"), kInvalidId);
}

TEST(XAutoClaim, GoesThroughPendingEntriesInStretches) {
  StreamBench bench;
  Deliver(&bench, 5);
  bench.now_ms += 100;
  bench.Do("XDEL s 2-0");
  bench.Do("XCLAIM s g carol 0 3-0");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g bob 50 0 COUNT 3"), "[5-0 [[1-0 [n 1]] [4-0 [n 4]]] [2-0]]");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g bob 50 5-0 COUNT 3 JUSTID"), "[0-0 [5-0] []]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 9"),
            "[[1-0 bob 0 2] [3-0 carol 0 2] [4-0 bob 0 2] [5-0 bob 0 1]]");
}

TEST(XAutoClaim, LooksAtTenEntriesForEachThatIsWanted) {
  StreamBench bench;
  Deliver(&bench, 25);
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g bob 50 - COUNT 2"), "[21-0 [] []]");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g bob 50 (21-0 COUNT 2"), "[0-0 [] []]");
}

TEST(XAutoClaim, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c x 0"), "-ERR Invalid min-idle-time argument for XAUTOCLAIM");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c 0 x"), kInvalidId);
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c 0 0 COUNT 0"), "-ERR COUNT must be > 0");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c 0 0 COUNT x"), "-ERR COUNT must be > 0");
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c 0 0 FOO"), kSyntaxError);
  EXPECT_EQ(bench.Do("XAUTOCLAIM s g c 0 0"), kNoKeyOrGroup);
}

TEST(XInfo, DescribesAStream) {
  StreamBench bench;
  Deliver(&bench, 12);
  bench.Do("XDEL s 12-0");
  EXPECT_EQ(bench.Do("XINFO STREAM s"),
            "[length 11 radix-tree-keys 1 radix-tree-nodes 2 last-generated-id 12-0 "
            "max-deleted-entry-id 12-0 entries-added 12 recorded-first-entry-id 1-0 groups 1 "
            "first-entry [1-0 [n 1]] last-entry [11-0 [n 11]]]");
  bench.Do("XTRIM s MAXLEN 0");
  bench.set_protocol(3);
  EXPECT_EQ(bench.Do("XINFO STREAM s"),
            "{length 0 radix-tree-keys 0 radix-tree-nodes 1 last-generated-id 12-0 "
            "max-deleted-entry-id 12-0 entries-added 12 recorded-first-entry-id 0-0 groups 1 "
            "first-entry nil last-entry nil}");
}

TEST(XInfo, DescribesAllOfAStreamWithFull) {
  StreamBench bench;
  Deliver(&bench, 3);
  bench.Do("XACK s g 1-0");
  EXPECT_EQ(bench.Do("XINFO STREAM s FULL COUNT 1"),
            "[length 3 radix-tree-keys 1 radix-tree-nodes 2 last-generated-id 3-0 "
            "max-deleted-entry-id 0-0 entries-added 3 recorded-first-entry-id 1-0 entries [[1-0 [n "
            "1]]] groups [[name g last-delivered-id 3-0 entries-read 3 lag 0 pel-count 2 pending "
            "[[2-0 alice 1700000000000 1]] consumers [[name alice seen-time 1700000000000 "
            "pel-count 2 pending [[2-0 1700000000000 1]]]]]]]");
  EXPECT_NE(bench.Do("XINFO STREAM s FULL").find("[3-0 alice 1700000000000 1]"), std::string::npos);
  EXPECT_NE(bench.Do("XINFO STREAM s full count 0").find("[3-0 alice"), std::string::npos);
}

TEST(XInfo, ShowsConsumersAndHowLongTheyHaveBeenIdle) {
  StreamBench bench;
  Deliver(&bench, 3);
  bench.now_ms += 1234;
  bench.Do("XGROUP CREATECONSUMER s g bob");
  EXPECT_EQ(bench.Do("XINFO CONSUMERS s g"),
            "[[name alice pending 3 idle 1234] [name bob pending 0 idle 0]]");
  bench.Do("XREADGROUP GROUP g alice STREAMS s >");
  EXPECT_EQ(bench.Do("XINFO CONSUMERS s g"),
            "[[name alice pending 3 idle 1234] [name bob pending 0 idle 0]]");
  EXPECT_EQ(bench.Do("XINFO CONSUMERS s other"),
            "-NOGROUP No such consumer group 'other' for key name 's'");
}

TEST(XInfo, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XINFO STREAM s FOO"), "-ERR no such key");
  bench.Do("XADD s 1-1 a b");
  constexpr char kSubcommandError[] =
      "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.";
  EXPECT_EQ(bench.Do("XINFO STREAM s FOO"), kSubcommandError);
  EXPECT_EQ(bench.Do("XINFO STREAM s FULL COUNT"), kSubcommandError);
  EXPECT_EQ(bench.Do("XINFO STREAM s FULL FOO 1"), kSubcommandError);
  EXPECT_EQ(bench.Do("XINFO STREAM s FULL COUNT x"), kNotAnInteger);
  bench.SetString("s", "text");
  EXPECT_EQ(bench.Do("XINFO STREAM s FOO"), kWrongType);
}

// What consumers of a group do is no modification for those who watch the stream.
TEST(StreamGroups, DoNotDisturbWhoWatchesTheStream) {
  StreamBench bench;
  Deliver(&bench, 3);
  const Key key = bench.store().MakeKey("s");
  WatchMark mark;
  bench.store().Lock(key.slot);
  bench.store().Watch(0, key, &mark);
  bench.store().Unlock(key.slot);
  for (const absl::string_view command :
       {"XGROUP CREATE s h 0", "XREADGROUP GROUP h c STREAMS s >", "XACK s h 1-0",
        "XCLAIM s h d 0 2-0", "XAUTOCLAIM s h d 0 0", "XGROUP SETID s h 0",
        "XGROUP DELCONSUMER s h d", "XSETID s 9-9"}) {
    bench.Do(command);
    EXPECT_FALSE(mark.dirty.load()) << command;
  }
  bench.Do("XDEL s 1-0");
  EXPECT_TRUE(mark.dirty.load());
  bench.store().Lock(key.slot);
  bench.store().Unwatch(0, key, &mark);
  bench.store().Unlock(key.slot);
}

}  // namespace
}  // namespace damselfly
