#include "testing/compat/differential.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/values/dump_payload.h"
#include "testing/compat/comparison.h"
#include "testing/compat/generator.h"

namespace damselfly {
namespace {

constexpr int64_t kCommands = 100000;

void ExpectNoDifference(int protocol, int threads, bool small_limits) {
  auto servers = StartServers(threads, small_limits);
  ASSERT_TRUE(servers.ok()) << servers.status();
  DifferentialOptions options;
  options.protocol = protocol;
  options.commands = kCommands;
  auto result = RunDifferential(*servers->ours, *servers->theirs, options);
  ASSERT_TRUE(result.ok()) << result.status() << servers->ours->Log();
  EXPECT_GE(result->commands, kCommands);
  for (const std::string& difference : result->differences) ADD_FAILURE() << difference;
  EXPECT_EQ(servers->ours->Stop(15), 0) << servers->ours->Log();
}

TEST(Differential, RepliesEqualRedisServersInResp2) {
  ExpectNoDifference(2, /*threads=*/1, /*small_limits=*/false);
}
TEST(Differential, RepliesEqualRedisServersInResp3WithSeveralWorkers) {
  ExpectNoDifference(3, /*threads=*/3, /*small_limits=*/false);
}
TEST(Differential, RepliesEqualRedisServersWhereValuesChangeTheirForm) {
  ExpectNoDifference(3, /*threads=*/1, /*small_limits=*/true);
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

TEST(Comparison, TextsThatAreEqualUpToAZeroByteMayChangePlaces) {
  const std::string ours("*3\r\n$2\r\n\0a\r\n$0\r\n\r\n$1\r\nb\r\n", 25);
  const std::string swapped("*3\r\n$0\r\n\r\n$2\r\n\0a\r\n$1\r\nb\r\n", 25);
  const std::string out_of_order("*3\r\n$0\r\n\r\n$1\r\nb\r\n$2\r\n\0a\r\n", 25);
  const std::string other("*3\r\n$0\r\n\r\n$2\r\n\0c\r\n$1\r\nb\r\n", 25);
  EXPECT_TRUE(RepliesAgree(ours, swapped, Comparison::kCollated));
  EXPECT_FALSE(RepliesAgree(ours, out_of_order, Comparison::kCollated));
  EXPECT_FALSE(RepliesAgree(ours, other, Comparison::kCollated));
  EXPECT_FALSE(
      RepliesAgree("*2\r\n$-1\r\n$0\r\n\r\n", "*2\r\n$0\r\n\r\n$-1\r\n", Comparison::kCollated));
  EXPECT_FALSE(RepliesAgree("-ERR a\r\n", "-ERR b\r\n", Comparison::kCollated));
}

TEST(Comparison, NumbersThatDependOnTheClockMayDifferByFiveSecondsOnly) {
  EXPECT_TRUE(RepliesAgree(":100000\r\n", ":100900\r\n", Comparison::kAboutNow));
  EXPECT_FALSE(RepliesAgree(":100000\r\n", ":106000\r\n", Comparison::kAboutNow));
  EXPECT_FALSE(RepliesAgree(":-1\r\n", ":-2\r\n", Comparison::kAboutNow));
}

TEST(Comparison, PairsMatchInAnyOrderButStayTogether) {
  constexpr char kOurs[] = "*4\r\n+f\r\n+1\r\n+g\r\n+2\r\n";
  EXPECT_TRUE(RepliesAgree(kOurs, "*4\r\n+g\r\n+2\r\n+f\r\n+1\r\n", Comparison::kUnorderedPairs));
  EXPECT_FALSE(RepliesAgree(kOurs, "*4\r\n+g\r\n+1\r\n+f\r\n+2\r\n", Comparison::kUnorderedPairs));
}

TEST(Comparison, ChoicesAreFromWhatWasThereAndOfTheSameNumber) {
  constexpr char kAll[] = "*3\r\n+a\r\n+b\r\n+c\r\n";
  const std::vector<std::string> two = {"srandmember", "k", "2"};
  const std::vector<std::string> repeated = {"srandmember", "k", "-2"};
  const auto agree = [&](absl::string_view ours, absl::string_view theirs,
                         const std::vector<std::string>& args) {
    return RepliesAgree(ours, theirs, Comparison::kChosen, kAll, args);
  };
  EXPECT_TRUE(agree("*2\r\n+a\r\n+b\r\n", "*2\r\n+c\r\n+a\r\n", two));
  EXPECT_FALSE(agree("*2\r\n+a\r\n+x\r\n", "*2\r\n+c\r\n+a\r\n", two));
  EXPECT_FALSE(agree("*1\r\n+a\r\n", "*2\r\n+c\r\n+a\r\n", two));
  EXPECT_FALSE(agree("*2\r\n+a\r\n+a\r\n", "*2\r\n+c\r\n+a\r\n", two));
  EXPECT_TRUE(agree("*2\r\n+a\r\n+a\r\n", "*2\r\n+c\r\n+a\r\n", repeated));
  EXPECT_TRUE(agree("+a\r\n", "+b\r\n", {"srandmember", "k"}));
  EXPECT_FALSE(agree("+x\r\n", "+b\r\n", {"srandmember", "k"}));
}

TEST(Comparison, OnlyTimesMayDifferWhereTimesAreTold) {
  constexpr char kEntry[] = "*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:10\r\n:1\r\n";
  EXPECT_TRUE(
      RepliesAgree(kEntry, "*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:90\r\n:1\r\n", Comparison::kTimes));
  EXPECT_FALSE(
      RepliesAgree(kEntry, "*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:10\r\n:2\r\n", Comparison::kTimes));
  EXPECT_TRUE(
      RepliesAgree("*2\r\n$4\r\nidle\r\n:0\r\n", "*2\r\n$4\r\nidle\r\n:7\r\n", Comparison::kTimes));
  EXPECT_FALSE(
      RepliesAgree("*2\r\n$4\r\nsize\r\n:0\r\n", "*2\r\n$4\r\nsize\r\n:7\r\n", Comparison::kTimes));
}

TEST(Comparison, DumpsOfTablesMatchInAnyOrder) {
  const auto dump_of = [](absl::string_view first, absl::string_view second) {
    std::string payload("\x02\x02", 2);  // a set of two
    for (absl::string_view member : {first, second}) {
      payload += static_cast<char>(member.size());
      absl::StrAppend(&payload, member);
    }
    AppendDumpFooter(&payload);
    return absl::StrCat("$", payload.size(), "\r\n", payload, "\r\n");
  };
  EXPECT_TRUE(RepliesAgree(dump_of("a", "b"), dump_of("b", "a"), Comparison::kDump));
  EXPECT_FALSE(RepliesAgree(dump_of("a", "b"), dump_of("b", "c"), Comparison::kDump));
  EXPECT_FALSE(RepliesAgree(dump_of("a", "b"), "$1\r\nx\r\n", Comparison::kDump));
}

}  // namespace
}  // namespace damselfly
