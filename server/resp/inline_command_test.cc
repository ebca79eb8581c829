#include "server/resp/inline_command.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/resp/arg_arena.h"

namespace damselfly {
namespace {

using Args = std::vector<std::string>;

Args Split(absl::string_view line) {
  ArgArena arena;
  std::vector<std::unique_ptr<char[]>> unescaped;
  if (!SplitInlineCommand(line, &arena, &unescaped)) return {"unbalanced"};
  const auto args = arena.Close();
  return Args(args.begin(), args.end());
}

// All verified with redis-server 7.0.15.
TEST(SplitInlineCommand, SplitsAsRedisDoes) {
  EXPECT_EQ(Split("PING"), (Args{"PING"}));
  EXPECT_EQ(Split("  SET\tk   v  "), (Args{"SET", "k", "v"}));
  EXPECT_EQ(Split(""), Args{});
  EXPECT_EQ(Split(" \t\v "), Args{});
  EXPECT_EQ(Split("PING x\ry"), (Args{"PING", "x", "y"}));
  EXPECT_EQ(Split("PING x\v\fy"), (Args{"PING", "x\v\fy"}));
  EXPECT_EQ(Split("PING \vx"), (Args{"PING", "x"}));
  EXPECT_EQ(Split("PING \x85\xa0x"), (Args{"PING", "\x85\xa0x"}));
}

TEST(SplitInlineCommand, KnowsBothKindsOfQuotes) {
  EXPECT_EQ(Split("PING \"\\x41\\n\\\"\\q\""), (Args{"PING", "A\n\"q"}));
  EXPECT_EQ(Split("PING \"\\x4g\\x\""), (Args{"PING", "x4gx"}));
  EXPECT_EQ(Split("PING \"\\r\\t\\b\\a\""), (Args{"PING", "\r\t\b\a"}));
  EXPECT_EQ(Split("PING 'a\\'b\\n'"), (Args{"PING", "a'b\\n"}));
  EXPECT_EQ(Split("PING a\"b\""), (Args{"PING", "ab"}));
  EXPECT_EQ(Split("PING ''"), (Args{"PING", ""}));
  EXPECT_EQ(Split("\"\" x"), (Args{"", "x"}));
  EXPECT_EQ(Split("a\"b c\" d"), (Args{"ab c", "d"}));
  EXPECT_EQ(Split("'a'\v'b'"), (Args{"a", "b"}));
}

TEST(SplitInlineCommand, RefusesUnbalancedQuotes) {
  for (absl::string_view line :
       {"\"", "'", "a \"b", "a 'b", "\"a\"b", "'a'b", "\"a\\\"", "'a\\'", "\"a\\", "a\"b\"c"}) {
    EXPECT_EQ(Split(line), (Args{"unbalanced"})) << line;
  }
}

}  // namespace
}  // namespace damselfly
