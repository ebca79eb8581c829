#include "server/cluster/config_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/cluster/config_json.h"

namespace damselfly {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::string_view kTwoShards = R"([
  {"slot_ranges": [{"start": 0, "end": 99}, {"start": 200, "end": 16383}],
   "master": {"id": "a", "ip": "10.0.0.1", "port": 7000},
   "replicas": [{"id": "a1", "ip": "host.example", "port": 7001, "health": "loading"}],
   "migrations": [{"node_id": "b", "ip": "10.0.0.2", "port": 7002,
                   "slot_ranges": [{"start": 0, "end": 9}]}]},
  {"slot_ranges": [{"start": 100, "end": 199}],
   "master": {"id": "b", "ip": "10.0.0.2", "port": 7002},
   "replicas": []}])";

std::string Judge(absl::string_view json) {
  const absl::StatusOr<ClusterConfig> config = ReadClusterConfig(json);
  return config.ok() ? "ok" : std::string(config.status().message());
}

// What becomes of kTwoShards when `from`, its first occurrence there, is replaced.
std::string JudgeWith(absl::string_view from, absl::string_view to) {
  std::string json(kTwoShards);
  const size_t at = json.find(std::string(from));
  EXPECT_NE(at, std::string::npos) << from;
  return Judge(json.replace(at, from.size(), std::string(to)));
}

std::string JudgeNumber(absl::string_view number) {
  return JudgeWith("\"end\": 99", absl::StrCat("\"end\": ", number));
}

Health HealthOf(absl::string_view json) {
  const absl::StatusOr<ClusterConfig> config = ReadClusterConfig(config_json::Array(
      {config_json::Shard({}, absl::StrCat("{\"id\":\"\",\"ip\":\"\",\"port\":0", json, "}"))}));
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? config->shards(0).master().health() : ONLINE;
}

TEST(ConfigReader, ReadsEveryMemberInTheOrderOfTheText) {
  const absl::StatusOr<ClusterConfig> config = ReadClusterConfig(kTwoShards);
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->shards_size(), 2);
  const Shard& shard = config->shards(0);
  ASSERT_EQ(shard.slot_ranges_size(), 2);
  EXPECT_EQ(shard.slot_ranges(1).start(), 200u);
  EXPECT_EQ(shard.slot_ranges(1).end(), 16383u);
  EXPECT_EQ(shard.master().id(), "a");
  EXPECT_EQ(shard.master().ip(), "10.0.0.1");
  EXPECT_EQ(shard.master().port(), 7000u);
  EXPECT_EQ(shard.master().health(), ONLINE);
  ASSERT_EQ(shard.replicas_size(), 1);
  EXPECT_EQ(shard.replicas(0).ip(), "host.example");
  EXPECT_EQ(shard.replicas(0).health(), LOADING);
  ASSERT_EQ(shard.migrations_size(), 1);
  EXPECT_EQ(shard.migrations(0).node_id(), "b");
  EXPECT_EQ(shard.migrations(0).ip(), "10.0.0.2");
  EXPECT_EQ(shard.migrations(0).port(), 7002u);
  EXPECT_EQ(shard.migrations(0).slot_ranges(0).end(), 9u);
  EXPECT_EQ(config->shards(1).master().id(), "b");
  EXPECT_EQ(config->shards(1).migrations_size(), 0);
}

TEST(ConfigReader, RefusesWhatIsNoJson) { EXPECT_THAT(Judge("[{]"), StartsWith("json: offset 2")); }

TEST(ConfigReader, TopLevelMustBeAnArray) {
  EXPECT_EQ(Judge("{}"), "shards: must be an array, not an object");
  EXPECT_EQ(Judge("null"), "shards: must be an array, not null");
  EXPECT_EQ(Judge("7"), "shards: must be an array, not a number");
}

TEST(ConfigReader, ShardMustBeAnObject) {
  EXPECT_EQ(Judge("[[]]"), "shards[0]: must be an object, not an array");
  EXPECT_EQ(Judge("[true]"), "shards[0]: must be an object, not a boolean");
}

TEST(ConfigReader, SlotRangesMustBeAnArrayOfObjects) {
  EXPECT_EQ(JudgeWith("slot_ranges", "slot_range"), "shards[0].slot_ranges: is missing");
  EXPECT_EQ(JudgeWith(R"([{"start": 100, "end": 199}])", "{}"),
            "shards[1].slot_ranges: must be an array, not an object");
  EXPECT_EQ(JudgeWith(R"({"start": 100, "end": 199})", "null"),
            "shards[1].slot_ranges[0]: must be an object, not null");
}

TEST(ConfigReader, StartAndEndAreRequired) {
  EXPECT_EQ(JudgeWith("start", "Start"), "shards[0].slot_ranges[0].start: is missing");
  EXPECT_EQ(JudgeWith(", \"end\": 16383", ""), "shards[0].slot_ranges[1].end: is missing");
}

TEST(ConfigReader, NumbersMustBeIntegersThatFit) {
  for (const absl::string_view number : {"0", "65535"}) {
    EXPECT_EQ(JudgeNumber(number), "ok") << number;
  }
  for (const absl::string_view number :
       {"65536", "4294967296", "18446744073709551615", "18446744073709551616", "1e300", "-1", "-0",
        "1.5", "5.0", "1e2", "\"5\"", "null", "true", "[5]", "{}"}) {
    EXPECT_EQ(JudgeNumber(number),
              "shards[0].slot_ranges[0].end: must be an integer from 0 to 65535")
        << number;
  }
  EXPECT_THAT(JudgeNumber("1E383"), HasSubstr("the number is too large"));
}

TEST(ConfigReader, MasterMustBeAnObject) {
  EXPECT_EQ(JudgeWith("master", "main"), "shards[0].master: is missing");
  EXPECT_EQ(Judge(config_json::Array({config_json::Shard({}, "\"a\"")})),
            "shards[0].master: must be an object, not a string");
}

TEST(ConfigReader, NodesNeedIdIpAndPort) {
  EXPECT_EQ(JudgeWith("\"id\"", "\"name\""), "shards[0].master.id: is missing");
  EXPECT_EQ(JudgeWith("\"a\"", "7"), "shards[0].master.id: must be a string, not a number");
  EXPECT_EQ(JudgeWith("\"ip\"", "\"IP\""), "shards[0].master.ip: is missing");
  EXPECT_EQ(JudgeWith("\"host.example\"", "null"),
            "shards[0].replicas[0].ip: must be a string, not null");
  EXPECT_EQ(JudgeWith(", \"port\": 7001", ""), "shards[0].replicas[0].port: is missing");
  EXPECT_EQ(JudgeWith("7001", "70010"),
            "shards[0].replicas[0].port: must be an integer from 0 to 65535");
}

TEST(ConfigReader, ReplicasMustBeAnArrayOfObjects) {
  EXPECT_EQ(JudgeWith("replicas", "slaves"), "shards[0].replicas: is missing");
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": null"),
            "shards[1].replicas: must be an array, not null");
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": [[]]"),
            "shards[1].replicas[0]: must be an object, not an array");
}

TEST(ConfigReader, MigrationsMayBeAbsentOrNull) {
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": [], \"migrations\": null"), "ok");
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": [], \"migrations\": []"), "ok");
}

TEST(ConfigReader, MigrationsMustBeAnArrayOfWholeObjects) {
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": [], \"migrations\": {}"),
            "shards[1].migrations: must be an array, not an object");
  EXPECT_EQ(JudgeWith("\"replicas\": []", "\"replicas\": [], \"migrations\": [1]"),
            "shards[1].migrations[0]: must be an object, not a number");
  EXPECT_EQ(JudgeWith("\"node_id\"", "\"id\""), "shards[0].migrations[0].node_id: is missing");
  EXPECT_EQ(JudgeWith("\"node_id\": \"b\"", "\"node_id\": 1"),
            "shards[0].migrations[0].node_id: must be a string, not a number");
  EXPECT_EQ(JudgeWith("\"ip\": \"10.0.0.2\"", "\"ip\": false"),
            "shards[0].migrations[0].ip: must be a string, not a boolean");
  EXPECT_EQ(JudgeWith("7002", "-7002"),
            "shards[0].migrations[0].port: must be an integer from 0 to 65535");
  EXPECT_EQ(JudgeWith(R"([{"start": 0, "end": 9}])", "7"),
            "shards[0].migrations[0].slot_ranges: must be an array, not a number");
  EXPECT_EQ(JudgeWith(R"({"start": 0, "end": 9})", R"({"start": 0})"),
            "shards[0].migrations[0].slot_ranges[0].end: is missing");
}

TEST(ConfigReader, HealthIsTakenInAnyLetterCase) {
  EXPECT_EQ(HealthOf(R"(,"health":"FAIL")"), FAIL);
  EXPECT_EQ(HealthOf(R"(,"health":"Loading")"), LOADING);
  EXPECT_EQ(HealthOf(R"(,"health":"hidden")"), HIDDEN);
  EXPECT_EQ(HealthOf(R"(,"health":"online")"), ONLINE);
}

TEST(ConfigReader, HealthThatIsNotUnderstoodIsOnline) {
  for (const absl::string_view json :
       {"", R"(,"health":"sick")", R"(,"health":"")", R"(,"health":1)", R"(,"health":null)",
        R"(,"health":{"health":"fail"})", R"(,"Health":"fail")"}) {
    EXPECT_EQ(HealthOf(json), ONLINE) << json;
  }
}

TEST(ConfigReader, UnknownMembersAreIgnoredEverywhere) {
  const std::string extra = absl::StrReplaceAll(
      kTwoShards, {{"{", R"({"note": [{"start": -1.5, "a\u0000": null}, "\u0007"], )"}});
  EXPECT_EQ(Judge(extra), "ok");
}

TEST(ConfigReader, NamesAndAddressesAreFreeText) {
  for (const absl::string_view text : {"", "inigo montoya", "::1", R"(\"\\)",
                                       "\xC3\xA9\xE2\x80\xA7\xF0\x9F\x98\x80", "\xC2\xA0"}) {
    EXPECT_EQ(JudgeWith("host.example", text), "ok") << text;
    EXPECT_EQ(JudgeWith("a1", text), "ok") << text;
  }
}

TEST(ConfigReader, NamesAndAddressesMustNotBreakLines) {
  constexpr absl::string_view kReason = ": holds a control character or a line separator";
  for (const absl::string_view text : {R"(a\nb)", R"(\r)", R"(\u0000)", R"(\u001b[1m)", "\x7F",
                                       R"(\u0085)", "x\xC2\x80", R"(\u2028)", "\xE2\x80\xA9"}) {
    EXPECT_EQ(JudgeWith("host.example", text), absl::StrCat("shards[0].replicas[0].ip", kReason));
    EXPECT_EQ(JudgeWith("a1", text), absl::StrCat("shards[0].replicas[0].id", kReason));
    EXPECT_EQ(JudgeWith("\"node_id\": \"b", absl::StrCat("\"node_id\": \"b", text)),
              absl::StrCat("shards[0].migrations[0].node_id", kReason));
  }
}

}  // namespace
}  // namespace damselfly
