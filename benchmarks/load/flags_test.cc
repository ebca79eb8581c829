#include "benchmarks/load/flags.h"

#include <map>

#include "absl/flags/reflection.h"
#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

class FlagsTest : public testing::Test {
 protected:
  std::string Error(const std::vector<std::string>& words) {
    const absl::FlagSaver as_before;
    absl::StatusOr<Options> options = ParseFlags(words);
    return options.ok() ? "" : std::string(options.status().message());
  }
  absl::FlagSaver saver_;
};

TEST_F(FlagsTest, EveryWayToWriteAFlagIsUnderstood) {
  absl::StatusOr<Options> options =
      ParseFlags({"--port=7000", "--pipeline", "16", "--fill", "--noverify", "--rate=2.5e4"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->port, 7000);
  EXPECT_EQ(options->pipeline, 16);
  EXPECT_TRUE(options->fill);
  EXPECT_FALSE(options->verify);
  EXPECT_EQ(options->rate, 25000);
}

TEST_F(FlagsTest, ReadsAndWritesBecomeCommands) {
  absl::StatusOr<Options> options = ParseFlags({"--writes=1", "--reads=9"});
  ASSERT_TRUE(options.ok());
  ASSERT_EQ(options->commands.size(), 2u);
  EXPECT_EQ(options->commands[1].weight, 9);
  EXPECT_EQ(options->commands[1].text, "GET __key__");
}

TEST_F(FlagsTest, CommandsAddUp) {
  absl::StatusOr<Options> options =
      ParseFlags({"--command=2:INCR __key__", "--command", "LPUSH l __data__"});
  ASSERT_TRUE(options.ok());
  ASSERT_EQ(options->commands.size(), 2u);
  EXPECT_EQ(options->commands[0].weight, 2);
  EXPECT_EQ(options->commands[1].text, "LPUSH l __data__");
}

TEST_F(FlagsTest, RequestsAloneHaveNoTimeLimit) {
  EXPECT_EQ(ParseFlags({"--requests=5"})->duration_ns, 0);
  EXPECT_EQ(ParseFlags({"--requests=5", "--duration=3s"})->duration_ns, 3000000000);
}

TEST_F(FlagsTest, TenSecondsAreTheDefault) { EXPECT_EQ(ParseFlags({})->duration_ns, 10000000000); }

TEST_F(FlagsTest, ErrorsNameTheWordAtFault) {
  EXPECT_EQ(Error({"--bogus=1"}), "there is no flag --bogus; --help lists them");
  // A flag of a library is not one of ours.
  EXPECT_EQ(Error({"--undefok=x"}), "there is no flag --undefok; --help lists them");
  EXPECT_EQ(Error({"50"}), "'50' is no flag: flags are given as --name=value");
  EXPECT_EQ(Error({"--port"}), "--port needs a value");
  EXPECT_NE(Error({"--port=x"}).find("--port=x"), std::string::npos);
  EXPECT_NE(Error({"--duration=x"}).find("--duration: 'x'"), std::string::npos);
  EXPECT_NE(Error({"--key_distribution=x"}).find("--key_distribution: 'x'"), std::string::npos);
  EXPECT_NE(Error({"--writes=0", "--reads=0"}), "");
  EXPECT_NE(Error({"--writes=1", "--command=PING"}), "");
}

TEST_F(FlagsTest, SettingsNameEveryFlagAndHideThePassword) {
  absl::StatusOr<Options> options =
      ParseFlags({"--password=secret", "--pipeline=7", "--command=3:PING", "--fill"});
  ASSERT_TRUE(options.ok());
  std::map<std::string, std::string> settings;
  for (const auto& [name, value] : FlagSettings(*options)) settings[name] = value;
  EXPECT_EQ(settings["password"], "\"(given)\"");
  EXPECT_EQ(settings["pipeline"], "7");
  EXPECT_EQ(settings["command"], "[\"3:PING\"]");
  EXPECT_EQ(settings["fill"], "true");
  EXPECT_EQ(settings["host"], "\"127.0.0.1\"");
  EXPECT_NE(FlagsHelp().find("--key_distribution=uniform"), std::string::npos);
}

}  // namespace
}  // namespace damselfly::load
