#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

std::string LengthHex(uint64_t length) {
  std::string out;
  RdbWriter(&out).Length(length);
  return absl::BytesToHexString(out);
}

std::string StringHex(absl::string_view bytes, bool compress = true) {
  std::string out;
  RdbWriter(&out, compress).String(bytes);
  return absl::BytesToHexString(out);
}

TEST(RdbLength, TakesTheShortestForm) {
  EXPECT_EQ(LengthHex(0), "00");
  EXPECT_EQ(LengthHex(63), "3f");
  EXPECT_EQ(LengthHex(64), "4040");
  EXPECT_EQ(LengthHex(16383), "7fff");
  EXPECT_EQ(LengthHex(16384), "8000004000");
  EXPECT_EQ(LengthHex(0xffffffff), "80ffffffff");
  EXPECT_EQ(LengthHex(0x100000000), "810000000100000000");
  EXPECT_EQ(LengthHex(UINT64_MAX), "81ffffffffffffffff");
}

TEST(RdbLength, ComesBackFromEveryForm) {
  for (int bits = 0; bits <= 64; ++bits) {
    for (int64_t delta = -1; delta <= 1; ++delta) {
      const uint64_t length = (bits == 64 ? 0 : uint64_t{1} << bits) + static_cast<uint64_t>(delta);
      std::string bytes;
      RdbWriter(&bytes).Length(length);
      RdbReader reader(bytes);
      uint64_t back;
      ASSERT_TRUE(reader.Length(&back));
      EXPECT_EQ(back, length);
      EXPECT_EQ(reader.remaining(), 0u);
    }
  }
}

TEST(RdbLength, OtherFirstBytesAreRefused) {
  for (int first : {0x82, 0xbf, 0xc0, 0xc3, 0xff}) {
    const std::string bytes = std::string(1, static_cast<char>(first)) + std::string(8, '\0');
    uint64_t length;
    EXPECT_FALSE(RdbReader(bytes).Length(&length)) << first;
  }
}

TEST(RdbString, NumbersAreCompactWhereTheirTextIsTheOneOfTheNumber) {
  EXPECT_EQ(StringHex("0"), "c000");
  EXPECT_EQ(StringHex("127"), "c07f");
  EXPECT_EQ(StringHex("-128"), "c080");
  EXPECT_EQ(StringHex("128"), "c18000");
  EXPECT_EQ(StringHex("-32768"), "c10080");
  EXPECT_EQ(StringHex("32768"), "c200800000");
  EXPECT_EQ(StringHex("-2147483648"), "c200000080");
  EXPECT_EQ(StringHex("2147483648"), "0a32313437343833363438");
  EXPECT_EQ(StringHex("007"), "03303037");
  EXPECT_EQ(StringHex("-0"), "022d30");
  EXPECT_EQ(StringHex(" 1"), "022031");
  EXPECT_EQ(StringHex(""), "00");
}

TEST(RdbString, IntegersAreWrittenAsTheirDigits) {
  for (int64_t value : {int64_t{0}, int64_t{-1}, int64_t{300}, int64_t{1} << 31, INT64_MIN}) {
    std::string as_integer, as_string;
    RdbWriter(&as_integer).Integer(value);
    RdbWriter(&as_string).String(absl::StrCat(value));
    EXPECT_EQ(as_integer, as_string) << value;
  }
}

TEST(RdbString, IsCompressedFromTwentyOneBytesOn) {
  EXPECT_EQ(StringHex(std::string(20, 'a')), "14" + absl::BytesToHexString(std::string(20, 'a')));
  EXPECT_EQ(StringHex(std::string(30, 'a')), "c3091e016161e01100016161");
  EXPECT_EQ(StringHex(std::string(30, 'a'), false).substr(0, 4), "1e61");
}

TEST(RdbString, ComesBackAsItWas) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    switch (random() % 3) {
      case 0:
        text = absl::StrCat(static_cast<int64_t>(random()) >> (random() % 64));
        break;
      case 1:
        text = std::string(random() % 20000, static_cast<char>('a' + random() % 3));
        break;
      default:
        for (size_t i = random() % 100; i > 0; --i) text += static_cast<char>(random());
    }
    std::string bytes;
    RdbWriter(&bytes, random() % 2 == 0).String(text);
    RdbReader reader(bytes);
    std::string back = "old";
    ASSERT_TRUE(reader.String(&back));
    EXPECT_EQ(back, text);
    EXPECT_EQ(reader.remaining(), 0u);

    // Cut anywhere, it is refused.
    if (bytes.size() > 200) continue;
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(RdbReader(absl::string_view(bytes).substr(0, size)).String(&back));
    }
  }
}

TEST(RdbString, IsAViewWhereItStandsAsItIs) {
  const std::string bytes =
      "\x03"
      "abc"
      "\xc0\x05";
  RdbReader reader(bytes);
  absl::string_view view;
  std::string scratch;
  ASSERT_TRUE(reader.String(&view, &scratch));
  EXPECT_EQ(view.data(), bytes.data() + 1);
  EXPECT_EQ(view, "abc");
  ASSERT_TRUE(reader.String(&view, &scratch));
  EXPECT_EQ(view, "5");
  EXPECT_EQ(view.data(), scratch.data());
}

TEST(RdbString, LengthsAreNotBelieved) {
  std::string out;
  // A plain string, a compressed one, and the size of a compressed one, of 2^63 bytes.
  for (absl::string_view hex :
       {"818000000000000000", "c381800000000000000001", "c301818000000000000000", "c4"}) {
    const std::string bytes = absl::HexStringToBytes(hex) + "aaaa";
    EXPECT_FALSE(RdbReader(bytes).String(&out)) << hex;
  }
}

TEST(RdbDouble, IsEightBytesLittleEndian) {
  std::string out;
  RdbWriter(&out).Double(1.5);
  EXPECT_EQ(absl::BytesToHexString(out), "000000000000f83f");
  for (double value : {0.0, -0.0, 3.14, std::numeric_limits<double>::infinity()}) {
    std::string bytes;
    RdbWriter(&bytes).Double(value);
    RdbReader reader(bytes);
    double back;
    ASSERT_TRUE(reader.Double(&back));
    EXPECT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value));
  }
}

TEST(RdbDouble, IsReadFromText) {
  double value;
  ASSERT_TRUE(RdbReader("\x04"
                        "-2.5")
                  .TextDouble(&value));
  EXPECT_EQ(value, -2.5);
  ASSERT_TRUE(RdbReader("\xfe").TextDouble(&value));
  EXPECT_EQ(value, std::numeric_limits<double>::infinity());
  ASSERT_TRUE(RdbReader("\xff").TextDouble(&value));
  EXPECT_EQ(value, -std::numeric_limits<double>::infinity());
  ASSERT_TRUE(RdbReader("\xfd").TextDouble(&value));
  EXPECT_NE(value, value);
  for (absl::string_view bad : {"",
                                "\x03"
                                "1.",
                                "\x02"
                                "xy"}) {
    EXPECT_FALSE(RdbReader(bad).TextDouble(&value)) << bad;
  }
}

TEST(RdbTime, IsInMilliseconds) {
  std::string bytes;
  RdbWriter(&bytes).Milliseconds(-2);
  EXPECT_EQ(absl::BytesToHexString(bytes), "feffffffffffffff");
  int64_t ms;
  ASSERT_TRUE(RdbReader(bytes).Milliseconds(&ms));
  EXPECT_EQ(ms, -2);
}

TEST(RdbReader, TakesOneThingAfterTheOther) {
  std::string bytes;
  RdbWriter writer(&bytes);
  writer.Type(RdbType::kSortedSet);
  writer.Length(1);
  writer.String("member");
  writer.Double(7);
  writer.Raw("tail");
  RdbReader reader(bytes);
  RdbType type;
  uint64_t length;
  std::string member;
  double score;
  ASSERT_TRUE(reader.Type(&type) && reader.Length(&length) && reader.String(&member) &&
              reader.Double(&score));
  EXPECT_EQ(type, RdbType::kSortedSet);
  EXPECT_EQ(length, 1u);
  EXPECT_EQ(member, "member");
  EXPECT_EQ(score, 7);
  EXPECT_EQ(reader.rest(), "tail");
}

}  // namespace
}  // namespace damselfly
