#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/commands/key_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/set_commands.h"
#include "server/commands/testing/command_bench.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;
using Members = std::set<std::string>;

constexpr char kWrongType[] =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

// The members of an array of bulk strings that have no line breaks.
Members MembersOf(const std::string& reply) {
  const std::vector<std::string> lines = absl::StrSplit(reply, "\r\n");
  Members members;
  for (size_t i = 2; i < lines.size(); i += 2)
    EXPECT_TRUE(members.insert(lines[i]).second) << lines[i];
  EXPECT_EQ(lines[0], absl::StrCat("*", members.size()));
  return members;
}

class SetAlgebraTest : public testing::Test {
 protected:
  SetAlgebraTest() {
    Run({"SADD", "a", "1", "2", "3", "x"});
    Run({"SADD", "b", "2", "3", "4"});
    Run({"SADD", "c", "3", "x", "y"});
    bench_.TakeEvents();
  }
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{SetCommands(), KeyCommands(), ObjectCommands()};
};

TEST_F(SetAlgebraTest, Intersects) {
  EXPECT_EQ(MembersOf(Run({"SINTER", "a", "b"})), (Members{"2", "3"}));
  EXPECT_EQ(MembersOf(Run({"SINTER", "a", "b", "c"})), (Members{"3"}));
  EXPECT_EQ(MembersOf(Run({"SINTER", "a", "a"})), (Members{"1", "2", "3", "x"}));
  EXPECT_EQ(Run({"SINTER", "a", "none"}), "*0\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"SINTER", "a", "b", "c"}), "~1\r\n$1\r\n3\r\n");
  EXPECT_EQ(Run({"SINTER", "none"}), "~0\r\n");
}

TEST_F(SetAlgebraTest, CountsWhatSetsHaveInCommon) {
  EXPECT_EQ(Run({"SINTERCARD", "2", "a", "b"}), ":2\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "2", "a", "b", "LIMIT", "1"}), ":1\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "2", "a", "b", "limit", "0"}), ":2\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "2", "a", "b", "LIMIT", "5", "LIMIT", "1"}), ":1\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "2", "a", "none"}), ":0\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "0", "a"}), "-ERR numkeys should be greater than 0\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "x", "a"}), "-ERR numkeys should be greater than 0\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "2", "a"}),
            "-ERR Number of keys can't be greater than number of args\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "1", "a", "LIMIT"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "1", "a", "b"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"SINTERCARD", "1", "a", "LIMIT", "-1"}), "-ERR LIMIT can't be negative\r\n");
}

TEST_F(SetAlgebraTest, UnitesAndSubtracts) {
  EXPECT_EQ(MembersOf(Run({"SUNION", "a", "b", "none", "c"})),
            (Members{"1", "2", "3", "4", "x", "y"}));
  EXPECT_EQ(MembersOf(Run({"SDIFF", "a", "b"})), (Members{"1", "x"}));
  EXPECT_EQ(MembersOf(Run({"SDIFF", "a", "b", "none", "c"})), (Members{"1"}));
  EXPECT_EQ(Run({"SDIFF", "a", "b", "a"}), "*0\r\n");
  EXPECT_EQ(Run({"SDIFF", "none", "a"}), "*0\r\n");
  EXPECT_EQ(Run({"SUNION", "none", "no"}), "*0\r\n");
}

TEST_F(SetAlgebraTest, StoresResults) {
  EXPECT_EQ(Run({"SINTERSTORE", "to", "a", "b"}), ":2\r\n");
  EXPECT_EQ(Run({"SMEMBERS", "to"}), "*2\r\n$1\r\n2\r\n$1\r\n3\r\n");
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "to"}), "$6\r\nintset\r\n");
  EXPECT_EQ(Run({"SUNIONSTORE", "a", "a", "b"}), ":5\r\n");
  EXPECT_EQ(Run({"SDIFFSTORE", "b", "a", "b"}), ":2\r\n");
  EXPECT_EQ(MembersOf(Run({"SMEMBERS", "b"})), (Members{"1", "x"}));
  EXPECT_EQ(bench_.TakeEvents(), (Events{"sinterstore to", "sunionstore a", "sdiffstore b"}));
}

TEST_F(SetAlgebraTest, ReplacesWhatTheDestinationHeld) {
  bench_.SetString("text", "x", bench_.now_ms + 1000);
  EXPECT_EQ(Run({"SUNIONSTORE", "text", "b"}), ":3\r\n");
  bench_.now_ms += 2000;
  EXPECT_EQ(Run({"SCARD", "text"}), ":3\r\n");
  EXPECT_EQ(Run({"SINTERSTORE", "text", "a", "none"}), ":0\r\n");
  EXPECT_EQ(Run({"EXISTS", "text"}), ":0\r\n");
  EXPECT_EQ(Run({"SDIFFSTORE", "text", "none"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"sunionstore text", "del text"}));
}

TEST_F(SetAlgebraTest, RefusesOtherTypes) {
  bench_.SetString("text", "x");
  for (const char* command : {"SINTER", "SUNION", "SDIFF"})
    EXPECT_EQ(Run({command, "none", "text"}), kWrongType) << command;
  for (const char* command : {"SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"})
    EXPECT_EQ(Run({command, "to", "none", "text"}), kWrongType) << command;
  EXPECT_EQ(Run({"SINTERCARD", "2", "none", "text"}), kWrongType);
}

TEST_F(SetAlgebraTest, ForgetsSetsPastTheirDeadline) {
  Run({"SADD", "{a}short", "3"});
  Run({"SADD", "{a}long", "3"});
  Database db = bench_.database();
  db.SetExpiry(bench_.store().MakeKey("{a}short"), bench_.now_ms + 10);
  EXPECT_EQ(Run({"SINTER", "{a}long", "{a}short"}), "*1\r\n$1\r\n3\r\n");
  bench_.now_ms += 20;
  EXPECT_EQ(Run({"SINTER", "{a}long", "{a}short"}), "*0\r\n");
  EXPECT_EQ(Run({"SDIFF", "{a}long", "{a}short"}), "*1\r\n$1\r\n3\r\n");
}

// Sets of all forms and sizes, so that both ways to subtract are taken.
TEST_F(SetAlgebraTest, EqualsTheSameDoneWithOtherSets) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<Members> sets(3);
    std::vector<std::string> keys;
    for (Members& set : sets) {
      keys.push_back(absl::StrCat("r", round, ":", keys.size()));
      const uint64_t range = uint64_t{10} << (3 * random.Below(3));
      const bool is_text = random.Chance(1, 2);
      for (uint64_t i = random.Below(range) + 1; i > 0; --i) {
        const std::string member =
            absl::StrCat(is_text && random.Chance(1, 2) ? "m" : "", random.Below(range));
        set.insert(member);
        Run({"SADD", keys.back(), member});
      }
    }
    Members expected, rest;
    for (const Members& set : sets) expected.insert(set.begin(), set.end());
    EXPECT_EQ(MembersOf(Run({"SUNION", keys[0], keys[1], keys[2]})), expected);
    expected.clear();
    std::set_intersection(sets[0].begin(), sets[0].end(), sets[1].begin(), sets[1].end(),
                          std::inserter(expected, expected.end()));
    EXPECT_EQ(MembersOf(Run({"SINTER", keys[0], keys[1]})), expected);
    expected.clear();
    std::set_difference(sets[0].begin(), sets[0].end(), sets[1].begin(), sets[1].end(),
                        std::inserter(rest, rest.end()));
    std::set_difference(rest.begin(), rest.end(), sets[2].begin(), sets[2].end(),
                        std::inserter(expected, expected.end()));
    EXPECT_EQ(MembersOf(Run({"SDIFF", keys[0], keys[1], keys[2]})), expected);
  }
}

}  // namespace
}  // namespace damselfly
