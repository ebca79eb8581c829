#include "server/session/connection_commands.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/commands/command_registry.h"
#include "server/commands/command_syntax.h"

namespace damselfly {
namespace {

void CheckTable(absl::Span<const CommandSpec> specs, bool subcommands) {
  std::set<std::string> names;
  for (const CommandSpec& spec : specs) {
    const std::string name(spec.name);
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    EXPECT_NE(spec.arity, 0) << name;
    EXPECT_FALSE(spec.since.empty()) << name;
    EXPECT_FALSE(spec.summary.empty()) << name;
    EXPECT_EQ(spec.handler == nullptr, !spec.subcommands.empty()) << name;
    EXPECT_TRUE(!subcommands || spec.arity >= 2 || spec.arity <= -2) << name;
    EXPECT_TRUE(ParseSyntax(spec.syntax, static_cast<int>(spec.keys.size())).ok())
        << name << ": " << spec.syntax;
    CheckTable(spec.subcommands, /*subcommands=*/true);
  }
}

TEST(ConnectionCommands, TheTableIsWhole) {
  CheckTable(ConnectionCommands(), /*subcommands=*/false);
}

TEST(ConnectionCommands, HandshakeWorksBeforeAuthenticationAndNothingElseDoes) {
  const absl::Span<const CommandSpec> families[] = {ConnectionCommands()};
  CommandRegistry registry(families);
  const std::set<std::string> allowed = {"auth", "hello", "quit", "reset"};
  for (const Command& command : registry.commands()) {
    EXPECT_EQ(command.Has(kNoAuth), allowed.count(command.full_name) > 0) << command.full_name;
    for (const Command& subcommand : command.subcommands) EXPECT_FALSE(subcommand.Has(kNoAuth));
  }
}

TEST(ConnectionCommands, ClientSubcommandsAreFoundInAnyCase) {
  const absl::Span<const CommandSpec> families[] = {ConnectionCommands()};
  CommandRegistry registry(families);
  const Command* client = registry.Find("CLIENT");
  ASSERT_NE(client, nullptr);
  ASSERT_NE(CommandRegistry::FindSubcommand(*client, "SetInfo"), nullptr);
  EXPECT_EQ(CommandRegistry::FindSubcommand(*client, "SetInfo")->full_name, "client|setinfo");
  EXPECT_EQ(CommandRegistry::FindSubcommand(*client, "tracks"), nullptr);
}

}  // namespace
}  // namespace damselfly
