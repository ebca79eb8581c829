#include "sim/replication/scenario.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::string ErrorOf(absl::string_view text) {
  return std::string(ParseReplicationScenario(text, "x.textproto").status().message());
}

TEST(ReplicationScenario, WhatIsLeftOutHasDefaults) {
  const auto scenario = ParseReplicationScenario("nodes { min: 3 }\n", "x.textproto");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->nodes().max(), 3);
  EXPECT_EQ(scenario->masters().max(), 1);
  EXPECT_EQ(scenario->operation().takeovers().max(), 0);
  EXPECT_GT(scenario->mix().get(), 0u);
}

TEST(ReplicationScenario, AFileSaysWhichMessageItIs) {
  EXPECT_TRUE(IsReplicationScenario("# proto-file: x\n# proto-message: ReplicationScenario\n"));
  EXPECT_FALSE(IsReplicationScenario("# proto-message: ClusterScenario\n"));
}

TEST(ReplicationScenario, ValuesOutOfBoundsAreNamedWithTheirPath) {
  EXPECT_EQ(ErrorOf("nodes { min: 2 } masters { max: 2 }"),
            "x.textproto: masters: there must be a replica");
  EXPECT_EQ(ErrorOf("operation { slot_moves { max: 1001 } } cluster: true"),
            "x.textproto: operation.slot_moves: 1001..1001 is not within 0..1000");
  EXPECT_EQ(ErrorOf("operation { slot_moves { max: 2 } }"),
            "x.textproto: operation.slot_moves: only in a cluster");
  EXPECT_EQ(ErrorOf("step_fault_percent: 101"),
            "x.textproto: step_fault_percent: 101 percent is more than 100");
  EXPECT_EQ(ErrorOf("operation { takeovers { max: 2000 } }"),
            "x.textproto: operation.takeovers: 2000..2000 is not within 0..1000");
}

TEST(ReplicationScenario, AClusterMayHaveSeveralShards) {
  const auto scenario = ParseReplicationScenario(
      "nodes { min: 9 } masters { min: 3 } cluster: true operation { slot_moves { max: 4 } }",
      "x.textproto");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->masters().min(), 3);
  EXPECT_EQ(scenario->operation().slot_moves().max(), 4);
}

TEST(ReplicationScenario, AMisspeltFieldIsNamedWithItsLine) {
  EXPECT_EQ(ErrorOf("\nrepoint: 3").substr(0, 14), "x.textproto:2:");
}

}  // namespace
}  // namespace damselfly::sim
