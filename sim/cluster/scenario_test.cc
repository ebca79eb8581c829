#include "sim/cluster/scenario.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::string ErrorOf(absl::string_view text) {
  return std::string(ParseClusterScenario(text, "x.textproto").status().message());
}

TEST(Scenario, WhatIsLeftOutHasDefaults) {
  const auto scenario = ParseClusterScenario("nodes { min: 3 }\n", "x.textproto");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->nodes().min(), 3);
  EXPECT_EQ(scenario->nodes().max(), 3);
  EXPECT_GE(scenario->clients().min(), 1);
  EXPECT_EQ(scenario->faults().mode(), scenario::Faults::NONE);
  EXPECT_GT(scenario->mix().get(), 0u);
}

TEST(Scenario, AMisspeltFieldIsNamedWithItsLine) {
  EXPECT_EQ(ErrorOf("nodes { min: 3 }\nclents { min: 1 }\n").substr(0, 16), "x.textproto:2:8:");
}

TEST(Scenario, ValuesOutOfBoundsAreNamedWithTheirPath) {
  EXPECT_EQ(ErrorOf("nodes { min: 0 max: 3 }"), "x.textproto: nodes: 0..3 is not within 1..1000");
  EXPECT_EQ(ErrorOf("clients { min: 4 max: 3 }"),
            "x.textproto: clients: min 4 is greater than max 3");
  EXPECT_EQ(ErrorOf("control_plane { skip_percent: 101 }"),
            "x.textproto: control_plane.skip_percent: 101 percent is more than 100");
}

TEST(Scenario, FaultsAreListedByName) {
  EXPECT_TRUE(
      ParseClusterScenario("faults { mode: LISTED listed { name: \"crash\" } }", "x.textproto")
          .ok());
  EXPECT_EQ(ErrorOf("faults { mode: LISTED listed { name: \"flood\" } }"),
            "x.textproto: faults.listed[0].name: there is no fault \"flood\"");
  EXPECT_EQ(ErrorOf("faults { listed { name: \"crash\" } }"),
            "x.textproto: faults.listed: only for mode LISTED");
}

TEST(Scenario, AMixOfNothingIsRefused) {
  EXPECT_EQ(ErrorOf("mix { get: 0 set: 0 del: 0 pair_write: 0 pair_read: 0 transaction: 0 watch: 0 "
                    "cross_slot: 0 introspect: 0 }"),
            "x.textproto: mix: all weights are zero");
}

TEST(Scenario, AnExpectationExpectsSomething) {
  const auto scenario =
      ParseClusterScenario("expect { counter: \"pushes applied\" }", "x.textproto");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->expect(0).min(), 1u);
  EXPECT_EQ(ErrorOf("expect { min: 3 }"), "x.textproto: expect[0]: no counter is named");
  EXPECT_EQ(ErrorOf("expect { counter: \"pushes applied\" min: 0 }"),
            "x.textproto: expect[0]: min 0 expects nothing");
}

TEST(Scenario, EveryFaultHasItsName) {
  for (size_t i = 0; i < kFaultCount; ++i) {
    Fault fault = Fault::kCrash;
    EXPECT_TRUE(ParseFault(FaultName(static_cast<Fault>(i)), &fault));
    EXPECT_EQ(fault, static_cast<Fault>(i));
  }
}

}  // namespace
}  // namespace damselfly::sim
