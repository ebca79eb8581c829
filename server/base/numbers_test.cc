#include "server/base/numbers.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::string Int64Text(int64_t value) {
  char buffer[kIntegerBytesMax];
  return std::string(buffer, FormatInt64(value, buffer));
}

std::string DoubleText(double value) {
  char buffer[kDoubleBytesMax];
  return std::string(buffer, FormatDouble(value, buffer));
}

std::string LongDoubleText(absl::string_view text) {
  long double value;
  if (!ParseLongDouble(text, &value)) return "refused";
  std::vector<char> buffer(kLongDoubleBytesMax);
  return std::string(buffer.data(), FormatLongDoubleHuman(value, buffer.data()));
}

TEST(ParseInt64, TakesExactlyTheCanonicalForms) {
  int64_t value;
  for (int64_t n : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{9}, int64_t{10}, int64_t{-10},
                    kMin, kMin + 1, kMax, kMax - 1}) {
    ASSERT_TRUE(ParseInt64(std::to_string(n), &value)) << n;
    EXPECT_EQ(value, n);
  }
  for (absl::string_view text :
       {"", "-", "+1", " 1", "1 ", "01", "-01", "-0", "00", "1a", "a", "0x1", "1.0", "--1",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999",
        "18446744073709551616", "100000000000000000000000"}) {
    value = 77;
    EXPECT_FALSE(ParseInt64(text, &value)) << text;
    EXPECT_EQ(value, 77);
  }
  EXPECT_FALSE(ParseInt64(absl::string_view("1\0", 2), &value));
}

TEST(ParseUint64, EndsAtTheLargestValue) {
  uint64_t value;
  ASSERT_TRUE(ParseUint64("18446744073709551615", &value));
  EXPECT_EQ(value, std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(ParseUint64("18446744073709551616", &value));
  EXPECT_FALSE(ParseUint64("28446744073709551615", &value));
  EXPECT_FALSE(ParseUint64("-1", &value));
  EXPECT_FALSE(ParseUint64("1844674407370955161a", &value));
}

TEST(FormatInt64, RoundTrips) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    const int64_t n = static_cast<int64_t>(random() >> (random() % 64)) * (i % 2 == 0 ? 1 : -1);
    const std::string text = Int64Text(n);
    ASSERT_EQ(text, std::to_string(n));
    int64_t back;
    ASSERT_TRUE(ParseInt64(text, &back));
    ASSERT_EQ(back, n);
  }
  EXPECT_EQ(Int64Text(kMin), "-9223372036854775808");
  for (uint64_t power = 1, digits = 1; digits <= 19; ++digits, power *= 10) {
    EXPECT_EQ(DecimalDigits(power), digits);
    EXPECT_EQ(DecimalDigits(power - 1), power == 1 ? 1 : digits - 1);
  }
}

// As ZADD of redis-server 7.0.15 takes and refuses scores, and ZSCORE answers.
TEST(ParseDouble, AgreesWithRedis) {
  double value;
  for (absl::string_view text :
       {"nan",    "-nan",   "NAN",       "nan(1)",   "infinit", "0x",  "1e400", "-1e400",
        "1e-400", "2e-324", " 1",        "1 ",       "",        "1e",  "1e5x",  ".",
        "+",      "--1",    "0x1p-1080", "0x1p1024", "1_0",     "\t1", "1\n",   "1d",
        "1f",     "1.5.5",  "0b1",       "-",        "-."}) {
    EXPECT_FALSE(ParseDouble(text, &value)) << text;
  }
  EXPECT_FALSE(ParseDouble(absl::string_view("1\0"
                                             "2",
                                             3),
                           &value));
  EXPECT_FALSE(ParseDouble(std::string(400, '1'), &value));
  const std::vector<std::pair<std::string, std::string>> scores = {
      {"inf", "inf"},
      {"+inf", "inf"},
      {"-Infinity", "-inf"},
      {"0x10", "16"},
      {"0x1.8p-1", "0.75"},
      {"0X1P3", "8"},
      {"0x.8", "0.5"},
      {"1e-310", "9.9999999999999694e-311"},
      {"4.9e-324", "4.9406564584124654e-324"},
      {".5", "0.5"},
      {"5.", "5"},
      {"+1", "1"},
      {"1e+5", "100000"},
      {"1E5", "100000"},
      {"0e-400", "0"},
      {"0.1", "0.10000000000000001"},
      {"1e17", "1e+17"},
      {"123456789012345678", "1.2345678901234568e+17"},
      {"1e-7", "9.9999999999999995e-08"},
      {"100000000000000000000", "1e+20"},
      {std::string(300, '1'), "1.1111111111111112e+299"},
      {std::string(300, '0') + "1", "1"},
  };
  for (const auto& [text, score] : scores) {
    ASSERT_TRUE(ParseDouble(text, &value)) << text;
    EXPECT_EQ(DoubleText(value), score);
  }
}

TEST(ParseDouble, ShortDecimalsRoundAsTheLibraryDoes) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200000; ++i) {
    std::string text = std::to_string(random() % 1000000000000000 >> (random() % 40));
    if (random() % 2 == 0) text.insert(random() % (text.size() + 1), ".");
    if (random() % 3 == 0) text.insert(0, "-");
    double value;
    ASSERT_TRUE(ParseDouble(text, &value)) << text;
    ASSERT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
    ASSERT_EQ(std::signbit(value), text[0] == '-');
  }
}

TEST(FormatDouble, PrintsAsPercent17g) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 100000; ++i) {
    double value;
    const uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof(value));
    if (i % 3 == 0) value = static_cast<double>(static_cast<int64_t>(bits >> (i % 60)));
    char expected[64];
    std::snprintf(expected, sizeof(expected), "%.17g", value);
    ASSERT_EQ(DoubleText(value), expected);
  }
  EXPECT_EQ(DoubleText(-0.0), "-0");
  EXPECT_EQ(DoubleText(9007199254740992.0), "9007199254740992");
}

// As INCRBYFLOAT of redis-server 7.0.15 answers for an absent key.
TEST(LongDouble, AgreesWithRedis) {
  EXPECT_EQ(LongDoubleText("1.5"), "1.5");
  EXPECT_EQ(LongDoubleText("3.0e3"), "3000");
  EXPECT_EQ(LongDoubleText("0.1"), "0.1");
  EXPECT_EQ(LongDoubleText("1e20"), "100000000000000000000");
  EXPECT_EQ(LongDoubleText("1.23456789012345678901"), "1.23456789012345679");
  EXPECT_EQ(LongDoubleText("99999999999999999.5"), "99999999999999999.5");
  EXPECT_EQ(LongDoubleText("0.00000000000000001"), "0.00000000000000001");
  EXPECT_EQ(LongDoubleText("0.000000000000000004"), "0");
  EXPECT_EQ(LongDoubleText("0.000000000000000006"), "0.00000000000000001");
  EXPECT_EQ(LongDoubleText("-5e-18"), "0");
  EXPECT_EQ(LongDoubleText("-0"), "0");
  EXPECT_EQ(LongDoubleText("0x1.8p-1"), "0.75");
  EXPECT_EQ(LongDoubleText("123456789.123456789"), "123456789.12345678899873747");
  EXPECT_EQ(LongDoubleText("1e4932").size(), 4933u);
  EXPECT_EQ(LongDoubleText("-1e4932").size(), 4934u);
  EXPECT_EQ(LongDoubleText("1e-4950"), "0");
  EXPECT_EQ(LongDoubleText("inf"), "inf");
  EXPECT_EQ(LongDoubleText("-inf"), "-inf");
  EXPECT_EQ(LongDoubleText(std::string(5118, '0') + "1"), "1");
  for (absl::string_view text :
       {"1e4933", "1e-4951", "1e-5000", "nan", "", " 1", "1 ", "0x", "1x"}) {
    EXPECT_EQ(LongDoubleText(text), "refused") << text;
  }
  EXPECT_EQ(LongDoubleText(std::string(5119, '0') + "1"), "refused");
}

TEST(ParseMemoryBytes, KnowsRedisUnits) {
  uint64_t bytes = 0;
  const std::vector<std::pair<std::string, uint64_t>> amounts = {
      {"0", 0},          {"1", 1},         {"1k", 1000},
      {"1K", 1000},      {"1kb", 1024},    {"1kB", 1024},
      {"1m", 1000000},   {"1mb", 1048576}, {"1g", 1000000000},
      {"1gb", 1u << 30}, {"1b", 1},        {"01", 1},
      {"k", 0},          {"", 0},          {"18446744073709551615", ~uint64_t{0}}};
  for (const auto& [text, expected] : amounts) {
    EXPECT_TRUE(ParseMemoryBytes(text, &bytes)) << text;
    EXPECT_EQ(bytes, expected) << text;
  }
  for (absl::string_view text : {"1t", "1 k", "1kk", "-1", "+1", "1.5mb", "1bb", " 1", "1k ",
                                 "0x10", "18446744073709551616", "17179869184gb"}) {
    EXPECT_FALSE(ParseMemoryBytes(text, &bytes)) << text;
  }
}

}  // namespace
}  // namespace damselfly
