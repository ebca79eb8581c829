#include "server/commands/expire_commands.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class ExpireCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{ExpireCommands()};
};

TEST_F(ExpireCommandsTest, AKeyIsGoneWhenItsTimeIsOver) {
  bench_.SetString("k", "v");
  EXPECT_EQ(Run({"EXPIRE", "k", "10"}), ":1\r\n");
  EXPECT_EQ(Run({"TTL", "k"}), ":10\r\n");
  bench_.now_ms += 9999;
  EXPECT_EQ(Run({"PTTL", "k"}), ":1\r\n");
  bench_.now_ms += 1;
  EXPECT_EQ(Run({"PTTL", "k"}), ":-2\r\n");
  EXPECT_EQ(bench_.GetString("k"), "(none)");
}

TEST_F(ExpireCommandsTest, ExpireAnswersZeroWithoutAKey) {
  EXPECT_EQ(Run({"EXPIRE", "k", "10"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "-10"}), ":0\r\n");
  EXPECT_EQ(Run({"PERSIST", "k"}), ":0\r\n");
}

TEST_F(ExpireCommandsTest, AllFourSetTheSameDeadline) {
  const std::string at_ms = absl::StrCat(bench_.now_ms + 5000);
  for (auto args : {std::initializer_list<absl::string_view>{"EXPIRE", "k", "5"},
                    {"PEXPIRE", "k", "5000"},
                    {"EXPIREAT", "k", "1700000005"},
                    {"PEXPIREAT", "k", "1700000005000"}}) {
    bench_.SetString("k", "v");
    EXPECT_EQ(bench_.Run(args), ":1\r\n");
    EXPECT_EQ(Run({"PEXPIRETIME", "k"}), absl::StrCat(":", at_ms, "\r\n"));
    EXPECT_EQ(Run({"EXPIRETIME", "k"}), ":1700000005\r\n");
    EXPECT_EQ(Run({"PTTL", "k"}), ":5000\r\n");
  }
}

TEST_F(ExpireCommandsTest, SecondsAreRoundedToTheNearest) {
  bench_.SetString("k", "v", bench_.now_ms + 1499);
  EXPECT_EQ(Run({"TTL", "k"}), ":1\r\n");
  bench_.SetString("k", "v", bench_.now_ms + 1500);
  EXPECT_EQ(Run({"TTL", "k"}), ":2\r\n");
  bench_.SetString("k", "v", bench_.now_ms + 1);
  EXPECT_EQ(Run({"TTL", "k"}), ":0\r\n");
}

TEST_F(ExpireCommandsTest, WithoutADeadlineTheTimeToLiveIsMinusOne) {
  bench_.SetString("k", "v");
  for (absl::string_view name : {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"}) {
    EXPECT_EQ(Run({name, "k"}), ":-1\r\n");
    EXPECT_EQ(Run({name, "missing"}), ":-2\r\n");
  }
}

TEST_F(ExpireCommandsTest, ADeadlineThatHasPassedDeletesAtOnce) {
  for (auto args : {std::initializer_list<absl::string_view>{"EXPIRE", "k", "0"},
                    {"EXPIRE", "k", "-1"},
                    {"PEXPIRE", "k", "-9223372036854775808"},
                    {"EXPIREAT", "k", "1"},
                    {"PEXPIREAT", "k", "-5"},
                    {"EXPIREAT", "k", "1700000000"}}) {
    bench_.SetString("k", "v");
    EXPECT_EQ(bench_.Run(args), ":1\r\n");
    EXPECT_EQ(bench_.store().KeyCount(0), 0u);
  }
}

TEST_F(ExpireCommandsTest, PersistTakesTheDeadlineAway) {
  bench_.SetString("k", "v", bench_.now_ms + 100);
  EXPECT_EQ(Run({"PERSIST", "k"}), ":1\r\n");
  EXPECT_EQ(Run({"PERSIST", "k"}), ":0\r\n");
  bench_.now_ms += 1000;
  EXPECT_EQ(Run({"TTL", "k"}), ":-1\r\n");
}

TEST_F(ExpireCommandsTest, NxIsForKeysWithoutADeadlineAndXxForKeysWithOne) {
  bench_.SetString("k", "v");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "XX"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "NX"}), ":1\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "20", "nx"}), ":0\r\n");
  EXPECT_EQ(Run({"TTL", "k"}), ":10\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "20", "Xx"}), ":1\r\n");
  EXPECT_EQ(Run({"TTL", "k"}), ":20\r\n");
}

TEST_F(ExpireCommandsTest, GtAndLtCompareAndNoDeadlineIsTheLatest) {
  bench_.SetString("k", "v");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "GT"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "LT"}), ":1\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "GT"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "LT"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "11", "GT"}), ":1\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "10", "LT", "XX"}), ":1\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "-1", "GT"}), ":0\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "-1", "LT"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("k"), "(none)");
}

TEST_F(ExpireCommandsTest, OptionsThatContradictEachOtherAreRefusedBeforeTheNumberIsRead) {
  const std::string nx = "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n";
  EXPECT_EQ(Run({"EXPIRE", "k", "x", "NX", "XX"}), nx);
  EXPECT_EQ(Run({"EXPIRE", "k", "x", "GT", "NX"}), nx);
  EXPECT_EQ(Run({"EXPIRE", "k", "x", "LT", "NX"}), nx);
  EXPECT_EQ(Run({"EXPIRE", "k", "x", "GT", "LT"}),
            "-ERR GT and LT options at the same time are not compatible\r\n");
}

TEST_F(ExpireCommandsTest, UnknownOptionsAreNamedUpToTheirFirstZeroByte) {
  EXPECT_EQ(Run({"EXPIRE", "k", "x", "FOO"}), "-ERR Unsupported option FOO\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "x", absl::string_view("a\0b", 3)}),
            "-ERR Unsupported option a\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "x", ""}), "-ERR Unsupported option \r\n");
}

TEST_F(ExpireCommandsTest, TimesThatDoNotFitAreRefusedEvenWithoutAKey) {
  EXPECT_EQ(Run({"EXPIRE", "k", "9223372036854775807"}),
            "-ERR invalid expire time in 'expire' command\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "9223372036854775"}),
            "-ERR invalid expire time in 'expire' command\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "-9223372036854776"}),
            "-ERR invalid expire time in 'expire' command\r\n");
  EXPECT_EQ(Run({"PEXPIRE", "k", "9223372036854775807"}),
            "-ERR invalid expire time in 'pexpire' command\r\n");
  EXPECT_EQ(Run({"EXPIREAT", "k", "9223372036854776"}),
            "-ERR invalid expire time in 'expireat' command\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "9223372036854775808"}),
            "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", "1.5"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"EXPIRE", "k", ""}), "-ERR value is not an integer or out of range\r\n");
}

TEST_F(ExpireCommandsTest, TheLastInstantIsADeadlineAsAnyOther) {
  bench_.SetString("k", "v");
  EXPECT_EQ(Run({"PEXPIREAT", "k", "9223372036854775807"}), ":1\r\n");
  EXPECT_EQ(Run({"PEXPIRETIME", "k"}), ":9223372036854775807\r\n");
  EXPECT_EQ(Run({"EXPIRETIME", "k"}), ":9223372036854776\r\n");
}

TEST_F(ExpireCommandsTest, LookingAtTheTimeToLiveCountsHitsAndMisses) {
  bench_.SetString("k", "v");
  Run({"TTL", "k"});
  Run({"TTL", "missing"});
  EXPECT_EQ(bench_.counters().keyspace_hits.get(), 1);
  EXPECT_EQ(bench_.counters().keyspace_misses.get(), 1);
  Run({"EXPIRE", "k", "10"});
  EXPECT_EQ(bench_.counters().keyspace_hits.get(), 1);
}

}  // namespace
}  // namespace damselfly
