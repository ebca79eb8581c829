#include "server/commands/command_commands.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/commands/expire_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/key_walk_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

void Handle(CommandContext&) {}

constexpr KeySpec kCountedKeys[] = {{.flags = kKeyReadWrite | kKeyAccess,
                                     .index = 2,
                                     .find = KeySpec::Find::kKeyCount,
                                     .first_key = 1}};
constexpr KeySpec kVariable[] = {
    OneKey(kKeyReadWrite | kKeyAccess | kKeyUpdate | kKeyVariableFlags)};
constexpr KeySpec kChannel[] = {OneKey(kKeyNotKey)};
constexpr CommandSpec kMoreCommands[] = {
    {.name = "eval",
     .arity = -3,
     .flags = kNoMandatoryKeys,
     .keys = kCountedKeys,
     .handler = Handle},
    {.name = "zunion", .arity = -3, .keys = kCountedKeys, .handler = Handle},
    {.name = "set", .arity = -3, .flags = kWrite, .keys = kVariable, .handler = Handle},
    {.name = "bitfield", .arity = -2, .flags = kWrite, .keys = kVariable, .handler = Handle},
    {.name = "spublish", .arity = 3, .keys = kChannel, .handler = Handle},
    {.name = "getset",
     .arity = 3,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "s",
     .syntax = "key value",
     .handler = Handle,
     .deprecated_since = "6.2.0",
     .replaced_by = "x"},
};

class CommandCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{CommandCommands(), KeyCommands(),    ExpireCommands(), KeyMoveCommands(),
                      KeyWalkCommands(), ObjectCommands(), kMoreCommands};
};

TEST_F(CommandCommandsTest, CountLeavesSubcommandsOut) {
  EXPECT_EQ(Run({"COMMAND", "COUNT"}),
            absl::StrCat(":", bench_.commands().commands().size(), "\r\n"));
}

TEST_F(CommandCommandsTest, InfoInResp2) {
  EXPECT_EQ(Run({"COMMAND", "INFO", "GET|x", "Rename"}),
            "*2\r\n$-1\r\n*10\r\n$6\r\nrename\r\n:3\r\n*1\r\n+write\r\n:1\r\n:2\r\n:1\r\n"
            "*3\r\n+@keyspace\r\n+@write\r\n+@slow\r\n*0\r\n*2\r\n"
            "*6\r\n$5\r\nflags\r\n*3\r\n+RW\r\n+access\r\n+delete\r\n"
            "$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n*2\r\n$"
            "5\r\nindex\r\n:1\r\n"
            "$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n"
            "*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
            "*6\r\n$5\r\nflags\r\n*2\r\n+OW\r\n+update\r\n"
            "$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n*2\r\n$"
            "5\r\nindex\r\n:2\r\n"
            "$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n"
            "*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
            "*0\r\n");
}

TEST_F(CommandCommandsTest, InfoInResp3) {
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"COMMAND", "INFO", "nosuch", "eval"}),
            "*2\r\n_\r\n*10\r\n$4\r\neval\r\n:-3\r\n~2\r\n+no_mandatory_keys\r\n+movablekeys\r\n:"
            "0\r\n:0\r\n:0\r\n"
            "~1\r\n+@slow\r\n~0\r\n~1\r\n"
            "%3\r\n$5\r\nflags\r\n~2\r\n+RW\r\n+access\r\n"
            "$12\r\nbegin_search\r\n%2\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n%1\r\n$"
            "5\r\nindex\r\n:2\r\n"
            "$9\r\nfind_keys\r\n%2\r\n$4\r\ntype\r\n$6\r\nkeynum\r\n$4\r\nspec\r\n"
            "%3\r\n$9\r\nkeynumidx\r\n:0\r\n$8\r\nfirstkey\r\n:1\r\n$7\r\nkeystep\r\n:1\r\n"
            "~0\r\n");
}

TEST_F(CommandCommandsTest, SubcommandsAreNestedInTheirContainer) {
  bench_.set_protocol(3);
  EXPECT_TRUE(absl::StrContains(Run({"COMMAND", "INFO", "object"}),
                                "~0\r\n~0\r\n*5\r\n*10\r\n$15\r\nobject|encoding"));
  EXPECT_TRUE(absl::StartsWith(Run({"COMMAND", "INFO", "OBJECT|FREQ"}),
                               "*1\r\n*10\r\n$11\r\nobject|freq\r\n:3\r\n"));
}

TEST_F(CommandCommandsTest, WithoutNamesInfoIsTheWholeTable) {
  const std::string all = Run({"COMMAND"});
  EXPECT_EQ(Run({"COMMAND", "INFO"}), all);
  EXPECT_TRUE(absl::StartsWith(
      all, absl::StrCat("*", bench_.commands().commands().size(), "\r\n*10\r\n$8\r\nbitfield")));
}

TEST_F(CommandCommandsTest, DocsTellTheArguments) {
  bench_.set_protocol(3);
  EXPECT_EQ(
      Run({"COMMAND", "DOCS", "nosuch", "expireat"}),
      "%1\r\n$8\r\nexpireat\r\n%5\r\n$7\r\nsummary\r\n$43\r\nLets a key expire at a Unix time in "
      "seconds\r\n"
      "$5\r\nsince\r\n$5\r\n1.2.0\r\n$5\r\ngroup\r\n$7\r\ngeneric\r\n$10\r\ncomplexity\r\n$4\r\nO("
      "1)\r\n"
      "$9\r\narguments\r\n*3\r\n"
      "%3\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"
      "%2\r\n$4\r\nname\r\n$17\r\nunix-time-seconds\r\n$4\r\ntype\r\n$9\r\nunix-time\r\n"
      "%5\r\n$4\r\nname\r\n$9\r\ncondition\r\n$4\r\ntype\r\n$5\r\noneof\r\n$5\r\nsince\r\n$5\r\n7."
      "0.0\r\n"
      "$5\r\nflags\r\n~1\r\n+optional\r\n$9\r\narguments\r\n*4\r\n"
      "%3\r\n$4\r\nname\r\n$2\r\nnx\r\n$4\r\ntype\r\n$10\r\npure-token\r\n$5\r\ntoken\r\n$"
      "2\r\nNX\r\n"
      "%3\r\n$4\r\nname\r\n$2\r\nxx\r\n$4\r\ntype\r\n$10\r\npure-token\r\n$5\r\ntoken\r\n$"
      "2\r\nXX\r\n"
      "%3\r\n$4\r\nname\r\n$2\r\ngt\r\n$4\r\ntype\r\n$10\r\npure-token\r\n$5\r\ntoken\r\n$"
      "2\r\nGT\r\n"
      "%3\r\n$4\r\nname\r\n$2\r\nlt\r\n$4\r\ntype\r\n$10\r\npure-token\r\n$5\r\ntoken\r\n$"
      "2\r\nLT\r\n");
}

TEST_F(CommandCommandsTest, DocsOfADeprecatedCommandSaySo) {
  EXPECT_TRUE(absl::StrContains(
      Run({"COMMAND", "DOCS", "getset"}),
      "$9\r\ndoc_flags\r\n*1\r\n+deprecated\r\n$16\r\ndeprecated_since\r\n$5\r\n6.2.0\r\n"
      "$11\r\nreplaced_by\r\n$1\r\nx\r\n$9\r\narguments\r\n*2\r\n"));
}

TEST_F(CommandCommandsTest, DocsWithoutNamesAreOfAll) {
  EXPECT_TRUE(absl::StartsWith(
      Run({"COMMAND", "DOCS"}),
      absl::StrCat("*", 2 * bench_.commands().commands().size(), "\r\n$8\r\nbitfield\r\n")));
  EXPECT_EQ(Run({"COMMAND", "DOCS", "nosuch"}), "*0\r\n");
}

TEST_F(CommandCommandsTest, ListNamesSubcommandsToo) {
  EXPECT_TRUE(absl::StartsWith(Run({"COMMAND", "LIST"}),
                               absl::StrCat("*", bench_.commands().size(), "\r\n")));
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "PATTERN", "RENAME*"}),
            "*2\r\n$6\r\nrename\r\n$8\r\nrenamenx\r\n");
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "PATTERN", "object|f*"}),
            "*1\r\n$11\r\nobject|freq\r\n");
  EXPECT_EQ(Run({"COMMAND", "LIST", "filterby", "aclcat", "Dangerous"}), "*1\r\n$4\r\nkeys\r\n");
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch"}), "*0\r\n");
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "MODULE", "x"}), "*0\r\n");
}

TEST_F(CommandCommandsTest, ListRefusesOtherFilters) {
  const std::string error = "-ERR syntax error\r\n";
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY"}), error);
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "ACLCAT"}), error);
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "FOO", "x"}), error);
  EXPECT_EQ(Run({"COMMAND", "LIST", "FOO", "ACLCAT", "x"}), error);
  EXPECT_EQ(Run({"COMMAND", "LIST", "FILTERBY", "ACLCAT", "x", "y"}), error);
}

TEST_F(CommandCommandsTest, GetKeysFindsTheKeys) {
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "DEL", "a", "b"}), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "OBJECT", "ENCODING", "k"}), "*1\r\n$1\r\nk\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "EVAL", "x", "0"}), "*0\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "EVAL", "x", "many"}), "*0\r\n");
}

TEST_F(CommandCommandsTest, GetKeysTellsWhyThereAreNone) {
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "nosuch", "a"}), "-ERR Invalid command specified\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "OBJECT", "nosuch", "a"}),
            "-ERR Invalid command specified\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "KEYS", "a", "b"}),
            "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "SPUBLISH", "a", "b"}),
            "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "TTL", "a", "b"}),
            "-ERR Invalid number of arguments specified for command\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "ZUNION", "d", "9", "a"}),
            "-ERR Invalid arguments specified for command\r\n");
  EXPECT_EQ(Run({"COMMAND", "GETKEYS", "TTL"}),
            "-ERR wrong number of arguments for 'command|getkeys' command\r\n");
}

TEST_F(CommandCommandsTest, GetKeysAndFlagsTellsWhatHappensToTheKeys) {
  const std::string reads = "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n";
  const std::string overwrites = "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n";
  const std::string changes = "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n";
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "TTL", "a"}), reads);
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "get"}), overwrites);
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "b", "get"}), changes);
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a"}), reads);
  EXPECT_EQ(
      Run({"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a", "GET", "u8", "0", "OVERFLOW", "WRAP"}),
      reads);
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a", "GET", "u8"}), changes);
  EXPECT_EQ(Run({"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a", "SET", "u8", "0", "1"}), changes);
}

}  // namespace
}  // namespace damselfly
