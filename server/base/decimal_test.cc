#include "server/base/decimal.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr int kRounds = 300'000;

std::string Fixed(long double value) {
  char buffer[kShortFixedBytesMax];
  return std::string(buffer, FormatShortFixed17(value, buffer));
}

std::string FixedByLibrary(long double value) {
  char buffer[128];
  return std::string(buffer,
                     static_cast<size_t>(std::snprintf(buffer, sizeof(buffer), "%.17Lf", value)));
}

// Up to `digits_max` digits, with a point anywhere or nowhere.
std::string RandomDecimal(std::mt19937_64& random, uint64_t digits_max) {
  std::string text = random() % 2 == 0 ? "-" : "";
  const uint64_t digits = 1 + random() % digits_max;
  const uint64_t point = random() % (digits + 2);
  for (uint64_t i = 0; i <= digits; ++i) {
    if (i == point) text += '.';
    if (i < digits) text += static_cast<char>('0' + random() % 10);
  }
  return text;
}

TEST(ParseShortDecimal, RoundsAsTheLibraryDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = RandomDecimal(random, 19);
    long double value = 0;
    ASSERT_TRUE(ParseShortDecimal(text, &value)) << text;
    EXPECT_EQ(value, std::strtold(text.c_str(), nullptr)) << text;
  }
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = RandomDecimal(random, 15);
    double value = 0;
    ASSERT_TRUE(ParseShortDecimal(text, &value)) << text;
    EXPECT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(ParseShortDecimal, KeepsTheSignOfZero) {
  double value = 1;
  ASSERT_TRUE(ParseShortDecimal("-0", &value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(std::signbit(value));
}

TEST(ParseShortDecimal, RefusesWhatIsNotShortOrNotPlain) {
  double value = 77;
  long double long_value = 77;
  for (const char* text : {"", "-", ".", "-.", "+1", "1e3", "inf", "nan", "0x1", "1.2.3", "--1",
                           " 1", "1 ", "1-", "12345678901234567890"}) {
    EXPECT_FALSE(ParseShortDecimal(text, &value)) << text;
    EXPECT_FALSE(ParseShortDecimal(text, &long_value)) << text;
  }
  EXPECT_FALSE(ParseShortDecimal("1234567890123456", &value));
  EXPECT_EQ(value, 77);
  EXPECT_EQ(long_value, 77);
}

TEST(FormatShortFixed17, RoundsAsTheLibraryDoes) {
  std::mt19937_64 random(2);
  for (int i = 0; i < kRounds; ++i) {
    // All exponents in range, full mantissas.
    const long double mantissa = static_cast<long double>(random() | uint64_t{1} << 63);
    const long double value = std::ldexp(mantissa, -1 - static_cast<int>(random() % 126));
    ASSERT_EQ(Fixed(value), FixedByLibrary(value));
    ASSERT_EQ(Fixed(-value), FixedByLibrary(-value));
  }
  for (int i = 0; i < kRounds; ++i) {
    const long double value = std::strtold(RandomDecimal(random, 18).c_str(), nullptr);
    ASSERT_EQ(Fixed(value), FixedByLibrary(value));
  }
}

TEST(FormatShortFixed17, RoundsFromTheMiddleToAnEvenDigit) {
  // Multiples of 2^-18 end in a five behind the seventeenth digit.
  for (int i = 1; i < 4096; ++i) {
    const long double value = std::ldexp(static_cast<long double>(i), -18);
    ASSERT_EQ(Fixed(value), FixedByLibrary(value));
  }
}

TEST(FormatShortFixed17, CarriesIntoTheInteger) {
  const long double below_ten = std::nextafter(10.0L, 0.0L);
  EXPECT_EQ(Fixed(below_ten), FixedByLibrary(below_ten));
  EXPECT_EQ(Fixed(std::nextafter(1.0L, 0.0L)), "1.00000000000000000");
}

TEST(FormatShortFixed17, TakesItsWholeRangeAndNothingElse) {
  const long double least = std::ldexp(1.0L, -63);
  const long double greatest = std::nextafter(std::ldexp(1.0L, 63), 0.0L);
  EXPECT_EQ(Fixed(0.0L), "0.00000000000000000");
  EXPECT_EQ(Fixed(-0.0L), "-0.00000000000000000");
  EXPECT_EQ(Fixed(least), FixedByLibrary(least));
  EXPECT_EQ(Fixed(-greatest), FixedByLibrary(-greatest));
  EXPECT_EQ(Fixed(std::nextafter(least, 0.0L)), "");
  EXPECT_EQ(Fixed(std::ldexp(-1.0L, 63)), "");
  EXPECT_EQ(Fixed(std::nanl("")), "");
  EXPECT_EQ(Fixed(HUGE_VALL), "");
}

}  // namespace
}  // namespace damselfly
