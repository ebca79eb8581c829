#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/commands/command_registry.h"
#include "server/commands/streams/stream_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

// Entries 1-0 to n-0 of stream s.
void Fill(StreamBench* bench, int n, absl::string_view key = "s") {
  for (int i = 1; i <= n; ++i) bench->Do(absl::StrCat("XADD ", key, " ", i, "-0 n ", i));
}

TEST(XRange, ShowsRangesFromEitherEnd) {
  StreamBench bench;
  Fill(&bench, 5);
  EXPECT_EQ(bench.Do("XLEN s"), "5");
  EXPECT_EQ(bench.Do("XRANGE s - + COUNT 2"), "[[1-0 [n 1]] [2-0 [n 2]]]");
  EXPECT_EQ(bench.Do("XRANGE s 2 3"), "[[2-0 [n 2]] [3-0 [n 3]]]");
  EXPECT_EQ(bench.Do("XRANGE s (2-0 3"), "[[3-0 [n 3]]]");
  EXPECT_EQ(bench.Do("XREVRANGE s (3-0 (1-0"), "[[2-0 [n 2]]]");
  EXPECT_EQ(bench.Do("XREVRANGE s + - COUNT 1"), "[[5-0 [n 5]]]");
  EXPECT_EQ(bench.Do("XREVRANGE s - +"), "[]");
  EXPECT_EQ(bench.Do("XRANGE s - + COUNT 0"), "nil[]");
  EXPECT_EQ(bench.Do("XRANGE s - + COUNT -3"), "nil[]");
  EXPECT_EQ(bench.Do("XRANGE missing - + COUNT 0"), "[]");
  EXPECT_EQ(bench.Do("XLEN missing"), "0");
}

TEST(XRange, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  bench.SetString("s", "text");
  EXPECT_EQ(bench.Do("XRANGE s x + COUNT y"), kInvalidId);
  EXPECT_EQ(bench.Do("XRANGE s (- +"), kInvalidId);
  EXPECT_EQ(bench.Do("XRANGE s (18446744073709551615-18446744073709551615 +"),
            "-ERR invalid start ID for the interval");
  EXPECT_EQ(bench.Do("XRANGE s - (0-0"), "-ERR invalid end ID for the interval");
  EXPECT_EQ(bench.Do("XRANGE s - + COUNT"), kSyntaxError);
  EXPECT_EQ(bench.Do("XRANGE s - + FOO 1"), kSyntaxError);
  EXPECT_EQ(bench.Do("XRANGE s - + COUNT x"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XRANGE s - +"), kWrongType);
  EXPECT_EQ(bench.Do("XLEN s"), kWrongType);
}

TEST(XRead, AnswersForTheStreamsThatHaveMore) {
  StreamBench bench;
  Fill(&bench, 3);
  Fill(&bench, 1, "t");
  EXPECT_EQ(bench.Do("XREAD STREAMS s t 1 1"), "[[s [[2-0 [n 2]] [3-0 [n 3]]]]]");
  EXPECT_EQ(bench.Do("XREAD COUNT 1 STREAMS s t 0 0"), "[[s [[1-0 [n 1]]]] [t [[1-0 [n 1]]]]]");
  EXPECT_EQ(bench.Do("XREAD STREAMS s missing 3 0"), "nil[]");
  EXPECT_EQ(bench.Do("XREAD STREAMS s $"), "nil[]");
  bench.set_protocol(3);
  EXPECT_EQ(bench.Do("XREAD STREAMS s t 2 0"), "{s [[3-0 [n 3]]] t [[1-0 [n 1]]]}");
  EXPECT_EQ(bench.Do("XREAD STREAMS s 3"), "nil");
}

TEST(XRead, ChecksItsArgumentsInRedissOrder) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XREAD COUNT 1 STREAMS"), kSyntaxError);
  EXPECT_EQ(bench.Do("XREAD COUNT x STREAMS s 0"), kNotAnInteger);
  EXPECT_EQ(bench.Do("XREAD FOO STREAMS s 0"), kSyntaxError);
  EXPECT_EQ(bench.Do("XREAD BLOCK x STREAMS s 0"),
            "-ERR timeout is not an integer or out of range");
  EXPECT_EQ(bench.Do("XREAD BLOCK -1 STREAMS s 0"), "-ERR timeout is negative");
  EXPECT_EQ(bench.Do("XREAD STREAMS s t 0"),
            "-ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be "
            "specified.");
  EXPECT_EQ(bench.Do("XREAD NOACK STREAMS s 0"),
            "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
  EXPECT_EQ(bench.Do("XREAD GROUP g c STREAMS s 0"),
            "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
  EXPECT_EQ(bench.Do("XREAD STREAMS s >"),
            "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
            "<consumer> option.");
  EXPECT_EQ(bench.Do("XREAD STREAMS s +"), kInvalidId);
  bench.SetString("t", "text");
  EXPECT_EQ(bench.Do("XREAD STREAMS s t 0 x"), kWrongType);
}

TEST(XRead, WaitsForWhatComesAfterTheLastEntry) {
  StreamBench bench;
  Fill(&bench, 2);
  EXPECT_EQ(bench.Do("XREAD BLOCK 100 COUNT 5 STREAMS s t $ $"), "");
  ASSERT_EQ(bench.requests.size(), 1u);
  EXPECT_EQ(bench.requests[0].timeout_ms, 100);
  EXPECT_EQ(bench.requests[0].args, (std::vector<std::string>{"XREAD", "BLOCK", "100", "COUNT", "5",
                                                              "STREAMS", "s", "t", "2-0", "0-0"}));
  EXPECT_FALSE(bench.requests[0].served_without_value);
  EXPECT_EQ(bench.ServeLast(0), "");
  EXPECT_EQ(bench.ServeLast(1), "");
  bench.Do("XADD s 3-0 n 3");
  EXPECT_EQ(bench.ServeLast(0), "[[s [[3-0 [n 3]]]]]");
  bench.set_protocol(3);
  EXPECT_EQ(bench.ServeLast(0), "{s [[3-0 [n 3]]]}");
}

TEST(XRead, DoesNotWaitWhereNothingMay) {
  StreamBench bench;
  bench.blocker = nullptr;
  EXPECT_EQ(bench.Do("XREAD BLOCK 0 STREAMS s $"), "nil[]");
}

TEST(XRead, GetsAThousandEntriesAtMostAfterWaiting) {
  StreamBench bench;
  EXPECT_EQ(bench.Do("XREAD BLOCK 0 STREAMS s 0"), "");
  Fill(&bench, 1200);
  const std::string reply = bench.ServeLast();
  EXPECT_NE(reply.find("[1000-0 "), std::string::npos);
  EXPECT_EQ(reply.find("[1001-0 "), std::string::npos);
}

TEST(XReadGroup, DeliversEachEntryOnce) {
  StreamBench bench;
  Fill(&bench, 3);
  bench.Do("XGROUP CREATE s g 0");
  bench.TakeEvents();
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g alice COUNT 2 STREAMS s >"),
            "[[s [[1-0 [n 1]] [2-0 [n 2]]]]]");
  EXPECT_EQ(bench.TakeEvents(), Events{"xgroup-createconsumer s"});
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g bob STREAMS s >"), "[[s [[3-0 [n 3]]]]]");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g carol STREAMS s >"), "nil[]");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[3 1-0 3-0 [[alice 2] [bob 1]]]");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 2 pending 3 last-delivered-id 3-0 entries-read 3 lag 0]]");
}

TEST(XReadGroup, MakesNothingPendingWithNoack) {
  StreamBench bench;
  Fill(&bench, 2);
  bench.Do("XGROUP CREATE s g 0");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c NOACK STREAMS s >"), "[[s [[1-0 [n 1]] [2-0 [n 2]]]]]");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[0 nil nil nil[]]");
}

TEST(XReadGroup, ShowsAConsumersHistory) {
  StreamBench bench;
  Fill(&bench, 3);
  bench.Do("XGROUP CREATE s g 0");
  bench.Do("XREADGROUP GROUP g c STREAMS s >");
  bench.Do("XDEL s 2-0");
  bench.now_ms += 5000;
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c COUNT 2 STREAMS s 0"),
            "[[s [[1-0 [n 1]] [2-0 nil[]]]]]");
  EXPECT_EQ(bench.Do("XPENDING s g - + 9"), "[[1-0 c 0 2] [2-0 c 5000 1] [3-0 c 5000 1]]");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s 2-0"), "[[s [[3-0 [n 3]]]]]");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g nobody STREAMS s 0"), "[[s []]]");
  bench.set_protocol(3);
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s 3-0"), "{s []}");
}

TEST(XReadGroup, TakesEntriesBackThatOthersHave) {
  StreamBench bench;
  Fill(&bench, 1);
  bench.Do("XGROUP CREATE s g 0");
  bench.Do("XREADGROUP GROUP g a STREAMS s >");
  bench.Do("XGROUP SETID s g 0");
  bench.Do("XREADGROUP GROUP g b STREAMS s >");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[1 1-0 1-0 [[b 1]]]");
}

TEST(XReadGroup, WantsAGroupAndTakesNoDollar) {
  StreamBench bench;
  Fill(&bench, 1);
  constexpr char kNoGroup[] =
      "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s >"), kNoGroup);
  EXPECT_EQ(bench.Do("XREADGROUP NOACK COUNT 1 COUNT 1 STREAMS s >"),
            "-ERR Missing GROUP option for XREADGROUP");
  bench.Do("XGROUP CREATE s g 0");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s $"),
            "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the "
            "history of this consumer by specifying a proper ID, or use the > ID to get new "
            "messages. The $ ID would just return an empty result set.");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s x"), kInvalidId);
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c STREAMS s t > >"),
            "-NOGROUP No such key 't' or consumer group 'g' in XREADGROUP with GROUP option");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[0 nil nil nil[]]");
}

TEST(XReadGroup, FindsItsKeysBehindGroupsThatAreCalledStreams) {
  StreamBench bench;
  Fill(&bench, 1);
  bench.Do("XGROUP CREATE s STREAMS 0");
  EXPECT_EQ(bench.Do("XREADGROUP COUNT 1 GROUP STREAMS STREAMS STREAMS s >"),
            "[[s [[1-0 [n 1]]]]]");
}

TEST(XReadGroup, WaitsForNewEntriesOfItsGroup) {
  StreamBench bench;
  bench.Do("XGROUP CREATE s g $ MKSTREAM");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c BLOCK 0 STREAMS s >"), "");
  ASSERT_EQ(bench.requests.size(), 1u);
  EXPECT_TRUE(bench.requests[0].served_without_value);
  EXPECT_EQ(bench.Do("XINFO CONSUMERS s g"), "[]");
  EXPECT_EQ(bench.ServeLast(), "");
  Fill(&bench, 2);
  EXPECT_EQ(bench.ServeLast(), "[[s [[1-0 [n 1]] [2-0 [n 2]]]]]");
  EXPECT_EQ(bench.Do("XPENDING s g"), "[2 1-0 2-0 [[c 2]]]");
  EXPECT_EQ(bench.ServeLast(), "");
}

TEST(XReadGroup, IsToldWhileItWaitsThatGroupOrStreamHaveGone) {
  StreamBench bench;
  bench.Do("XGROUP CREATE s g $ MKSTREAM");
  bench.Do("XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
  bench.Do("XGROUP DESTROY s g");
  EXPECT_EQ(bench.ServeLast(),
            "-NOGROUP the consumer group this client was blocked on no longer exists");
  bench.Do("DEL s");
  EXPECT_EQ(bench.ServeLast(), "-UNBLOCKED the stream key no longer exists");
  bench.SetString("s", "text");
  EXPECT_EQ(bench.ServeLast(), "-UNBLOCKED the stream key no longer exists");
}

TEST(XReadGroup, CountsOfEntriesWrapRound) {
  StreamBench bench;
  Fill(&bench, 2);
  bench.Do("XGROUP CREATE s g 0 ENTRIESREAD 9223372036854775807");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c COUNT 1 STREAMS s >"), "[[s [[1-0 [n 1]]]]]");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 1 pending 1 last-delivered-id 1-0 entries-read "
            "-9223372036854775808 lag -9223372036854775806]]");
  Fill(&bench, 2, "t");
  bench.Do("XSETID t 2-0 ENTRIESADDED 9223372036854775807");
  bench.Do("XADD t 3-0 n 3");
  bench.Do("XGROUP CREATE t g 0");
  EXPECT_EQ(bench.Do("XREADGROUP GROUP g c COUNT 1 STREAMS t >"), "[[t [[1-0 [n 1]]]]]");
  EXPECT_EQ(bench.Do("XINFO GROUPS t"),
            "[[name g consumers 1 pending 1 last-delivered-id 1-0 entries-read "
            "9223372036854775806 lag 2]]");
}

TEST(XReadGroup, LosesCountWhereEntriesAreMissing) {
  StreamBench bench;
  Fill(&bench, 4);
  bench.Do("XGROUP CREATE s g 0");
  bench.Do("XDEL s 3-0");
  bench.Do("XREADGROUP GROUP g c COUNT 2 STREAMS s >");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 1 pending 2 last-delivered-id 2-0 entries-read nil lag nil]]");
  bench.Do("XREADGROUP GROUP g c COUNT 2 STREAMS s >");
  EXPECT_EQ(bench.Do("XINFO GROUPS s"),
            "[[name g consumers 1 pending 3 last-delivered-id 4-0 entries-read 4 lag 0]]");
}

// Where options make no sense the command fails; COMMAND GETKEYS finds keys all the same, as in
// Redis.
TEST(XRead, KeysAreTheFirstHalfBehindStreams) {
  StreamBench bench;
  const auto keys_of = [&](std::vector<absl::string_view> args) {
    KeyPositions positions;
    EXPECT_TRUE(CommandRegistry::FindKeys(*bench.commands().Find(args[0]), args, &positions));
    std::vector<int> keys;
    for (const KeyPosition& position : positions) keys.push_back(position.index);
    return keys;
  };
  using Keys = std::vector<int>;
  EXPECT_EQ(keys_of({"XREAD", "COUNT", "1", "STREAMS", "a", "b", "0", "0"}), (Keys{4, 5}));
  EXPECT_EQ(keys_of({"XREAD", "STREAMS", "a", "b", "0", "0", "0"}), (Keys{2, 3}));
  EXPECT_EQ(keys_of({"XREAD", "nonsense", "STREAMS", "a", "0"}), (Keys{3}));
  EXPECT_EQ(keys_of({"XREADGROUP", "GROUP", "streams", "c", "STREAMS", "a", ">"}), (Keys{5}));
}

}  // namespace
}  // namespace damselfly
