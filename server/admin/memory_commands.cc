#include "server/admin/memory_commands.h"

#include <cstdint>
#include <vector>

#include "server/admin/memory_figures.h"
#include "server/admin/memory_report.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/session/server_state.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// SAMPLES is read and checked: all values know their size exactly.
bool ParseUsageOptions(const CommandContext& ctx) {
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    if (!ctx.ArgIs(i, "SAMPLES") || i + 1 == ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    int64_t samples;
    if (!ctx.ParseInteger(i + 1, &samples)) return false;
    if (samples < 0) {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

void HandleUsage(CommandContext& ctx) {
  if (!ParseUsageOptions(ctx)) return;
  const Entry* entry = ctx.db.Peek(ctx.KeyAt(2));
  if (entry == nullptr) return ctx.reply.Null();
  ctx.reply.Integer(static_cast<int64_t>(entry->memory_bytes()) + kTableBytesPerKey);
}

void HandleStats(CommandContext& ctx) {
  std::vector<DatabaseKeys> databases;
  for (int i = 0; i < Store::kDatabaseCount; ++i) {
    const auto keys = static_cast<int64_t>(ctx.store.KeyCount(i));
    if (keys == 0) continue;
    databases.push_back({i, keys, static_cast<int64_t>(ctx.store.ExpiringKeyCount(i))});
  }
  WriteMemoryStats(CollectMemoryFigures(ctx.session->server()), databases, ctx.reply);
}

void HandleDoctor(CommandContext& ctx) {
  ServerState& server = ctx.session->server();
  ctx.reply.Verbatim("txt",
                     MemoryDoctorReport(CollectMemoryFigures(server), server.clients().size()));
}

void HandleMallocStats(CommandContext& ctx) {
  ctx.reply.Verbatim("txt", AllocationReport(CollectMemoryFigures(ctx.session->server())));
}

void HandlePurge(CommandContext& ctx) {
  ctx.session->server().ReleaseFreedMemory();
  ctx.reply.Ok();
}

void HandleHelp(CommandContext& ctx) {
  constexpr absl::string_view kLines[] = {
      "DOCTOR",
      "    What is unusual in how memory is used, in words.",
      "MALLOC-STATS",
      "    What memory has been allocated for.",
      "PURGE",
      "    Asks the allocator to give back what it can.",
      "STATS",
      "    How much memory is used, and for what.",
      "USAGE <key> [SAMPLES <count>]",
      "    The bytes that the key and its value take. SAMPLES makes no difference.",
  };
  WriteHelp(ctx, "MEMORY", kLines);
}

constexpr KeySpec kUsageKey[] = {OneKey(kKeyReadOnly, /*index=*/2)};
constexpr absl::string_view kReportTips[] = {"nondeterministic_output", "request_policy:all_shards",
                                             "response_policy:special"};
constexpr absl::string_view kPurgeTips[] = {"request_policy:all_shards",
                                            "response_policy:all_succeeded"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "doctor",
     .arity = 2,
     .flags = kAlsoWhileLoading,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "What is unusual in how memory is used",
     .handler = HandleDoctor,
     .tips = kReportTips},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "Lists the subcommands",
     .handler = HandleHelp},
    {.name = "malloc-stats",
     .arity = 2,
     .flags = kAlsoWhileLoading,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .summary = "What memory has been allocated for",
     .handler = HandleMallocStats,
     .tips = kReportTips},
    {.name = "purge",
     .arity = 2,
     .flags = kAlsoWhileLoading,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .summary = "Asks the allocator to give back what it can",
     .handler = HandlePurge,
     .tips = kPurgeTips},
    {.name = "stats",
     .arity = 2,
     .flags = kAlsoWhileLoading,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "How much memory is used, and for what",
     .handler = HandleStats,
     .tips = kReportTips},
    {.name = "usage",
     .arity = -3,
     .flags = kReadOnly,
     .keys = kUsageKey,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "O(N) where N is the number of samples.",
     .summary = "The bytes that a key and its value take",
     .syntax = "key [SAMPLES count]",
     .handler = HandleUsage},
};

constexpr CommandSpec kCommands[] = {
    {.name = "memory",
     .arity = -2,
     .group = CommandGroup::kServer,
     .since = "4.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "How memory is used",
     .subcommands = kSubcommands},
};

}  // namespace

absl::Span<const CommandSpec> MemoryCommands() { return kCommands; }

}  // namespace damselfly
