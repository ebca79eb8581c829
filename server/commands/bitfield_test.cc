#include "server/commands/bitfield.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "server/commands/bit_ops.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();
constexpr BitfieldType kI8 = {true, 8};
constexpr BitfieldType kU8 = {false, 8};
constexpr BitfieldType kI64 = {true, 64};
constexpr BitfieldType kU63 = {false, 63};

TEST(Bitfield, TypesHaveASignAndAWidth) {
  BitfieldType type;
  ASSERT_TRUE(ParseBitfieldType("i64", &type));
  EXPECT_EQ(type.max(), kInt64Max);
  EXPECT_EQ(type.min(), kInt64Min);
  ASSERT_TRUE(ParseBitfieldType("u63", &type));
  EXPECT_EQ(type.max(), kInt64Max);
  EXPECT_EQ(type.min(), 0);
  ASSERT_TRUE(ParseBitfieldType("i1", &type));
  EXPECT_EQ(type.max(), 0);
  EXPECT_EQ(type.min(), -1);
  for (const char* text : {"", "i", "u", "8", "u64", "i65", "u0", "i-1", "U8", "u08", "u8x"}) {
    EXPECT_FALSE(ParseBitfieldType(text, &type)) << text;
  }
}

TEST(Bitfield, ReadsBackWhatItWroteAndTouchesNothingElse) {
  Random random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(20, '\0');
    for (char& c : bytes) c = static_cast<char>(random.Next());
    const bool is_signed = random.Chance(1, 2);
    const BitfieldType type = {is_signed, static_cast<int>(random.Between(1, is_signed ? 64 : 63))};
    const int64_t offset = random.Between(0, 160 - type.bits);
    const std::string before = bytes;
    const int64_t old_value = ReadBitfield(bytes, offset, type);
    const int64_t value = random.Between(type.min(), type.max());
    WriteBitfield(&bytes[0], offset, type, value);
    EXPECT_EQ(ReadBitfield(bytes, offset, type), value);
    for (int64_t at = 0; at < 160; ++at) {
      if (at == offset) at += type.bits;
      ASSERT_EQ(BitAt(bytes, at), BitAt(before, at));
    }
    WriteBitfield(&bytes[0], offset, type, old_value);
    EXPECT_EQ(bytes, before);
  }
}

TEST(Bitfield, ReadsZerosBeyondTheEnd) {
  EXPECT_EQ(ReadBitfield("\xff", 4, kU8), 0xf0);
  EXPECT_EQ(ReadBitfield("\xff", 4, kI8), -16);
  EXPECT_EQ(ReadBitfield("", int64_t{1} << 32, kI64), 0);
}

// What AddBitfield makes of value + increment, or -999 for a failure.
int64_t Add(BitfieldType type, int64_t value, int64_t increment, BitfieldOverflow overflow) {
  int64_t sum;
  return AddBitfield(type, value, increment, overflow, &sum) ? sum : -999;
}

TEST(Bitfield, AdditionWrapsSaturatesOrFails) {
  constexpr auto kWrap = BitfieldOverflow::kWrap;
  constexpr auto kSaturate = BitfieldOverflow::kSaturate;
  constexpr auto kFail = BitfieldOverflow::kFail;
  EXPECT_EQ(Add(kU8, 255, 10, kWrap), 9);
  EXPECT_EQ(Add(kU8, 255, 10, kSaturate), 255);
  EXPECT_EQ(Add(kU8, 255, 10, kFail), -999);
  EXPECT_EQ(Add(kU8, 5, -6, kWrap), 255);
  EXPECT_EQ(Add(kU8, 5, -6, kSaturate), 0);
  EXPECT_EQ(Add(kU8, 5, kInt64Min, kWrap), 5);
  EXPECT_EQ(Add(kI8, 127, 1, kWrap), -128);
  EXPECT_EQ(Add(kI8, 127, 1, kSaturate), 127);
  EXPECT_EQ(Add(kI8, -128, -1, kSaturate), -128);
  EXPECT_EQ(Add(kI8, -128, -1, kFail), -999);
  EXPECT_EQ(Add(kI8, -100, kInt64Max, kSaturate), 127);
  EXPECT_EQ(Add(kI64, kInt64Max, 1, kWrap), kInt64Min);
  EXPECT_EQ(Add(kI64, kInt64Max, 1, kSaturate), kInt64Max);
  EXPECT_EQ(Add(kI64, kInt64Min, -1, kSaturate), kInt64Min);
  EXPECT_EQ(Add(kI64, kInt64Min, kInt64Max, kFail), -1);
  EXPECT_EQ(Add(kU63, kInt64Max, 1, kWrap), 0);
  EXPECT_EQ(Add(kU63, 0, -1, kWrap), kInt64Max);
}

TEST(Bitfield, ValuesThatDoNotFitAreBroughtIntoRange) {
  EXPECT_EQ(Add(kU8, -1, 0, BitfieldOverflow::kWrap), 255);
  EXPECT_EQ(Add(kU8, -1, 0, BitfieldOverflow::kSaturate), 255);
  EXPECT_EQ(Add(kU8, 300, 0, BitfieldOverflow::kFail), -999);
  EXPECT_EQ(Add(kI8, -300, 0, BitfieldOverflow::kSaturate), -128);
  EXPECT_EQ(Add(kI8, kInt64Max, 0, BitfieldOverflow::kSaturate), 127);
  // Redis's own answer, not the nearest number.
  EXPECT_EQ(Add(kI8, kInt64Min, 0, BitfieldOverflow::kSaturate), 127);
}

}  // namespace
}  // namespace damselfly
