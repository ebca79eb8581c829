#include "server/base/crc16.h"

#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

// The definition: one bit at a time.
uint16_t SlowCrc16(absl::string_view bytes) {
  uint32_t crc = 0;
  for (unsigned char byte : bytes) {
    crc ^= static_cast<uint32_t>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x11021 : 0);
  }
  return static_cast<uint16_t>(crc);
}

TEST(Crc16, GivesTheCheckValueOfTheClusterSpecification) {
  EXPECT_EQ(Crc16("123456789"), 0x31C3);
  EXPECT_EQ(Crc16(""), 0);
}

TEST(Crc16, AgreesWithTheDefinitionAtEveryLength) {
  std::mt19937_64 random(1);
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(Crc16(bytes), SlowCrc16(bytes)) << length;
    bytes += static_cast<char>(random());
  }
}

TEST(HashTag, IsWhatStandsInTheFirstBraces) {
  EXPECT_EQ(HashTag("{user1000}.following"), "user1000");
  EXPECT_EQ(HashTag("foo{}{bar}"), "foo{}{bar}");
  EXPECT_EQ(HashTag("foo{{bar}}zap"), "{bar");
  EXPECT_EQ(HashTag("foo{bar}{zap}"), "bar");
  EXPECT_EQ(HashTag("foo}bar{zap"), "foo}bar{zap");
  EXPECT_EQ(HashTag("foo}{zap}"), "zap");
  EXPECT_EQ(HashTag("{"), "{");
  EXPECT_EQ(HashTag("{}"), "{}");
  EXPECT_EQ(HashTag(""), "");
}

// As CLUSTER KEYSLOT of redis-server 7.0.15 answers.
TEST(KeySlot, AgreesWithRedis) {
  EXPECT_EQ(KeySlot("foo"), 12182);
  EXPECT_EQ(KeySlot("bar"), 5061);
  EXPECT_EQ(KeySlot(""), 0);
  EXPECT_EQ(KeySlot("{user1000}.following"), KeySlot("user1000"));
  EXPECT_EQ(KeySlot("user1000"), 3443);
}

TEST(KeySlot, FindsTheTagWhereverItStands) {
  for (size_t before = 0; before < 30; ++before) {
    for (size_t after = 0; after < 30; ++after) {
      const std::string key = std::string(before, 'z') + "{tag}" + std::string(after, '|');
      EXPECT_EQ(KeySlot(key), KeySlot("tag")) << key;
    }
  }
}

}  // namespace
}  // namespace damselfly
