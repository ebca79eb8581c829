#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "server/commands/collection_value.h"
#include "server/commands/list_elements.h"
#include "server/commands/list_handlers.h"

namespace damselfly {

void LLenCommand(CommandContext& ctx) {
  const ListValue* list;
  if (!FindToRead(ctx, ctx.FirstKey(), &list)) return;
  ctx.reply.Integer(list == nullptr ? 0 : static_cast<int64_t>(list->size()));
}

void LIndexCommand(CommandContext& ctx) {
  const ListValue* list;
  if (!FindToRead(ctx, ctx.FirstKey(), &list)) return;
  // Of a missing key Redis does not even look at the index.
  if (list == nullptr) return ctx.reply.Null();
  int64_t index;
  if (!ctx.ParseInteger(2, &index)) return;
  size_t resolved;
  if (!ResolveIndex(index, list->size(), &resolved)) return ctx.reply.Null();
  ReplyWithElement(ctx.reply, list->At(resolved).Get());
}

void LRangeCommand(CommandContext& ctx) {
  int64_t start, stop;
  if (!ctx.ParseInteger(2, &start) || !ctx.ParseInteger(3, &stop)) return;
  const ListValue* list;
  if (!FindToRead(ctx, ctx.FirstKey(), &list)) return;
  if (list == nullptr) return ctx.reply.Array(0);
  const ListRange range = ResolveListRange(start, stop, list->size());
  ReplyWithRange(ctx.reply, *list, range.first, range.count);
}

namespace {

struct LPosOptions {
  int64_t rank = 1;
  int64_t count = -1;  // without COUNT
  int64_t length_max = 0;
};

bool ParseLPosOptions(CommandContext& ctx, LPosOptions* options) {
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    if (i + 1 == ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    if (ctx.ArgIs(i, "RANK")) {
      if (!ctx.ParseInteger(i + 1, &options->rank)) return false;
      if (options->rank == 0) {
        ctx.reply.Error(
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
            "use negative to start from the end of the list");
        return false;
      }
    } else if (ctx.ArgIs(i, "COUNT")) {
      if (!ParseAtLeast(ctx, i + 1, 0, "ERR COUNT can't be negative", &options->count)) {
        return false;
      }
    } else if (ctx.ArgIs(i, "MAXLEN")) {
      if (!ParseAtLeast(ctx, i + 1, 0, "ERR MAXLEN can't be negative", &options->length_max)) {
        return false;
      }
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// Goes through the list for LPOS; calls `found` with the index of each match that counts, until it
// returns false.
template <class F>
void FindMatches(const ListValue& list, absl::string_view text, const LPosOptions& options,
                 F found) {
  const bool forward = options.rank > 0;
  // The lowest rank there is has no positive counterpart.
  uint64_t skipped = 0;
  if (options.rank != INT64_MIN) skipped = static_cast<uint64_t>(std::abs(options.rank)) - 1;
  const size_t size = list.size();
  const size_t end =
      options.length_max == 0 ? size : std::min(size, static_cast<size_t>(options.length_max));
  const ListItem item(text);
  ListIterator at = forward ? list.First() : list.Last();
  for (size_t i = 0; i < end; ++i) {
    if (at.Equals(item)) {
      if (skipped > 0) {
        --skipped;
      } else if (!found(forward ? i : size - 1 - i)) {
        return;
      }
    }
    forward ? at.Next() : at.Previous();
  }
}

}  // namespace

void LPosCommand(CommandContext& ctx) {
  LPosOptions options;
  if (!ParseLPosOptions(ctx, &options)) return;
  const ListValue* list;
  if (!FindToRead(ctx, ctx.FirstKey(), &list)) return;
  const bool wants_array = options.count >= 0;
  if (list == nullptr) return wants_array ? ctx.reply.Array(0) : ctx.reply.Null();
  if (!wants_array) {
    bool any = false;
    FindMatches(*list, ctx.args[2], options, [&](size_t index) {
      any = true;
      ctx.reply.Integer(static_cast<int64_t>(index));
      return false;
    });
    if (!any) ctx.reply.Null();
    return;
  }
  // Redis's count of what is still wanted wraps round with that rank: nothing limits the matches.
  if (options.rank == INT64_MIN) options.count = 0;
  const ReplyWriter::Deferred array = ctx.reply.Defer();
  size_t matches = 0;
  FindMatches(*list, ctx.args[2], options, [&](size_t index) {
    ctx.reply.Integer(static_cast<int64_t>(index));
    ++matches;
    return options.count == 0 || matches < static_cast<size_t>(options.count);
  });
  ctx.reply.CloseArray(array, matches);
}

}  // namespace damselfly
