#include "server/commands/bit_ops.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

std::string RandomBytes(Random& random, size_t size) {
  std::string bytes(size, '\0');
  // Long runs of equal bits and single deviations from them are where words are skipped.
  const char filler = random.Chance(1, 2) ? '\xff' : '\0';
  const bool sparse = random.Chance(1, 2);
  for (char& c : bytes) {
    c = sparse && !random.Chance(1, 50) ? filler : static_cast<char>(random.Next());
  }
  return bytes;
}

TEST(BitOps, CountAndFindAgreeWithLookingAtEveryBit) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    const std::string bytes = RandomBytes(random, 1 + random.Below(100));
    const int64_t bits = static_cast<int64_t>(bytes.size()) * 8;
    const int64_t first = random.Between(0, bits - 1);
    const int64_t last = random.Between(first, bits - 1);
    int64_t count = 0;
    int64_t found[2] = {-1, -1};
    for (int64_t at = last; at >= first; --at) {
      const bool bit = BitAt(bytes, at);
      count += bit ? 1 : 0;
      found[bit ? 1 : 0] = at;
    }
    EXPECT_EQ(CountBits(bytes, first, last), count);
    EXPECT_EQ(FindBit(bytes, false, first, last), found[0]);
    EXPECT_EQ(FindBit(bytes, true, first, last), found[1]);
  }
}

TEST(BitOps, TheFirstBitIsTheHighestOfTheFirstByte) {
  const absl::string_view bytes("\x80\x01", 2);
  EXPECT_TRUE(BitAt(bytes, 0));
  EXPECT_FALSE(BitAt(bytes, 7));
  EXPECT_TRUE(BitAt(bytes, 15));
  EXPECT_FALSE(BitAt(bytes, 16));
  EXPECT_FALSE(BitAt(bytes, int64_t{1} << 40));
}

TEST(BitOps, CombineAgreesWithBytesOneByOne) {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts(1 + random.Below(4));
    size_t size = 0;
    for (std::string& text : texts) {
      text = RandomBytes(random, random.Below(round < 20 ? 40'000 : 70));
      size = std::max(size, text.size());
    }
    const std::vector<absl::string_view> sources(texts.begin(), texts.end());
    for (const BitOperation operation :
         {BitOperation::kAnd, BitOperation::kOr, BitOperation::kXor, BitOperation::kNot}) {
      if (operation == BitOperation::kNot && texts.size() > 1) continue;
      std::string expected(size, '\0');
      for (size_t i = 0; i < size; ++i) {
        char byte = i < texts[0].size() ? texts[0][i] : '\0';
        if (operation == BitOperation::kNot) byte = static_cast<char>(~byte);
        for (size_t k = 1; k < texts.size(); ++k) {
          const char other = i < texts[k].size() ? texts[k][i] : '\0';
          if (operation == BitOperation::kAnd) byte = static_cast<char>(byte & other);
          if (operation == BitOperation::kOr) byte = static_cast<char>(byte | other);
          if (operation == BitOperation::kXor) byte = static_cast<char>(byte ^ other);
        }
        expected[i] = byte;
      }
      std::string result(size, 'r');
      CombineBits(operation, sources, &result[0], size);
      EXPECT_TRUE(result == expected);
    }
  }
}

}  // namespace
}  // namespace damselfly
