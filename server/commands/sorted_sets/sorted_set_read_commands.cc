#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/glob.h"
#include "server/base/numbers.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/count_arguments.h"
#include "server/commands/result_limit.h"
#include "server/commands/scan_arguments.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_handlers.h"
#include "server/values/sample.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {
namespace {

// Finds the set under args[1]. False: replied with an error, or, where there is no such key, with
// if_missing().
template <typename IfMissing>
bool FindSet(CommandContext& ctx, const SortedSetValue** set, IfMissing if_missing) {
  if (!FindToRead(ctx, ctx.FirstKey(), set)) return false;
  if (*set != nullptr) return true;
  if_missing();
  return false;
}

bool FindSetOrReplyZero(CommandContext& ctx, const SortedSetValue** set) {
  return FindSet(ctx, set, [&] { ctx.reply.Integer(0); });
}

bool FindSetOrReplyNull(CommandContext& ctx, const SortedSetValue** set) {
  return FindSet(ctx, set, [&] { ctx.reply.Null(); });
}

void ReplyCount(CommandContext& ctx, const RankRange& range) {
  ctx.reply.Integer(static_cast<int64_t>(range.count()));
}

void WriteScore(CommandContext& ctx, const SortedSetValue* set, absl::string_view member) {
  double score;
  if (set != nullptr && set->Find(member, &score)) {
    ctx.reply.Double(score);
  } else {
    ctx.reply.Null();
  }
}

enum class Direction { kUp, kDown };

void ReplyRank(CommandContext& ctx, Direction direction) {
  const SortedSetValue* set;
  if (!FindSetOrReplyNull(ctx, &set)) return;
  size_t rank;
  if (!set->FindRank(ctx.args[2], &rank)) return ctx.reply.Null();
  if (direction == Direction::kDown) rank = set->size() - 1 - rank;
  ctx.reply.Integer(static_cast<int64_t>(rank));
}

}  // namespace

void ZCardCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (FindSetOrReplyZero(ctx, &set)) ctx.reply.Integer(static_cast<int64_t>(set->size()));
}

void ZScoreCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (FindSetOrReplyNull(ctx, &set)) WriteScore(ctx, set, ctx.args[2]);
}

void ZMScoreCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const absl::string_view member : ctx.args.subspan(2)) WriteScore(ctx, set, member);
}

void ZRankCommand(CommandContext& ctx) { ReplyRank(ctx, Direction::kUp); }

void ZRevRankCommand(CommandContext& ctx) { ReplyRank(ctx, Direction::kDown); }

void ZCountCommand(CommandContext& ctx) {
  ScoreRange range;
  if (!ParseScoreRange(ctx, 2, 3, &range)) return;
  const SortedSetValue* set;
  if (FindSetOrReplyZero(ctx, &set)) ReplyCount(ctx, set->RangeByScore(range));
}

void ZLexCountCommand(CommandContext& ctx) {
  LexRange range;
  if (!ParseLexRange(ctx, 2, 3, &range)) return;
  const SortedSetValue* set;
  if (FindSetOrReplyZero(ctx, &set)) ReplyCount(ctx, set->RangeByLex(range));
}

// ---- ZRANDMEMBER ----

namespace {

void WriteRank(ReplyWriter& reply, const SortedSetValue& set, size_t rank, bool with_scores) {
  set.Visit({rank, rank + 1}, [&](absl::string_view member, double score) {
    WriteMember(reply, member, score, with_scores);
    return true;
  });
}

// `count` different members, or all.
void WriteDifferent(CommandContext& ctx, const SortedSetValue& set, uint64_t count,
                    bool with_scores) {
  const size_t wanted = std::min<uint64_t>(count, set.size());
  WriteMembersHeader(ctx.reply, wanted, with_scores);
  if (wanted < set.size()) {
    for (const size_t rank : SampleIndexes(set.size(), wanted, ctx.random))
      WriteRank(ctx.reply, set, rank, with_scores);
    return;
  }
  set.VisitAll([&](absl::string_view member, double score) {
    WriteMember(ctx.reply, member, score, with_scores);
    return true;
  });
}

// `count` members, each chosen among all.
void WriteWithRepetitions(CommandContext& ctx, const SortedSetValue& set, uint64_t count,
                          bool with_scores) {
  const ResultLimit limit(ctx);
  if (!limit.AllowsElements(count)) return limit.Refuse();
  WriteMembersHeader(ctx.reply, count, with_scores);
  for (uint64_t i = 0; i < count; ++i) {
    WriteRank(ctx.reply, set, ctx.random.Below(set.size()), with_scores);
    if (!limit.AllowsReply()) return limit.Refuse();
  }
}

// Reads [count [WITHSCORES]] from args[2] on.
bool ParseRandomArguments(CommandContext& ctx, int64_t* count, bool* with_scores) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (!ParseRandomCount(ctx, 2, count)) return false;
  *with_scores = ctx.args.size() == 4 && ctx.ArgIs(3, "WITHSCORES");
  if (ctx.args.size() > 3 && !*with_scores) {
    ctx.SyntaxError();
    return false;
  }
  if (*with_scores && (*count < -(kMax / 2) || *count > kMax / 2)) {
    ctx.reply.Error("ERR value is out of range");
    return false;
  }
  return true;
}

}  // namespace

void ZRandMemberCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (ctx.args.size() == 2) {
    if (FindSetOrReplyNull(ctx, &set))
      WriteRank(ctx.reply, *set, ctx.random.Below(set->size()), /*with_scores=*/false);
    return;
  }
  int64_t count;
  bool with_scores;
  if (!ParseRandomArguments(ctx, &count, &with_scores)) return;
  if (!FindSet(ctx, &set, [&] { ctx.reply.Array(0); })) return;
  if (count >= 0) {
    WriteDifferent(ctx, *set, static_cast<uint64_t>(count), with_scores);
  } else {
    WriteWithRepetitions(ctx, *set, static_cast<uint64_t>(-count), with_scores);
  }
}

// ---- ZSCAN ----

namespace {

// Writes members and scores of one step, and returns the number of both; *cursor becomes the next.
size_t WriteScanStep(ReplyWriter& reply, const SortedSetValue& set, const ScanOptions& options,
                     uint64_t* cursor) {
  const Glob pattern(options.pattern);
  size_t written = 0;
  if (!set.is_packed()) {
    *cursor = set.Scan(*cursor, options.count, [&](absl::string_view member, double score) {
      if (!pattern.Matches(member)) return;
      reply.Bulk(member);
      reply.BulkDouble(score);
      written += 2;
    });
    return written;
  }
  *cursor = 0;
  // Scores come as they are kept: whole ones with all their digits.
  const PackView pack = set.pack_view();
  char scratch[kIntegerBytesMax];
  for (PackView::Cursor at = pack.First(); at != PackView::kNone; at = pack.Skip(at, 2)) {
    const absl::string_view member = pack.Get(at).Text(scratch);
    if (!pattern.Matches(member)) continue;
    reply.Bulk(member);
    reply.Bulk(pack.Get(pack.Next(at)).Text(scratch));
    written += 2;
  }
  return written;
}

}  // namespace

void ZScanCommand(CommandContext& ctx) {
  uint64_t cursor;
  if (!ParseScanCursor(ctx, 2, &cursor)) return;
  const SortedSetValue* set;
  if (!FindSet(ctx, &set, [&] { ReplyWithEmptyScan(ctx); })) return;
  ScanOptions options;
  if (!ParseScanOptions(ctx, 3, /*takes_type=*/false, &options)) return;
  const ReplyWriter::Deferred members = ctx.reply.Defer();
  const size_t written = WriteScanStep(ctx.reply, *set, options, &cursor);
  ctx.reply.CloseArray(members, written);
  // The next cursor stands before the members and is known after them.
  char digits[kIntegerBytesMax];
  const absl::string_view next(digits, FormatUint64(cursor, digits));
  ctx.reply.output()->Insert(members, absl::StrCat("*2\r\n$", next.size(), "\r\n", next, "\r\n"));
}

}  // namespace damselfly
