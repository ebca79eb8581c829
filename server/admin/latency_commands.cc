#include "server/admin/latency_commands.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/admin/info_statistics.h"
#include "server/admin/latency_report.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

std::vector<LatencyMonitor::Event> Events(const CommandContext& ctx) {
  return ctx.session->server().latency_monitor().Events();
}

// Null when nothing was recorded under that name.
const LatencyMonitor::Event* FindEvent(const std::vector<LatencyMonitor::Event>& events,
                                       absl::string_view name) {
  for (const LatencyMonitor::Event& event : events) {
    if (event.name == name) return &event;
  }
  return nullptr;
}

void HandleLatencyLatest(CommandContext& ctx) {
  const std::vector<LatencyMonitor::Event> events = Events(ctx);
  ctx.reply.Array(events.size());
  for (const LatencyMonitor::Event& event : events) {
    ctx.reply.Array(4);
    ctx.reply.Bulk(event.name);
    ctx.reply.Integer(event.samples.back().unix_seconds);
    ctx.reply.Integer(event.samples.back().latency_ms);
    ctx.reply.Integer(event.latency_ms_max);
  }
}

void HandleLatencyHistory(CommandContext& ctx) {
  const std::vector<LatencyMonitor::Event> events = Events(ctx);
  const LatencyMonitor::Event* event = FindEvent(events, ctx.args[2]);
  ctx.reply.Array(event == nullptr ? 0 : event->samples.size());
  if (event == nullptr) return;
  for (const LatencyMonitor::Sample& sample : event->samples) {
    ctx.reply.Array(2);
    ctx.reply.Integer(sample.unix_seconds);
    ctx.reply.Integer(sample.latency_ms);
  }
}

void HandleLatencyGraph(CommandContext& ctx) {
  const std::vector<LatencyMonitor::Event> events = Events(ctx);
  const LatencyMonitor::Event* event = FindEvent(events, ctx.args[2]);
  if (event == nullptr) {
    ctx.reply.Error(absl::StrCat("ERR No samples available for event '", ctx.args[2], "'"));
    return;
  }
  ctx.reply.Verbatim("txt", DrawLatencyGraph(*event, ctx.now_ms() / 1000));
}

void HandleLatencyReset(CommandContext& ctx) {
  LatencyMonitor& monitor = ctx.session->server().latency_monitor();
  int64_t count = 0;
  if (ctx.args.size() == 2) count = monitor.Reset("");
  for (absl::string_view name : ctx.args.subspan(2))
    count += name.empty() ? 0 : monitor.Reset(name);
  ctx.reply.Integer(count);
}

void HandleLatencyDoctor(CommandContext& ctx) {
  Config& config = ctx.session->server().config();
  ctx.reply.Verbatim(
      "txt", WriteLatencyReport(Events(ctx), config.integer(Parameter::latency_monitor_threshold),
                                config.integer(Parameter::slowlog_log_slower_than)));
}

// Writes one command's histogram, and those of its subcommands; returns how many were written.
size_t WriteHistograms(CommandContext& ctx, const Command& command) {
  size_t written = 0;
  const LatencySummary summary = SummarizeLatency(ctx.session->server(), command);
  if (summary.total() > 0) {
    const auto pairs = CumulativeHistogram(summary);
    ctx.reply.Bulk(command.full_name);
    ctx.reply.Map(2);
    ctx.reply.Bulk("calls");
    ctx.reply.Integer(summary.total());
    ctx.reply.Bulk("histogram_usec");
    ctx.reply.Map(pairs.size());
    for (const auto& [microseconds, count] : pairs) {
      ctx.reply.Integer(microseconds);
      ctx.reply.Integer(count);
    }
    ++written;
  }
  for (const Command& subcommand : command.subcommands) written += WriteHistograms(ctx, subcommand);
  return written;
}

void HandleLatencyHistogram(CommandContext& ctx) {
  const ReplyWriter::Deferred map = ctx.reply.Defer();
  size_t count = 0;
  if (ctx.args.size() == 2) {
    for (const Command& command : ctx.commands.commands()) count += WriteHistograms(ctx, command);
  }
  for (absl::string_view name : ctx.args.subspan(2)) {
    const Command* command = ctx.commands.FindByFullName(name);
    if (command != nullptr) count += WriteHistograms(ctx, *command);
  }
  ctx.reply.CloseMap(map, count);
}

void HandleLatencyHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "DOCTOR",
      "    Explains the spikes that were seen.",
      "GRAPH <event>",
      "    Draws the spikes of <event>.",
      "HISTOGRAM [<command> ...]",
      "    How long calls of the commands took: numbers of calls up to powers of two of "
      "microseconds.",
      "HISTORY <event>",
      "    The spikes of <event>: times and milliseconds.",
      "LATEST",
      "    The latest spike of every event.",
      "RESET [<event> ...]",
      "    Forgets the spikes of the events, or of all.",
  };
  WriteHelp(ctx, "LATENCY", kLines);
}

constexpr uint32_t kOperator = kAdmin | kNoScript | kLoading | kStale;
constexpr absl::string_view kReportTips[] = {"nondeterministic_output", "request_policy:all_nodes",
                                             "response_policy:special"};
constexpr absl::string_view kResetTips[] = {"request_policy:all_nodes",
                                            "response_policy:all_succeeded"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "latest",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "The latest spike of every event",
     .handler = HandleLatencyLatest,
     .tips = kReportTips},
    {.name = "history",
     .arity = 3,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "The spikes of an event: times and milliseconds",
     .syntax = "event",
     .handler = HandleLatencyHistory,
     .tips = kReportTips},
    {.name = "graph",
     .arity = 3,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "Draws the spikes of an event",
     .syntax = "event",
     .handler = HandleLatencyGraph,
     .tips = kReportTips},
    {.name = "reset",
     .arity = -2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "Forgets the spikes of events",
     .syntax = "[event]...",
     .handler = HandleLatencyReset,
     .tips = kResetTips},
    {.name = "doctor",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "Explains the spikes that were seen",
     .handler = HandleLatencyDoctor,
     .tips = kReportTips},
    {.name = "histogram",
     .arity = -2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "7.0.0",
     .complexity =
         "O(N) where N is the number of commands with latency information being retrieved.",
     .summary = "How long calls of commands took",
     .syntax = "[command]...",
     .handler = HandleLatencyHistogram,
     .tips = kReportTips},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "Explains the subcommands",
     .handler = HandleLatencyHelp},
};

constexpr CommandSpec kCommands[] = {
    {.name = "latency",
     .arity = -2,
     .group = CommandGroup::kServer,
     .since = "2.8.13",
     .complexity = "Depends on subcommand.",
     .summary = "What has taken long",
     .subcommands = kSubcommands},
};

}  // namespace

absl::Span<const CommandSpec> LatencyCommands() { return kCommands; }

}  // namespace damselfly
