#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/lcs.h"
#include "server/commands/string_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

struct LcsOptions {
  bool length_only = false;
  bool indexes = false;
  bool with_match_length = false;
  int64_t match_length_min = 0;
};

bool ParseOptions(const CommandContext& ctx, LcsOptions* options) {
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "IDX")) {
      options->indexes = true;
    } else if (ctx.ArgIs(i, "LEN")) {
      options->length_only = true;
    } else if (ctx.ArgIs(i, "WITHMATCHLEN")) {
      options->with_match_length = true;
    } else if (ctx.ArgIs(i, "MINMATCHLEN") && i + 1 < ctx.args.size()) {
      if (!ctx.ParseInteger(++i, &options->match_length_min)) return false;
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  if (options->indexes && options->length_only) {
    ctx.reply.Error("ERR If you want both the length and indexes, please just use IDX.");
    return false;
  }
  return true;
}

// Redis refuses strings for which its matrix of 32-bit numbers would be larger than the longest
// string. Ours is smaller, but the limit also bounds how long the slots stay locked.
bool SizesAreFeasible(const CommandContext& ctx, absl::string_view first,
                      absl::string_view second) {
  const uint64_t cells_max = static_cast<uint64_t>(ctx.string_bytes_max) / sizeof(uint32_t);
  if (second.size() + 1 <= cells_max / (first.size() + 1)) return true;
  ctx.reply.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  return false;
}

void ReplyWithBounds(ReplyWriter& reply, size_t start, size_t length) {
  reply.Array(2);
  reply.Integer(static_cast<int64_t>(start));
  reply.Integer(static_cast<int64_t>(start + length - 1));
}

void ReplyWithMatches(ReplyWriter& reply, const LcsResult& lcs, const LcsOptions& options) {
  reply.Map(2);
  reply.Bulk("matches");
  const ReplyWriter::Deferred matches = reply.Defer();
  size_t count = 0;
  for (const LcsMatch& match : lcs.matches) {
    if (static_cast<int64_t>(match.length) < options.match_length_min) continue;
    reply.Array(options.with_match_length ? 3 : 2);
    ReplyWithBounds(reply, match.first_start, match.length);
    ReplyWithBounds(reply, match.second_start, match.length);
    if (options.with_match_length) reply.Integer(static_cast<int64_t>(match.length));
    ++count;
  }
  reply.CloseArray(matches, count);
  reply.Bulk("len");
  reply.Integer(static_cast<int64_t>(lcs.text.size()));
}

}  // namespace

void LcsCommand(CommandContext& ctx) {
  const Key first_key = ctx.KeyAt(1);
  const Key second_key = ctx.KeyAt(2);
  // The second look-up may delete an expired key and move entries of the slot, so the first key's
  // entry is looked up once more; from then on nothing changes.
  const Entry* first = ctx.db.FindCounted(first_key);
  const Entry* second = ctx.db.FindCounted(second_key);
  if (first != nullptr) first = ctx.db.Find(first_key);
  if ((first != nullptr && first->type() != ValueType::kString) ||
      (second != nullptr && second->type() != ValueType::kString)) {
    ctx.reply.Error("ERR The specified keys must contain string values");
    return;
  }
  LcsOptions options;
  if (!ParseOptions(ctx, &options)) return;
  const StringBytes first_bytes(first);
  const StringBytes second_bytes(second);
  if (!SizesAreFeasible(ctx, first_bytes.view(), second_bytes.view())) return;

  if (options.length_only) {
    ctx.reply.Integer(static_cast<int64_t>(LcsLength(first_bytes.view(), second_bytes.view())));
    return;
  }
  const LcsResult lcs = FindLcs(first_bytes.view(), second_bytes.view());
  if (options.indexes) {
    ReplyWithMatches(ctx.reply, lcs, options);
  } else {
    ctx.reply.Bulk(lcs.text);
  }
}

}  // namespace damselfly
