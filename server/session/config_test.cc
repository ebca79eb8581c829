#include "server/session/config.h"

#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string SetError(Config& config, Parameter parameter, absl::string_view value) {
  return std::string(config.Set(parameter, value).message());
}

TEST(Config, StartsWithTheDefaultsOfTheTable) {
  Config config;
  EXPECT_EQ(config.integer(Parameter::port), 6379);
  EXPECT_TRUE(config.boolean(Parameter::protected_mode));
  EXPECT_EQ(config.text(Parameter::bind), "127.0.0.1 -::1");
  EXPECT_EQ(config.text(Parameter::protected_mode), "yes");
  EXPECT_EQ(config.text(Parameter::client_output_buffer_limit),
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  EXPECT_FALSE(config.has_password());
}

TEST(Config, FindsByFlagNameAndByConfigNameInAnyCase) {
  ASSERT_NE(Config::Find("slowlog-max-len"), nullptr);
  EXPECT_EQ(Config::Find("slowlog-max-len"), Config::Find("SLOWLOG_MAX_LEN"));
  EXPECT_EQ(Config::Find("slowlog_max_len")->config_name(), "slowlog-max-len");
  EXPECT_EQ(Config::Find("nonsense"), nullptr);
  EXPECT_EQ(Config::Find(""), nullptr);
}

TEST(Config, RefusesBadNumbersInRedisWords) {
  Config config;
  EXPECT_EQ(SetError(config, Parameter::maxclients, "0"),
            "argument must be between 1 and 4294967295 inclusive");
  EXPECT_EQ(SetError(config, Parameter::maxclients, "0x10"),
            "argument couldn't be parsed into an integer");
  EXPECT_EQ(SetError(config, Parameter::maxclients, " 1"),
            "argument couldn't be parsed into an integer");
  EXPECT_EQ(SetError(config, Parameter::protected_mode, "1"), "argument must be 'yes' or 'no'");
  EXPECT_EQ(SetError(config, Parameter::proto_max_bulk_len, "1xx"),
            "argument must be a memory value");
  EXPECT_EQ(SetError(config, Parameter::proto_max_bulk_len, "-1"),
            "argument must be a memory value");
  EXPECT_EQ(SetError(config, Parameter::proto_max_bulk_len, "5"),
            "argument must be between 1048576 and 9223372036854775807 inclusive");
  EXPECT_EQ(SetError(config, Parameter::proto_max_bulk_len, "99999999999999999999"),
            "argument must be between 1048576 and 9223372036854775807 inclusive");
  EXPECT_EQ(config.integer(Parameter::maxclients), 10000);
}

TEST(Config, KnowsTheNamesThatParametersHadBefore) {
  EXPECT_EQ(Config::Find("hash-max-ziplist-value"), Config::Find("hash-max-listpack-value"));
  EXPECT_EQ(Config::Find("LIST-MAX-ZIPLIST-SIZE"), Config::Find("list-max-listpack-size"));
  EXPECT_EQ(Config::Find("hash_max_ziplist_value"), nullptr);
  for (const ParameterAlias& alias : AllParameterAliases()) {
    ASSERT_NE(Config::Find(alias.config_name), nullptr) << alias.config_name;
    EXPECT_EQ(Config::Find(alias.config_name)->id, alias.parameter);
  }
}

TEST(Config, TakesEvictionPoliciesByName) {
  Config config;
  EXPECT_EQ(config.text(Parameter::maxmemory_policy), "noeviction");
  EXPECT_TRUE(config.Set(Parameter::maxmemory_policy, "AllKeys-LRU").ok());
  EXPECT_EQ(config.text(Parameter::maxmemory_policy), "allkeys-lru");
  EXPECT_EQ(SetError(config, Parameter::maxmemory_policy, "lru"),
            "argument(s) must be one of the following: volatile-lru, volatile-lfu, "
            "volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction");
}

TEST(Config, HugePagesComeByThemselvesUnlessToldOtherwise) {
  Config config;
  EXPECT_EQ(config.text(Parameter::huge_pages), "auto");
  for (const char* value : {"yes", "no", "auto"})
    EXPECT_TRUE(config.Set(Parameter::huge_pages, value).ok()) << value;
  EXPECT_EQ(SetError(config, Parameter::huge_pages, "true"),
            "argument must be one of the following: no, yes, auto");
}

TEST(Config, TakesMemoryUnitsAndShowsBytes) {
  Config config;
  EXPECT_TRUE(config.Set(Parameter::proto_max_bulk_len, "2mb").ok());
  EXPECT_EQ(config.text(Parameter::proto_max_bulk_len), "2097152");
}

TEST(Config, BringsTheFrequencyIntoItsRange) {
  Config config;
  EXPECT_TRUE(config.Set(Parameter::hz, "100000").ok());
  EXPECT_EQ(config.integer(Parameter::hz), 500);
  EXPECT_TRUE(config.Set(Parameter::hz, "0").ok());
  EXPECT_EQ(config.integer(Parameter::hz), 1);
}

TEST(Config, CheckSetsNothing) {
  Config config;
  EXPECT_TRUE(config.Check(Parameter::maxclients, "7").ok());
  EXPECT_FALSE(config.Check(Parameter::maxclients, "seven").ok());
  EXPECT_EQ(config.integer(Parameter::maxclients), 10000);
}

TEST(Config, OutputBufferLimitsAreSetClassByClass) {
  Config config;
  EXPECT_TRUE(config.Set(Parameter::client_output_buffer_limit, "Normal 1mb 2kb 3").ok());
  EXPECT_TRUE(config.Set(Parameter::client_output_buffer_limit, "replica 4 5 6 pubsub 0 0 0").ok());
  EXPECT_EQ(config.text(Parameter::client_output_buffer_limit),
            "normal 1048576 2048 3 slave 4 5 6 pubsub 0 0 0");
  const OutputLimits limits = config.output_limits(ClientClass::kNormal);
  EXPECT_EQ(limits.hard_bytes, 1048576);
  EXPECT_EQ(limits.soft_bytes, 2048);
  EXPECT_EQ(limits.soft_seconds, 3);
}

TEST(Config, ASoftLimitMayBeExceededForItsSeconds) {
  OutputLimits limits;
  limits.soft_seconds = 3;
  EXPECT_FALSE(limits.IsOverSoftTime(3000));
  EXPECT_TRUE(limits.IsOverSoftTime(3001));
  limits.soft_seconds = 0;
  EXPECT_FALSE(limits.IsOverSoftTime(0));
  EXPECT_TRUE(limits.IsOverSoftTime(1));
  // As good as for ever.
  limits.soft_seconds = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(limits.IsOverSoftTime(int64_t{100} * 365 * 24 * 3600 * 1000));
}

TEST(Config, OutputBufferLimitsAreRefusedWhole) {
  Config config;
  const std::string before = config.text(Parameter::client_output_buffer_limit);
  EXPECT_EQ(SetError(config, Parameter::client_output_buffer_limit, "normal 1 2"),
            "Wrong number of arguments in buffer limit configuration.");
  EXPECT_EQ(SetError(config, Parameter::client_output_buffer_limit, "normal 1 2 3 other 1 2 3"),
            "Invalid client class specified in buffer limit configuration.");
  EXPECT_EQ(SetError(config, Parameter::client_output_buffer_limit, "normal 1 2x 3"),
            "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  EXPECT_EQ(SetError(config, Parameter::client_output_buffer_limit, "normal 1 2 -3"),
            "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  EXPECT_EQ(config.text(Parameter::client_output_buffer_limit), before);
}

TEST(Config, ComparesThePassword) {
  Config config;
  EXPECT_TRUE(config.Set(Parameter::requirepass, "secret").ok());
  EXPECT_TRUE(config.has_password());
  EXPECT_TRUE(config.PasswordIs("secret"));
  EXPECT_FALSE(config.PasswordIs("secre"));
  EXPECT_FALSE(config.PasswordIs("secretsecret"));
  EXPECT_FALSE(config.PasswordIs("sEcret"));
  EXPECT_FALSE(config.PasswordIs(""));
  EXPECT_TRUE(config.Set(Parameter::requirepass, "").ok());
  EXPECT_FALSE(config.has_password());
}

TEST(Config, OffersNoPersistenceThatItDoesNotHave) {
  Config config;
  EXPECT_TRUE(config.Set(Parameter::save, "").ok());
  EXPECT_FALSE(config.Set(Parameter::save, "3600 1").ok());
  EXPECT_TRUE(config.Set(Parameter::appendonly, "no").ok());
  EXPECT_FALSE(config.Set(Parameter::appendonly, "yes").ok());
}

TEST(Config, ParsesAFile) {
  Config config;
  ASSERT_TRUE(
      config
          .Parse("# comment\n\n  port 7000  \r\nbind 127.0.0.1 ::1\nrequirepass \"a \\\"b\\x41\"\n"
                 "SLOWLOG-MAX-LEN 5\nclient-output-buffer-limit normal 1 2 3\nsave \"\"")
          .ok());
  EXPECT_EQ(config.integer(Parameter::port), 7000);
  EXPECT_EQ(config.text(Parameter::bind), "127.0.0.1 ::1");
  EXPECT_EQ(config.text(Parameter::requirepass), "a \"bA");
  EXPECT_EQ(config.integer(Parameter::slowlog_max_len), 5);
  EXPECT_EQ(config.output_limits(ClientClass::kNormal).soft_seconds, 3);
}

TEST(Config, ErrorsInAFileNameTheLine) {
  Config config;
  EXPECT_EQ(config.Parse("port 7000\nnonsense 1\n").message(),
            "line 2: unknown parameter 'nonsense'");
  EXPECT_EQ(config.Parse("port x\n").message(),
            "line 1: port: argument couldn't be parsed into an integer");
  EXPECT_EQ(config.Parse("\n\nport\n").message(), "line 3: 'port' has no value");
  EXPECT_EQ(config.Parse("requirepass \"abc\n").message(),
            "line 1: unbalanced quotes in the value of 'requirepass'");
}

TEST(Config, RewriteChangesOnlyWhatDiffers) {
  Config config;
  const std::string old_text =
      "# first\nport 7000\n\n# second\nmaxclients   100\nmaxclients 200\ntimeout 0\n";
  ASSERT_TRUE(config.Parse(old_text).ok());
  EXPECT_EQ(config.Rewrite(old_text), old_text);
  ASSERT_TRUE(config.Set(Parameter::maxclients, "300").ok());
  EXPECT_EQ(config.Rewrite(old_text),
            "# first\nport 7000\n\n# second\nmaxclients 300\ntimeout 0\n");
}

TEST(Config, RewriteAppendsWhatIsNotInTheFileAndCanBeReadAgain) {
  Config config;
  ASSERT_TRUE(config.Set(Parameter::requirepass, std::string("a \"b\\\n\xff", 7)).ok());
  ASSERT_TRUE(config.Set(Parameter::client_output_buffer_limit, "pubsub 1 2 3").ok());
  ASSERT_TRUE(config.Set(Parameter::config_file, "own.conf").ok());
  const std::string text = config.Rewrite("# mine\nport 6379\n");
  EXPECT_TRUE(absl::StartsWith(text, "# mine\nport 6379\n\n# Generated by CONFIG REWRITE\n"))
      << text;
  EXPECT_FALSE(absl::StrContains(text, "own.conf"));
  Config again;
  ASSERT_TRUE(again.Parse(text).ok()) << text;
  EXPECT_EQ(again.text(Parameter::requirepass), config.text(Parameter::requirepass));
  EXPECT_EQ(again.text(Parameter::client_output_buffer_limit),
            config.text(Parameter::client_output_buffer_limit));
  EXPECT_EQ(config.Rewrite(text), text);
}

}  // namespace
}  // namespace damselfly
