#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_handlers.h"
#include "server/commands/sorted_sets/sorted_set_store.h"
#include "server/values/sorted_set_value.h"

// ZRANGE and the commands it has replaced. All are the same question, with parts of it fixed by the
// command's name.

namespace damselfly {
namespace {

enum class RangeBy : uint8_t { kOption, kRank, kScore, kLex };
enum class RangeOrder : uint8_t { kOption, kUp, kDown };

struct RangeQuery {
  RangeBy by = RangeBy::kOption;  // kOption: as the arguments say
  RangeOrder order = RangeOrder::kOption;
  bool stores = false;
  size_t key_index = 1;  // the bounds and the options follow

  bool with_scores = false;
  int64_t offset = 0;
  int64_t limit = -1;  // negative: none
  RankBounds ranks = {};
  ScoreRange scores = {};
  LexRange lex = {};
};

// Reads what stands behind the bounds.
bool ParseRangeOptions(const CommandContext& ctx, RangeQuery* query) {
  for (size_t i = query->key_index + 3; i < ctx.args.size(); ++i) {
    if (!query->stores && ctx.ArgIs(i, "WITHSCORES")) {
      query->with_scores = true;
    } else if (ctx.ArgIs(i, "LIMIT") && ctx.args.size() - i > 2) {
      if (!ctx.ParseInteger(i + 1, &query->offset) || !ctx.ParseInteger(i + 2, &query->limit))
        return false;
      i += 2;
    } else if (query->order == RangeOrder::kOption && ctx.ArgIs(i, "REV")) {
      query->order = RangeOrder::kDown;
    } else if (query->by == RangeBy::kOption && ctx.ArgIs(i, "BYLEX")) {
      query->by = RangeBy::kLex;
    } else if (query->by == RangeBy::kOption && ctx.ArgIs(i, "BYSCORE")) {
      query->by = RangeBy::kScore;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  if (query->order == RangeOrder::kOption) query->order = RangeOrder::kUp;
  if (query->by == RangeBy::kOption) query->by = RangeBy::kRank;
  return true;
}

bool ParseBounds(const CommandContext& ctx, RangeQuery* query) {
  size_t min = query->key_index + 1;
  size_t max = query->key_index + 2;
  if (query->by == RangeBy::kRank) return ParseRankBounds(ctx, min, &query->ranks);
  if (query->order == RangeOrder::kDown) std::swap(min, max);
  return query->by == RangeBy::kScore ? ParseScoreRange(ctx, min, max, &query->scores)
                                      : ParseLexRange(ctx, min, max, &query->lex);
}

bool ParseRangeQuery(const CommandContext& ctx, RangeQuery* query) {
  if (!ParseRangeOptions(ctx, query)) return false;
  if (query->limit != -1 && query->by == RangeBy::kRank) {
    ctx.reply.Error(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return false;
  }
  if (query->with_scores && query->by == RangeBy::kLex) {
    ctx.reply.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return false;
  }
  return ParseBounds(ctx, query);
}

// Leaves of `range` what LIMIT does, which counts from the end at which the reply begins.
RankRange Limited(const RangeQuery& query, RankRange range) {
  const size_t count = range.count();
  if (query.offset < 0 || static_cast<uint64_t>(query.offset) >= count) return {};
  const auto skipped = static_cast<size_t>(query.offset);
  size_t left = count - skipped;
  if (query.limit >= 0 && static_cast<uint64_t>(query.limit) < left)
    left = static_cast<size_t>(query.limit);
  if (query.order == RangeOrder::kUp) {
    range.first += skipped;
    range.last = range.first + left;
  } else {
    range.last -= skipped;
    range.first = range.last - left;
  }
  return range;
}

// The ranks asked for, counted from the lowest, whatever the order.
RankRange FindRange(const RangeQuery& query, const SortedSetValue& set) {
  switch (query.by) {
    case RangeBy::kScore:
      return Limited(query, set.RangeByScore(query.scores));
    case RangeBy::kLex:
      return Limited(query, set.RangeByLex(query.lex));
    case RangeBy::kRank:
    case RangeBy::kOption:
      break;
  }
  RankRange range = query.ranks.Resolve(set.size());
  if (query.order == RangeOrder::kDown && !range.empty())
    range = {set.size() - range.last, set.size() - range.first};
  return range;
}

void VisitRange(const RangeQuery& query, const SortedSetValue& set, const RankRange& range,
                SortedSetValue::Visitor visit) {
  query.order == RangeOrder::kUp ? set.Visit(range, visit) : set.VisitReverse(range, visit);
}

void ReplyRange(CommandContext& ctx, RangeQuery query) {
  if (!ParseRangeQuery(ctx, &query)) return;
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  if (set == nullptr) return ctx.reply.Array(0);
  const RankRange range = FindRange(query, *set);
  WriteMembersHeader(ctx.reply, range.count(), query.with_scores);
  VisitRange(query, *set, range, [&](absl::string_view member, double score) {
    WriteMember(ctx.reply, member, score, query.with_scores);
    return true;
  });
}

}  // namespace

void ZRangeCommand(CommandContext& ctx) { ReplyRange(ctx, {}); }

void ZRevRangeCommand(CommandContext& ctx) {
  ReplyRange(ctx, {.by = RangeBy::kRank, .order = RangeOrder::kDown});
}

void ZRangeByScoreCommand(CommandContext& ctx) {
  ReplyRange(ctx, {.by = RangeBy::kScore, .order = RangeOrder::kUp});
}

void ZRevRangeByScoreCommand(CommandContext& ctx) {
  ReplyRange(ctx, {.by = RangeBy::kScore, .order = RangeOrder::kDown});
}

void ZRangeByLexCommand(CommandContext& ctx) {
  ReplyRange(ctx, {.by = RangeBy::kLex, .order = RangeOrder::kUp});
}

void ZRevRangeByLexCommand(CommandContext& ctx) {
  ReplyRange(ctx, {.by = RangeBy::kLex, .order = RangeOrder::kDown});
}

void ZRangeStoreCommand(CommandContext& ctx) {
  RangeQuery query{.stores = true, .key_index = 2};
  if (!ParseRangeQuery(ctx, &query)) return;
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.KeyAt(2), &set)) return;
  SortedSetValue stored;
  if (set != nullptr) {
    const ValueContext& context = ctx.store.value_context();
    const RankRange range = FindRange(query, *set);
    // As Redis does it, so that the sign of -0, which packs lose, is lost in the same sets.
    if (query.by == RangeBy::kRank) stored = SortedSetValue::ForMembers(range.count(), context);
    VisitRange(query, *set, range, [&](absl::string_view member, double score) {
      stored.Set(member, score, context);
      return true;
    });
  }
  StoreSortedSet(ctx, ctx.KeyAt(1), std::move(stored), "zrangestore");
}

}  // namespace damselfly
