#include "sim/picture/resp_text.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::string Request(absl::string_view bytes) { return RespText(bytes, true, 200); }
std::string Reply(absl::string_view bytes) { return RespText(bytes, false, 200); }

TEST(RespTextTest, RequestsReadAsTheyAreTyped) {
  EXPECT_EQ("SET r:3 c0-12", Request("*3\r\n$3\r\nSET\r\n$3\r\nr:3\r\n$5\r\nc0-12\r\n"));
  EXPECT_EQ("MULTI | GET \"a b\"",
            Request("*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$3\r\na b\r\n"));
  EXPECT_EQ("SET k \"\"", Request("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"));
}

TEST(RespTextTest, RepliesReadAsRedisCliShowsThem) {
  EXPECT_EQ("OK | (integer) 3 | (nil) | (nil)", Reply("+OK\r\n:3\r\n$-1\r\n_\r\n"));
  EXPECT_EQ("(error) MOVED 12 10.0.0.2:6379", Reply("-MOVED 12 10.0.0.2:6379\r\n"));
  EXPECT_EQ("[\"a\", [(integer) 1]]", Reply("*2\r\n$1\r\na\r\n*1\r\n:1\r\n"));
  EXPECT_EQ("{\"a\": (integer) 1, \"b\": (integer) 2}",
            Reply("%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n"));
  EXPECT_EQ("push [\"message\"]", Reply(">1\r\n$7\r\nmessage\r\n"));
}

TEST(RespTextTest, WhatIsNotWholeEndsInDots) {
  EXPECT_EQ("SET k ...", Request("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n"));
  EXPECT_EQ("SET key...", Request("*2\r\n$3\r\nSET\r\n$6\r\nkey"));
  EXPECT_EQ("[\"a\", ...", Reply("*2\r\n$1\r\na\r\n"));
  EXPECT_EQ("OK | ...", Reply("+OK\r\n-ER"));
}

TEST(RespTextTest, LongStringsAndManyRequestsAreCut) {
  const std::string value(1000, 'x');
  const std::string request = absl::StrCat("*2\r\n$3\r\nSET\r\n$1000\r\n", value, "\r\n");
  EXPECT_EQ(absl::StrCat("SET ", value.substr(0, 48), "..."), Request(request));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "*1\r\n$4\r\nPING\r\n";
  EXPECT_LT(Request(many).size(), 250u);
  EXPECT_EQ("...", Request(many).substr(Request(many).size() - 3));
}

TEST(RespTextTest, WhatIsNoRespIsShownByItsBytes) {
  EXPECT_EQ("\\x01zoom\\xff", Reply("\x01zoom\xff"));
  EXPECT_EQ("", Reply(""));
}

TEST(RespTextTest, AllThatComesOutIsPrintable) {
  std::string bytes = "*2\r\n$256\r\n";
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes += "\r\n+\x80\n\r\n";
  for (size_t begin = 0; begin < bytes.size(); ++begin) {
    for (const bool requests : {false, true}) {
      for (const char c : RespText(absl::string_view(bytes).substr(begin), requests, 100)) {
        ASSERT_GE(c, ' ');
        ASSERT_LE(c, '~');
      }
    }
  }
}

TEST(RespTextTest, DepthWithoutEndIsNotFollowed) {
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes += "*1\r\n";
  EXPECT_EQ("...", Reply(bytes).substr(Reply(bytes).size() - 3));
}

TEST(RespTextTest, NumbersWithoutSenseAreNoRequest) {
  EXPECT_EQ("*-7\\r\\n", Request("*-7\r\n"));
  EXPECT_EQ("$99999999999999999999\\r\\n", Reply("$99999999999999999999\r\n"));
  EXPECT_EQ("...", Request("*9000000000\r\n"));
}

}  // namespace
}  // namespace damselfly::sim
