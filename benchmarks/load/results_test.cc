#include "benchmarks/load/results.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace damselfly::load {
namespace {

Results Example() {
  Results results(2);
  results.mode = "open";
  results.settings = {{"port", "6379"}, {"host", "\"h\""}};
  results.commands = {"SET __key__ __data__", "GET __key__"};
  results.duration_s = 2;
  Statistics& statistics = results.statistics;
  statistics.commands[0].operations = 100;
  statistics.commands[0].latency.Record(1000, 100);
  statistics.commands[1].operations = 300;
  statistics.commands[1].latency.Record(9000, 300);
  statistics.CountError(1, "ERR \xff broken");
  statistics.moved = 3;
  statistics.cpu_share_max = 0.5;
  results.server_before.emplace();
  results.server_after.emplace();
  results.server_after->cpu_ns = 400000;
  results.server_operations = 500;
  return results;
}

TEST(ResultsTest, JsonHasTheAgreedFields) {
  const nlohmann::json json = nlohmann::json::parse(ToJson(Example()));
  EXPECT_EQ(json["damselfly_load"], 1);
  EXPECT_EQ(json["mode"], "open");
  EXPECT_EQ(json["settings"]["port"], 6379);
  EXPECT_EQ(json["settings"]["host"], "h");
  EXPECT_EQ(json["duration_s"], 2);
  EXPECT_EQ(json["operations"], 400);
  EXPECT_EQ(json["operations_per_s"], 200);
  for (const char* name : {"min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}) {
    EXPECT_TRUE(json["latency_us"].contains(name)) << name;
    EXPECT_TRUE(json["commands"][1]["latency_us"].contains(name)) << name;
  }
  EXPECT_NEAR(json["latency_us"]["p50"].get<double>(), 9, 0.1);
  EXPECT_NEAR(json["commands"][0]["latency_us"]["max"].get<double>(), 1, 0.1);
  EXPECT_EQ(json["commands"][0]["command"], "SET __key__ __data__");
  EXPECT_EQ(json["commands"][1]["errors"], 1);
  EXPECT_EQ(json["errors"]["total"], 1);
  EXPECT_EQ(json["errors"]["by_kind"]["ERR"], 1);
  EXPECT_EQ(json["redirections"]["moved"], 3);
  EXPECT_EQ(json["server"]["cpu_ns_per_operation"], 800);
  EXPECT_TRUE(json["lateness_us"].contains("p99"));
  EXPECT_EQ(json["missed_sends"], 0);
}

TEST(ResultsTest, WithoutAServersFiguresJsonSaysNull) {
  Results results = Example();
  results.server_before.reset();
  EXPECT_TRUE(nlohmann::json::parse(ToJson(results))["server"].is_null());
}

TEST(ResultsTest, LatenciesOfWhatWasNotDisturbedAreGivenApart) {
  Results results = Example();
  EXPECT_TRUE(nlohmann::json::parse(ToJson(results))["disturbed"].is_null());
  EXPECT_TRUE(nlohmann::json::parse(ToJson(results))["undisturbed"].is_null());
  results.statistics.replies = {{0, 3000000, 5}, {6000000, 9000000, 1}, {9500000, 9600000, 2}};
  results.mode = "closed";
  results.TakeDisturbances(
      Disturbances({{500000, 2500000}, {9700000, 9800000}, {6200000, 8700000, 12}}));
  const nlohmann::json json = nlohmann::json::parse(ToJson(results));
  EXPECT_EQ(json["disturbed"]["moments"], 3);
  EXPECT_EQ(json["disturbed"]["total_us"], 4600);
  EXPECT_EQ(json["disturbed"]["longest_stop_us"], 2000);
  EXPECT_EQ(json["disturbed"]["greatest_slowness"], 12);
  EXPECT_EQ(json["undisturbed"]["operations"], 2);
  EXPECT_NEAR(json["undisturbed"]["latency_us"]["max"].get<double>(), 100, 1);
  EXPECT_NE(ToTable(results).find("its clock up to 12.0 times slower"), std::string::npos);
}

TEST(ResultsTest, InAnOpenLoopADisturbanceIsFeltUntilWhatWaitedIsServed) {
  Results results = Example();
  results.statistics.replies = {{4400000, 4450000, 1}, {4600000, 4700000, 1}};
  results.TakeDisturbances(Disturbances({{500000, 2500000}}));
  const nlohmann::json json = nlohmann::json::parse(ToJson(results));
  EXPECT_EQ(json["disturbed"]["total_us"], 2000);
  EXPECT_EQ(json["undisturbed"]["operations"], 1);
}

TEST(ResultsTest, TheTableNamesCommandsErrorsAndTheServer) {
  const std::string table = ToTable(Example());
  for (const char* part : {"400 operations in 2.000 s: 200 a second", "SET __key__ __data__",
                           "ERR 1", "MOVED 3", "800 ns an operation", "all"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " in\n" << table;
  }
}

TEST(ResultsTest, ABusyDriverIsWarnedOf) {
  Results results = Example();
  EXPECT_TRUE(Warnings(results).empty());
  results.statistics.cpu_share_max = 0.95;
  EXPECT_EQ(Warnings(results).size(), 1u);
}

TEST(ResultsTest, LateSendsAreWarnedOf) {
  Results results = Example();
  results.statistics.missed_sends = 4;
  EXPECT_TRUE(Warnings(results).empty());
  results.statistics.missed_sends = 5;
  EXPECT_EQ(Warnings(results).size(), 1u);
}

}  // namespace
}  // namespace damselfly::load
