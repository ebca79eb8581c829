#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/commands/blocker.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_handlers.h"
#include "server/store/sorted_set_edit.h"

namespace damselfly {
namespace {

enum class PopEnd : uint8_t { kMin, kMax };

// How the members are written.
enum class PopReply : uint8_t {
  kFlat,        // member and score in turn: ZPOPMIN
  kPairs,       // pairs: ZPOPMIN with a count, in RESP3
  kKeyAndFlat,  // key, member, score: BZPOPMIN
  kKeyAndPairs  // the key, and an array of pairs: ZMPOP
};

void WritePopHeader(CommandContext& ctx, size_t key_index, PopReply form, size_t count) {
  switch (form) {
    case PopReply::kFlat:
      return ctx.reply.Array(2 * count);
    case PopReply::kPairs:
      return ctx.reply.Array(count);
    case PopReply::kKeyAndFlat:
      ctx.reply.Array(2 * count + 1);
      return ctx.reply.Bulk(ctx.args[key_index]);
    case PopReply::kKeyAndPairs:
      ctx.reply.Array(2);
      ctx.reply.Bulk(ctx.args[key_index]);
      return ctx.reply.Array(count);
  }
}

enum class PopResult : uint8_t { kReplied, kNothingThere };

// Takes up to `count` members from one end of the set under args[key_index], and replies with them;
// or with an error if there is something else. Neither, if there is nothing.
PopResult Pop(CommandContext& ctx, size_t key_index, PopEnd end, int64_t count, PopReply form) {
  bool is_emptied;
  {
    SortedSetEdit edit(&ctx.db, ctx.KeyAt(key_index));
    if (edit.wrong_type()) {
      ctx.WrongType();
      return PopResult::kReplied;
    }
    const size_t size = edit->size();
    if (size == 0) return PopResult::kNothingThere;
    const size_t taken = std::min(static_cast<size_t>(count), size);
    const RankRange range =
        end == PopEnd::kMin ? RankRange{0, taken} : RankRange{size - taken, size};
    WritePopHeader(ctx, key_index, form, taken);
    const bool is_nested = form == PopReply::kPairs || form == PopReply::kKeyAndPairs;
    const auto write = [&](absl::string_view member, double score) {
      if (is_nested) ctx.reply.Array(2);
      ctx.reply.Bulk(member);
      ctx.reply.Double(score);
      return true;
    };
    end == PopEnd::kMin ? edit->Visit(range, write) : edit->VisitReverse(range, write);
    edit.EraseRanks(range);
    is_emptied = taken == size;
  }
  const absl::string_view key = ctx.args[key_index];
  ctx.Notify(KeyEventClass::kSortedSet, end == PopEnd::kMin ? "zpopmin" : "zpopmax", key);
  if (is_emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
  return PopResult::kReplied;
}

// ---- ZPOPMIN, ZPOPMAX ----

void PopFromOne(CommandContext& ctx, PopEnd end) {
  if (ctx.args.size() > 3) return ctx.SyntaxError();
  int64_t count = 1;
  PopReply form = PopReply::kFlat;
  if (ctx.args.size() == 3) {
    if (!ParseCount(ctx, 2, &count)) return;
    if (ctx.reply.protocol() > 2) form = PopReply::kPairs;
  }
  if (count == 0) {
    const Entry* const entry = ctx.db.Find(ctx.FirstKey());
    if (entry != nullptr && entry->type() != ValueType::kSortedSet) return ctx.WrongType();
    return ctx.reply.Array(0);
  }
  if (Pop(ctx, 1, end, count, form) == PopResult::kNothingThere) ctx.reply.Array(0);
}

// ---- ZMPOP ----

struct MultiPop {
  size_t first_key;
  size_t key_count;
  PopEnd end;
  int64_t count = 1;
};

// Reads "numkeys key... MIN | MAX [COUNT count]" from args[index] on.
bool ParseMultiPop(const CommandContext& ctx, size_t index, MultiPop* pop) {
  int64_t key_count;
  if (!ParseIntegerFrom(ctx, index, 1, &key_count, "ERR numkeys should be greater than 0"))
    return false;
  pop->first_key = index + 1;
  const size_t behind_count = ctx.args.size() - pop->first_key;
  // The end follows the keys.
  if (static_cast<uint64_t>(key_count) >= behind_count) {
    ctx.SyntaxError();
    return false;
  }
  pop->key_count = static_cast<size_t>(key_count);
  size_t i = pop->first_key + pop->key_count;
  if (!ctx.ArgIs(i, "MIN") && !ctx.ArgIs(i, "MAX")) {
    ctx.SyntaxError();
    return false;
  }
  pop->end = ctx.ArgIs(i, "MIN") ? PopEnd::kMin : PopEnd::kMax;
  bool has_count = false;
  for (++i; i < ctx.args.size(); ++i) {
    if (has_count || !ctx.ArgIs(i, "COUNT") || i + 1 == ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    has_count = true;
    if (!ParseIntegerFrom(ctx, ++i, 1, &pop->count, "ERR count should be greater than 0"))
      return false;
  }
  return true;
}

// Tries the keys in their order; true if there is a reply.
bool PopFromFirst(CommandContext& ctx, const MultiPop& pop, PopReply form) {
  for (size_t i = 0; i < pop.key_count; ++i) {
    if (Pop(ctx, pop.first_key + i, pop.end, pop.count, form) == PopResult::kReplied) return true;
  }
  return false;
}

// ---- Waiting ----

// The same, and waits where all keys are missing.
void PopOrWait(CommandContext& ctx, const MultiPop& pop, PopReply form, size_t timeout_index) {
  BlockRequest request;
  if (!ParseTimeoutSeconds(ctx, timeout_index, &request.timeout_ms)) return;
  if (PopFromFirst(ctx, pop, form)) return;
  if (ctx.blocker == nullptr) return ctx.reply.NullArray();
  request.args = std::vector<std::string>(ctx.args.begin(), ctx.args.end());
  for (size_t i = 0; i < pop.key_count; ++i) request.key_indices.push_back(pop.first_key + i);
  ctx.blocker->Block(std::move(request));
}

void PopOneOrWait(CommandContext& ctx, PopEnd end) {
  const size_t timeout_index = ctx.args.size() - 1;
  PopOrWait(ctx, {.first_key = 1, .key_count = timeout_index - 1, .end = end},
            PopReply::kKeyAndFlat, timeout_index);
}

bool ServeOne(CommandContext& ctx, size_t key_index, PopEnd end) {
  return Pop(ctx, key_index, end, 1, PopReply::kKeyAndFlat) == PopResult::kReplied;
}

}  // namespace

void ZPopMinCommand(CommandContext& ctx) { PopFromOne(ctx, PopEnd::kMin); }

void ZPopMaxCommand(CommandContext& ctx) { PopFromOne(ctx, PopEnd::kMax); }

void ZmPopCommand(CommandContext& ctx) {
  MultiPop pop;
  if (!ParseMultiPop(ctx, 1, &pop)) return;
  if (!PopFromFirst(ctx, pop, PopReply::kKeyAndPairs)) ctx.reply.NullArray();
}

void BzPopMinCommand(CommandContext& ctx) { PopOneOrWait(ctx, PopEnd::kMin); }

void BzPopMaxCommand(CommandContext& ctx) { PopOneOrWait(ctx, PopEnd::kMax); }

void BzmPopCommand(CommandContext& ctx) {
  MultiPop pop;
  if (ParseMultiPop(ctx, 2, &pop)) PopOrWait(ctx, pop, PopReply::kKeyAndPairs, 1);
}

bool ServeBzPopMin(CommandContext& ctx, size_t key_index) {
  return ServeOne(ctx, key_index, PopEnd::kMin);
}

bool ServeBzPopMax(CommandContext& ctx, size_t key_index) {
  return ServeOne(ctx, key_index, PopEnd::kMax);
}

bool ServeBzmPop(CommandContext& ctx, size_t key_index) {
  MultiPop pop;
  return ParseMultiPop(ctx, 2, &pop) &&
         Pop(ctx, key_index, pop.end, pop.count, PopReply::kKeyAndPairs) == PopResult::kReplied;
}

}  // namespace damselfly
