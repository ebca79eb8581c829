#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "server/commands/string_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {

void GetCommand(CommandContext& ctx) {
  const Entry* entry = ctx.db.FindCounted(ctx.FirstKey());
  if (entry == nullptr) {
    ctx.reply.Null();
  } else if (entry->type() == ValueType::kString) [[likely]] {
    ReplyWithValue(ctx.reply, *entry);
  } else {
    ctx.WrongType();
  }
}

void MGetCommand(CommandContext& ctx) {
  ctx.reply.Array(ctx.args.size() - 1);
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    const Entry* entry = ctx.db.FindCounted(ctx.KeyAt(i));
    if (entry != nullptr && entry->type() == ValueType::kString) {
      ReplyWithValue(ctx.reply, *entry);
    } else {
      ctx.reply.Null();
    }
  }
}

void StrlenCommand(CommandContext& ctx) {
  Entry* entry;
  if (!FindStringToRead(ctx, ctx.KeyAt(1), &entry)) return;
  ctx.reply.Integer(entry == nullptr ? 0 : static_cast<int64_t>(entry->string_size()));
}

void GetRangeCommand(CommandContext& ctx) {
  int64_t start, end;
  if (!ctx.ParseInteger(2, &start) || !ctx.ParseInteger(3, &end)) return;
  Entry* entry;
  if (!FindStringToRead(ctx, ctx.KeyAt(1), &entry)) return;

  const int64_t size = entry == nullptr ? 0 : static_cast<int64_t>(entry->string_size());
  // Both from the end and in the wrong order: empty, even where clamping would make them equal.
  const bool reversed = start < 0 && end < 0 && start > end;
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (reversed || start > end) {
    ctx.reply.Bulk("");
    return;
  }
  ReplyWithRange(ctx.reply, *entry, start, end - start + 1);
}

}  // namespace damselfly
