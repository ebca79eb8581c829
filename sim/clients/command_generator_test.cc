#include "sim/clients/command_generator.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "sim/clients/reply_mode.h"

namespace damselfly::sim {
namespace {

class CommandGeneratorTest : public testing::Test {
 protected:
  std::vector<Args> Generate(uint32_t families, int count) {
    CommandGenerator generator(&decisions_, &clock_, families);
    generator.set_prefix("p");
    std::vector<Args> calls;
    for (int i = 0; i < count; ++i) generator.Next(&calls);
    return calls;
  }

  SeededDecider decider_{1};
  DecisionStream decisions_{&decider_, "test"};
  int64_t now_ns_ = 0;
  SimClock clock_{&now_ns_, 0};
};

TEST_F(CommandGeneratorTest, MakesOnlyCommandsThatTheModelKnowsAndManyOfThem) {
  std::map<std::string, int> counts;
  for (const Args& args : Generate(kAllFamilies, 20000)) {
    ASSERT_TRUE(KeyspaceModel::Knows(args[0])) << args[0];
    ++counts[args[0]];
  }
  EXPECT_GE(counts.size(), 45u);
}

TEST_F(CommandGeneratorTest, CombinesOptionsAndGoesToTheEndsOfNumbersAndTimes) {
  int conditional_gets = 0, past_deadlines = 0, later_only = 0, near_the_ends = 0;
  for (const Args& args : Generate(kStringFamily | kExpiryFamily, 20000)) {
    const auto has = [&args](const char* word) {
      return std::find(args.begin() + 1, args.end(), word) != args.end();
    };
    if (args[0] == "SET" && has("GET") && has("NX")) ++conditional_gets;
    if (args[0] == "PEXPIREAT" && std::stoll(args[2]) <= clock_.WallUs() / 1000) ++past_deadlines;
    if (args[0] == "PEXPIREAT" && has("GT")) ++later_only;
    if (args[0] == "INCRBY" && args[2].size() == 19) ++near_the_ends;
  }
  EXPECT_GT(conditional_gets, 100);
  EXPECT_GT(past_deadlines, 100);
  EXPECT_GT(later_only, 50);
  EXPECT_GT(near_the_ends, 10);
}

TEST_F(CommandGeneratorTest, UpToFourCommandsStandBetweenWatchAndMulti) {
  size_t most = 0;
  const std::vector<Args> calls = Generate(kAllFamilies, 20000);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i][0] != "WATCH") continue;
    size_t between = 0;
    while (calls[i + 1 + between][0] != "MULTI") ++between;
    most = std::max(most, between);
  }
  EXPECT_GE(most, 4u);
  EXPECT_LE(most, 7u) << "two more with another database, and UNWATCH";
}

TEST_F(CommandGeneratorTest, KeepsToItsFamilies) {
  for (const Args& args : Generate(kBitmapFamily, 1000)) {
    EXPECT_TRUE(absl::StrContains(args[0], "BIT")) << args[0];
  }
}

TEST_F(CommandGeneratorTest, TransactionsAreWholeWithinOneCall) {
  int open = 0;
  for (const Args& args : Generate(kAllFamilies, 20000)) {
    if (args[0] == "MULTI") ++open;
    if (args[0] == "EXEC" || args[0] == "DISCARD" || (args[0] == "RESET" && open > 0)) --open;
    EXPECT_TRUE(open == 0 || open == 1);
  }
  EXPECT_EQ(open, 0);
}

TEST_F(CommandGeneratorTest, ManyKeysAreMadeByTheDozenAndAllLookedAt) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.set_prefix("p");
  generator.set_key_count(CommandGenerator::kManyKeys);
  std::vector<Args> calls;
  for (int i = 0; i < 200; ++i) generator.Next(&calls);
  std::set<std::string> made;
  for (const Args& args : calls) {
    if (args[0] != "MSET") continue;
    for (size_t i = 1; i < args.size(); i += 2) made.insert(args[i]);
  }
  EXPECT_GT(made.size(), 300u);
  calls.clear();
  generator.Audit(&calls);
  std::set<std::string> seen;
  for (const Args& args : calls) {
    if (args[0] == "GET" || args[0] == "MGET") seen.insert(args.begin() + 1, args.end());
  }
  EXPECT_EQ(seen.size(), CommandGenerator::kManyKeys);
}

TEST_F(CommandGeneratorTest, BigValuesAlsoStandBeforeOtherArguments) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.set_big_values(true);
  std::vector<Args> calls;
  for (int i = 0; i < 20000; ++i) generator.Next(&calls);
  int last = 0, not_last = 0;
  for (const Args& args : calls) {
    for (size_t i = 1; i < args.size(); ++i) {
      if (args[i].size() >= 33'000) ++(i + 1 == args.size() ? last : not_last);
    }
  }
  EXPECT_GT(last, 20);
  EXPECT_GT(not_last, 20);
}

TEST_F(CommandGeneratorTest, WhoHasDatabasesOfItsOwnKeepsToThemAndFlushesThem) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.OwnDatabases(6);
  std::vector<Args> calls;
  for (int i = 0; i < 20000; ++i) generator.Next(&calls);
  std::map<std::string, int> counts;
  for (const Args& args : calls) {
    ASSERT_TRUE(KeyspaceModel::Knows(args[0])) << args[0];
    ++counts[args[0]];
    if (args[0] == "SELECT" || args[0] == "MOVE") {
      EXPECT_TRUE(args.back() == "6" || args.back() == "7") << args.back();
    }
  }
  EXPECT_GT(counts["FLUSHDB"], 100);
  EXPECT_GT(counts["SWAPDB"], 100);
}

TEST_F(CommandGeneratorTest, WhatGetsNoReplyIsFollowedBySomethingThatDoes) {
  ReplyMode mode;
  int muted_count = 0, muted_in_a_row = 0;
  for (const Args& args : Generate(kStringFamily | kConnectionFamily, 20000)) {
    muted_in_a_row = mode.Mutes(args) ? muted_in_a_row + 1 : 0;
    muted_count += muted_in_a_row > 0;
    ASSERT_LE(muted_in_a_row, 4);
  }
  EXPECT_EQ(muted_in_a_row, 0);
  EXPECT_GT(muted_count, 500);
}

TEST_F(CommandGeneratorTest, EachStepOfARoundOfScanHasTheSameOptionsInTheSameDatabase) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.set_prefix("p");
  std::set<std::string> options;
  for (int i = 0; i < 200; ++i) {
    generator.BeginScan();
    std::vector<Args> calls;
    generator.ScanFrom("0", &calls);
    generator.ScanFrom("17", &calls);
    ASSERT_EQ(calls.size(), 4u);
    EXPECT_EQ(calls[0], calls[2]);
    EXPECT_EQ(calls[3][1], "17");
    calls[3][1] = "0";
    EXPECT_EQ(calls[1], calls[3]);
    EXPECT_EQ(calls[1][3], "p:*");
    options.insert(calls[1].begin() + 4, calls[1].end());
  }
  for (const char* option : {"COUNT", "TYPE", "list", "string"})
    EXPECT_EQ(options.count(option), 1u) << option;
}

TEST_F(CommandGeneratorTest, AnAuditLooksAtEveryKey) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.set_prefix("p");
  std::vector<Args> calls;
  generator.Audit(&calls);
  // Each by GET and PTTL, and as every type of collection.
  EXPECT_EQ(calls.size(), 1 + 8 * 7u);
  EXPECT_EQ(calls[0], (Args{"KEYS", "p:*"}));
}

}  // namespace
}  // namespace damselfly::sim
