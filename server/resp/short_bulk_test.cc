#include "server/resp/short_bulk.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

// The first `count` words, or "none".
std::vector<std::string> Peek(const std::string& data, size_t count) {
  std::vector<absl::string_view> words(count);
  if (!PeekWords(data, absl::MakeSpan(words))) return {"none"};
  return std::vector<std::string>(words.begin(), words.end());
}

using Words = std::vector<std::string>;
const Words kNone = {"none"};

TEST(PeekWords, SeesTheFirstWordsOfACommandOfWhichTheyHaveCome) {
  EXPECT_EQ(Peek("*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n", 2), (Words{"GET", "key:1"}));
  EXPECT_EQ(Peek("*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n", 1), Words{"GET"});
  EXPECT_EQ(Peek("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$70000\r\nhalf of it", 2), (Words{"SET", ""}));
}

TEST(PeekWords, SeesNothingOfWhatIsCutAnywhere) {
  const std::string whole = "*2\r\n$3\r\nGET\r\n$12\r\nkey:12345678\r\n";
  for (size_t bytes = 0; bytes < whole.size(); ++bytes)
    EXPECT_EQ(Peek(whole.substr(0, bytes), 2), kNone) << bytes;
  EXPECT_EQ(Peek(whole, 2), (Words{"GET", "key:12345678"}));
}

TEST(PeekWords, SeesWordsOfUpTo99Bytes) {
  const std::string longest(99, 'x');
  EXPECT_EQ(Peek(absl::StrCat("*1\r\n$99\r\n", longest, "\r\n"), 1), Words{longest});
  EXPECT_EQ(Peek(absl::StrCat("*1\r\n$100\r\n", longest, "x\r\n"), 1), kNone);
}

TEST(PeekWords, SeesNothingWhereThereAreFewerWordsOrMoreThanNine) {
  EXPECT_EQ(Peek("*1\r\n$4\r\nPING\r\n$1\r\nx\r\n", 2), kNone);
  EXPECT_EQ(Peek("*10\r\n$4\r\nMGET\r\n$1\r\nx\r\n", 2), kNone);
  EXPECT_EQ(Peek("*0\r\n", 1), kNone);
}

TEST(PeekWords, SeesNothingInWhatIsNoArrayOfBulkStrings) {
  for (const char* data : {"GET key:1\r\n", "*-1\r\n$3\r\nGET\r\n", "*:\r\n$3\r\nGET\r\n",
                           "*1\r\n:3\r\nGET\r\n", "*1\r\n$-1\r\n\r\n\r\n\r\n",
                           "*1\r\n$03\r\nGET\r\n", "*1\r\n$3x\r\nGET\r\n", "*1\r\n$x\r\nGET\r\n"}) {
    EXPECT_EQ(Peek(data, 1), kNone) << data;
  }
}

}  // namespace
}  // namespace damselfly
