#include "server/resp/reply_skipper.h"

#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr absl::string_view kReplies =
    "+OK\r\n-ERR no\r\n:-3\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$-1\r\n*-1\r\n_\r\n*0\r\n"
    "*2\r\n*1\r\n:1\r\n-ERR inner\r\n%1\r\n+k\r\n~1\r\n:2\r\n>2\r\n+message\r\n:1\r\n"
    ",1.5\r\n#t\r\n(12345678901234567890\r\n=6\r\ntxt:hi\r\n|1\r\n+ttl\r\n:5\r\n*1\r\n+x\r\n-"
    "LOADING x\r\n";

TEST(ReplySkipper, CountsTopLevelRepliesHoweverTheyAreCut) {
  for (size_t step = 1; step <= kReplies.size(); ++step) {
    ReplySkipper skipper;
    int64_t replies = 0;
    for (size_t begin = 0; begin < kReplies.size(); begin += step) {
      const int64_t ended = skipper.Feed(kReplies.substr(begin, step));
      ASSERT_GE(ended, 0);
      replies += ended;
    }
    EXPECT_EQ(replies, 17) << step;
    EXPECT_EQ(skipper.pushes(), 1u);
    EXPECT_EQ(skipper.errors(), 2u);
    EXPECT_EQ(skipper.first_error(), "ERR no");
  }
}

TEST(ReplySkipper, RefusesWhatIsNoReply) {
  for (absl::string_view wire : {"hello\r\n", "$x\r\n", "*-2\r\n", "%-1\r\n", "\r\n", ":1\n"}) {
    ReplySkipper skipper;
    EXPECT_EQ(skipper.Feed(wire), -1) << wire;
    EXPECT_EQ(skipper.Feed("+OK\r\n"), -1);
  }
}

TEST(ReplySkipper, NoInputBreaksIt) {
  std::mt19937_64 random(11);
  constexpr absl::string_view kLetters = "*$%~>|+-:_,#(=\r\n0123456789atx";
  for (int round = 0; round < 20000; ++round) {
    std::string wire(kReplies);
    for (int i = 0; i < 4; ++i) wire[random() % wire.size()] = kLetters[random() % kLetters.size()];
    ReplySkipper whole, cut;
    const int64_t expected = whole.Feed(wire);
    int64_t counted = 0;
    for (size_t begin = 0; begin < wire.size() && counted >= 0;) {
      const size_t step = 1 + random() % 20;
      const int64_t ended = cut.Feed(absl::string_view(wire).substr(begin, step));
      counted = ended < 0 ? -1 : counted + ended;
      begin += step;
    }
    ASSERT_EQ(counted, expected);
  }
}

}  // namespace
}  // namespace damselfly
