#include "server/values/dump_payload.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/values/crc64.h"

namespace damselfly {
namespace {

// DUMP of the string "10", by redis-server 7.0.
constexpr absl::string_view kTenHex = "00c00a0a006e9f57450eae63bb";

TEST(DumpPayload, IsTheOneOfRedis) {
  std::string bytes("\0\xc0\x0a", 3);
  AppendDumpFooter(&bytes);
  EXPECT_EQ(absl::BytesToHexString(bytes), kTenHex);
}

TEST(DumpPayload, OpensToItsValue) {
  const std::string payload = absl::HexStringToBytes(kTenHex);
  absl::string_view value;
  ASSERT_TRUE(OpenDumpPayload(payload, &value));
  EXPECT_EQ(value, absl::string_view("\0\xc0\x0a", 3));
}

TEST(DumpPayload, AnyChangedOrMissingByteIsNoticed) {
  const std::string payload = absl::HexStringToBytes(kTenHex);
  absl::string_view value;
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string other = payload;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(OpenDumpPayload(other, &value)) << i;
    EXPECT_FALSE(OpenDumpPayload(absl::string_view(payload).substr(0, i), &value)) << i;
    // The sum does not see zeros in front, and the first byte is one.
    if (i == 0) continue;
    EXPECT_FALSE(OpenDumpPayload(absl::string_view(payload).substr(i + 1), &value)) << i;
  }
}

TEST(DumpPayload, OlderVersionsAreTakenAndNewerOnesAreNot) {
  for (int version : {1, 9, 10, 11, 255}) {
    std::string payload("\0\xc0\x0a", 3);
    payload += static_cast<char>(version);
    payload += '\0';
    const uint64_t sum = Crc64(0, payload);
    payload.append(reinterpret_cast<const char*>(&sum), sizeof(sum));
    absl::string_view value;
    EXPECT_EQ(OpenDumpPayload(payload, &value), version <= 10) << version;
  }
}

}  // namespace
}  // namespace damselfly
