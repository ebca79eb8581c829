#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

using namespace std::string_literals;

constexpr char kBadOffset[] = "-ERR bit offset is not an integer or out of range\r\n";
constexpr char kBadBit[] = "-ERR bit is not an integer or out of range\r\n";

TEST(SetBit, SetsClearsAndGrowsWithZeros) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"SETBIT", "key", "7", "1"}), Integer(0));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("\x01"));
  EXPECT_EQ(bench.Run({"SETBIT", "key", "7", "0"}), Integer(1));
  EXPECT_EQ(bench.Run({"SETBIT", "key", "24", "1"}), Integer(0));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("\0\0\0\x80"s));
  EXPECT_EQ(bench.Run({"SETBIT", "zero", "9", "0"}), Integer(0));
  EXPECT_EQ(bench.Run({"STRLEN", "zero"}), Integer(2));
}

TEST(SetBit, WorksOnTheDigitsOfIntegersAndKeepsTheDeadline) {
  StringBench bench;
  bench.Run({"SETEX", "key", "10", "12"});
  EXPECT_EQ(bench.Run({"SETBIT", "key", "6", "1"}), Integer(0));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("32"));
  EXPECT_EQ(bench.DeadlineOf("key"), bench.now_ms + 10'000);
}

TEST(SetBit, ThatChangesNothingIsNoChange) {
  StringBench bench;
  bench.Run({"SETBIT", "key", "9", "1"});
  const int64_t changes = bench.ChangeCount();
  EXPECT_EQ(bench.Run({"SETBIT", "key", "9", "1"}), Integer(1));
  EXPECT_EQ(bench.Run({"SETBIT", "key", "3", "0"}), Integer(0));
  EXPECT_EQ(bench.ChangeCount(), changes);
}

TEST(SetBit, RefusesWhatIsNoOffsetOrNoBit) {
  StringBench bench;
  for (const absl::string_view offset : {"-1", "x", "", "4294967296", "#1"}) {
    EXPECT_EQ(bench.Run({"SETBIT", "key", offset, "1"}), kBadOffset) << offset;
    EXPECT_EQ(bench.Run({"GETBIT", "key", offset}), kBadOffset) << offset;
  }
  for (const absl::string_view bit : {"2", "-1", "x", ""}) {
    EXPECT_EQ(bench.Run({"SETBIT", "key", "1", bit}), kBadBit) << bit;
  }
  EXPECT_FALSE(bench.Exists("key"));
}

TEST(GetBit, IsZeroBeyondTheEnd) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"GETBIT", "missing", "3"}), Integer(0));
  bench.Run({"SET", "key", "foobar"});
  EXPECT_EQ(bench.Run({"GETBIT", "key", "1"}), Integer(1));
  EXPECT_EQ(bench.Run({"GETBIT", "key", "48"}), Integer(0));
  EXPECT_EQ(bench.Run({"GETBIT", "key", "4294967295"}), Integer(0));
}

TEST(BitCount, CountsRangesOfBytesAndBits) {
  StringBench bench;
  bench.Run({"SET", "key", "foobar"});
  EXPECT_EQ(bench.Run({"BITCOUNT", "key"}), Integer(26));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "0", "0"}), Integer(4));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "0", "-1", "BIT"}), Integer(26));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "5", "30", "bit"}), Integer(17));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "5", "30", "byte"}), Integer(4));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "-100", "-90"}), Integer(4));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "-100", "-90", "BIT"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "-9223372036854775808", "9223372036854775807"}),
            Integer(26));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "9223372036854775807", "9223372036854775807"}),
            Integer(0));
  bench.Run({"SET", "empty", ""});
  EXPECT_EQ(bench.Run({"BITCOUNT", "empty"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "empty", "0", "-1", "BIT"}), Integer(0));
}

TEST(BitCount, ChecksItsArgumentsInRedissOrder) {
  StringBench bench;
  bench.Run({"SET", "key", "foobar"});
  EXPECT_EQ(bench.Run({"BITCOUNT", "missing", "x", "y"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "missing", "1"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "1"}), kSyntaxError);
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "0", "y"}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "-1", "-2", "FOO"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "1", "0", "FOO"}), kSyntaxError);
  EXPECT_EQ(bench.Run({"BITCOUNT", "key", "0", "-1", "BIT", "x"}), kSyntaxError);
}

TEST(BitPos, FindsTheFirstBitOfARange) {
  StringBench bench;
  bench.Run({"SET", "key", "\xff\xf0\x00"s});
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0"}), Integer(12));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "2"}), Integer(-1));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "1"}), Integer(8));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "-2", "-1"}), Integer(8));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "7", "15", "BIT"}), Integer(12));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "7", "11", "BIT"}), Integer(-1));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "9", "-1", "BIT"}), Integer(9));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "-1", "-2"}), Integer(-1));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "100"}), Integer(-1));
}

TEST(BitPos, TakesZerosToFollowTheStringUnlessAnEndIsGiven) {
  StringBench bench;
  bench.Run({"SET", "key", "\xff\xff"});
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0"}), Integer(16));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "1"}), Integer(16));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "0", "-1"}), Integer(-1));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "0", "2"}), Integer(-1));
  bench.Run({"SET", "empty", ""});
  EXPECT_EQ(bench.Run({"BITPOS", "empty", "0"}), Integer(-1));
  EXPECT_EQ(bench.Run({"BITPOS", "missing", "0"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITPOS", "missing", "1"}), Integer(-1));
}

TEST(BitPos, ChecksItsArgumentsInRedissOrder) {
  StringBench bench;
  bench.Run({"SET", "key", "foobar"});
  EXPECT_EQ(bench.Run({"BITPOS", "missing", "x"}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"BITPOS", "missing", "2"}), "-ERR The bit argument must be 1 or 0.\r\n");
  EXPECT_EQ(bench.Run({"BITPOS", "missing", "0", "0", "0", "FOO"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "x", "0", "FOO"}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "0", "x", "FOO"}), kSyntaxError);
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "0", "x"}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"BITPOS", "key", "1", "0", "0", "BIT", "x"}), kSyntaxError);
}

}  // namespace
}  // namespace damselfly
