#include "testing/harness/client.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(ReplySize, CoversNestedAggregatesAndAttributes) {
  const absl::string_view reply = "|1\r\n+a\r\n:1\r\n*2\r\n$3\r\nfoo\r\n%1\r\n+k\r\n*-1\r\n";
  EXPECT_EQ(ReplySize(reply), reply.size());
}

TEST(ReplySize, IsZeroForEveryPrefixOfAReply) {
  const absl::string_view reply = "*3\r\n$5\r\na\r\nbc\r\n_\r\n~1\r\n,1.5\r\n";
  for (size_t bytes = 1; bytes < reply.size(); ++bytes)
    EXPECT_EQ(ReplySize(reply.substr(0, bytes)), 0u) << bytes;
  EXPECT_EQ(ReplySize(reply), reply.size());
}

TEST(ReplySize, RefusesWhatIsNoResp) { EXPECT_EQ(ReplySize("hello\r\n"), absl::string_view::npos); }

TEST(ReplySize, CountsNullBulksAndNullArrays) {
  EXPECT_EQ(ReplySize("$-1\r\n$-1\r\n"), 5u);
  EXPECT_EQ(ReplySize("*-1\r\n"), 5u);
}

}  // namespace
}  // namespace damselfly
