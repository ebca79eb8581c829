#include "server/values/ziplist.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

using Texts = std::vector<std::string>;

Texts TextsOf(const Pack& pack) {
  Texts texts;
  char scratch[kIntegerBytesMax];
  for (auto at = pack.First(); at != Pack::kNone; at = pack.Next(at))
    texts.emplace_back(pack.Get(at).Text(scratch));
  return texts;
}

std::string Ziplist() {
  const std::string elements = absl::HexStringToBytes(
                                   "00"
                                   "0161"  // a
                                   "03"
                                   "f1"  // 0
                                   "02"
                                   "fd"  // 12
                                   "02"
                                   "fe80"  // -128
                                   "03"
                                   "c0e803"  // 1000
                                   "04"
                                   "f0ffff7f"  // 8388607
                                   "05"
                                   "d000000080"  // -2147483648
                                   "06"
                                   "e0ffffffffffffff7f"
                                   "0a"
                                   "4050") +
                               std::string(80, 'x') +
                               absl::HexStringToBytes(
                                   "53"
                                   "8000000003626f62"  // bob, with the longest form of its size
                               );
  const size_t total = 10 + elements.size() + 1;
  std::string bytes = {
      static_cast<char>(total), 0, 0, 0, static_cast<char>(total - 10), 0, 0, 0, 10, 0};
  return bytes + elements + '\xff';
}

TEST(Ziplist, GivesEveryKindOfElement) {
  Pack pack;
  ASSERT_TRUE(PackFromZiplist(Ziplist(), &pack));
  EXPECT_EQ(TextsOf(pack), (Texts{"a", "0", "12", "-128", "1000", "8388607", "-2147483648",
                                  "9223372036854775807", std::string(80, 'x'), "bob"}));
}

TEST(Ziplist, GivesNothingOfAnEmptyOne) {
  Pack pack;
  EXPECT_TRUE(PackFromZiplist(absl::HexStringToBytes("0b0000000a0000000000ff"), &pack));
  EXPECT_TRUE(pack.empty());
}

TEST(Ziplist, RefusesMalformedBytes) {
  const std::string good = Ziplist();
  for (size_t size = 0; size < good.size(); ++size) {
    Pack pack;
    EXPECT_FALSE(PackFromZiplist(good.substr(0, size), &pack));
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      Pack pack;
      if (PackFromZiplist(bytes, &pack)) {
        EXPECT_TRUE(Pack::Validate(pack.ToListpack()));
      }
    }
  }
  Pack pack;
  EXPECT_FALSE(PackFromZiplist(good + "x", &pack));
}

TEST(Zipmap, GivesFieldsAndValues) {
  const std::string long_value(300, 'v');
  const std::string bytes = absl::HexStringToBytes(
                                "02"
                                "0161"
                                "0200"
                                "3132"
                                "0362"
                                "6f62"
                                "fe2c010000"
                                "02") +
                            long_value + absl::HexStringToBytes("0000ff");
  Pack pack;
  ASSERT_TRUE(PackFromZipmap(bytes, &pack));
  EXPECT_EQ(TextsOf(pack), (Texts{"a", "12", "bob", long_value}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    Pack cut;
    EXPECT_FALSE(PackFromZipmap(bytes.substr(0, size), &cut)) << size;
  }
}

}  // namespace
}  // namespace damselfly
