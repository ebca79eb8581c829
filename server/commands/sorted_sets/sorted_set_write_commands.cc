#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/sorted_set_add.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_handlers.h"
#include "server/store/sorted_set_edit.h"

namespace damselfly {
namespace {

// ---- ZADD ----

// Reads the options from args[2] on; returns the index behind them.
size_t ParseAddOptions(const CommandContext& ctx, SortedSetAddition* addition) {
  for (size_t i = 2; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "NX")) {
      addition->only_new = true;
    } else if (ctx.ArgIs(i, "XX")) {
      addition->only_present = true;
    } else if (ctx.ArgIs(i, "GT")) {
      addition->only_greater = true;
    } else if (ctx.ArgIs(i, "LT")) {
      addition->only_less = true;
    } else if (ctx.ArgIs(i, "CH")) {
      addition->counts_changes = true;
    } else if (ctx.ArgIs(i, "INCR")) {
      addition->increments = true;
    } else {
      return i;
    }
  }
  return ctx.args.size();
}

bool CheckAddOptions(const CommandContext& ctx, const SortedSetAddition& addition,
                     size_t item_count) {
  if (addition.only_new && addition.only_present) {
    ctx.reply.Error("ERR XX and NX options at the same time are not compatible");
    return false;
  }
  if (addition.only_new + addition.only_greater + addition.only_less > 1) {
    ctx.reply.Error("ERR GT, LT, and/or NX options at the same time are not compatible");
    return false;
  }
  if (addition.increments && item_count > 1) {
    ctx.reply.Error("ERR INCR option supports a single increment-element pair");
    return false;
  }
  return true;
}

}  // namespace

void ZAddCommand(CommandContext& ctx) {
  SortedSetAddition addition;
  const size_t first = ParseAddOptions(ctx, &addition);
  const size_t rest = ctx.args.size() - first;
  if (rest == 0 || rest % 2 != 0) return ctx.SyntaxError();
  if (!CheckAddOptions(ctx, addition, rest / 2)) return;
  addition.items.resize(rest / 2);
  for (size_t i = 0; i < rest / 2; ++i) {
    if (!ParseScore(ctx, first + 2 * i, &addition.items[i].score)) return;
    addition.items[i].member = ctx.args[first + 2 * i + 1];
  }
  AddToSortedSet(ctx, addition);
}

void ZIncrByCommand(CommandContext& ctx) {
  SortedSetAddition addition;
  // An option of ZADD in the increment's place is taken for one, as by Redis.
  if (ParseAddOptions(ctx, &addition) != 2) return ctx.SyntaxError();
  addition.increments = true;
  addition.items.resize(1);
  if (!ParseScore(ctx, 2, &addition.items[0].score)) return;
  addition.items[0].member = ctx.args[3];
  AddToSortedSet(ctx, addition);
}

// ---- Removing ----

namespace {

void NotifyRemoval(CommandContext& ctx, absl::string_view event, bool is_emptied) {
  ctx.Notify(KeyEventClass::kSortedSet, event, ctx.args[1]);
  if (is_emptied) ctx.Notify(KeyEventClass::kGeneric, "del", ctx.args[1]);
}

// Removes the ranks that find_range(const SortedSetValue&) gives, and replies with their number.
template <typename FindRange>
void RemoveRange(CommandContext& ctx, absl::string_view event, FindRange find_range) {
  RankRange range;
  bool is_emptied;
  {
    SortedSetEdit edit(&ctx.db, ctx.FirstKey());
    if (edit.wrong_type()) return ctx.WrongType();
    range = find_range(*edit);
    edit.EraseRanks(range);
    is_emptied = edit->size() == 0;
  }
  if (!range.empty()) NotifyRemoval(ctx, event, is_emptied);
  ctx.reply.Integer(static_cast<int64_t>(range.count()));
}

}  // namespace

void ZRemCommand(CommandContext& ctx) {
  int64_t removed = 0;
  bool is_emptied;
  {
    SortedSetEdit edit(&ctx.db, ctx.FirstKey());
    if (edit.wrong_type()) return ctx.WrongType();
    for (const absl::string_view member : ctx.args.subspan(2)) removed += edit.Erase(member);
    is_emptied = edit->size() == 0;
  }
  if (removed > 0) NotifyRemoval(ctx, "zrem", is_emptied);
  ctx.reply.Integer(removed);
}

void ZRemRangeByRankCommand(CommandContext& ctx) {
  RankBounds bounds;
  if (!ParseRankBounds(ctx, 2, &bounds)) return;
  RemoveRange(ctx, "zremrangebyrank",
              [&](const SortedSetValue& set) { return bounds.Resolve(set.size()); });
}

void ZRemRangeByScoreCommand(CommandContext& ctx) {
  ScoreRange range;
  if (!ParseScoreRange(ctx, 2, 3, &range)) return;
  RemoveRange(ctx, "zremrangebyscore",
              [&](const SortedSetValue& set) { return set.RangeByScore(range); });
}

void ZRemRangeByLexCommand(CommandContext& ctx) {
  LexRange range;
  if (!ParseLexRange(ctx, 2, 3, &range)) return;
  RemoveRange(ctx, "zremrangebylex",
              [&](const SortedSetValue& set) { return set.RangeByLex(range); });
}

}  // namespace damselfly
