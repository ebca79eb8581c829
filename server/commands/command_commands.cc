#include "server/commands/command_commands.h"

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "server/base/glob.h"
#include "server/commands/command_context.h"
#include "server/commands/command_documentation.h"
#include "server/commands/command_registry.h"
#include "server/commands/command_words.h"
#include "server/commands/help_reply.h"

namespace damselfly {
namespace {

// All but the hidden ones, sorted by name. Who asks for a hidden one by its name is told of it.
std::vector<const Command*> ShownCommands(const CommandRegistry& commands) {
  std::vector<const Command*> shown;
  for (const Command& command : commands.commands()) {
    if (!command.Has(kHidden)) shown.push_back(&command);
  }
  return shown;
}

void WriteInfoOfAll(CommandContext& ctx) {
  const std::vector<const Command*> commands = ShownCommands(ctx.commands);
  ctx.reply.Array(commands.size());
  for (const Command* command : commands) WriteCommandInfo(*command, ctx.reply);
}

void HandleCommand(CommandContext& ctx) { WriteInfoOfAll(ctx); }

void HandleCount(CommandContext& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ShownCommands(ctx.commands).size()));
}

void HandleInfo(CommandContext& ctx) {
  if (ctx.args.size() == 2) return WriteInfoOfAll(ctx);
  ctx.reply.Array(ctx.args.size() - 2);
  for (absl::string_view name : ctx.args.subspan(2)) {
    const Command* command = ctx.commands.FindByFullName(name);
    if (command != nullptr) {
      WriteCommandInfo(*command, ctx.reply);
    } else {
      ctx.reply.Null();
    }
  }
}

void HandleDocs(CommandContext& ctx) {
  std::vector<const Command*> commands;
  if (ctx.args.size() == 2) commands = ShownCommands(ctx.commands);
  for (absl::string_view name : ctx.args.subspan(2)) {
    const Command* command = ctx.commands.FindByFullName(name);
    if (command != nullptr) commands.push_back(command);
  }
  ctx.reply.Map(commands.size());
  for (const Command* command : commands) WriteCommandDocs(*command, ctx.reply);
}

// ---- COMMAND LIST ----

void WriteNames(CommandContext& ctx, absl::FunctionRef<bool(const Command&)> chosen) {
  std::vector<const Command*> commands;
  for (int id = 0; id < ctx.commands.size(); ++id) {
    const Command& command = ctx.commands.by_id(id);
    if (!command.Has(kHidden) && chosen(command)) commands.push_back(&command);
  }
  ctx.reply.Array(commands.size());
  for (const Command* command : commands) ctx.reply.Bulk(command->full_name);
}

uint32_t AclCategoryByWord(absl::string_view word) {
  for (const FlagWord& category : kAclCategoryWords) {
    if (absl::EqualsIgnoreCase(category.word, word)) return category.flag;
  }
  return 0;
}

void HandleList(CommandContext& ctx) {
  if (ctx.args.size() == 2) return WriteNames(ctx, [](const Command&) { return true; });
  if (ctx.args.size() != 5 || !ctx.ArgIs(2, "FILTERBY")) return ctx.SyntaxError();
  if (ctx.ArgIs(3, "MODULE")) {
    // There are no modules.
    ctx.reply.Array(0);
  } else if (ctx.ArgIs(3, "ACLCAT")) {
    const uint32_t category = AclCategoryByWord(ctx.args[4]);
    WriteNames(ctx, [category](const Command& command) {
      return (command.acl_categories & category) != 0;
    });
  } else if (ctx.ArgIs(3, "PATTERN")) {
    const Glob pattern(ctx.args[4], /*ignore_case=*/true);
    WriteNames(ctx,
               [&pattern](const Command& command) { return pattern.Matches(command.full_name); });
  } else {
    ctx.SyntaxError();
  }
}

// ---- COMMAND GETKEYS, COMMAND GETKEYSANDFLAGS ----

// The flags that Redis tells for a key of these arguments, where the spec says that they vary: SET
// reads the key only with GET, and BITFIELD writes it only with something else than GET.
uint32_t KeyFlagsOfArguments(const Command& command, uint32_t flags,
                             absl::Span<const absl::string_view> args) {
  constexpr uint32_t kReadsAndWrites = kKeyReadWrite | kKeyAccess | kKeyUpdate;
  if ((flags & kKeyVariableFlags) == 0) return flags;
  if (command.full_name == "set") {
    for (size_t i = 3; i < args.size(); ++i) {
      if (absl::EqualsIgnoreCase(args[i], "GET")) return kReadsAndWrites;
    }
    return kKeyOverwrite | kKeyUpdate;
  }
  if (command.full_name == "bitfield") {
    for (size_t i = 2; i < args.size();) {
      if (absl::EqualsIgnoreCase(args[i], "GET") && i + 2 < args.size()) {
        i += 3;
      } else if (absl::EqualsIgnoreCase(args[i], "OVERFLOW") && i + 1 < args.size()) {
        i += 2;
      } else {
        return kReadsAndWrites;
      }
    }
    return kKeyReadOnly | kKeyAccess;
  }
  return flags & ~kKeyVariableFlags;
}

bool HasKeys(const Command& command) {
  for (const KeySpec& spec : command.spec->keys) {
    if ((spec.flags & kKeyNotKey) == 0) return true;
  }
  return false;
}

// Finds the keys of the command that stands behind "COMMAND GETKEYS"; else writes the error and
// returns false.
bool FindKeysOfArguments(CommandContext& ctx, const Command** command, KeyPositions* keys) {
  const absl::Span<const absl::string_view> args = ctx.args.subspan(2);
  *command = ctx.commands.Find(args[0]);
  if (*command != nullptr && !(*command)->subcommands.empty() && args.size() > 1) {
    *command = CommandRegistry::FindSubcommand(**command, args[1]);
  }
  if (*command == nullptr) {
    ctx.reply.Error("ERR Invalid command specified");
    return false;
  }
  if (!HasKeys(**command)) {
    ctx.reply.Error("ERR The command has no key arguments");
    return false;
  }
  if (!(*command)->ArityFits(args.size())) {
    ctx.reply.Error("ERR Invalid number of arguments specified for command");
    return false;
  }
  CommandRegistry::FindKeys(**command, args, keys);
  if (keys->empty() && !(*command)->Has(kNoMandatoryKeys)) {
    ctx.reply.Error("ERR Invalid arguments specified for command");
    return false;
  }
  return true;
}

void HandleGetKeys(CommandContext& ctx) {
  const Command* command;
  KeyPositions keys;
  if (!FindKeysOfArguments(ctx, &command, &keys)) return;
  ctx.reply.Array(keys.size());
  for (const KeyPosition& key : keys) ctx.reply.Bulk(ctx.args[key.index + 2]);
}

void HandleGetKeysAndFlags(CommandContext& ctx) {
  const Command* command;
  KeyPositions keys;
  if (!FindKeysOfArguments(ctx, &command, &keys)) return;
  ctx.reply.Array(keys.size());
  for (const KeyPosition& key : keys) {
    ctx.reply.Array(2);
    ctx.reply.Bulk(ctx.args[key.index + 2]);
    WriteKeyFlags(KeyFlagsOfArguments(*command, key.flags, ctx.args.subspan(2)), ctx.reply);
  }
}

void HandleHelp(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "(none)",
      "    The same as INFO without names.",
      "COUNT",
      "    How many commands this node knows.",
      "DOCS [<command> ...]",
      "    Documentation of these commands, or of all.",
      "GETKEYS <command> [<argument> ...]",
      "    The keys among the arguments of a command.",
      "GETKEYSANDFLAGS <command> [<argument> ...]",
      "    The same, and what the command does with each of them.",
      "INFO [<command> ...]",
      "    Arity, flags, key positions and the like of these commands, or of all.",
      "LIST [FILTERBY MODULE <module> | ACLCAT <category> | PATTERN <pattern>]",
      "    The names of all commands, or of those that fit.",
  };
  WriteHelp(ctx, "COMMAND", kLines);
}

constexpr uint32_t kFlags = kLoading | kStale;
constexpr absl::string_view kOrderVaries[] = {"nondeterministic_output_order"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "count",
     .arity = 2,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "How many commands there are",
     .handler = HandleCount},
    {.name = "docs",
     .arity = -2,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of commands to look up",
     .summary = "The documentation of commands",
     .syntax = "[command-name...]",
     .handler = HandleDocs,
     .tips = kOrderVaries},
    {.name = "getkeys",
     .arity = -4,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(N) where N is the number of arguments to the command",
     .summary = "The keys among a command's arguments",
     .handler = HandleGetKeys},
    {.name = "getkeysandflags",
     .arity = -4,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of arguments to the command",
     .summary = "The keys among a command's arguments, and what is done with them",
     .handler = HandleGetKeysAndFlags},
    {.name = "help",
     .arity = 2,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Lists the subcommands",
     .handler = HandleHelp},
    {.name = "info",
     .arity = -2,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(N) where N is the number of commands to look up",
     .summary = "The properties of commands",
     .syntax = "[command-name...]",
     .handler = HandleInfo,
     .tips = kOrderVaries},
    {.name = "list",
     .arity = -2,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "7.0.0",
     .complexity = "O(N) where N is the total number of commands",
     .summary = "The names of commands",
     .syntax = "[FILTERBY filterby<MODULE module-name | ACLCAT category | PATTERN pattern>]",
     .handler = HandleList,
     .tips = kOrderVaries},
};

constexpr CommandSpec kCommands[] = {
    {.name = "command",
     .arity = -1,
     .flags = kFlags,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(N) where N is the total number of commands",
     .summary = "The properties of all commands",
     .handler = HandleCommand,
     .subcommands = kSubcommands,
     .tips = kOrderVaries},
};

}  // namespace

absl::Span<const CommandSpec> CommandCommands() { return kCommands; }

}  // namespace damselfly
