#include "server/values/crc64.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

// The definition: one bit at a time, most significant first, with what is reflected reflected.
uint64_t Reflect(uint64_t value, int bits) {
  uint64_t out = 0;
  for (int i = 0; i < bits; ++i) out |= ((value >> i) & 1) << (bits - 1 - i);
  return out;
}

uint64_t SlowCrc64(absl::string_view bytes) {
  uint64_t crc = 0;
  for (unsigned char byte : bytes) {
    crc ^= Reflect(byte, 8) << 56;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc << 1) ^ ((crc >> 63) != 0 ? 0xad93d23594c935a9 : 0);
    }
  }
  return Reflect(crc, 64);
}

TEST(Crc64, GivesTheKnownCheckValue) {
  EXPECT_EQ(Crc64(0, "123456789"), 0xe9c6d914c4b8d9ca);
  EXPECT_EQ(Crc64(0, ""), 0u);
}

TEST(Crc64, AgreesWithTheDefinitionAtEveryLength) {
  std::mt19937_64 random(1);
  std::string bytes;
  for (int length = 0; length < 200; ++length) {
    EXPECT_EQ(Crc64(0, bytes), SlowCrc64(bytes)) << length;
    bytes += static_cast<char>(random());
  }
}

TEST(Crc64, ContinuesTheSumOfWhatCameBefore) {
  const std::string bytes = "some bytes in two parts, of any lengths";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const absl::string_view view = bytes;
    EXPECT_EQ(Crc64(Crc64(0, view.substr(0, cut)), view.substr(cut)), Crc64(0, bytes)) << cut;
  }
}

}  // namespace
}  // namespace damselfly
