#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/admin/config_commands.h"
#include "server/admin/debug_commands.h"
#include "server/admin/latency_commands.h"
#include "server/admin/lolwut_command.h"
#include "server/admin/memory_commands.h"
#include "server/admin/server_commands.h"
#include "server/admin/slowlog_commands.h"
#include "server/commands/command_registry.h"
#include "server/commands/command_syntax.h"

namespace damselfly {
namespace {

void CheckTable(absl::Span<const CommandSpec> specs) {
  std::set<std::string> names;
  for (const CommandSpec& spec : specs) {
    const std::string name(spec.name);
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    EXPECT_NE(spec.arity, 0) << name;
    EXPECT_FALSE(spec.since.empty()) << name;
    EXPECT_FALSE(spec.summary.empty()) << name;
    EXPECT_EQ(spec.handler == nullptr, !spec.subcommands.empty()) << name;
    EXPECT_TRUE(ParseSyntax(spec.syntax, static_cast<int>(spec.keys.size())).ok())
        << name << ": " << spec.syntax;
    CheckTable(spec.subcommands);
  }
}

TEST(AdminCommands, TheTablesAreWhole) {
  for (const auto& family : {ConfigCommands(), DebugCommands(), LatencyCommands(), LolwutCommands(),
                             MemoryCommands(), ServerCommands(), SlowlogCommands()}) {
    CheckTable(family);
  }
}

TEST(AdminCommands, EveryContainerExplainsItself) {
  const absl::Span<const CommandSpec> families[] = {ConfigCommands(), LatencyCommands(),
                                                    MemoryCommands(), SlowlogCommands()};
  CommandRegistry registry(families);
  for (const Command& command : registry.commands()) {
    EXPECT_NE(CommandRegistry::FindSubcommand(command, "HELP"), nullptr) << command.full_name;
  }
}

}  // namespace
}  // namespace damselfly
