#include "server/cluster/config_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/cluster/config_json.h"
#include "server/cluster/config_reader.h"

namespace damselfly {
namespace {

using config_json::Array;
using config_json::Migration;
using config_json::Node;
using config_json::Range;
using config_json::Shard;
using Texts = std::vector<std::string>;

std::string Judge(const Texts& shards) {
  const absl::StatusOr<ClusterConfig> config = ReadClusterConfig(Array(shards));
  EXPECT_TRUE(config.ok()) << config.status();
  if (!config.ok()) return "unreadable";
  const absl::Status status = CheckRules(*config);
  return status.ok() ? "ok" : std::string(status.message());
}

// Two shards; a owns 0-4999 and 5000-8191, has replica a1 and these migrations; b owns the rest.
std::string JudgeMigrations(const Texts& migrations) {
  return Judge({Shard({Range(0, 4999), Range(5000, 8191)}, Node("a"), {Node("a1")}, migrations),
                Shard({Range(8192, 16383)}, Node("b"))});
}

TEST(ConfigRules, OneShardMayOwnEverything) {
  EXPECT_EQ(Judge({Shard({Range(0, 16383)}, Node("a"))}), "ok");
}

TEST(ConfigRules, ShardsAndRangesComeInAnyOrder) {
  EXPECT_EQ(Judge({Shard({Range(9000, 16383), Range(5, 8)}, Node("b")),
                   Shard({Range(9, 8999), Range(0, 4)}, Node("a"))}),
            "ok");
}

TEST(ConfigRules, ShardsWithoutSlotsAreAllowed) {
  EXPECT_EQ(Judge({Shard({}, Node("a")), Shard({Range(0, 16383)}, Node("b"))}), "ok");
}

TEST(ConfigRules, EmptyIdsAndSharedAddressesAreAllowed) {
  EXPECT_EQ(Judge({Shard({Range(0, 16383)}, Node(""), {Node("x")})}), "ok");
}

TEST(ConfigRules, EverySlotMustBeOwned) {
  EXPECT_EQ(Judge({}), "shards: slot 0 is owned by no shard (and 16383 others)");
  EXPECT_EQ(Judge({Shard({Range(0, 8191)}, Node("a"))}),
            "shards: slot 8192 is owned by no shard (and 8191 others)");
  EXPECT_EQ(Judge({Shard({Range(0, 9), Range(11, 16382)}, Node("a"))}),
            "shards: slot 10 is owned by no shard (and 1 other)");
  EXPECT_EQ(Judge({Shard({Range(0, 16382)}, Node("a"))}),
            "shards: slot 16383 is owned by no shard");
}

TEST(ConfigRules, ASlotHasOneOwner) {
  EXPECT_EQ(Judge({Shard({Range(0, 8191)}, Node("a")), Shard({Range(8191, 16383)}, Node("b"))}),
            "shards[1].slot_ranges[0]: slot 8191 is already owned by shard 0");
  EXPECT_EQ(Judge({Shard({Range(0, 16383), Range(7, 7)}, Node("a"))}),
            "shards[0].slot_ranges[1]: slot 7 is already owned by shard 0");
}

TEST(ConfigRules, ARangeRunsUpwards) {
  EXPECT_EQ(Judge({Shard({Range(0, 16383)}, Node("a")), Shard({Range(9, 5)}, Node("b"))}),
            "shards[1].slot_ranges[0]: start 9 is greater than end 5");
}

TEST(ConfigRules, ARangeEndsAtTheLastSlot) {
  EXPECT_EQ(Judge({Shard({Range(0, 16384)}, Node("a"))}),
            "shards[0].slot_ranges[0]: slot 16384 is beyond the last slot, 16383");
  EXPECT_EQ(Judge({Shard({Range(65535, 65535)}, Node("a"))}),
            "shards[0].slot_ranges[0]: slot 65535 is beyond the last slot, 16383");
}

TEST(ConfigRules, AnIdStandsForOneNode) {
  const std::string all = Range(0, 16383);
  EXPECT_EQ(Judge({Shard({all}, Node("a")), Shard({}, Node("a"))}),
            "shards[1].master.id: \"a\" is already the id of shards[0].master");
  EXPECT_EQ(Judge({Shard({all}, Node("a"), {Node("r"), Node("r")})}),
            "shards[0].replicas[1].id: \"r\" is already the id of shards[0].replicas[0]");
  EXPECT_EQ(Judge({Shard({all}, Node("a"), {Node("a")})}),
            "shards[0].replicas[0].id: \"a\" is already the id of shards[0].master");
  EXPECT_EQ(Judge({Shard({all}, Node("a"), {Node("r")}), Shard({}, Node("r"))}),
            "shards[1].master.id: \"r\" is already the id of shards[0].replicas[0]");
  EXPECT_EQ(Judge({Shard({all}, Node("")), Shard({}, Node(""))}),
            "shards[1].master.id: \"\" is already the id of shards[0].master");
}

TEST(ConfigRules, LongIdsAreCutInReasons) {
  const std::string node = Node(std::string(1000, 'n'));
  EXPECT_EQ(Judge({Shard({}, node), Shard({}, node)}),
            absl::StrCat("shards[1].master.id: \"", std::string(40, 'n'),
                         "...\" is already the id of shards[0].master"));
}

TEST(ConfigRules, MigrationsToMastersOfOtherShardsAreAllowed) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(0, 4999)})}), "ok");
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(5000, 5000), Range(7, 9), Range(0, 6)})}), "ok");
}

TEST(ConfigRules, SeveralShardsMayMigrateToOne) {
  EXPECT_EQ(Judge({Shard({Range(0, 99)}, Node("a"), {}, {Migration("c", {Range(0, 9)})}),
                   Shard({Range(100, 16383)}, Node("b"), {},
                         {Migration("c", {Range(100, 109)}), Migration("a", {Range(200, 209)})}),
                   Shard({}, Node("c"))}),
            "ok");
}

TEST(ConfigRules, AMigrationLeavesItsShard) {
  EXPECT_EQ(JudgeMigrations({Migration("a", {Range(0, 9)})}),
            "shards[0].migrations[0].node_id: \"a\" is the shard's own master");
}

TEST(ConfigRules, AMigrationGoesToAMaster) {
  EXPECT_EQ(JudgeMigrations({Migration("nobody", {Range(0, 9)})}),
            "shards[0].migrations[0].node_id: \"nobody\" is the master of no shard");
  EXPECT_EQ(JudgeMigrations({Migration("a1", {Range(0, 9)})}),
            "shards[0].migrations[0].node_id: \"a1\" is the master of no shard");
}

TEST(ConfigRules, AShardHasOneMigrationForATarget) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(0, 9)}), Migration("b", {Range(10, 19)})}),
            "shards[0].migrations[1].node_id: \"b\" is already the target of migration 0");
}

TEST(ConfigRules, AMigrationHasRanges) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {})}), "shards[0].migrations[0].slot_ranges: is empty");
}

TEST(ConfigRules, AMigrationRangeIsWellFormed) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(9, 5)})}),
            "shards[0].migrations[0].slot_ranges[0]: start 9 is greater than end 5");
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(0, 9), Range(10, 20000)})}),
            "shards[0].migrations[0].slot_ranges[1]: slot 16384 is beyond the last slot, 16383");
}

TEST(ConfigRules, AMigrationRangeLiesInsideOneRangeOfTheShard) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(8192, 8192)})}),
            "shards[0].migrations[0].slot_ranges[0]: slots 8192 to 8192 do not lie inside one slot "
            "range of the shard");
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(8000, 8192)})}),
            "shards[0].migrations[0].slot_ranges[0]: slots 8000 to 8192 do not lie inside one slot "
            "range of the shard");
}

TEST(ConfigRules, TwoAdjacentRangesDoNotCombineForAMigration) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(4999, 5000)})}),
            "shards[0].migrations[0].slot_ranges[0]: slots 4999 to 5000 do not lie inside one slot "
            "range of the shard");
}

TEST(ConfigRules, ASlotIsInOneMigration) {
  EXPECT_EQ(JudgeMigrations({Migration("b", {Range(0, 9), Range(9, 12)})}),
            "shards[0].migrations[0].slot_ranges[1]: slot 9 is already in migration 0");
  EXPECT_EQ(Judge({Shard({Range(0, 16383)}, Node("a"), {},
                         {Migration("b", {Range(0, 9)}), Migration("c", {Range(5, 6)})}),
                   Shard({}, Node("b")), Shard({}, Node("c"))}),
            "shards[0].migrations[1].slot_ranges[0]: slot 5 is already in migration 0");
}

TEST(ConfigRules, MigrationsAreNotSupported) {
  const auto supported = [](const Texts& shards) {
    return CheckSupported(*ReadClusterConfig(Array(shards)));
  };
  const std::string plain = Shard({Range(0, 16383)}, Node("a"));
  EXPECT_TRUE(supported({plain}).ok());
  EXPECT_EQ(supported({plain, Shard({}, Node("b"), {}, {Migration("a", {})})}).message(),
            "shards[1].migrations: slot migration is not supported yet");
}

}  // namespace
}  // namespace damselfly
