#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

constexpr char kOverflow[] = "-ERR increment or decrement would overflow\r\n";
constexpr char kNotAFloat[] = "-ERR value is not a valid float\r\n";
constexpr char kNotFinite[] = "-ERR increment would produce NaN or Infinity\r\n";

TEST(Incr, CountsFromZeroAndKeepsTheDeadline) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"INCR", "key"}), Integer(1));
  EXPECT_EQ(bench.Run({"DECR", "missing"}), Integer(-1));
  bench.Run({"SETEX", "key", "10", "41"});
  EXPECT_EQ(bench.Run({"INCR", "key"}), Integer(42));
  EXPECT_EQ(bench.Run({"INCRBY", "key", "-50"}), Integer(-8));
  EXPECT_EQ(bench.Run({"DECRBY", "key", "-10"}), Integer(2));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("2"));
  EXPECT_EQ(bench.DeadlineOf("key"), bench.now_ms + 10'000);
}

TEST(Incr, StopsAtTheLimitsOf64Bits) {
  StringBench bench;
  bench.Run({"SET", "key", "9223372036854775807"});
  EXPECT_EQ(bench.Run({"INCR", "key"}), kOverflow);
  EXPECT_EQ(bench.Run({"INCRBY", "key", "9223372036854775807"}), kOverflow);
  EXPECT_EQ(bench.Run({"DECRBY", "key", "-1"}), kOverflow);
  EXPECT_EQ(bench.Run({"DECRBY", "key", "9223372036854775807"}), Integer(0));
  bench.Run({"SET", "key", "-9223372036854775808"});
  EXPECT_EQ(bench.Run({"DECR", "key"}), kOverflow);
  EXPECT_EQ(bench.Run({"DECRBY", "key", "-9223372036854775808"}),
            "-ERR decrement would overflow\r\n");
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("-9223372036854775808"));
}

TEST(Incr, TakesOnlyCanonicalIntegers) {
  StringBench bench;
  for (const absl::string_view value :
       {"", " 1", "1 ", "01", "+1", "-0", "1.0", "abc", "9223372036854775808"}) {
    bench.Run({"SET", "key", value});
    EXPECT_EQ(bench.Run({"INCR", "key"}), kNotAnInteger) << value;
    EXPECT_EQ(bench.Run({"INCRBY", "missing", value}), kNotAnInteger) << value;
    EXPECT_EQ(bench.Run({"DECRBY", "missing", value}), kNotAnInteger) << value;
  }
  EXPECT_FALSE(bench.Exists("missing"));
}

TEST(Incr, CountsOnWithDigitsThatWereAppended) {
  StringBench bench;
  bench.Run({"SET", "key", "1"});
  bench.Run({"APPEND", "key", "9"});
  EXPECT_EQ(bench.Run({"INCR", "key"}), Integer(20));
  EXPECT_EQ(bench.EncodingOf("key"), StringEncoding::kInt);
}

TEST(IncrByFloat, RepliesInLongDoubleNotation) {
  StringBench bench;
  bench.Run({"SETEX", "key", "10", "10.50"});
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "0.1"}), Bulk("10.6"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "-5"}), Bulk("5.6"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "5.0e3"}), Bulk("5005.60000000000000009"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "0x10"}), Bulk("5021.60000000000000009"));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("5021.60000000000000009"));
  EXPECT_EQ(bench.DeadlineOf("key"), bench.now_ms + 10'000);
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "zero", "-0"}), Bulk("0"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "tiny", "-1e-18"}), Bulk("0"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "pi", "1e17"}), Bulk("100000000000000000"));
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "pi", "3.14159265358979323846"}),
            Bulk("100000000000000003.140625"));
}

TEST(IncrByFloat, RefusesWhatIsNoFiniteNumber) {
  StringBench bench;
  bench.Run({"SET", "key", "1"});
  for (const absl::string_view value : {"", " 1", "1 ", "nan", "abc", "1e5000", "1e-5000"}) {
    EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", value}), kNotAFloat) << value;
  }
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "inf"}), kNotFinite);
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "-infinity"}), kNotFinite);
  bench.Run({"SET", "key", "abc"});
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "1"}), kNotAFloat);
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("abc"));
}

TEST(IncrByFloat, WritesThousandsOfDigits) {
  StringBench bench;
  const std::string reply = bench.Run({"INCRBYFLOAT", "key", "1e4932"});
  EXPECT_EQ(reply.substr(0, 7), "$4933\r\n");
  EXPECT_EQ(bench.Run({"INCRBYFLOAT", "key", "1e4932"}), kNotFinite);
}

}  // namespace
}  // namespace damselfly
