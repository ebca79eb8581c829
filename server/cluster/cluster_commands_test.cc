#include "server/cluster/cluster_commands.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/cluster/cluster_harness.h"
#include "server/commands/command_syntax.h"

namespace damselfly {
namespace {

constexpr char kAllMine[] =
    R"([{"slot_ranges":[{"start":0,"end":16383}],"master":{"id":"me","ip":"h","port":1},"replicas":[]}])";

class ClusterCommandsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(node_.Push(kAllMine), "+OK|"); }
  std::string Call(absl::string_view lines) { return node_.Call(lines); }
  ClusterHarness node_;
};

TEST(ClusterCommands, SyntaxOfEveryCommandCanBeRead) {
  for (const CommandSpec& spec : ClusterCommands()) {
    EXPECT_TRUE(ParseSyntax(spec.syntax, 0).ok()) << spec.name;
    for (const CommandSpec& subcommand : spec.subcommands)
      EXPECT_TRUE(ParseSyntax(subcommand.syntax, 0).ok()) << spec.name << " " << subcommand.name;
  }
}

TEST_F(ClusterCommandsTest, SubcommandsThatThereAreNotAndWrongNumbersOfArguments) {
  EXPECT_EQ(Call("CLUSTER"), "-ERR wrong number of arguments for 'cluster' command|");
  EXPECT_EQ(
      Call("CLUSTER nonsense"),
      "-ERR Unknown subcommand or wrong number of arguments for 'NONSENSE'. Try CLUSTER HELP.|");
  EXPECT_EQ(Call("CLUSTER nonsense 1"),
            "-ERR wrong number of arguments for 'cluster nonsense' command|");
  EXPECT_EQ(Call("CLUSTER SLOTS 1"), "-ERR wrong number of arguments for 'cluster slots' command|");
  EXPECT_EQ(Call("CLUSTER KEYSLOT"),
            "-ERR wrong number of arguments for 'cluster keyslot' command|");
  EXPECT_EQ(Call("CLUSTER KEYSLOT a b"),
            "-ERR wrong number of arguments for 'cluster keyslot' command|");
  EXPECT_EQ(Call("DFLYCLUSTER nonsense"),
            "-ERR Unknown subcommand or wrong number of arguments for 'NONSENSE'. Try DFLYCLUSTER "
            "HELP.|");
  EXPECT_EQ(Call("DFLYCLUSTER START-SLOT-MIGRATION 1 2"),
            "-ERR Unknown subcommand or wrong number of arguments for 'START-SLOT-MIGRATION'. Try "
            "DFLYCLUSTER HELP.|");
  EXPECT_EQ(Call("DFLYCLUSTER CONFIG"),
            "-ERR wrong number of arguments for 'dflycluster config' command|");
  EXPECT_EQ(Call("DFLYCLUSTER CONFIG a b"),
            "-ERR wrong number of arguments for 'dflycluster config' command|");
}

TEST_F(ClusterCommandsTest, KeySlotFollowsTheHashTag) {
  EXPECT_EQ(Call("CLUSTER KEYSLOT somekey"), ":11058|");
  EXPECT_EQ(Call("cluster keyslot {user1000}.following"), Call("CLUSTER KEYSLOT user1000"));
}

TEST_F(ClusterCommandsTest, KeysInASlotAreCountedAndNamed) {
  Call("MSET {Y}1 a {Y}2 b {Y}3 c");
  EXPECT_EQ(Call("CLUSTER COUNTKEYSINSLOT 3036"), ":3|");
  EXPECT_TRUE(absl::StartsWith(Call("CLUSTER GETKEYSINSLOT 3036 2"), "*2|$4|{Y}"));
  EXPECT_TRUE(absl::StartsWith(Call("CLUSTER GETKEYSINSLOT 3036 100"), "*3|"));
  EXPECT_EQ(Call("CLUSTER GETKEYSINSLOT 3036 0"), "*0|");
  EXPECT_EQ(Call("MULTI|GET {Y}1|CLUSTER GETKEYSINSLOT 3037 9|EXEC"),
            "+OK|+QUEUED|+QUEUED|*2|$1|a|*0|");
  EXPECT_EQ(Call("CLUSTER COUNTKEYSINSLOT 16384"), "-ERR Invalid slot|");
  EXPECT_EQ(Call("CLUSTER COUNTKEYSINSLOT x"), "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("CLUSTER GETKEYSINSLOT 1 -1"), "-ERR Invalid slot or number of keys|");
  EXPECT_EQ(Call("CLUSTER GETKEYSINSLOT -1 1"), "-ERR Invalid slot or number of keys|");
}

TEST_F(ClusterCommandsTest, CommandsThatWouldChangeTheTopologyNameTheWayToDoIt) {
  for (const char* command :
       {"MEET 127.0.0.1 7000", "ADDSLOTS 1", "ADDSLOTSRANGE 1 2", "DELSLOTS 1", "DELSLOTSRANGE 1 2",
        "SETSLOT 1 STABLE", "FAILOVER", "RESET", "FORGET x", "REPLICATE x", "BUMPEPOCH",
        "SAVECONFIG", "SET-CONFIG-EPOCH 1", "FLUSHSLOTS"}) {
    const std::string reply = Call(absl::StrCat("CLUSTER ", command));
    EXPECT_TRUE(absl::StartsWith(reply, "-ERR CLUSTER ")) << reply;
    EXPECT_TRUE(absl::StrContains(reply, "DFLYCLUSTER CONFIG")) << reply;
  }
}

TEST_F(ClusterCommandsTest, ReadOnlyReadWriteAndAskingAreTaken) {
  EXPECT_EQ(Call("READONLY|READWRITE|ASKING"), "+OK|+OK|+OK|");
}

TEST_F(ClusterCommandsTest, HelpNamesEverySubcommand) {
  const std::string help = Call("CLUSTER HELP");
  for (const char* name :
       {"SLOTS", "SHARDS", "NODES", "INFO", "KEYSLOT", "MYID", "COUNTKEYSINSLOT"})
    EXPECT_TRUE(absl::StrContains(help, absl::StrCat("+", name))) << name;
  EXPECT_TRUE(absl::StrContains(Call("DFLYCLUSTER HELP"), "+GETSLOTINFO SLOTS"));
}

TEST_F(ClusterCommandsTest, SlotInfoTellsKeysAccessesAndMemory) {
  Call("SET Y value|GET Y|GET Y");
  const int64_t bytes = node_.store().FiguresOf(3036).entry_bytes;
  EXPECT_GT(bytes, 6);
  const std::string info = absl::StrCat(
      "*9|:3036|$9|key_count|:1|$11|total_reads|:2|$12|total_writes|:1|$12|memory_bytes|:", bytes,
      "|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 3036"), absl::StrCat("*1|", info));
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO slots 3036 3036-3036"), absl::StrCat("*2|", info, info));
  EXPECT_TRUE(absl::StartsWith(Call("DFLYCLUSTER GETSLOTINFO SLOTS 3037-3035"), "*3|*9|:3035|"));
}

TEST_F(ClusterCommandsTest, SlotInfoTellsOfNoMoreSlotsThanThereAre) {
  EXPECT_TRUE(absl::StartsWith(Call("DFLYCLUSTER GETSLOTINFO SLOTS 0-16383"), "*16384|*9|:0|"));
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 0-16383 5"),
            "-ERR too many slots: at most 16384 at a time|");
}

TEST_F(ClusterCommandsTest, SlotInfoRefusesWhatIsNoSlot) {
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO 1 2"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 16384"), "-ERR Invalid slot id|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 1-16384"), "-ERR Invalid slot id|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS 1-x"), "-ERR Invalid slot range format|");
  EXPECT_EQ(Call("DFLYCLUSTER GETSLOTINFO SLOTS x"),
            "-ERR value is not an integer or out of range|");
}

TEST_F(ClusterCommandsTest, FlushedSlotsLoseTheirKeysAndKeepTheirOwner) {
  Call("SET Y 1|SET X 1|WATCH Y|MULTI|PING");
  EXPECT_EQ(node_.node().Connect()->Call("DFLYCLUSTER FLUSHSLOTS 0 3000 3036 3036"), "+OK|");
  EXPECT_EQ(Call("EXEC"), "*-1|");
  EXPECT_EQ(Call("GET Y"), "$-1|");
  EXPECT_EQ(Call("GET X"), "$1|1|");
  EXPECT_EQ(Call("SET Y 2"), "+OK|");
}

TEST_F(ClusterCommandsTest, FlushedSlotsLoseTheirShardChannels) {
  SessionHarness::Client* const subscriber = node_.node().Connect();
  subscriber->Call("SSUBSCRIBE Y");
  Call("DFLYCLUSTER FLUSHSLOTS 3036 3036");
  EXPECT_EQ(subscriber->Take(), "*3|$12|sunsubscribe|$1|Y|:0|");
}

TEST_F(ClusterCommandsTest, FlushSlotsRefusesWhatAreNoRanges) {
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 1"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 1 2 3"), "-ERR syntax error|");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 2 1"), "-ERR Invalid slot range|");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS 1 16384"),
            "-ERR value is not an integer or out of range|");
  EXPECT_EQ(Call("DFLYCLUSTER FLUSHSLOTS x 1"), "-ERR value is not an integer or out of range|");
}

TEST_F(ClusterCommandsTest, NoSlotIsOnTheMove) {
  EXPECT_EQ(Call("DFLYCLUSTER SLOT-MIGRATION-STATUS"), "*0|");
  EXPECT_EQ(Call("DFLYCLUSTER SLOT-MIGRATION-STATUS other"), "*0|");
}

TEST_F(ClusterCommandsTest, WithAnAdminPortTheControlPlaneHasToUseIt) {
  node_.node().server().bound_admin_port = 7000;
  const std::string refused = "-ERR DflyCluster command allowed only under admin port|";
  for (const char* command : {"DFLYCLUSTER CONFIG []", "DFLYCLUSTER GETSLOTINFO SLOTS 1",
                              "DFLYCLUSTER FLUSHSLOTS 1 1", "DFLYCLUSTER SLOT-MIGRATION-STATUS"}) {
    EXPECT_EQ(Call(command), refused) << command;
  }
  EXPECT_EQ(Call("DFLYCLUSTER MYID"), "+me|");
  SessionHarness::Client* const admin = node_.node().Connect(0, "127.0.0.1", ClientPort::kAdmin);
  EXPECT_EQ(admin->Call("DFLYCLUSTER SLOT-MIGRATION-STATUS"), "*0|");
  node_.node().Set(Parameter::admin_commands_on_any_port, "yes");
  EXPECT_EQ(Call("DFLYCLUSTER SLOT-MIGRATION-STATUS"), "*0|");
}

TEST_F(ClusterCommandsTest, TheControlPlanesCommandsAreNotForTransactions) {
  EXPECT_EQ(Call("MULTI|DFLYCLUSTER FLUSHSLOTS 1 1|DISCARD"),
            "+OK|-ERR Command not allowed inside a transaction|+OK|");
}

}  // namespace
}  // namespace damselfly
