#include "server/cluster/cluster_config.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "server/cluster/config_json.h"

namespace damselfly {
namespace {

using config_json::Array;
using config_json::Migration;
using config_json::Node;
using config_json::Range;
using config_json::Scattered;
using config_json::Shard;

ClusterConfig Parse(const std::string& json) {
  const absl::StatusOr<ClusterConfig> config = ParseClusterConfig(json);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *config : ClusterConfig();
}

std::string Judge(absl::string_view json) {
  const absl::StatusOr<ClusterConfig> config = ParseClusterConfig(json);
  return config.ok() ? "ok" : std::string(config.status().message());
}

const std::string& Base() {
  static const std::string text =
      Array({Shard({Range(100, 16383)}, Node("b"), {Node("b2"), Node("b10"), Node("b1")}),
             Shard({Range(50, 99), Range(0, 49)}, Node("a"))});
  return text;
}

TEST(ClusterConfig, RefusesByFormThenByRulesThenByWhatIsSupported) {
  EXPECT_EQ(Judge("[1]"), "shards[0]: must be an object, not a number");
  EXPECT_EQ(Judge("[]"), "shards: slot 0 is owned by no shard (and 16383 others)");
  const auto migrating = [](int end) {
    return Array({Shard({Range(0, 16383)}, Node("a"), {}, {Migration("b", {Range(0, end)})}),
                  Shard({}, Node("b"))});
  };
  EXPECT_EQ(Judge(migrating(9)), "shards[0].migrations: slot migration is not supported yet");
  EXPECT_EQ(Judge(migrating(16384)),
            "shards[0].migrations[0].slot_ranges[0]: slot 16384 is beyond the last slot, 16383");
}

TEST(ClusterConfig, PathsNameWhatWasWrittenNotTheCanonicalOrder) {
  EXPECT_EQ(Judge(Array({Shard({Range(0, 16383)}, Node("z")), Shard({Range(3, 3)}, Node("a"))})),
            "shards[1].slot_ranges[0]: slot 3 is already owned by shard 0");
}

TEST(ClusterConfig, CanonicalOrderIsByIdAndStart) {
  const ClusterConfig config = Parse(Base());
  ASSERT_EQ(config.shards_size(), 2);
  EXPECT_EQ(config.shards(0).master().id(), "a");
  EXPECT_EQ(config.shards(0).slot_ranges(0).start(), 0u);
  EXPECT_EQ(config.shards(0).slot_ranges(1).start(), 50u);
  const auto& replicas = config.shards(1).replicas();
  EXPECT_EQ(replicas[0].id(), "b1");
  EXPECT_EQ(replicas[1].id(), "b10");
  EXPECT_EQ(replicas[2].id(), "b2");
}

TEST(ClusterConfig, EqualWhateverTheOrderItWasWrittenIn) {
  EXPECT_TRUE(
      EqualConfigs(Parse(Base()), Parse(Array({Shard({Range(0, 49), Range(50, 99)}, Node("a")),
                                               Shard({Range(100, 16383)}, Node("b"),
                                                     {Node("b1"), Node("b2"), Node("b10")})}))));
}

TEST(ClusterConfig, EqualWhateverTheLayoutTheExtrasAndTheLetterCaseOfHealth) {
  const std::string other = absl::StrReplaceAll(
      Base(), {{"{", " {\n\t\"extra\": [1.5], "}, {"7000}", "7000, \"health\": \"ONLINE\"}"}});
  EXPECT_TRUE(EqualConfigs(Parse(Base()), Parse(other)));
}

TEST(ClusterConfig, DifferentInIdAddressPortHealthSlotsOrReplicas) {
  using Change = std::pair<absl::string_view, absl::string_view>;
  const ClusterConfig base = Parse(Base());
  for (const Change& change : std::vector<Change>{
           {"\"b2\"", "\"b3\""},
           {"10.0.0.1", "10.0.0.3"},
           {"7000", "7001"},
           {"7000}", "7000,\"health\":\"fail\"}"},
           {"{\"start\":50,\"end\":99},{\"start\":0,\"end\":49}", "{\"start\":0,\"end\":99}"}}) {
    const std::string changed = absl::StrReplaceAll(Base(), {change});
    EXPECT_FALSE(EqualConfigs(base, Parse(changed))) << changed;
  }
  EXPECT_FALSE(EqualConfigs(base, Parse(Array({Shard({Range(100, 16383)}, Node("b")),
                                               Shard({Range(0, 99)}, Node("a"))}))));
}

// Calls `changed` with each field of `message`, and of what is in it, changed by itself.
void ChangeEachField(google::protobuf::Message* message,
                     const std::function<void(const std::string& field)>& changed) {
  const google::protobuf::Reflection* const reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* const field = message->GetDescriptor()->field(i);
    if (field->is_repeated()) {
      const int size = reflection->FieldSize(*message, field);
      ASSERT_GT(size, 0) << field->full_name();
      for (int element = 0; element < size; ++element)
        ChangeEachField(reflection->MutableRepeatedMessage(message, field, element), changed);
      google::protobuf::Message* const last = reflection->ReleaseLast(message, field);
      changed(field->full_name());
      reflection->AddAllocatedMessage(message, field, last);
      continue;
    }
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE:
        ChangeEachField(reflection->MutableMessage(message, field), changed);
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = reflection->GetString(*message, field);
        reflection->SetString(message, field, value + "!");
        changed(field->full_name());
        reflection->SetString(message, field, value);
        break;
      }
      case google::protobuf::FieldDescriptor::CPPTYPE_UINT32: {
        const uint32_t value = reflection->GetUInt32(*message, field);
        reflection->SetUInt32(message, field, value + 1);
        changed(field->full_name());
        reflection->SetUInt32(message, field, value);
        break;
      }
      case google::protobuf::FieldDescriptor::CPPTYPE_ENUM: {
        const int value = reflection->GetEnumValue(*message, field);
        reflection->SetEnumValue(message, field, value + 1);
        changed(field->full_name());
        reflection->SetEnumValue(message, field, value);
        break;
      }
      default:
        FAIL() << field->full_name() << " is of a kind that this test does not know";
    }
  }
}

TEST(ClusterConfig, EveryFieldThereIsCounts) {
  ClusterConfig config = Parse(Base());
  for (damselfly::Shard& shard : *config.mutable_shards()) {
    if (shard.replicas_size() == 0) shard.add_replicas()->set_id("r");
    damselfly::Migration* const migration = shard.add_migrations();
    migration->set_node_id("m");
    migration->add_slot_ranges()->set_end(3);
  }
  const ClusterConfig same = config;
  EXPECT_TRUE(EqualConfigs(config, same));
  int changes = 0;
  ChangeEachField(&config, [&](const std::string& field) {
    ++changes;
    EXPECT_FALSE(EqualConfigs(config, same)) << field;
    EXPECT_FALSE(EqualConfigs(same, config)) << field;
  });
  EXPECT_GT(changes, 20);
  EXPECT_TRUE(EqualConfigs(config, same));
}

TEST(ClusterConfig, ReasonsAreOneShortPrintableLine) {
  std::string bad_id;
  for (int i = 0; i < 1000; ++i) bad_id += "\\\"\\\\\xF0\x9F\x98\x80";
  std::vector<std::string> many_empty(20000, Shard({}, Node("x")));
  for (int i = 0; i < 20000; ++i) many_empty[i] = Shard({}, Node(absl::StrCat("x", i)));
  many_empty.push_back(Shard({}, Node("a"), {Node(bad_id), Node(bad_id)}));
  for (const std::string& json :
       {Array({Shard({}, Node(bad_id)), Shard({}, Node(bad_id))}), Array(many_empty),
        Array({Shard({Range(0, 16383)}, Node("a"), {}, {Migration(bad_id, {Range(0, 1)})})}),
        Array({Shard({Range(0, 16383)}, Node(bad_id), {}, {Migration(bad_id, {Range(0, 1)})})}),
        "{\"" + bad_id + "\":1,\"" + bad_id + "\":1}", bad_id}) {
    const std::string reason = Judge(json);
    EXPECT_NE(reason, "ok");
    EXPECT_LT(reason.size(), kReasonBytesMax);
    for (const char character : reason) EXPECT_TRUE(character >= ' ' && character <= '~') << reason;
  }
}

// The fastest of a few runs, in milliseconds: other work on the machine slows some of them.
double MillisecondsToParse(const std::string& json) {
  double best_ms = 1e9;
  for (int run = 0; run < 7; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<ClusterConfig> config = ParseClusterConfig(json);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    EXPECT_TRUE(config.ok()) << config.status();
    best_ms = std::min(best_ms, taken.count());
  }
  return best_ms;
}

TEST(ClusterConfig, AThousandNodesTakeMilliseconds) {
  std::vector<std::string> shards;
  for (int i = 0; i < 1000; ++i) {
    shards.push_back(
        Shard({Range(i * 16, i == 999 ? 16383 : i * 16 + 15)}, Node(absl::StrCat("node", i))));
  }
  const double whole_ms = MillisecondsToParse(Array(shards));
  const double scattered_ms = MillisecondsToParse(Scattered(1000));
  std::printf("1000 shards: %.1f ms with one range each, %.1f ms with a range for every slot\n",
              whole_ms, scattered_ms);
#ifdef NDEBUG
  EXPECT_LT(whole_ms, 50);
  EXPECT_LT(scattered_ms, 500);
#endif
}

TEST(ClusterConfig, EverySlotMayBeAShardOfItsOwn) {
  EXPECT_EQ(Parse(Scattered(16384)).shards_size(), 16384);
}

}  // namespace
}  // namespace damselfly
