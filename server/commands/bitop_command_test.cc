#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

using namespace std::string_literals;

TEST(BitOp, CombinesStringsOfDifferentSizes) {
  StringBench bench;
  bench.Run({"MSET", "{t}a", "\x0f\xff\x01", "{t}b", "\x3c"});
  EXPECT_EQ(bench.Run({"BITOP", "AND", "{t}d", "{t}a", "{t}b"}), Integer(3));
  EXPECT_EQ(bench.Run({"GET", "{t}d"}), Bulk("\x0c\0\0"s));
  EXPECT_EQ(bench.Run({"BITOP", "or", "{t}d", "{t}b", "{t}a"}), Integer(3));
  EXPECT_EQ(bench.Run({"GET", "{t}d"}), Bulk("\x3f\xff\x01"));
  EXPECT_EQ(bench.Run({"BITOP", "XOR", "{t}d", "{t}a", "{t}b", "{t}missing"}), Integer(3));
  EXPECT_EQ(bench.Run({"GET", "{t}d"}), Bulk("\x33\xff\x01"));
  EXPECT_EQ(bench.Run({"BITOP", "NOT", "{t}d", "{t}a"}), Integer(3));
  EXPECT_EQ(bench.Run({"GET", "{t}d"}), Bulk("\xf0\0\xfe"s));
}

TEST(BitOp, MayWriteOverItsSourceAndDropsTheDeadline) {
  StringBench bench;
  bench.Run({"SETEX", "key", "10", "12"});
  EXPECT_EQ(bench.Run({"BITOP", "NOT", "key", "key"}), Integer(2));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("\xce\xcd"));
  EXPECT_EQ(bench.DeadlineOf("key"), Entry::kNoExpiry);
  EXPECT_EQ(bench.Run({"BITOP", "NOT", "key", "key"}), Integer(2));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("12"));
  EXPECT_EQ(bench.EncodingOf("key"), StringEncoding::kRaw);
}

TEST(BitOp, OfNothingDeletesTheDestination) {
  StringBench bench;
  bench.Run({"SET", "d", "old"});
  EXPECT_EQ(bench.Run({"BITOP", "OR", "d", "missing", "gone"}), Integer(0));
  EXPECT_FALSE(bench.Exists("d"));
  EXPECT_EQ(bench.Run({"BITOP", "NOT", "d", "missing"}), Integer(0));
}

TEST(BitOp, TakesExpiredSourcesAsMissing) {
  StringBench bench;
  bench.Run({"MSET", "{t}a", "aaa", "{t}b", "bbb"});
  bench.Run({"SET", "{t}c", "cccccc", "PX", "5"});
  bench.now_ms += 5;
  EXPECT_EQ(bench.Run({"BITOP", "OR", "{t}d", "{t}a", "{t}b", "{t}c"}), Integer(3));
  EXPECT_EQ(bench.Run({"GET", "{t}d"}), Bulk("ccc"));
}

TEST(BitOp, WorksOnBigStrings) {
  StringBench bench;
  bench.Run({"SETBIT", "{t}a", "8000000", "1"});
  bench.Run({"SETBIT", "{t}b", "7999999", "1"});
  EXPECT_EQ(bench.Run({"BITOP", "OR", "{t}d", "{t}a", "{t}b"}), Integer(1'000'001));
  EXPECT_EQ(bench.Run({"BITCOUNT", "{t}d"}), Integer(2));
  EXPECT_EQ(bench.Run({"BITPOS", "{t}d", "1"}), Integer(7'999'999));
  EXPECT_EQ(bench.Run({"SETBIT", "{t}d", "0", "1"}), Integer(0));
  EXPECT_EQ(bench.Run({"BITCOUNT", "{t}d"}), Integer(3));
}

TEST(BitOp, RefusesUnknownOperationsAndSecondSourcesOfNot) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"BITOP", "NAND", "d", "a"}), kSyntaxError);
  EXPECT_EQ(bench.Run({"BITOP", "NOT", "d", "a", "b"}),
            "-ERR BITOP NOT must be called with a single source key.\r\n");
}

}  // namespace
}  // namespace damselfly
