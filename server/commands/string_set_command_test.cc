#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

class SetTest : public ::testing::Test {
 protected:
  // Runs a command given as words.
  std::string Run(absl::string_view line) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    return bench_.Run(absl::MakeConstSpan(words));
  }

  StringBench bench_;
};

TEST_F(SetTest, ReplacesTheValueAndTheDeadline) {
  EXPECT_EQ(Run("SET key one EX 10"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
  EXPECT_EQ(Run("SET key two"), kOk);
  EXPECT_EQ(Run("GET key"), Bulk("two"));
  EXPECT_EQ(bench_.DeadlineOf("key"), Entry::kNoExpiry);
}

TEST_F(SetTest, TakesEveryFormOfDeadline) {
  const int64_t now_s = bench_.now_ms / 1000;
  EXPECT_EQ(Run("set key v px 1500"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 1500);
  EXPECT_EQ(Run(absl::StrCat("SET key v EXAT ", now_s + 7)), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), (now_s + 7) * 1000);
  EXPECT_EQ(Run(absl::StrCat("SET key v PXAT ", bench_.now_ms + 3)), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 3);
  EXPECT_EQ(Run("SET key w KEEPTTL"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 3);
  EXPECT_EQ(Run("SET key w EX 5 EX 10"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
}

TEST_F(SetTest, ExpiresWhenItsTimeHasCome) {
  Run("SET key v PX 100");
  bench_.now_ms += 99;
  EXPECT_EQ(Run("GET key"), Bulk("v"));
  bench_.now_ms += 1;
  EXPECT_EQ(Run("GET key"), kNull);
}

TEST_F(SetTest, WithADeadlineInThePastLeavesNoKey) {
  EXPECT_EQ(Run("SET key v EXAT 1"), kOk);
  EXPECT_FALSE(bench_.Exists("key"));
  Run("SET key one");
  EXPECT_EQ(Run("SET key two GET EXAT 1"), Bulk("one"));
  EXPECT_FALSE(bench_.Exists("key"));
}

TEST_F(SetTest, HonoursConditions) {
  EXPECT_EQ(Run("SET key v XX"), kNull);
  EXPECT_EQ(Run("SET key one NX"), kOk);
  EXPECT_EQ(Run("SET key two NX"), kNull);
  EXPECT_EQ(Run("GET key"), Bulk("one"));
  EXPECT_EQ(Run("SET key two XX"), kOk);
  EXPECT_EQ(Run("GET key"), Bulk("two"));
  EXPECT_EQ(Run("SETNX key three"), Integer(0));
  EXPECT_EQ(Run("SETNX other three"), Integer(1));
}

TEST_F(SetTest, WithGetRepliesWithTheOldValueWhateverHappens) {
  EXPECT_EQ(Run("SET key one GET"), kNull);
  EXPECT_EQ(Run("SET key two GET"), Bulk("one"));
  EXPECT_EQ(Run("SET key three NX GET"), Bulk("two"));
  EXPECT_EQ(Run("GET key"), Bulk("two"));
  EXPECT_EQ(Run("SET other v GET XX"), kNull);
  EXPECT_FALSE(bench_.Exists("other"));
  EXPECT_EQ(Run("SET other v GET NX GET"), kNull);
  EXPECT_EQ(Run("GET other"), Bulk("v"));
}

TEST_F(SetTest, RefusesContradictingAndUnknownOptions) {
  for (const char* options : {"NX XX", "XX NX", "EX 5 PX 10", "KEEPTTL EX 3", "EX 3 KEEPTTL",
                              "PERSIST", "EX", "FOO", "EXAT 5 PXAT 5", "GET NX XX", "EX 5 EX"}) {
    EXPECT_EQ(Run(absl::StrCat("SET key v ", options)), kSyntaxError) << options;
  }
  EXPECT_FALSE(bench_.Exists("key"));
}

TEST_F(SetTest, RefusesDeadlinesThatMakeNoSense) {
  const std::string invalid = "-ERR invalid expire time in 'set' command\r\n";
  for (const char* options :
       {"EX 0", "EX -1", "PX 0", "EXAT 0", "PXAT -5", "EX 9223372036854775807",
        "PX 9223372036854775807", "EXAT 9223372036854776", "EX 0 GET"}) {
    EXPECT_EQ(Run(absl::StrCat("SET key v ", options)), invalid) << options;
  }
  EXPECT_EQ(Run("SET key v EX x"), kNotAnInteger);
  EXPECT_EQ(Run("SET key v EX 9223372036854775808"), kNotAnInteger);
  EXPECT_FALSE(bench_.Exists("key"));
  EXPECT_EQ(Run("SET key v PXAT 9223372036854775807"), kOk);
  EXPECT_EQ(Run("SET key v EXAT 9223372036854775"), kOk);
}

TEST_F(SetTest, SetExAndPSetExNameThemselvesInErrors) {
  EXPECT_EQ(Run("SETEX key 10 v"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
  EXPECT_EQ(Run("PSETEX key 10 v"), kOk);
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10);
  EXPECT_EQ(Run("SETEX key 0 v"), "-ERR invalid expire time in 'setex' command\r\n");
  EXPECT_EQ(Run("PSETEX key -1 v"), "-ERR invalid expire time in 'psetex' command\r\n");
  EXPECT_EQ(Run("SETEX key x v"), kNotAnInteger);
}

TEST_F(SetTest, GetExReadsAndChangesTheDeadline) {
  Run("SET key v");
  EXPECT_EQ(Run("GETEX key EX 10"), Bulk("v"));
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
  EXPECT_EQ(Run("GETEX key"), Bulk("v"));
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
  EXPECT_EQ(Run("GETEX key PERSIST PERSIST"), Bulk("v"));
  EXPECT_EQ(bench_.DeadlineOf("key"), Entry::kNoExpiry);
  EXPECT_EQ(Run("GETEX key PXAT 1"), Bulk("v"));
  EXPECT_FALSE(bench_.Exists("key"));
}

TEST_F(SetTest, GetExLooksForTheKeyBeforeItReadsTheTime) {
  EXPECT_EQ(Run("GETEX missing EX 0"), kNull);
  EXPECT_EQ(Run("GETEX missing EX"), kSyntaxError);
  Run("SET key v");
  EXPECT_EQ(Run("GETEX key EX 0"), "-ERR invalid expire time in 'getex' command\r\n");
  EXPECT_EQ(Run("GETEX key EX x"), kNotAnInteger);
  for (const char* options : {"KEEPTTL", "NX", "GET", "EX 10 PERSIST", "PERSIST EX 10"}) {
    EXPECT_EQ(Run(absl::StrCat("GETEX key ", options)), kSyntaxError) << options;
  }
}

}  // namespace
}  // namespace damselfly
