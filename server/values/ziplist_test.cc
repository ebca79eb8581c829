#include "server/values/ziplist.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

std::string Number(uint64_t value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8) text.push_back(static_cast<char>(value & 255));
  return text;
}

// A ziplist of elements that are encoded but for the size of the one before.
std::string Ziplist(const std::vector<std::string>& elements) {
  std::string body;
  size_t size_before = 0, last = 10;
  for (const std::string& element : elements) {
    last = 10 + body.size();
    const std::string before =
        size_before < 254 ? Number(size_before, 1) : absl::StrCat("\xfe", Number(size_before, 4));
    absl::StrAppend(&body, before, element);
    size_before = before.size() + element.size();
  }
  return absl::StrCat(Number(11 + body.size(), 4), Number(last, 4), Number(elements.size(), 2),
                      body, "\xff");
}

std::vector<std::string> Read(absl::string_view bytes) {
  std::vector<std::string> texts;
  const bool well_formed = ForEachInZiplist(bytes, [&](const PackElement& element) {
    char scratch[kIntegerBytesMax];
    texts.emplace_back(element.Text(scratch));
    return true;
  });
  if (!well_formed) return {"malformed"};
  return texts;
}

const std::string kMedium(300, 'm');
const std::string kLong(20000, 'l');

std::string Sample() {
  return Ziplist({absl::StrCat("\x05", "hello"), absl::StrCat("\x41\x2c", kMedium),
                  absl::StrCat(absl::string_view("\x80\x00\x00\x4e\x20", 5), kLong), "\xf1", "\xfd",
                  "\xfe\x80", "\xc0\x39\x30", "\xf0\xff\xff\xff",
                  absl::StrCat("\xd0", Number(1u << 30, 4)),
                  absl::StrCat("\xe0", Number(uint64_t{1} << 63, 8)), std::string(1, '\0')});
}

TEST(ZiplistTest, ReadsEveryEncoding) {
  EXPECT_THAT(Read(Sample()), ElementsAre("hello", kMedium, kLong, "0", "12", "-128", "12345", "-1",
                                          "1073741824", "-9223372036854775808", ""));
  EXPECT_THAT(Read(Ziplist({})), ElementsAre());
}

TEST(ZiplistTest, RefusesWhatIsCutShort) {
  const std::string whole = Sample();
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_THAT(Read(absl::string_view(whole).substr(0, size)), ElementsAre("malformed"));
  }
}

TEST(ZiplistTest, RefusesWhatDoesNotAgree) {
  const std::string good = Ziplist({absl::StrCat("\x05", "hello"), "\xf1"});
  ASSERT_THAT(Read(good), ElementsAre("hello", "0"));
  // Total, last element, count, size before, encodings that there are not, the end.
  for (const size_t at : {0, 4, 8, 10, 17, 18, 19}) {
    std::string bad = good;
    bad[at] = static_cast<char>(at == 18 ? 0xff : bad[at] + 1);
    EXPECT_THAT(Read(bad), ElementsAre("malformed")) << at;
  }
}

TEST(ZiplistTest, AnyByteMayBeWrong) {
  const std::string good = Ziplist({absl::StrCat("\x05", "hello"), "\xc0\x39\x30", "\xf1"});
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      Read(bad);
    }
  }
}

TEST(ZiplistTest, StopsWhereTheVisitorDoes) {
  int visited = 0;
  EXPECT_FALSE(ForEachInZiplist(Sample(), [&](const PackElement&) { return ++visited < 3; }));
  EXPECT_EQ(visited, 3);
}

}  // namespace
}  // namespace damselfly
