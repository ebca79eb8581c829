#include "server/base/bytes.h"

#include <string>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

// Each size that is compared and copied in a way of its own, and its neighbours.
constexpr size_t kSizeMax = 70;

std::string Pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 37 + 11);
  return text;
}

TEST(EqualBytesTest, EqualRangesOfEverySizeAreEqualWhateverStandsAroundThem) {
  for (size_t size = 0; size <= kSizeMax; ++size) {
    const std::string a = "<" + Pattern(size) + ">";
    const std::string b = "[[[" + Pattern(size) + "]";
    EXPECT_TRUE(EqualBytes(a.data() + 1, b.data() + 3, size)) << size;
  }
}

TEST(EqualBytesTest, OneBitInAnyByteMakesTheDifference) {
  for (size_t size = 1; size <= kSizeMax; ++size) {
    const std::string a = Pattern(size);
    for (size_t at = 0; at < size; ++at) {
      std::string b = a;
      b[at] = static_cast<char>(b[at] ^ (1 << (at % 8)));
      EXPECT_FALSE(EqualBytes(a.data(), b.data(), size)) << size << ", byte " << at;
    }
  }
}

TEST(CopyBytesTest, CopiesAllBytesAndNoOther) {
  for (size_t size = 0; size <= kSizeMax; ++size) {
    const std::string from = Pattern(size);
    std::string to(size + 2, '.');
    CopyBytes(to.data() + 1, from.data(), size);
    EXPECT_EQ(to, "." + from + ".") << size;
  }
}

}  // namespace
}  // namespace damselfly
