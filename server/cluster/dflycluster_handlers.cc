#include "server/cluster/dflycluster_handlers.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/cluster/cluster.h"
#include "server/cluster/cluster_handlers.h"
#include "server/commands/help_reply.h"
#include "server/session/service_gate.h"
#include "server/session/session.h"
#include "server/session/slot_locks.h"

namespace damselfly {
namespace {

constexpr absl::string_view kNotAnInteger = "ERR value is not an integer or out of range";

struct Range {
  int64_t start;
  int64_t end;
};

// "7" or "3-9", either way round. Writes the error and returns false if it is neither.
bool ParseSlots(const CommandContext& ctx, absl::string_view text, Range* range) {
  const size_t dash = text.find('-');
  const bool is_range = dash != absl::string_view::npos;
  const bool parsed = is_range ? ParseInt64(text.substr(0, dash), &range->start) &&
                                     ParseInt64(text.substr(dash + 1), &range->end)
                               : ParseInt64(text, &range->start);
  if (!parsed) {
    ctx.reply.Error(is_range ? "ERR Invalid slot range format" : kNotAnInteger);
    return false;
  }
  if (!is_range) range->end = range->start;
  if (range->start > range->end) std::swap(range->start, range->end);
  if (range->end < kSlotCount && range->start >= 0) return true;
  ctx.reply.Error("ERR Invalid slot id");
  return false;
}

void WriteSlotInfo(CommandContext& ctx, uint16_t slot) {
  SlotLocks locks(&ctx.store);
  locks.LockOne(slot);
  const SlotFigures figures = ctx.store.FiguresOf(slot);
  ctx.reply.Array(9);
  ctx.reply.Integer(slot);
  ctx.reply.Bulk("key_count");
  ctx.reply.Integer(static_cast<int64_t>(ctx.store.KeyCountInSlot(0, slot)));
  ctx.reply.Bulk("total_reads");
  ctx.reply.Integer(static_cast<int64_t>(figures.read_count));
  ctx.reply.Bulk("total_writes");
  ctx.reply.Integer(static_cast<int64_t>(figures.write_count));
  ctx.reply.Bulk("memory_bytes");
  ctx.reply.Integer(figures.entry_bytes);
}

// Whatever its arguments, a subcommand that there is not is unknown.
void RefuseDflySubcommand(const CommandContext& ctx) {
  RefuseSubcommand(ctx, "DFLYCLUSTER", /*arguments_matter=*/false);
}

}  // namespace

bool RequireControlPlane(const CommandContext& ctx) {
  ServerState& server = ctx.session->server();
  if (server.cluster_mode() != ClusterMode::kReal) {
    ctx.reply.Error("ERR Cluster is disabled. Use --cluster_mode=yes to enable.");
    return false;
  }
  // Without an admin port there is nowhere else.
  if (server.bound_admin_port.load(std::memory_order_relaxed) == 0 || ctx.session->is_admin() ||
      server.config().boolean(Parameter::admin_commands_on_any_port)) {
    return true;
  }
  ctx.reply.Error("ERR DflyCluster command allowed only under admin port");
  return false;
}

void HandleDflyClusterRefusal(CommandContext& ctx) { RefuseDflySubcommand(ctx); }

void HandleDflyClusterConfig(CommandContext& ctx) {
  const bool has_epoch = ctx.args.size() == 5;
  if (ctx.args.size() != 3 && !has_epoch) return RefuseDflySubcommand(ctx);
  int64_t epoch = Topology::kNoEpoch;
  if (has_epoch) {
    if (!ctx.ArgIs(3, "EPOCH")) return ctx.SyntaxError();
    if (!ctx.ParseInteger(4, &epoch)) return;
    if (epoch < 0) return ctx.reply.Error("ERR EPOCH must not be negative");
  }
  const absl::Status pushed =
      ClusterOf(ctx.session->server()).Push(ctx.args[2], epoch, ctx.counters);
  if (pushed.ok()) {
    ctx.reply.Ok();
  } else {
    ctx.reply.Error(pushed.message());
  }
}

void HandleDflyClusterGetSlotInfo(CommandContext& ctx) {
  if (ctx.args.size() < 4 || !ctx.ArgIs(2, "SLOTS")) return ctx.SyntaxError();
  std::vector<Range> ranges;
  size_t slot_count = 0;
  for (absl::string_view text : ctx.args.subspan(3)) {
    Range range;
    if (!ParseSlots(ctx, text, &range)) return;
    ranges.push_back(range);
    slot_count += static_cast<size_t>(range.end - range.start + 1);
    if (slot_count > kSlotCount)
      return ctx.reply.Error(
          absl::StrCat("ERR too many slots: at most ", kSlotCount, " at a time"));
  }
  ctx.reply.Array(slot_count);
  for (const Range& range : ranges) {
    for (int64_t slot = range.start; slot <= range.end; ++slot)
      WriteSlotInfo(ctx, static_cast<uint16_t>(slot));
  }
}

void HandleDflyClusterFlushSlots(CommandContext& ctx) {
  if (ctx.args.size() < 4 || ctx.args.size() % 2 != 0) return ctx.SyntaxError();
  SlotSet flushed;
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    Range range;
    for (int64_t* end : {&range.start, &range.end}) {
      const size_t index = end == &range.start ? i : i + 1;
      if (!ParseInt64(ctx.args[index], end) || *end < 0 || *end >= kSlotCount)
        return ctx.reply.Error(kNotAnInteger);
    }
    if (range.start > range.end) return ctx.reply.Error("ERR Invalid slot range");
    for (int64_t slot = range.start; slot <= range.end; ++slot)
      flushed.set(static_cast<size_t>(slot));
  }
  for (int i = 0; i < kSlotCount; ++i) {
    if (!flushed.test(static_cast<size_t>(i))) continue;
    const auto slot = static_cast<uint16_t>(i);
    SlotLocks locks(&ctx.store);
    locks.LockOne(slot);
    // The node may become one while the slots are gone through.
    if (ctx.store.access() != Store::Access::kReadWrite) return ctx.reply.Error(kReadOnlyError);
    ctx.store.FlushSlot(slot, ctx.counters);
  }
  ctx.session->server().OnSlotsFlushed(flushed);
  ctx.reply.Ok();
}

// No slot moves while configurations with migrations are refused.
void HandleDflyClusterSlotMigrationStatus(CommandContext& ctx) {
  if (ctx.args.size() > 3) return RefuseDflySubcommand(ctx);
  ctx.reply.Array(0);
}

void HandleDflyClusterHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "CONFIG <json> [EPOCH <epoch>]",
      "    Applies a cluster configuration, unless its epoch is behind the last one's.",
      "FLUSHSLOTS <start> <end> [<start> <end> ...]",
      "    Removes all keys of these slots.",
      "GETSLOTINFO SLOTS <slot>|<start>-<end> [<slot>|<start>-<end> ...]",
      "    Keys, reads, writes and memory of each slot.",
      "MYID",
      "    The id by which configurations know this node.",
      "SLOT-MIGRATION-STATUS [<node-id>]",
      "    The slots that are moving from or to this node.",
  };
  WriteHelp(ctx, "DFLYCLUSTER", kLines);
}

}  // namespace damselfly
