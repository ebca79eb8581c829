#include "server/commands/string_commands.h"

#include "gtest/gtest.h"
#include "server/commands/bitmap_commands.h"
#include "server/commands/command_syntax.h"

namespace damselfly {
namespace {

TEST(StringCommands, HaveSyntaxThatParses) {
  for (const absl::Span<const CommandSpec> family : {StringCommands(), BitmapCommands()}) {
    for (const CommandSpec& spec : family) {
      const auto arguments = ParseSyntax(spec.syntax, static_cast<int>(spec.keys.size()));
      EXPECT_TRUE(arguments.ok()) << spec.name << ": " << arguments.status();
    }
  }
}

TEST(StringCommands, AreSortedAndFullyDescribed) {
  for (const absl::Span<const CommandSpec> family : {StringCommands(), BitmapCommands()}) {
    absl::string_view previous;
    for (const CommandSpec& spec : family) {
      EXPECT_LT(previous, spec.name);
      previous = spec.name;
      EXPECT_NE(spec.handler, nullptr) << spec.name;
      EXPECT_NE(spec.arity, 0) << spec.name;
      EXPECT_FALSE(spec.keys.empty()) << spec.name;
      EXPECT_FALSE(spec.summary.empty()) << spec.name;
      EXPECT_FALSE(spec.complexity.empty()) << spec.name;
      EXPECT_FALSE(spec.since.empty()) << spec.name;
      EXPECT_EQ((spec.flags & kWrite) != 0, (spec.flags & kReadOnly) == 0) << spec.name;
    }
  }
}

}  // namespace
}  // namespace damselfly
