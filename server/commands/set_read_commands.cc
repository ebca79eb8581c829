#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/base/glob.h"
#include "server/base/numbers.h"
#include "server/commands/collection_value.h"
#include "server/commands/count_arguments.h"
#include "server/commands/result_limit.h"
#include "server/commands/scan_arguments.h"
#include "server/commands/set_handlers.h"

namespace damselfly {

void SCardCommand(CommandContext& ctx) {
  const SetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Integer(set != nullptr ? static_cast<int64_t>(set->size()) : 0);
}

void SIsMemberCommand(CommandContext& ctx) {
  const SetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Integer(set != nullptr && set->Contains(ctx.args[2]) ? 1 : 0);
}

void SMIsMemberCommand(CommandContext& ctx) {
  const SetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (absl::string_view member : ctx.args.subspan(2))
    ctx.reply.Integer(set != nullptr && set->Contains(member) ? 1 : 0);
}

void SMembersCommand(CommandContext& ctx) {
  const SetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Set(set != nullptr ? set->size() : 0);
  if (set == nullptr) return;
  set->ForEach([&](const SetValue::Member& member) { ReplyWithMember(ctx.reply, member); });
}

namespace {

void ReplyWithRepetitions(CommandContext& ctx, const SetValue& set, uint64_t picks) {
  const ResultLimit limit(ctx);
  if (!limit.AllowsElements(picks)) return limit.Refuse();
  ctx.reply.Array(picks);
  for (uint64_t i = 0; i < picks; ++i) {
    ReplyWithMember(ctx.reply, set.RandomMember(ctx.random));
    if (!limit.AllowsReply()) return limit.Refuse();
  }
}

}  // namespace

void SRandMemberCommand(CommandContext& ctx) {
  const SetValue* set;
  if (ctx.args.size() > 3) return ctx.SyntaxError();
  if (ctx.args.size() == 2) {
    if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
    if (set == nullptr) return ctx.reply.Null();
    return ReplyWithMember(ctx.reply, set->RandomMember(ctx.random));
  }
  int64_t count;
  if (!ParseRandomCount(ctx, 2, &count) || !FindToRead(ctx, ctx.FirstKey(), &set)) return;
  if (set == nullptr || count == 0) return ctx.reply.Array(0);
  if (count < 0) return ReplyWithRepetitions(ctx, *set, static_cast<uint64_t>(-count));
  const auto write = [&](const SetValue::Member& member) { ReplyWithMember(ctx.reply, member); };
  const size_t distinct = std::min(static_cast<size_t>(count), set->size());
  ctx.reply.Array(distinct);
  if (distinct == set->size()) {
    set->ForEach(write);
  } else {
    set->VisitSample(distinct, ctx.random, write);
  }
}

void SScanCommand(CommandContext& ctx) {
  uint64_t cursor;
  if (!ParseScanCursor(ctx, 2, &cursor)) return;
  const SetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  if (set == nullptr) return ReplyWithEmptyScan(ctx);
  ScanOptions options;
  if (!ParseScanOptions(ctx, 3, false, &options)) return;

  // The next cursor stands before the members and is known after them.
  const Glob pattern(options.pattern);
  std::vector<std::string> found;
  cursor = set->Scan(cursor, options.count, [&](const SetValue::Member& member) {
    char scratch[kIntegerBytesMax];
    const absl::string_view text = member.Text(scratch);
    if (pattern.Matches(text)) found.emplace_back(text);
  });
  ctx.reply.Array(2);
  ctx.reply.BulkInteger(static_cast<int64_t>(cursor));
  ctx.reply.Array(found.size());
  for (const std::string& member : found) ctx.reply.Bulk(member);
}

}  // namespace damselfly
