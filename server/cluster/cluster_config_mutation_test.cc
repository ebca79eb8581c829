// Broken configurations by the thousand: none may crash the parser or make it say too much. Whether
// each is judged rightly is for testing/cluster's fuzzer, which has an oracle.

#include <cstdio>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/cluster/cluster_config.h"
#include "server/cluster/config_json.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using config_json::Array;
using config_json::Migration;
using config_json::Node;
using config_json::Range;
using config_json::Shard;

constexpr int kMutants = 20000;

const std::vector<std::string>& Seeds() {
  static const std::vector<std::string> seeds = {
      Array({Shard({Range(0, 16383)}, Node("a"))}),
      Array({Shard({Range(0, 8191)}, Node("a"), {Node("a1"), Node("a2")}),
             Shard({Range(8192, 16383)}, Node("b"), {Node("b1")})}),
      Array({Shard({Range(0, 99), Range(200, 16383)}, Node("a"), {},
                   {Migration("b", {Range(0, 9), Range(300, 400)})}),
             Shard({Range(100, 199)}, Node("b"))})};
  return seeds;
}

const std::vector<std::string>& Tokens() {
  static const std::vector<std::string> tokens = {"1E383",
                                                  "18446744073709551616",
                                                  "-1",
                                                  "5.0",
                                                  "null",
                                                  "\"",
                                                  "\\u2028",
                                                  "\\ud800",
                                                  "[[[[[[",
                                                  "{\"id\":{\"id\":",
                                                  "16384",
                                                  "\"health\":\"FAIL\",",
                                                  "\xFF",
                                                  "\xE2\x80",
                                                  "\xC2",
                                                  ",",
                                                  "}]",
                                                  "\"master\":",
                                                  std::string(1, '\0'),
                                                  "\\"};
  return tokens;
}

void Mutate(Random& random, std::string* text) {
  const size_t at = random.Below(text->size() + 1);
  switch (random.Below(5)) {
    case 0:
      text->insert(at, Tokens()[random.Below(Tokens().size())]);
      break;
    case 1:
      text->erase(at, random.Below(20));
      break;
    case 2:
      text->insert(at, text->substr(random.Below(text->size() + 1), random.Below(60)));
      break;
    case 3:
      if (at < text->size()) (*text)[at] = static_cast<char>((*text)[at] ^ (1 << random.Below(8)));
      break;
    default:
      if (at < text->size()) (*text)[at] = static_cast<char>('0' + random.Below(10));
      break;
  }
}

TEST(ClusterConfigMutation, NoMutantCrashesOrGetsALongReason) {
  Random random(1);
  int accepted = 0;
  for (int i = 0; i < kMutants; ++i) {
    std::string text = Seeds()[random.Below(Seeds().size())];
    for (uint64_t left = random.Below(4); left > 0; --left) Mutate(random, &text);
    const absl::StatusOr<ClusterConfig> config = ParseClusterConfig(text);
    if (config.ok()) {
      ++accepted;
      ASSERT_TRUE(EqualConfigs(*config, *ParseClusterConfig(text)));
      continue;
    }
    ASSERT_LT(config.status().message().size(), kReasonBytesMax) << text;
    ASSERT_FALSE(config.status().message().empty());
  }
  std::printf("%d of %d accepted\n", accepted, kMutants);
  EXPECT_GT(accepted, kMutants / 20);
  EXPECT_LT(accepted, kMutants / 2);
}

}  // namespace
}  // namespace damselfly
