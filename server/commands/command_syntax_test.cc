#include "server/commands/command_syntax.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::string Describe(const std::vector<SyntaxNode>& nodes);

// "TOKEN name:type#spec@since(children){flags}", as short as it goes.
std::string Describe(const SyntaxNode& node) {
  std::string text;
  if (node.type == "pure-token" || !node.token.empty())
    absl::StrAppend(&text, "'", node.token, "' ");
  absl::StrAppend(&text, node.name, ":", node.type);
  if (node.key_spec_index >= 0) absl::StrAppend(&text, "#", node.key_spec_index);
  if (!node.since.empty()) absl::StrAppend(&text, "@", node.since);
  if (!node.children.empty()) absl::StrAppend(&text, "(", Describe(node.children), ")");
  if (node.flags & SyntaxNode::kOptional) text += "?";
  if (node.flags & SyntaxNode::kMultiple) text += "*";
  if (node.flags & SyntaxNode::kMultipleToken) text += "+";
  return text;
}

std::string Describe(const std::vector<SyntaxNode>& nodes) {
  std::string text;
  for (const SyntaxNode& node : nodes)
    absl::StrAppend(&text, text.empty() ? "" : ", ", Describe(node));
  return text;
}

std::string Parse(absl::string_view syntax, int key_spec_count = 1) {
  absl::StatusOr<std::vector<SyntaxNode>> nodes = ParseSyntax(syntax, key_spec_count);
  return nodes.ok() ? Describe(*nodes) : std::string(nodes.status().message());
}

TEST(CommandSyntax, TypesFollowFromNamesUnlessGiven) {
  EXPECT_EQ(Parse("key value seconds unix-time-seconds pattern value:integer increment:double"),
            "key:key#0, value:string, seconds:integer, unix-time-seconds:unix-time, "
            "pattern:pattern, value:integer, "
            "increment:double");
}

TEST(CommandSyntax, NothingIsNoArguments) { EXPECT_EQ(Parse(""), ""); }

TEST(CommandSyntax, KeysBelongToKeySpecsInOrderAndTheLastTakesTheRest) {
  EXPECT_EQ(Parse("source destination", 2), "source:key#0, destination:key#1");
  EXPECT_EQ(Parse("key1 key2", 1), "key1:key#0, key2:key#0");
  EXPECT_EQ(Parse("key [STORE destination#2]", 3), "key:key#0, 'STORE' destination:key#2?");
  EXPECT_EQ(Parse("key", 0), "key:key");
}

TEST(CommandSyntax, SuffixesAndBrackets) {
  EXPECT_EQ(Parse("key..."), "key:key#0*");
  EXPECT_EQ(Parse("[count@3.2.0]"), "count:integer@3.2.0?");
  EXPECT_EQ(Parse("[section...]"), "section:string?*");
  EXPECT_EQ(Parse("[section]..."), "section:string?*");
  EXPECT_EQ(Parse("[count@3.2.0...]"), "count:integer@3.2.0?*");
  EXPECT_EQ(Parse("[GET pattern#1...+]"), "'GET' pattern:pattern#1?*+");
}

TEST(CommandSyntax, Tokens) {
  EXPECT_EQ(Parse("[LEN] [CH:change] [GET@6.2.0]"),
            "'LEN' len:pure-token?, 'CH' change:pure-token?, 'GET' "
            "get:pure-token@6.2.0?");
  EXPECT_EQ(Parse("[DB destination-db] [REPLACE]"),
            "'DB' destination-db:integer?, 'REPLACE' replace:pure-token?");
  EXPECT_EQ(Parse("NO ONE"), "'NO' no:pure-token, 'ONE' one:pure-token");
  EXPECT_EQ(Parse("[\"=\":equal | \"~\":approximately]"),
            "equal_approximately:oneof('=' equal:pure-token, '~' approximately:pure-token)?");
  EXPECT_EQ(Parse("\"\":empty_string"), "'' empty_string:pure-token");
}

TEST(CommandSyntax, OneOf) {
  EXPECT_EQ(Parse("[condition<NX | XX>@7.0.0]"),
            "condition:oneof@7.0.0('NX' nx:pure-token, 'XX' xx:pure-token)?");
  EXPECT_EQ(Parse("[NOSAVE | SAVE]"),
            "nosave_save:oneof('NOSAVE' nosave:pure-token, 'SAVE' save:pure-token)?");
  EXPECT_EQ(Parse("[EX seconds | KEEPTTL@6.0.0]"),
            "seconds_keepttl:oneof('EX' seconds:integer, 'KEEPTTL' keepttl:pure-token@6.0.0)?");
  EXPECT_EQ(Parse("[FILTERBY filterby<MODULE module-name | PATTERN pattern>]"),
            "'FILTERBY' filterby:oneof('MODULE' module-name:string, 'PATTERN' pattern:pattern)?");
}

TEST(CommandSyntax, Blocks) {
  EXPECT_EQ(Parse("<key value>..."), "key_value:block(key:key#0, value:string)*");
  EXPECT_EQ(Parse("parameter<parameter>..."), "parameter:block(parameter:string)*");
  EXPECT_EQ(Parse("[LIMIT <offset count>]"),
            "'LIMIT' offset_count:block(offset:integer, count:integer)?");
  EXPECT_EQ(Parse("[count<COUNT count [ANY]>]"),
            "count:block('COUNT' count:integer, 'ANY' any:pure-token?)?");
  EXPECT_EQ(Parse("STREAMS streams<key... id...>"),
            "'STREAMS' streams:block(key:key#0*, id:string*)");
}

TEST(CommandSyntax, NestedGroups) {
  EXPECT_EQ(Parse("key [index<start end [index_unit<BYTE | BIT>@7.0.0]>]"),
            "key:key#0, index:block(start:integer, end:integer, index_unit:oneof@7.0.0('BYTE' "
            "byte:pure-token, 'BIT' "
            "bit:pure-token)?)?");
  EXPECT_EQ(Parse("args<host-port<host port:integer> | no-one<NO ONE>>"),
            "args:oneof(host-port:block(host:string, port:integer), no-one:block('NO' "
            "no:pure-token, 'ONE' "
            "one:pure-token))");
}

TEST(CommandSyntax, NamesMayHoldAColon) {
  EXPECT_EQ(Parse("[ADDR ip:port]"), "'ADDR' ip:port:string?");
}

TEST(CommandSyntax, WhatIsNotUnderstoodIsReportedWithItsPosition) {
  EXPECT_EQ(Parse("key [NX"), "not understood at byte 7 of: key [NX");
  EXPECT_EQ(Parse("key ]"), "not understood at byte 4 of: key ]");
  for (absl::string_view bad : {"key [key ...]", "[]", "<>", "a | b", "[a |]", "a<b", "key@",
                                "key#x", "key;", "\"x", ">"}) {
    EXPECT_FALSE(ParseSyntax(bad, 1).ok()) << bad;
  }
}

}  // namespace
}  // namespace damselfly
