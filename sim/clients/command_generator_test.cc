#include "sim/clients/command_generator.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

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

TEST_F(CommandGeneratorTest, KeepsToItsFamilies) {
  for (const Args& args : Generate(kBitmapFamily, 1000)) {
    EXPECT_TRUE(absl::StrContains(args[0], "BIT")) << args[0];
  }
}

TEST_F(CommandGeneratorTest, TransactionsAreWholeWithinOneCall) {
  int open = 0;
  for (const Args& args : Generate(kAllFamilies, 20000)) {
    if (args[0] == "MULTI") ++open;
    if (args[0] == "EXEC" || args[0] == "DISCARD") --open;
    EXPECT_TRUE(open == 0 || open == 1);
  }
  EXPECT_EQ(open, 0);
}

TEST_F(CommandGeneratorTest, AnAuditLooksAtEveryKey) {
  CommandGenerator generator(&decisions_, &clock_, kAllFamilies);
  generator.set_prefix("p");
  std::vector<Args> calls;
  generator.Audit(&calls);
  EXPECT_EQ(calls.size(), 17u);
  EXPECT_EQ(calls[0], (Args{"KEYS", "p:*"}));
}

}  // namespace
}  // namespace damselfly::sim
