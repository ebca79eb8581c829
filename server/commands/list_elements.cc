#include "server/commands/list_elements.h"

#include <algorithm>

#include "server/base/numbers.h"

namespace damselfly {

void ReplyWithRange(ReplyWriter& reply, const ListValue& list, size_t first, size_t count) {
  reply.Array(count);
  ListIterator at = list.At(first);
  for (; count > 0; --count, at.Next()) ReplyWithElement(reply, at.Get());
}

void ReplyWithTail(ReplyWriter& reply, const ListValue& list, size_t count) {
  reply.Array(count);
  ListIterator at = list.Last();
  for (; count > 0; --count, at.Previous()) ReplyWithElement(reply, at.Get());
}

bool ResolveIndex(int64_t index, size_t size, size_t* resolved) {
  const auto end = static_cast<int64_t>(size);
  if (index < -end || index >= end) return false;
  *resolved = static_cast<size_t>(index < 0 ? index + end : index);
  return true;
}

ListRange ResolveListRange(int64_t start, int64_t stop, size_t size) {
  const auto end = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + end, 0);
  if (stop < 0) stop += end;
  stop = std::min(stop, end - 1);
  if (start > stop) return {};
  return {static_cast<size_t>(start), static_cast<size_t>(stop - start + 1)};
}

bool ParseListEnd(const CommandContext& ctx, size_t index, ListEnd* end) {
  const bool left = ctx.ArgIs(index, "LEFT");
  if (!left && !ctx.ArgIs(index, "RIGHT")) {
    ctx.SyntaxError();
    return false;
  }
  *end = left ? ListEnd::kHead : ListEnd::kTail;
  return true;
}

bool ParseAtLeast(const CommandContext& ctx, size_t index, int64_t low, absl::string_view error,
                  int64_t* value) {
  if (ParseInt64(ctx.args[index], value) && *value >= low) return true;
  ctx.reply.Error(error);
  return false;
}

void NotifyPushed(CommandContext& ctx, const Key& key, ListEnd end) {
  ctx.Notify(KeyEventClass::kList, end == ListEnd::kHead ? "lpush" : "rpush", key);
}

void NotifyPopped(CommandContext& ctx, const Key& key, ListEnd end, bool emptied) {
  ctx.Notify(KeyEventClass::kList, end == ListEnd::kHead ? "lpop" : "rpop", key);
  if (emptied) ctx.Notify(KeyEventClass::kGeneric, "del", key);
}

}  // namespace damselfly
