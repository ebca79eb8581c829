#include "server/base/glob.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

struct Verdict {
  absl::string_view pattern;
  absl::string_view text;
  bool matches;
};

// Each line is what KEYS of redis-server 7.0.15 said with `text` as the only key.
constexpr Verdict kRedisVerdicts[] = {
    {"hello", "hello", true},
    {"hello", "hell", false},
    {"hello", "hello!", false},
    {"h?llo", "hallo", true},
    {"h?llo", "hllo", false},
    {"h*llo", "heeeello", true},
    {"h*llo", "hell", false},
    {"h[ae]llo", "hallo", true},
    {"h[ae]llo", "hillo", false},
    {"h[^e]llo", "hbllo", true},
    {"h[^e]llo", "hello", false},
    {"h[a-b]llo", "hbllo", true},
    {"h[a-b]llo", "hcllo", false},
    {"h[b-a]llo", "hallo", true},
    {"a\\*b", "a*b", true},
    {"a\\*b", "axb", false},
    {"\\\\", "\\", true},
    {"\\", "\\", true},
    {"a\\", "a\\", true},
    {"\\a", "a", true},
    {"[\\]]", "]", true},
    {"[\\a-z]", "b", false},
    {"[\\a-z]", "-", true},
    {"[\\a-z]", "a", true},
    {"[\\a-z]", "z", true},
    {"[\\", "\\", true},
    {"[", "[", false},
    {"[a", "a", true},
    {"[a", "b", false},
    {"[^", "x", true},
    {"[a-", "-", true},
    {"[a-", "a", true},
    {"[a-]", "^", true},
    {"[a-]", "a", true},
    {"[a-]", "-", false},
    {"[a-\\]", "^", true},
    {"[]", "a", false},
    {"[]", "x", false},
    {"[]a]", "a]", false},
    {"[^]", "x", true},
    {"[^]a", "xa", true},
    {"[^^]", "^", false},
    {"[a^]", "^", true},
    {"[-a]", "-", true},
    {"[a-a]", "a", true},
    {"[.-0]", "/", true},
    {"[\200-a]", "\377", true},
    {"[\200-a]", "\005", true},
    {"[a-\377]", "b", false},
    {"[a-\377]", " ", true},
    {"[\360-\377]", "\370", true},
    {"?", "\377", true},
    {"?", "\012", true},
    {"a*b", "a\012\001b", true},
    {"*a*b*c*", "xxaxxbxxcxx", true},
    {"*a*b*c*", "xxaxxcxxbxx", false},
    {"*?", "x", true},
    {"?*?", "x", false},
    {"?*?", "xy", true},
    {"a**b", "ab", true},
    {"a*", "a", true},
    {"*a", "a", true},
    {"ab*ba", "aba", false},
    {"ab*ba", "abba", true},
    {"**", "x", true},
    {"a?*", "a", false},
    {"a\\?*", "a?z", true},
    {"$.^(|)+{1}", "$.^(|)+{1}", true},
    {"a.c", "abc", false},
    {"*.c", "a.c", true},
    {"[[]", "[", true},
    {"[[a]", "a", true},
    {"*[", "x[", false},
    {"x*[]", "xy", false},
    {"a[b-d]*[^z]?", "acyyyq", true},
};

TEST(Glob, AgreesWithRedis) {
  for (const Verdict& verdict : kRedisVerdicts) {
    EXPECT_EQ(Glob(verdict.pattern).Matches(verdict.text), verdict.matches)
        << "pattern " << verdict.pattern << " text " << verdict.text;
  }
}

TEST(Glob, PatternsTooLargeForRe2GiveTheSameVerdicts) {
  const std::string padding(5000, 'x');
  for (const Verdict& verdict : kRedisVerdicts) {
    const std::string pattern = padding + std::string(verdict.pattern);
    const std::string text = padding + std::string(verdict.text);
    // The oddity of "**", that it does not match the empty string, is gone with the padding.
    EXPECT_EQ(Glob(pattern).Matches(text), verdict.matches)
        << "pattern " << verdict.pattern << " text " << verdict.text;
  }
}

TEST(Glob, OnlyTheStarAndTheEmptyPatternMatchTheEmptyString) {
  EXPECT_TRUE(Glob("*").Matches(""));
  EXPECT_TRUE(Glob("").Matches(""));
  for (absl::string_view pattern : {"**", "?", "*?", "[^]", "\\", "a*"}) {
    EXPECT_FALSE(Glob(pattern).Matches("")) << pattern;
  }
  EXPECT_FALSE(Glob("").Matches("x"));
}

TEST(Glob, FoldsAsciiCaseOnly) {
  EXPECT_TRUE(Glob("MaxMem*", true).Matches("maxmemory"));
  EXPECT_TRUE(Glob("*MEM?RY", true).Matches("maxmemory"));
  EXPECT_TRUE(Glob("a[B-C]?d", true).Matches("AbxD"));
  EXPECT_TRUE(Glob("PORT", true).Matches("port"));
  EXPECT_FALSE(Glob("PORT").Matches("port"));
  EXPECT_FALSE(Glob("\xc4", true).Matches("\xe4"));
  // Redis folds neither an escaped byte of a set, nor before it has put a range's bounds in order.
  EXPECT_FALSE(Glob("[\\A]", true).Matches("a"));
  EXPECT_FALSE(Glob("[Z-a]", true).Matches("m"));
}

TEST(Glob, TellsLiteralsAndPrefixes) {
  EXPECT_TRUE(Glob("*").matches_everything());
  EXPECT_FALSE(Glob("a*").matches_everything());
  EXPECT_TRUE(Glob("user\\*1").is_literal());
  EXPECT_EQ(Glob("user\\*1").prefix(), "user*1");
  EXPECT_EQ(Glob("user:*:name").prefix(), "user:");
  EXPECT_FALSE(Glob("user:*:name").is_literal());
  EXPECT_EQ(Glob("[a]b").prefix(), "");
}

TEST(Glob, PrefixAndSuffixMayNotOverlap) {
  EXPECT_FALSE(Glob("aba*aba").Matches("aba"));
  EXPECT_FALSE(Glob("aba*aba").Matches("ababa"));
  EXPECT_TRUE(Glob("aba*aba").Matches("abaaba"));
}

// What makes a backtracking matcher run for longer than the universe is old.
TEST(Glob, NoPatternTakesLong) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  pattern += "b";
  const std::string text(20000, 'a');
  EXPECT_FALSE(Glob(pattern).Matches(text));
  EXPECT_FALSE(Glob(pattern + std::string(5000, '*') + "b").Matches(text));
}

TEST(Glob, CanBeMoved) {
  Glob glob("a*b*c");
  Glob other("x");
  other = std::move(glob);
  EXPECT_TRUE(other.Matches("a1b2c"));
}

}  // namespace
}  // namespace damselfly
