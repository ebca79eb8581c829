#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

using namespace std::string_literals;

TEST(GetDel, ReturnsAndDeletes) {
  StringBench bench;
  bench.Run({"SET", "key", "12"});
  EXPECT_EQ(bench.Run({"GETDEL", "key"}), Bulk("12"));
  EXPECT_FALSE(bench.Exists("key"));
  EXPECT_EQ(bench.Run({"GETDEL", "key"}), kNull);
}

TEST(GetDel, ReturnsABigValueThatIsGone) {
  StringBench bench;
  bench.blob_bytes_min = 10'000;
  const std::string big(100'000, 'b');
  bench.Run({"SET", "key", big});
  EXPECT_EQ(bench.Run({"GETDEL", "key"}), Bulk(big));
  EXPECT_FALSE(bench.Exists("key"));
}

TEST(GetSet, ReturnsTheOldValueAndDropsTheDeadline) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"GETSET", "key", "one"}), kNull);
  bench.Run({"SETEX", "key", "10", "two"});
  EXPECT_EQ(bench.Run({"GETSET", "key", "three"}), Bulk("two"));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("three"));
  EXPECT_EQ(bench.DeadlineOf("key"), Entry::kNoExpiry);
}

TEST(MSet, SetsAllAndTheLastOfARepeatedKeyStays) {
  StringBench bench;
  bench.Run({"SETEX", "a", "10", "old"});
  EXPECT_EQ(bench.Run({"MSET", "a", "1", "b", "2", "a", "3"}), kOk);
  EXPECT_EQ(bench.Run({"MGET", "a", "b"}), "*2\r\n$1\r\n3\r\n$1\r\n2\r\n");
  EXPECT_EQ(bench.DeadlineOf("a"), Entry::kNoExpiry);
}

TEST(MSet, WantsPairs) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"MSET", "a", "1", "b"}),
            "-ERR wrong number of arguments for 'mset' command\r\n");
  EXPECT_EQ(bench.Run({"MSETNX", "a", "1", "b"}),
            "-ERR wrong number of arguments for 'msetnx' command\r\n");
  EXPECT_FALSE(bench.Exists("a"));
}

TEST(MSetNx, SetsAllOrNothing) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"MSETNX", "a", "1", "b", "2", "b", "3"}), Integer(1));
  EXPECT_EQ(bench.Run({"GET", "b"}), Bulk("3"));
  EXPECT_EQ(bench.Run({"MSETNX", "c", "1", "a", "2"}), Integer(0));
  EXPECT_FALSE(bench.Exists("c"));
  EXPECT_EQ(bench.Run({"GET", "a"}), Bulk("1"));
}

TEST(Append, CreatesAndGrows) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"APPEND", "key", "12"}), Integer(2));
  EXPECT_EQ(bench.EncodingOf("key"), StringEncoding::kInt);
  EXPECT_EQ(bench.Run({"APPEND", "key", "3"}), Integer(3));
  EXPECT_EQ(bench.EncodingOf("key"), StringEncoding::kRaw);
  EXPECT_EQ(bench.Run({"APPEND", "key", "\0\xff"s}), Integer(5));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("123\0\xff"s));
  EXPECT_EQ(bench.Run({"APPEND", "empty", ""}), Integer(0));
  EXPECT_TRUE(bench.Exists("empty"));
}

TEST(Append, GrowsThroughEverySizeAndKeepsTheDeadline) {
  StringBench bench;
  std::string expected = "x";
  bench.Run({"SETEX", "key", "100", expected});
  for (int i = 0; i < 3000; ++i) {
    const char c = static_cast<char>(i);
    bench.Run({"APPEND", "key", absl::string_view(&c, 1)});
    expected.push_back(c);
  }
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk(expected));
  EXPECT_EQ(bench.DeadlineOf("key"), bench.now_ms + 100'000);
}

TEST(Append, DoesNotTouchAReplyThatSharesTheOldValue) {
  StringBench bench;
  bench.blob_bytes_min = 10'000;
  const std::string big(100'000, 'b');
  bench.Run({"MSET", "one", big, "two", big});
  EXPECT_EQ(bench.Run({"GETSET", "one", big}), Bulk(big));
  EXPECT_EQ(bench.Run({"APPEND", "one", "tail"}), Integer(100'004));
  EXPECT_EQ(bench.Run({"GETRANGE", "one", "-5", "-1"}), Bulk("btail"));
  EXPECT_EQ(bench.Run({"STRLEN", "two"}), Integer(100'000));
}

TEST(SetRange, OverwritesAndFillsGapsWithZeros) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "2", "ab"}), Integer(4));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("\0\0ab"s));
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "0", "xyz"}), Integer(4));
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("xyzb"));
  bench.Run({"SET", "number", "5"});
  EXPECT_EQ(bench.Run({"SETRANGE", "number", "3", "x"}), Integer(4));
  EXPECT_EQ(bench.Run({"GET", "number"}), Bulk("5\0\0x"s));
}

TEST(SetRange, WithNothingToWriteChangesNothing) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "9223372036854775807", ""}), Integer(0));
  EXPECT_FALSE(bench.Exists("key"));
  bench.Run({"SET", "key", "12"});
  const int64_t changes = bench.ChangeCount();
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "600000000", ""}), Integer(2));
  EXPECT_EQ(bench.EncodingOf("key"), StringEncoding::kInt);
  EXPECT_EQ(bench.ChangeCount(), changes);
}

TEST(SetRange, RefusesOffsetsOutOfRange) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "-1", ""}), "-ERR offset is out of range\r\n");
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "x", ""}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "536870911", "ab"}), kTooLong);
  EXPECT_EQ(bench.Run({"SETRANGE", "key", "9223372036854775807", "ab"}), kTooLong);
  EXPECT_FALSE(bench.Exists("key"));
}

}  // namespace
}  // namespace damselfly
