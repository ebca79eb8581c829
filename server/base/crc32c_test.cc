#include "server/base/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

// RFC 3720, appendix B.4; "123456789" is the check value of the catalogues.
TEST(Crc32cTest, KnownValues) {
  EXPECT_EQ(ExtendCrc32c(0, ""), 0u);
  EXPECT_EQ(ExtendCrc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<char>(i));
  EXPECT_EQ(ExtendCrc32c(0, ascending), 0x46dd794eu);
}

TEST(Crc32cTest, HowTheBytesAreCutMakesNoDifference) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 37));
  const uint32_t whole = ExtendCrc32c(0, bytes);
  for (size_t i = 0; i <= bytes.size(); ++i) {
    const absl::string_view view = bytes;
    EXPECT_EQ(ExtendCrc32c(ExtendCrc32c(0, view.substr(0, i)), view.substr(i)), whole) << i;
  }
}

TEST(Crc32cTest, AWordIsItsBytes) {
  EXPECT_EQ(ExtendCrc32cByWord(7, uint64_t{0x3837363534333231}), ExtendCrc32c(7, "12345678"));
  EXPECT_EQ(ExtendCrc32cByWord(7, uint32_t{0x34333231}), ExtendCrc32c(7, "1234"));
  EXPECT_EQ(ExtendCrc32cByWord(7, uint16_t{0x3231}), ExtendCrc32c(7, "12"));
  EXPECT_EQ(ExtendCrc32cByWord(7, uint8_t{0x31}), ExtendCrc32c(7, "1"));
}

}  // namespace
}  // namespace damselfly
