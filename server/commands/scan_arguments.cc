#include "server/commands/scan_arguments.h"

namespace damselfly {
namespace {

// Reads a cursor as strtoul does, which is what Redis reads it with: a sign is legal, and "-1" is
// the largest number; the text ends with its first zero byte, and no digits are 0.
bool ParseCursor(absl::string_view text, uint64_t* cursor) {
  text = text.substr(0, text.find('\0'));
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) {
    text.remove_prefix(1);
    // A sign alone is not read at all, so it is left over.
    if (text.empty()) return false;
  }
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value)) return false;
  }
  *cursor = negative ? -value : value;
  return true;
}

}  // namespace

bool ParseScanCursor(CommandContext& ctx, size_t index, uint64_t* cursor) {
  if (ParseCursor(ctx.args[index], cursor)) return true;
  ctx.reply.Error("ERR invalid cursor");
  return false;
}

bool ParseScanOptions(CommandContext& ctx, size_t first, bool takes_type, ScanOptions* options) {
  for (size_t i = first; i < ctx.args.size(); i += 2) {
    if (i + 1 >= ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    if (ctx.ArgIs(i, "COUNT")) {
      int64_t count;
      if (!ctx.ParseInteger(i + 1, &count)) return false;
      if (count < 1) {
        ctx.SyntaxError();
        return false;
      }
      options->count = static_cast<size_t>(count);
    } else if (ctx.ArgIs(i, "MATCH")) {
      options->pattern = ctx.args[i + 1];
    } else if (takes_type && ctx.ArgIs(i, "TYPE")) {
      options->has_type = true;
      options->type = ctx.args[i + 1].substr(0, ctx.args[i + 1].find('\0'));
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

void ReplyWithEmptyScan(CommandContext& ctx) {
  ctx.reply.Array(2);
  ctx.reply.Bulk("0");
  ctx.reply.Array(0);
}

}  // namespace damselfly
