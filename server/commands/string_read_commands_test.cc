#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

using namespace std::string_literals;

TEST(Get, ReturnsTheValueOrNull) {
  StringBench bench;
  bench.Run({"SET", "key", "value"});
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk("value"));
  EXPECT_EQ(bench.Run({"GET", "missing"}), kNull);
  bench.set_protocol(3);
  EXPECT_EQ(bench.Run({"GET", "missing"}), "_\r\n");
}

TEST(Get, ReturnsAnyBytes) {
  StringBench bench;
  const absl::string_view binary("\0\r\n\xff$", 5);
  bench.Run({"SET", binary, binary});
  EXPECT_EQ(bench.Run({"GET", binary}), Bulk(binary));
  bench.Run({"SET", "", ""});
  EXPECT_EQ(bench.Run({"GET", ""}), Bulk(""));
}

TEST(Get, ReturnsIntegersAsTheirDigits) {
  StringBench bench;
  for (const absl::string_view digits :
       {"0", "7", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "007",
        "-0", "+1"}) {
    bench.Run({"SET", "key", digits});
    EXPECT_EQ(bench.Run({"GET", "key"}), Bulk(digits));
  }
}

TEST(Get, CountsHitsAndMisses) {
  StringBench bench;
  bench.Run({"SET", "key", "value"});
  bench.Run({"GET", "key"});
  bench.Run({"GET", "missing"});
  bench.Run({"MGET", "key", "missing", "key"});
  EXPECT_EQ(bench.counters().keyspace_hits.get(), 3);
  EXPECT_EQ(bench.counters().keyspace_misses.get(), 2);
}

TEST(Get, HandsOverBigValuesThatCameInABlob) {
  StringBench bench;
  bench.blob_bytes_min = 10'000;
  const std::string big(100'000, 'b');
  EXPECT_EQ(bench.Run({"SET", "key", big}), kOk);
  EXPECT_EQ(bench.Run({"GET", "key"}), Bulk(big));
  EXPECT_EQ(bench.Run({"GETRANGE", "key", "-3", "-1"}), Bulk("bbb"));
  EXPECT_EQ(bench.Run({"STRLEN", "key"}), Integer(100'000));
  EXPECT_EQ(bench.Run({"MSET", "one", big, "two", "2"}), kOk);
  EXPECT_EQ(bench.Run({"MGET", "one", "two"}), "*2\r\n" + Bulk(big) + Bulk("2"));
}

TEST(MGet, AnswersEveryKeyInOrder) {
  StringBench bench;
  bench.Run({"MSET", "a", "1", "b", "two"});
  EXPECT_EQ(bench.Run({"MGET", "b", "missing", "a", "b"}),
            "*4\r\n$3\r\ntwo\r\n$-1\r\n$1\r\n1\r\n$3\r\ntwo\r\n");
}

TEST(Strlen, CountsBytes) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"STRLEN", "missing"}), Integer(0));
  bench.Run({"SET", "key", "a\0b"s});
  EXPECT_EQ(bench.Run({"STRLEN", "key"}), Integer(3));
  bench.Run({"SET", "key", "-12345"});
  EXPECT_EQ(bench.Run({"STRLEN", "key"}), Integer(6));
}

TEST(GetRange, CountsNegativePositionsFromTheEndAndClamps) {
  StringBench bench;
  bench.Run({"SET", "key", "hello"});
  const struct {
    absl::string_view start, end, expected;
  } cases[] = {
      {"0", "-1", "hello"},
      {"-3", "-1", "llo"},
      {"-1", "-3", ""},
      {"-100", "2", "hel"},
      {"-100", "-200", ""},
      {"-200", "-100", "h"},
      {"3", "100", "lo"},
      {"100", "200", ""},
      {"2", "2", "l"},
      {"9223372036854775807", "-9223372036854775808", ""},
      {"-9223372036854775808", "9223372036854775807", "hello"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(bench.Run({"GETRANGE", "key", c.start, c.end}), Bulk(c.expected))
        << c.start << " " << c.end;
    EXPECT_EQ(bench.Run({"SUBSTR", "key", c.start, c.end}), Bulk(c.expected));
  }
  EXPECT_EQ(bench.Run({"GETRANGE", "missing", "0", "-1"}), Bulk(""));
}

TEST(GetRange, CutsTheDigitsOfIntegers) {
  StringBench bench;
  bench.Run({"SET", "key", "-12345"});
  EXPECT_EQ(bench.Run({"GETRANGE", "key", "0", "1"}), Bulk("-1"));
}

TEST(GetRange, ChecksItsPositionsBeforeTheKey) {
  StringBench bench;
  EXPECT_EQ(bench.Run({"GETRANGE", "missing", "x", "1"}), kNotAnInteger);
  EXPECT_EQ(bench.Run({"GETRANGE", "missing", "0", "9223372036854775808"}), kNotAnInteger);
}

}  // namespace
}  // namespace damselfly
