#include <cstdint>

#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/streams/stream_arguments.h"
#include "server/commands/streams/stream_handlers.h"
#include "server/commands/streams/stream_reply.h"
#include "server/values/stream_range.h"

namespace damselfly {
namespace {

// COUNT and its number, as often as they stand from args[4] on; *count is -1 without.
bool ReadCount(const CommandContext& ctx, int64_t* count) {
  *count = -1;
  for (size_t i = 4; i < ctx.args.size(); i += 2) {
    if (i + 1 == ctx.args.size() || !ctx.ArgIs(i, "COUNT")) {
      ctx.SyntaxError();
      return false;
    }
    if (!ctx.ParseInteger(i + 1, count)) return false;
    if (*count < 0) *count = 0;
  }
  return true;
}

void RangeCommand(CommandContext& ctx, StreamRange::Direction direction) {
  const bool is_forward = direction == StreamRange::Direction::kForward;
  StreamId first, last;
  int64_t count;
  if (!ReadIntervalStart(ctx, is_forward ? 2 : 3, &first) ||
      !ReadIntervalEnd(ctx, is_forward ? 3 : 2, &last) || !ReadCount(ctx, &count)) {
    return;
  }
  const StreamValue* stream;
  if (!FindToRead(ctx, ctx.KeyAt(1), &stream)) return;
  if (stream == nullptr) return ctx.reply.Array(0);
  if (count == 0) return ctx.reply.NullArray();
  ReplyEntries(ctx, StreamRange(*stream, first, last, direction),
               count < 0 ? 0 : static_cast<uint64_t>(count));
}

}  // namespace

void XLenCommand(CommandContext& ctx) {
  const StreamValue* stream;
  if (!FindToRead(ctx, ctx.KeyAt(1), &stream)) return;
  ctx.reply.Integer(stream != nullptr ? static_cast<int64_t>(stream->size()) : 0);
}

void XRangeCommand(CommandContext& ctx) { RangeCommand(ctx, StreamRange::Direction::kForward); }

void XRevRangeCommand(CommandContext& ctx) { RangeCommand(ctx, StreamRange::Direction::kBackward); }

}  // namespace damselfly
