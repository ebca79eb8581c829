#include "server/cluster/json_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Why the text is refused; "ok" if it is not.
std::string Judge(absl::string_view text) {
  const absl::StatusOr<JsonValue> document = ParseJson(text);
  return document.ok() ? "ok" : std::string(document.status().message());
}

std::string Repeat(absl::string_view unit, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, unit);
  return text;
}

std::string Nested(size_t depth) { return Repeat("[", depth) + Repeat("]", depth); }

TEST(JsonDocument, HoldsValuesOfEveryType) {
  const absl::StatusOr<JsonValue> document =
      ParseJson(R"([null, true, 7, -7, 7.0, "a\u00e9\n", {"x": [], "y": {}}])");
  ASSERT_TRUE(document.ok()) << document.status();
  const std::vector<JsonValue>& elements = document->elements;
  ASSERT_EQ(elements.size(), 7u);
  EXPECT_EQ(elements[0].type, JsonValue::Type::kNull);
  EXPECT_EQ(elements[1].type, JsonValue::Type::kBoolean);
  EXPECT_TRUE(elements[2].is_unsigned_integer);
  EXPECT_EQ(elements[2].integer, 7u);
  for (const int index : {3, 4}) {
    EXPECT_EQ(elements[index].type, JsonValue::Type::kNumber);
    EXPECT_FALSE(elements[index].is_unsigned_integer);
  }
  EXPECT_EQ(elements[5].text, "a\xC3\xA9\n");
  ASSERT_NE(elements[6].Find("y"), nullptr);
  EXPECT_EQ(elements[6].Find("y")->type, JsonValue::Type::kObject);
  EXPECT_EQ(elements[6].Find("z"), nullptr);
  EXPECT_EQ(elements[5].Find("y"), nullptr);
}

TEST(JsonDocument, TakesWhatTheStandardAllows) {
  for (const absl::string_view text :
       {"[]", "{}", "0", "-0", "\"\"", "null", " \t\r\n[ 1 , 2 ] \n", "1.5e-3", "1E+2", "1e-9999",
        "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\x7F\"", "[1,\"\xF0\x9F\x98\x80\"]",
        "123456789012345678901234567890", "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}"}) {
    EXPECT_EQ(Judge(text), "ok") << text;
  }
}

TEST(JsonDocument, RefusesWhatOnlyLooksLikeJson) {
  for (const absl::string_view text :
       {"[1,]",       "{\"a\":1,}", "['a']",     "{a:1}",     "[1 2]",      "[01]",
        "[+1]",       "[.5]",       "[1.]",      "[1e]",      "[-]",        "[NaN]",
        "[Infinity]", "[nul]",      "[True]",    "[0x10]",    "[1]]",       "[1] 2",
        "// a\n[]",   "[/* a */]",  "\"\\x41\"", "\"\\u12\"", "\"a\tb\"",   "\"a\nb\"",
        "[1}",        "{\"a\"}",    "{1:2}",     "\v[]",      "\xC2\xA0[]", ","}) {
    EXPECT_THAT(Judge(text), HasSubstr("syntax error near")) << text;
  }
}

TEST(JsonDocument, RefusesTextThatEndsTooEarly) {
  for (const absl::string_view text : {"", "  ", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "\"abc"}) {
    EXPECT_EQ(Judge(text), absl::StrCat("json: offset ", text.size(), ": the text ends too early"))
        << text;
  }
}

TEST(JsonDocument, RefusesBrokenUtf8AndLoneSurrogates) {
  for (const absl::string_view text :
       {"\"\x80\"", "\"\xC0\xAF\"", "\"\xE2\x28\xA1\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
        "\"\xFF\"", "\"\xC3\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\""}) {
    EXPECT_THAT(Judge(text), HasSubstr("syntax error near")) << text;
  }
}

TEST(JsonDocument, RefusesAByteOrderMark) {
  EXPECT_EQ(Judge("\xEF\xBB\xBF[]"), "json: offset 0: a byte order mark");
}

TEST(JsonDocument, RefusesNulBytesAlsoBehindTheDocument) {
  EXPECT_EQ(Judge(absl::string_view("[]\0garbage", 10)), "json: offset 2: a NUL byte");
  EXPECT_EQ(Judge(absl::string_view("[\"\0\"]", 5)), "json: offset 2: a NUL byte");
}

TEST(JsonDocument, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(Judge("[1E383]"), "json: offset 6: the number is too large");
  EXPECT_THAT(Judge("-1e400 "), HasSubstr("the number is too large"));
  EXPECT_THAT(Judge(Repeat("9", 400)), HasSubstr("the number is too large"));
}

TEST(JsonDocument, RefusesTwoMembersOfOneName) {
  EXPECT_EQ(Judge(R"({"a":1,"a":2})"), R"(json: offset 9: the member name "a" appears twice)");
  EXPECT_EQ(Judge(R"({"a":1,"\u0061":2})"),
            R"(json: offset 14: the member name "a" appears twice)");
  EXPECT_THAT(Judge(R"([{"x":{"":1,"b":[{}],"":2}}])"),
              HasSubstr(R"(the member name "" appears twice)"));
}

TEST(JsonDocument, RefusesTwoMembersOfOneNameAlsoAmongMany) {
  for (const int members : {15, 16, 17, 18, 1000}) {
    std::string object = "{";
    for (int i = 0; i < members; ++i) absl::StrAppend(&object, "\"m", i, "\":0,");
    EXPECT_EQ(Judge(object + "\"m\":0}"), "ok");
    for (const int twice : {0, members / 2, members - 1}) {
      EXPECT_THAT(Judge(absl::StrCat(object, "\"m", twice, "\":0}")),
                  HasSubstr(absl::StrCat("the member name \"m", twice, "\" appears twice")));
    }
  }
}

TEST(JsonDocument, RefusesDeepNestingWhereItBegins) {
  EXPECT_EQ(Judge(Nested(kDepthMax)), "ok");
  EXPECT_EQ(Judge(Nested(kDepthMax + 1)), "json: offset 16: more than 16 levels of nesting");
  EXPECT_EQ(Judge(Repeat("[", 64 << 20)), "json: offset 16: more than 16 levels of nesting");
  EXPECT_EQ(Judge(Repeat("{\"a\":", 17)), "json: offset 80: more than 16 levels of nesting");
}

TEST(JsonDocument, RefusesTooManyValues) {
  EXPECT_EQ(Judge("[" + Repeat("0,", kValuesMax - 2) + "0]"), "ok");
  EXPECT_THAT(Judge("[" + Repeat("0,", kValuesMax - 1) + "0]"),
              HasSubstr("more than 524288 values"));
  EXPECT_THAT(Judge("[" + Repeat("{},", 64 << 20 >> 2)), HasSubstr("more than 524288 values"));
}

TEST(JsonDocument, ShowsWhatIsAroundAFault) {
  EXPECT_EQ(Judge("[{\"start\": 0, \"end\": x16383}]"),
            R"(json: offset 21: syntax error near "art\": 0, \"end\": x16383}]")");
}

TEST(JsonDocument, ReasonsAreShortAndPrintable) {
  const std::string name = "\"" + Repeat("\x01\xFF\n", 1000) + "\"";
  const std::string valid_name = "\"" + Repeat("\xE2\x80\xA8\x7F", 1000) + "\"";
  for (const std::string& text :
       {name, "{" + valid_name + ":1," + valid_name + ":2}", "[" + Repeat("\xFF", 100000),
        "[" + Repeat("\"", 1000), std::string("[\r\n\r\n\r\n\r\n\r\n\r\n\x1B[31m")}) {
    const std::string reason = Judge(text);
    EXPECT_THAT(reason, StartsWith("json: offset "));
    EXPECT_LT(reason.size(), 300u);
    for (const char character : reason) EXPECT_TRUE(character >= ' ' && character <= '~') << reason;
  }
}

}  // namespace
}  // namespace damselfly
