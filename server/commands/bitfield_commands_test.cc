#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

constexpr char kBadOffset[] = "-ERR bit offset is not an integer or out of range\r\n";
constexpr char kBadType[] =
    "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "
    "i64 is.\r\n";

class BitFieldTest : public ::testing::Test {
 protected:
  // Runs a command given as words.
  std::string Run(absl::string_view line) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    return bench_.Run(absl::MakeConstSpan(words));
  }

  StringBench bench_;
};

TEST_F(BitFieldTest, RunsItsOperationsInOrder) {
  EXPECT_EQ(Run("BITFIELD key SET u8 0 255 GET u8 0 INCRBY u8 0 10 OVERFLOW SAT INCRBY u8 0 300 "
                "OVERFLOW FAIL INCRBY u8 0 1 GET u8 0"),
            "*6\r\n:0\r\n:255\r\n:9\r\n:255\r\n$-1\r\n:255\r\n");
  EXPECT_EQ(Run("BITFIELD key"), "*0\r\n");
  EXPECT_EQ(Run("BITFIELD missing OVERFLOW FAIL"), "*0\r\n");
  EXPECT_FALSE(bench_.Exists("missing"));
}

TEST_F(BitFieldTest, CountsFieldsWithAHash) {
  EXPECT_EQ(Run("BITFIELD key SET u8 #1 65 SET u8 #0 66"), "*2\r\n:0\r\n:0\r\n");
  EXPECT_EQ(Run("GET key"), Bulk("BA"));
  EXPECT_EQ(Run("BITFIELD_RO key GET u16 0 GET i4 #1"), "*2\r\n:16961\r\n:2\r\n");
  EXPECT_EQ(Run("BITFIELD key GET u8 #536870911"), "*1\r\n:0\r\n");
  EXPECT_EQ(Run("BITFIELD key GET u8 #536870912"), kBadOffset);
  // 2^58 fields of 64 bits begin at bit 2^64, which wraps to 0.
  EXPECT_EQ(Run("BITFIELD key GET i64 #288230376151711744"), Run("BITFIELD key GET i64 0"));
}

TEST_F(BitFieldTest, GrowsTheStringForAllItsWritesFirst) {
  EXPECT_EQ(Run("BITFIELD key GET u8 0 OVERFLOW FAIL SET u8 100 300"), "*2\r\n:0\r\n$-1\r\n");
  EXPECT_EQ(Run("STRLEN key"), Integer(14));
}

TEST_F(BitFieldTest, ThatChangesNothingIsNoChange) {
  Run("SETEX key 10 12");
  const int64_t changes = bench_.ChangeCount();
  EXPECT_EQ(Run("BITFIELD key SET u8 0 49 INCRBY u8 8 0 OVERFLOW FAIL INCRBY u8 0 900"),
            "*3\r\n:49\r\n:50\r\n$-1\r\n");
  EXPECT_EQ(bench_.ChangeCount(), changes);
  EXPECT_EQ(Run("BITFIELD key INCRBY u8 0 1 INCRBY u8 8 1 GET u16 0"),
            "*3\r\n:50\r\n:51\r\n:12851\r\n");
  EXPECT_EQ(Run("GET key"), Bulk("23"));
  EXPECT_EQ(bench_.DeadlineOf("key"), bench_.now_ms + 10'000);
}

TEST_F(BitFieldTest, RefusesWrongOperations) {
  for (const char* line :
       {"BITFIELD key GET", "BITFIELD key GET u8", "BITFIELD key SET u8 0", "BITFIELD key FOO u8 0",
        "BITFIELD key OVERFLOW", "BITFIELD key OVERFLOW FAIL INCRBY u8 0"}) {
    EXPECT_EQ(Run(line), kSyntaxError) << line;
  }
  EXPECT_EQ(Run("BITFIELD key OVERFLOW foo"), "-ERR Invalid OVERFLOW type specified\r\n");
  EXPECT_EQ(Run("BITFIELD key GET u64 0"), kBadType);
  EXPECT_EQ(Run("BITFIELD key GET x8 x"), kBadType);
  for (const char* offset : {"x", "#", "-1", "#-1", "4294967296"}) {
    EXPECT_EQ(Run(absl::StrCat("BITFIELD key GET u8 ", offset)), kBadOffset) << offset;
  }
  EXPECT_EQ(Run("BITFIELD key SET u8 0 1 SET u8 0 x"), kNotAnInteger);
  EXPECT_FALSE(bench_.Exists("key"));
}

TEST_F(BitFieldTest, ReadOnlyVariantOnlyReads) {
  constexpr char kOnlyGet[] = "-ERR BITFIELD_RO only supports the GET subcommand\r\n";
  EXPECT_EQ(Run("BITFIELD_RO key GET u8 0 SET u8 0 1"), kOnlyGet);
  EXPECT_EQ(Run("BITFIELD_RO key INCRBY u8 0 x"), kNotAnInteger);
  EXPECT_EQ(Run("BITFIELD_RO key OVERFLOW WRAP"), "*0\r\n");
  EXPECT_EQ(Run("BITFIELD_RO key GET u8 0"), "*1\r\n:0\r\n");
  EXPECT_FALSE(bench_.Exists("key"));
}

TEST_F(BitFieldTest, RepliesNullInTheClientsProtocol) {
  bench_.set_protocol(3);
  EXPECT_EQ(Run("BITFIELD key OVERFLOW FAIL SET u8 0 300"), "*1\r\n_\r\n");
}

}  // namespace
}  // namespace damselfly
