#include "benchmarks/load/reply_scanner.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

using Kind = ReplyScanner::Kind;

// Replies of every kind: what they are and the text that is seen of them.
struct Example {
  std::string bytes;
  Kind kind;
  std::string text;
};
const std::vector<Example>& Examples() {
  static const std::vector<Example>* const examples = new std::vector<Example>{
      {"+OK\r\n", Kind::kSimple, "OK"},
      {"+PONG\r\n", Kind::kSimple, "PONG"},
      {"-ERR no such thing\r\n", Kind::kError, "ERR no such thing"},
      {":12345\r\n", Kind::kSimple, "12345"},
      {"$5\r\nhello\r\n", Kind::kString, "hello"},
      {"$0\r\n\r\n", Kind::kString, ""},
      {"$4\r\n\r\n\r\n\r\n", Kind::kString, "\r\n\r\n"},
      {"$-1\r\n", Kind::kNull, ""},
      {"*-1\r\n", Kind::kNull, ""},
      {"_\r\n", Kind::kNull, ""},
      {"#t\r\n", Kind::kSimple, "t"},
      {",1.5\r\n", Kind::kSimple, "1.5"},
      {"(123456789012345678901234567890\r\n", Kind::kSimple, "123456789012345678901234567890"},
      {"=7\r\ntxt:abc\r\n", Kind::kString, "txt:abc"},
      {"!9\r\nERR oh no\r\n", Kind::kError, "ERR oh no"},
      {"*0\r\n", Kind::kAggregate, ""},
      {"*2\r\n$1\r\na\r\n:1\r\n", Kind::kAggregate, ""},
      {"*2\r\n*2\r\n+a\r\n-b\r\n*1\r\n$-1\r\n", Kind::kAggregate, ""},
      {"%1\r\n+k\r\n*1\r\n:1\r\n", Kind::kAggregate, ""},
      {"~2\r\n+a\r\n+b\r\n", Kind::kAggregate, ""},
      {"|1\r\n+ttl\r\n:5\r\n$1\r\nx\r\n", Kind::kAggregate, ""},
      {">2\r\n+message\r\n+x\r\n", Kind::kPush, ""},
      {"$100\r\n" + std::string(100, 'v') + "\r\n", Kind::kString, std::string(100, 'v')},
  };
  return *examples;
}

TEST(ReplyScannerTest, KnowsEveryKindOfReply) {
  for (const Example& example : Examples()) {
    ReplyScanner scanner;
    const ReplyScanner::Result result = scanner.Next(example.bytes);
    EXPECT_EQ(result.kind, example.kind) << example.bytes;
    EXPECT_EQ(result.bytes, example.bytes.size()) << example.bytes;
    EXPECT_EQ(std::string(result.text), example.text);
  }
}

TEST(ReplyScannerTest, BytesThatComeOneByOneGiveTheSame) {
  ReplyScanner scanner;
  for (const Example& example : Examples()) {
    for (size_t size = 0; size < example.bytes.size(); ++size) {
      ASSERT_EQ(scanner.Next(example.bytes.substr(0, size)).kind, Kind::kIncomplete)
          << example.bytes << " " << size;
    }
    const ReplyScanner::Result result = scanner.Next(example.bytes);
    EXPECT_EQ(result.kind, example.kind);
    EXPECT_EQ(result.bytes, example.bytes.size());
    EXPECT_EQ(std::string(result.text), example.text);
  }
}

TEST(ReplyScannerTest, TakesOneReplyAndLeavesTheNext) {
  std::string all;
  for (const Example& example : Examples()) all += example.bytes;
  ReplyScanner scanner;
  absl::string_view rest = all;
  for (const Example& example : Examples()) {
    const ReplyScanner::Result result = scanner.Next(rest);
    EXPECT_EQ(result.kind, example.kind);
    ASSERT_EQ(result.bytes, example.bytes.size());
    rest.remove_prefix(result.bytes);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(ReplyScannerTest, WhatIsNoRespIsMalformed) {
  for (const char* bad :
       {"hello\r\n", "+OK\n", "$x\r\n", "$-2\r\nab\r\n", "$3\r\nabcd\r\n", "*x\r\n", "%-1\r\n",
        "\r\n", "*2\r\n+a\r\nb\r\n", "$99999999999999\r\n"}) {
    EXPECT_EQ(ReplyScanner().Next(bad).kind, Kind::kMalformed) << bad;
  }
  EXPECT_EQ(ReplyScanner().Next("+" + std::string(100000, 'x')).kind, Kind::kMalformed);
}

TEST(ReplyScannerTest, OksAreCountedUpToTheFirstOtherReply) {
  std::string oks;
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(CountOks(oks, 1000), i);
    EXPECT_EQ(CountOks(oks + "+O", 1000), i);
    EXPECT_EQ(CountOks(oks + "-ERR x\r\n+OK\r\n", 1000), i);
    EXPECT_EQ(CountOks(oks, 10), std::min<size_t>(i, 10));
    oks += "+OK\r\n";
  }
}

}  // namespace
}  // namespace damselfly::load
