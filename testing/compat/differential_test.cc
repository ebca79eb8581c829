#include "testing/compat/differential.h"

#include "gtest/gtest.h"
#include "testing/compat/comparison.h"
#include "testing/compat/generator.h"

namespace damselfly {
namespace {

constexpr int64_t kCommands = 150000;

void ExpectNoDifference(int protocol, const std::vector<std::string>& flags) {
  auto ours = ServerProcess::StartDamselfly(flags);
  ASSERT_TRUE(ours.ok()) << ours.status();
  auto theirs = ServerProcess::StartRedis({});
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  DifferentialOptions options;
  options.protocol = protocol;
  options.commands = kCommands;
  auto result = RunDifferential(**ours, **theirs, options);
  ASSERT_TRUE(result.ok()) << result.status() << (*ours)->Log();
  EXPECT_GE(result->commands, kCommands);
  for (const std::string& difference : result->differences) ADD_FAILURE() << difference;
  EXPECT_EQ((*ours)->Stop(15), 0) << (*ours)->Log();
}

TEST(Differential, RepliesEqualRedisServersInResp2) { ExpectNoDifference(2, {"--threads=1"}); }
TEST(Differential, RepliesEqualRedisServersInResp3WithSeveralWorkers) {
  ExpectNoDifference(3, {"--threads=3"});
}

TEST(CommandGenerator, SameSeedGivesTheSameCommands) {
  CommandGenerator a(7);
  CommandGenerator b(7);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(a.Next().args, b.Next().args);
}

TEST(Comparison, ArraysWithoutOrderMatchOnlyWithTheSameElements) {
  EXPECT_TRUE(RepliesAgree("*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n", Comparison::kUnordered));
  EXPECT_FALSE(RepliesAgree("*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+b\r\n", Comparison::kUnordered));
  EXPECT_FALSE(RepliesAgree("*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n", Comparison::kExact));
}

TEST(Comparison, NumbersThatDependOnTheClockMayDifferByFiveSecondsOnly) {
  EXPECT_TRUE(RepliesAgree(":100000\r\n", ":100900\r\n", Comparison::kAboutNow));
  EXPECT_FALSE(RepliesAgree(":100000\r\n", ":106000\r\n", Comparison::kAboutNow));
  EXPECT_FALSE(RepliesAgree(":-1\r\n", ":-2\r\n", Comparison::kAboutNow));
}

}  // namespace
}  // namespace damselfly
