#include "benchmarks/load/options.h"

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

TEST(OptionsTest, DurationsHaveUnitsOrAreSeconds) {
  EXPECT_EQ(*ParseDuration_ns("10s"), 10000000000);
  EXPECT_EQ(*ParseDuration_ns("500ms"), 500000000);
  EXPECT_EQ(*ParseDuration_ns("1h30m"), 5400000000000);
  EXPECT_EQ(*ParseDuration_ns("2.5"), 2500000000);
  EXPECT_EQ(*ParseDuration_ns("0"), 0);
  for (const char* bad : {"", "-1s", "10 s", "ten", "inf", "nan", "400000h"})
    EXPECT_FALSE(ParseDuration_ns(bad).ok()) << bad;
}

TEST(OptionsTest, SizesAreNumbersOrRanges) {
  EXPECT_EQ(ParseSizeRange("32")->low, 32);
  EXPECT_EQ(ParseSizeRange("32")->high, 32);
  EXPECT_EQ(ParseSizeRange("16..512")->low, 16);
  EXPECT_EQ(ParseSizeRange("16..512")->high, 512);
  EXPECT_EQ(ParseSizeRange("0")->high, 0);
  for (const char* bad : {"", "..", "5..", "5..4", "-1", "1..2..3", "600000000", "4k"})
    EXPECT_FALSE(ParseSizeRange(bad).ok()) << bad;
}

TEST(OptionsTest, DistributionsCarryTheirNumbers) {
  EXPECT_EQ(ParseKeyDistribution("uniform")->kind, KeyDistribution::Kind::kUniform);
  EXPECT_EQ(ParseKeyDistribution("sequential")->kind, KeyDistribution::Kind::kSequential);
  EXPECT_EQ(ParseKeyDistribution("zipf:0.99")->kind, KeyDistribution::Kind::kZipf);
  EXPECT_EQ(ParseKeyDistribution("zipf:0.99")->exponent, 0.99);
  EXPECT_EQ(ParseKeyDistribution("hot:0.01:0.9")->kind, KeyDistribution::Kind::kHot);
  EXPECT_EQ(ParseKeyDistribution("hot:0.01:0.9")->share_of_keys, 0.01);
  EXPECT_EQ(ParseKeyDistribution("hot:0.01:0.9")->share_of_requests, 0.9);
  for (const char* bad : {"", "zipf", "zipf:0", "zipf:-1", "zipf:x", "hot:0.1", "hot:0:0.5",
                          "hot:0.5:1.5", "uniform:1", "gauss"}) {
    EXPECT_FALSE(ParseKeyDistribution(bad).ok()) << bad;
  }
}

TEST(OptionsTest, CommandsMayHaveAWeightInFront) {
  EXPECT_EQ(ParseCommand("GET __key__")->weight, 1);
  EXPECT_EQ(ParseCommand("3:GET __key__")->weight, 3);
  EXPECT_EQ(ParseCommand("3:GET __key__")->text, "GET __key__");
  EXPECT_EQ(ParseCommand("SET a:b 1")->text, "SET a:b 1");
  for (const char* bad : {"", "  ", "3:", "0:GET a", "99999999999999999999:GET a"})
    EXPECT_FALSE(ParseCommand(bad).ok()) << bad;
}

TEST(OptionsTest, CpusAreAList) {
  EXPECT_EQ(*ParseCpus("1,2"), (std::vector<int>{1, 2}));
  EXPECT_TRUE(ParseCpus("")->empty());
  for (const char* bad : {"a", "1,", "-1", "1-3", "5000"}) EXPECT_FALSE(ParseCpus(bad).ok()) << bad;
}

Options Good() {
  Options options;
  options.commands.push_back({1, "GET __key__"});
  return options;
}

TEST(OptionsTest, KeysMustFitTheirNumbers) {
  Options options = Good();
  options.key_prefix = "key:";
  options.keys = 1000;
  options.key_bytes = 7;
  EXPECT_TRUE(Validate(options).ok());
  options.keys = 1001;
  EXPECT_FALSE(Validate(options).ok());
}

TEST(OptionsTest, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_TRUE(Validate(Good()).ok());
  Options options = Good();
  options.samples = "file";
  EXPECT_FALSE(Validate(options).ok());
  options.rate = 1000;
  EXPECT_TRUE(Validate(options).ok());
  options = Good();
  options.arrivals = Arrivals::kPoisson;
  EXPECT_FALSE(Validate(options).ok());
  options.rate = 1000;
  EXPECT_TRUE(Validate(options).ok());
  options = Good();
  options.cluster = true;
  options.unix_path = "/socket";
  EXPECT_FALSE(Validate(options).ok());
  options = Good();
  options.threads = 51;
  EXPECT_FALSE(Validate(options).ok());
  options = Good();
  options.user = "someone";
  EXPECT_FALSE(Validate(options).ok());
  options = Good();
  options.server_cpus = {0};
  EXPECT_FALSE(Validate(options).ok());
  options.server_pid = 1;
  options.cpus = {1};
  EXPECT_TRUE(Validate(options).ok());
  options.cpus = {1, 0};
  EXPECT_FALSE(Validate(options).ok());
  options = Good();
  options.protocol = 4;
  EXPECT_FALSE(Validate(options).ok());
}

}  // namespace
}  // namespace damselfly::load
