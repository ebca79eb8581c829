#include "server/commands/list_commands.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/word_bench.h"

namespace damselfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kWrongType[] = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr char kNotAnInteger[] = "-ERR value is not an integer or out of range";
constexpr char kSyntax[] = "-ERR syntax error";

// Replies, and events, are what redis-server 7.0.15 gave to the same commands.
class ListCommandsTest : public testing::Test {
 protected:
  std::string Do(absl::string_view words) { return bench_.Do(words); }
  std::vector<std::string> Events() { return bench_.TakeEvents(); }
  // All of a list, with commas.
  std::string All(absl::string_view key) {
    std::string all;
    for (int i = 0;; ++i) {
      const std::string reply = Do(absl::StrCat("LINDEX ", key, " ", i));
      if (reply == "$-1") return all;
      absl::StrAppend(&all, i == 0 ? "" : ",", reply.substr(reply.find(' ') + 1));
    }
  }

  WordBench bench_{{ListCommands(), StringCommands()}};
};

TEST_F(ListCommandsTest, PushAddsAtEitherEnd) {
  EXPECT_EQ(Do("RPUSH l a b"), ":2");
  EXPECT_EQ(Do("LPUSH l c d"), ":4");
  EXPECT_EQ(All("l"), "d,c,a,b");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lpush l"));
}

TEST_F(ListCommandsTest, PushXWantsAList) {
  EXPECT_EQ(Do("LPUSHX l a"), ":0");
  EXPECT_EQ(Do("RPUSHX l a"), ":0");
  EXPECT_THAT(Events(), IsEmpty());
  Do("RPUSH l m");
  EXPECT_EQ(Do("LPUSHX l a b"), ":3");
  EXPECT_EQ(Do("RPUSHX l c"), ":4");
  EXPECT_EQ(All("l"), "b,a,m,c");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lpush l", "rpush l"));
}

TEST_F(ListCommandsTest, EveryCommandRefusesOtherTypes) {
  Do("SET s 1");
  Do("RPUSH l a");
  for (const char* words : {"LPUSH s a",
                            "RPUSHX s a",
                            "LINSERT s BEFORE a b",
                            "LSET s x a",
                            "LLEN s",
                            "LINDEX s x",
                            "LRANGE s 0 1",
                            "LPOS s a",
                            "LREM s 0 a",
                            "LTRIM s 0 1",
                            "LPOP s",
                            "RPOP s 0",
                            "LMPOP 2 nil s LEFT",
                            "LMOVE s l LEFT LEFT",
                            "LMOVE l s LEFT LEFT",
                            "RPOPLPUSH l s",
                            "BLPOP nil s 0",
                            "BRPOP s 0",
                            "BLMPOP 0 1 s LEFT",
                            "BLMOVE s l LEFT LEFT 0",
                            "BLMOVE l s LEFT LEFT 0",
                            "BRPOPLPUSH s l 0"}) {
    EXPECT_EQ(Do(words), kWrongType) << words;
  }
  EXPECT_EQ(All("l"), "a");
}

TEST_F(ListCommandsTest, InsertPutsBesideThePivot) {
  Do("RPUSH l a b a");
  EXPECT_EQ(Do("LINSERT l after a x"), ":4");
  EXPECT_EQ(Do("LINSERT l BEFORE b y"), ":5");
  EXPECT_EQ(All("l"), "a,x,y,b,a");
  EXPECT_EQ(Do("LINSERT l BEFORE nope y"), ":-1");
  EXPECT_EQ(Do("LINSERT nil BEFORE a y"), ":0");
  EXPECT_EQ(Do("LINSERT s foo a y"), kSyntax);
  EXPECT_THAT(Events(), ElementsAre("rpush l", "linsert l", "linsert l"));
}

TEST_F(ListCommandsTest, SetReplaces) {
  Do("RPUSH l a b c");
  EXPECT_EQ(Do("LSET l -1 z"), "+OK");
  EXPECT_EQ(Do("LSET l 0 7"), "+OK");
  EXPECT_EQ(All("l"), "7,b,z");
  EXPECT_EQ(Do("LSET l 3 q"), "-ERR index out of range");
  EXPECT_EQ(Do("LSET l -4 q"), "-ERR index out of range");
  EXPECT_EQ(Do("LSET l x q"), kNotAnInteger);
  EXPECT_EQ(Do("LSET nil x q"), "-ERR no such key");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lset l", "lset l"));
}

TEST_F(ListCommandsTest, ReadsByIndexAndRange) {
  Do("RPUSH l a 2 c");
  EXPECT_EQ(Do("LLEN l"), ":3");
  EXPECT_EQ(Do("LLEN nil"), ":0");
  EXPECT_EQ(Do("LINDEX l -3"), "$1 a");
  EXPECT_EQ(Do("LINDEX l 1"), "$1 2");
  EXPECT_EQ(Do("LINDEX l 3"), "$-1");
  EXPECT_EQ(Do("LINDEX l x"), kNotAnInteger);
  EXPECT_EQ(Do("LINDEX nil x"), "$-1");
  EXPECT_EQ(Do("LRANGE l 0 -1"), "*3 $1 a $1 2 $1 c");
  EXPECT_EQ(Do("LRANGE l -100 0"), "*1 $1 a");
  EXPECT_EQ(Do("LRANGE l 1 100"), "*2 $1 2 $1 c");
  EXPECT_EQ(Do("LRANGE l 2 1"), "*0");
  EXPECT_EQ(Do("LRANGE l 3 5"), "*0");
  EXPECT_EQ(Do("LRANGE nil 0 1"), "*0");
  EXPECT_EQ(Do("LRANGE nil x 1"), kNotAnInteger);
  EXPECT_EQ(Do("LRANGE l -9223372036854775808 9223372036854775807"), "*3 $1 a $1 2 $1 c");
}

TEST_F(ListCommandsTest, PosFindsByRankCountAndMaxlen) {
  Do("RPUSH p a b a c a");
  EXPECT_EQ(Do("LPOS p a"), ":0");
  EXPECT_EQ(Do("LPOS p a RANK -1"), ":4");
  EXPECT_EQ(Do("LPOS p a RANK 4"), "$-1");
  EXPECT_EQ(Do("LPOS p a RANK 2 COUNT 0"), "*2 :2 :4");
  EXPECT_EQ(Do("LPOS p a RANK -2 COUNT 0 MAXLEN 3"), "*1 :2");
  EXPECT_EQ(Do("LPOS p a COUNT 2"), "*2 :0 :2");
  EXPECT_EQ(Do("LPOS p a MAXLEN 2 RANK 2"), "$-1");
  EXPECT_EQ(Do("LPOS p a RANK -9223372036854775808"), ":4");
  EXPECT_EQ(Do("LPOS p a RANK -9223372036854775808 COUNT 1"), "*3 :4 :2 :0");
  EXPECT_EQ(Do("LPOS nil a"), "$-1");
  EXPECT_EQ(Do("LPOS nil a COUNT 0"), "*0");
  EXPECT_EQ(
      Do("LPOS p a RANK 0"),
      "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
      "use negative to start from the end of the list");
  EXPECT_EQ(Do("LPOS p a COUNT x"), "-ERR COUNT can't be negative");
  EXPECT_EQ(Do("LPOS p a MAXLEN -1"), "-ERR MAXLEN can't be negative");
  EXPECT_EQ(Do("LPOS p a RANK"), kSyntax);
  EXPECT_EQ(Do("LPOS p a FOO 1"), kSyntax);
}

TEST_F(ListCommandsTest, RemGoesByCountAndDirection) {
  Do("RPUSH l a b a a c a");
  EXPECT_EQ(Do("LREM l 1 a"), ":1");
  EXPECT_EQ(All("l"), "b,a,a,c,a");
  EXPECT_EQ(Do("LREM l -2 a"), ":2");
  EXPECT_EQ(All("l"), "b,a,c");
  EXPECT_EQ(Do("LREM l 0 nope"), ":0");
  EXPECT_EQ(Do("LREM l -9223372036854775808 a"), ":1");
  EXPECT_EQ(Do("LREM nil 0 a"), ":0");
  EXPECT_EQ(Do("LREM nil x a"), kNotAnInteger);
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lrem l", "lrem l", "lrem l"));
  Do("LREM l 0 b");
  EXPECT_EQ(Do("LREM l 0 c"), ":1");
  EXPECT_THAT(Events(), ElementsAre("lrem l", "lrem l", "del l"));
}

TEST_F(ListCommandsTest, TrimKeepsARange) {
  Do("RPUSH l a b c d");
  EXPECT_EQ(Do("LTRIM l 1 -2"), "+OK");
  EXPECT_EQ(All("l"), "b,c");
  EXPECT_EQ(Do("LTRIM l 0 -1"), "+OK");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "ltrim l", "ltrim l"));
  EXPECT_EQ(Do("LTRIM l 5 1"), "+OK");
  EXPECT_THAT(Events(), ElementsAre("ltrim l", "del l"));
  EXPECT_EQ(Do("LTRIM nil 0 1"), "+OK");
  EXPECT_EQ(Do("LTRIM nil 0 x"), kNotAnInteger);
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(ListCommandsTest, PopTakesFromEitherEnd) {
  Do("RPUSH l a b 3 d e f");
  EXPECT_EQ(Do("LPOP l"), "$1 a");
  EXPECT_EQ(Do("RPOP l"), "$1 f");
  EXPECT_EQ(Do("RPOP l 2"), "*2 $1 e $1 d");
  EXPECT_EQ(Do("LPOP l 0"), "*0");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lpop l", "rpop l", "rpop l"));
  EXPECT_EQ(Do("LPOP l 99"), "*2 $1 b $1 3");
  EXPECT_THAT(Events(), ElementsAre("lpop l", "del l"));
  EXPECT_EQ(Do("LPOP l"), "$-1");
  EXPECT_EQ(Do("LPOP l 0"), "*-1");
  EXPECT_EQ(Do("LPOP l -1"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(Do("LPOP l x"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(Do("LPOP l 1 2"), "-ERR wrong number of arguments for 'lpop' command");
  EXPECT_EQ(Do("RPOP l 1 2"), "-ERR wrong number of arguments for 'rpop' command");
}

TEST_F(ListCommandsTest, MultiPopTakesFromTheFirstListThereIs) {
  Do("RPUSH l a b c d");
  EXPECT_EQ(Do("LMPOP 2 nil l LEFT"), "*2 $1 l *1 $1 a");
  EXPECT_EQ(Do("LMPOP 1 l right COUNT 2"), "*2 $1 l *2 $1 d $1 c");
  EXPECT_THAT(Events(), ElementsAre("rpush l", "lpop l", "rpop l"));
  EXPECT_EQ(Do("LMPOP 1 l LEFT COUNT 9"), "*2 $1 l *1 $1 b");
  EXPECT_THAT(Events(), ElementsAre("lpop l", "del l"));
  EXPECT_EQ(Do("LMPOP 1 l LEFT"), "*-1");
  bench_.set_protocol(3);
  EXPECT_EQ(Do("LMPOP 1 l LEFT"), "_");
}

TEST_F(ListCommandsTest, MultiPopChecksItsArguments) {
  for (const char* numkeys : {"0", "-1", "x"}) {
    EXPECT_EQ(Do(absl::StrCat("LMPOP ", numkeys, " l LEFT")),
              "-ERR numkeys should be greater than 0");
  }
  EXPECT_EQ(Do("LMPOP 2 l LEFT"), kSyntax);
  EXPECT_EQ(Do("LMPOP 1 l UP"), kSyntax);
  EXPECT_EQ(Do("LMPOP 9223372036854775807 l LEFT"), kSyntax);
  EXPECT_EQ(Do("LMPOP 1 l LEFT COUNT"), kSyntax);
  EXPECT_EQ(Do("LMPOP 1 l LEFT COUNT 0"), "-ERR count should be greater than 0");
  EXPECT_EQ(Do("LMPOP 1 l LEFT COUNT 1 COUNT 1"), kSyntax);
  EXPECT_EQ(Do("BLMPOP x 0 l LEFT"), "-ERR numkeys should be greater than 0");
  EXPECT_EQ(Do("BLMPOP x 1 l LEFT"), "-ERR timeout is not a float or out of range");
}

TEST_F(ListCommandsTest, MoveTakesFromOneAndAddsToTheOther) {
  Do("RPUSH l a b c");
  Events();
  EXPECT_EQ(Do("LMOVE l m LEFT RIGHT"), "$1 a");
  EXPECT_EQ(Do("RPOPLPUSH l m"), "$1 c");
  EXPECT_EQ(All("m"), "c,a");
  EXPECT_EQ(Do("LMOVE l m right left"), "$1 b");
  EXPECT_THAT(Events(),
              ElementsAre("rpush m", "lpop l", "lpush m", "rpop l", "lpush m", "rpop l", "del l"));
  EXPECT_EQ(Do("LMOVE l m LEFT RIGHT"), "$-1");
  EXPECT_EQ(Do("LMOVE l m LEFT UP"), kSyntax);
}

TEST_F(ListCommandsTest, MoveWithinOneListTurnsIt) {
  Do("RPUSH l a b 3");
  Events();
  EXPECT_EQ(Do("RPOPLPUSH l l"), "$1 3");
  EXPECT_EQ(All("l"), "3,a,b");
  EXPECT_THAT(Events(), ElementsAre("lpush l", "rpop l"));
  EXPECT_EQ(Do("LMOVE l l LEFT LEFT"), "$1 3");
  EXPECT_EQ(All("l"), "3,a,b");
  Do("RPUSH one x");
  EXPECT_EQ(Do("LMOVE one one LEFT RIGHT"), "$1 x");
  EXPECT_EQ(All("one"), "x");
}

TEST_F(ListCommandsTest, LongListsAndBigElements) {
  const std::string big(100000, 'x');
  for (int i = 0; i < 5000; ++i) Do(absl::StrCat("RPUSH l element:", i));
  Do(absl::StrCat("LINSERT l BEFORE element:2500 ", big));
  EXPECT_EQ(Do("LLEN l"), ":5001");
  EXPECT_EQ(Do("LINDEX l 2500"), absl::StrCat("$100000 ", big));
  EXPECT_EQ(Do("LINDEX l 2501"), "$12 element:2500");
  EXPECT_EQ(Do("LPOS l element:4999"), ":5000");
  EXPECT_EQ(Do(absl::StrCat("LREM l 0 ", big)), ":1");
  EXPECT_EQ(Do("LTRIM l 4998 -1"), "+OK");
  EXPECT_EQ(All("l"), "element:4998,element:4999");
}

}  // namespace
}  // namespace damselfly
