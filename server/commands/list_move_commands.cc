#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "server/base/numbers.h"
#include "server/commands/blocker.h"
#include "server/commands/collection_value.h"
#include "server/commands/list_elements.h"
#include "server/commands/list_handlers.h"

namespace damselfly {
namespace {

struct Ends {
  ListEnd from;
  ListEnd to;
};

constexpr Ends kTailToHead = {ListEnd::kTail, ListEnd::kHead};

bool ParseEnds(const CommandContext& ctx, Ends* ends) {
  return ParseListEnd(ctx, 3, &ends->from) && ParseListEnd(ctx, 4, &ends->to);
}

std::string TextAt(const ListValue& list, ListEnd end) {
  char scratch[kIntegerBytesMax];
  const ListIterator at = end == ListEnd::kHead ? list.First() : list.Last();
  return std::string(at.Get().Text(scratch));
}

// Within one list, which is there.
std::string Rotate(CommandContext& ctx, const Key& key, Ends ends) {
  ListEdit edit(&ctx.db, key);
  std::string text = TextAt(edit.list(), ends.from);
  edit.Pop(ends.from);
  edit.Push(ends.to, text);
  return text;
}

// Moves an element of args[1], which holds `source`, to args[2], and replies with it, or with the
// error if args[2] is no list.
void Move(CommandContext& ctx, const ListValue& source, Ends ends) {
  const Key from = ctx.KeyAt(1);
  const Key to = ctx.KeyAt(2);
  bool emptied = false;
  std::string text;
  if (from.bytes == to.bytes) {
    text = Rotate(ctx, from, ends);
  } else {
    text = TextAt(source, ends.from);
    {
      ListEdit edit(&ctx.db, to);
      if (edit.wrong_type()) return ctx.WrongType();
      edit.Push(ends.to, text);
    }
    ListEdit edit(&ctx.db, from);
    edit.Pop(ends.from);
    emptied = edit->size() == 0;
  }
  // In Redis's order: the element is seen to come before it is seen to go.
  NotifyPushed(ctx, to, ends.to);
  NotifyPopped(ctx, from, ends.from, emptied);
  ctx.reply.Bulk(text);
}

void MoveOrNull(CommandContext& ctx, Ends ends) {
  const ListValue* source;
  if (!FindUncounted(ctx, ctx.KeyAt(1), &source)) return;
  if (source == nullptr) return ctx.reply.Null();
  Move(ctx, *source, ends);
}

void MoveOrWait(CommandContext& ctx, Ends ends, size_t timeout_index) {
  int64_t timeout_ms;
  if (!ParseTimeoutSeconds(ctx, timeout_index, &timeout_ms)) return;
  const ListValue* source;
  if (!FindUncounted(ctx, ctx.KeyAt(1), &source)) return;
  if (source != nullptr) return Move(ctx, *source, ends);
  if (ctx.blocker == nullptr) return ctx.reply.Null();
  BlockRequest request;
  for (const absl::string_view arg : ctx.args) request.args.emplace_back(arg);
  request.key_indices = {1};
  request.timeout_ms = timeout_ms;
  ctx.blocker->Block(std::move(request));
}

// A destination that is no list by now is an error, as if the command came now.
bool ServeMove(CommandContext& ctx, size_t key_index, Ends ends) {
  const Entry* const entry = ctx.db.Find(ctx.KeyAt(key_index));
  if (entry == nullptr || entry->type() != ValueType::kList) return false;
  Move(ctx, entry->as<ListValue>(), ends);
  return true;
}

}  // namespace

void LMoveCommand(CommandContext& ctx) {
  Ends ends;
  if (ParseEnds(ctx, &ends)) MoveOrNull(ctx, ends);
}

void RPopLPushCommand(CommandContext& ctx) { MoveOrNull(ctx, kTailToHead); }

void BLMoveCommand(CommandContext& ctx) {
  Ends ends;
  if (ParseEnds(ctx, &ends)) MoveOrWait(ctx, ends, 5);
}

void BRPopLPushCommand(CommandContext& ctx) { MoveOrWait(ctx, kTailToHead, 3); }

bool ServeBLMove(CommandContext& ctx, size_t key_index) {
  Ends ends;
  return ParseEnds(ctx, &ends) && ServeMove(ctx, key_index, ends);
}

bool ServeBRPopLPush(CommandContext& ctx, size_t key_index) {
  return ServeMove(ctx, key_index, kTailToHead);
}

}  // namespace damselfly
