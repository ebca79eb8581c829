#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "server/commands/blocker.h"
#include "server/commands/list_elements.h"
#include "server/commands/list_handlers.h"

namespace damselfly {
namespace {

// What came of trying one key of several.
enum class Tried { kPopped, kNothingThere, kWrongType };

// ---- LPOP, RPOP ----

void Pop(CommandContext& ctx, ListEnd end) {
  if (ctx.args.size() > 3) {
    return ctx.reply.Error(end == ListEnd::kHead
                               ? "ERR wrong number of arguments for 'lpop' command"
                               : "ERR wrong number of arguments for 'rpop' command");
  }
  const bool has_count = ctx.args.size() == 3;
  int64_t count = 1;
  if (has_count &&
      !ParseAtLeast(ctx, 2, 0, "ERR value is out of range, must be positive", &count)) {
    return;
  }
  const Key& key = ctx.FirstKey();
  bool emptied;
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return ctx.WrongType();
    if (!edit.existed()) return has_count ? ctx.reply.NullArray() : ctx.reply.Null();
    const size_t popped = std::min(static_cast<size_t>(count), edit->size());
    if (!has_count) {
      ReplyWithElement(ctx.reply, end == ListEnd::kHead ? edit->First().Get() : edit->Last().Get());
    } else if (popped == 0) {
      return ctx.reply.Array(0);
    } else if (end == ListEnd::kHead) {
      ReplyWithRange(ctx.reply, edit.list(), 0, popped);
    } else {
      ReplyWithTail(ctx.reply, edit.list(), popped);
    }
    edit.Pop(end, popped);
    emptied = edit->size() == 0;
  }
  NotifyPopped(ctx, key, end, emptied);
}

// ---- LMPOP, BLMPOP ----

// What LMPOP and BLMPOP say behind the number of keys.
struct MultiPop {
  size_t first_key = 0;
  size_t key_count = 0;
  ListEnd end = ListEnd::kHead;
  size_t count = 1;
};

// The number of keys stands in args[index].
bool ParseMultiPop(CommandContext& ctx, size_t index, MultiPop* pop) {
  int64_t key_count;
  if (!ParseAtLeast(ctx, index, 1, "ERR numkeys should be greater than 0", &key_count)) {
    return false;
  }
  pop->first_key = index + 1;
  pop->key_count = static_cast<size_t>(key_count);
  if (pop->key_count >= ctx.args.size() - pop->first_key) {
    ctx.SyntaxError();
    return false;
  }
  size_t at = pop->first_key + pop->key_count;
  if (!ParseListEnd(ctx, at++, &pop->end)) return false;
  if (at == ctx.args.size()) return true;
  if (ctx.args.size() - at < 2 || !ctx.ArgIs(at, "COUNT")) {
    ctx.SyntaxError();
    return false;
  }
  int64_t count;
  if (!ParseAtLeast(ctx, at + 1, 1, "ERR count should be greater than 0", &count)) return false;
  if (at + 2 < ctx.args.size()) {
    ctx.SyntaxError();
    return false;
  }
  pop->count = static_cast<size_t>(count);
  return true;
}

// Pops from one key, if it holds a list, and replies with the key and an array of elements.
Tried TryMultiPop(CommandContext& ctx, size_t key_index, const MultiPop& pop) {
  const Key key = ctx.KeyAt(key_index);
  bool emptied;
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return Tried::kWrongType;
    if (!edit.existed()) return Tried::kNothingThere;
    const size_t popped = std::min(pop.count, edit->size());
    ctx.reply.Array(2);
    ctx.reply.Bulk(key.bytes);
    if (pop.end == ListEnd::kHead) {
      ReplyWithRange(ctx.reply, edit.list(), 0, popped);
    } else {
      ReplyWithTail(ctx.reply, edit.list(), popped);
    }
    edit.Pop(pop.end, popped);
    emptied = edit->size() == 0;
  }
  NotifyPopped(ctx, key, pop.end, emptied);
  return Tried::kPopped;
}

// ---- BLPOP, BRPOP ----

// Pops from one key, if it holds a list, and replies with the key and the element.
Tried TryPop(CommandContext& ctx, size_t key_index, ListEnd end) {
  const Key key = ctx.KeyAt(key_index);
  bool emptied;
  {
    ListEdit edit(&ctx.db, key);
    if (edit.wrong_type()) return Tried::kWrongType;
    if (!edit.existed()) return Tried::kNothingThere;
    ctx.reply.Array(2);
    ctx.reply.Bulk(key.bytes);
    ReplyWithElement(ctx.reply, end == ListEnd::kHead ? edit->First().Get() : edit->Last().Get());
    edit.Pop(end);
    emptied = edit->size() == 0;
  }
  NotifyPopped(ctx, key, end, emptied);
  return Tried::kPopped;
}

// ---- Several keys ----

// Tries keys in their order, until one has something or is no list. Returns whether the command
// has been answered.
template <class F>
bool TryKeys(CommandContext& ctx, size_t first_key, size_t key_count, F try_key) {
  for (size_t index = first_key; index < first_key + key_count; ++index) {
    const Tried tried = try_key(index);
    if (tried == Tried::kNothingThere) continue;
    if (tried == Tried::kWrongType) ctx.WrongType();
    return true;
  }
  return false;
}

void WaitForKeys(CommandContext& ctx, size_t first_key, size_t key_count, int64_t timeout_ms) {
  if (ctx.blocker == nullptr) return ctx.reply.NullArray();
  BlockRequest request;
  for (const absl::string_view arg : ctx.args) request.args.emplace_back(arg);
  for (size_t i = 0; i < key_count; ++i) request.key_indices.push_back(first_key + i);
  request.timeout_ms = timeout_ms;
  ctx.blocker->Block(std::move(request));
}

void BlockingPop(CommandContext& ctx, ListEnd end) {
  const size_t key_count = ctx.args.size() - 2;
  int64_t timeout_ms;
  if (!ParseTimeoutSeconds(ctx, ctx.args.size() - 1, &timeout_ms)) return;
  const auto try_key = [&](size_t index) { return TryPop(ctx, index, end); };
  if (!TryKeys(ctx, 1, key_count, try_key)) WaitForKeys(ctx, 1, key_count, timeout_ms);
}

}  // namespace

void LPopCommand(CommandContext& ctx) { Pop(ctx, ListEnd::kHead); }

void RPopCommand(CommandContext& ctx) { Pop(ctx, ListEnd::kTail); }

void LMPopCommand(CommandContext& ctx) {
  MultiPop pop;
  if (!ParseMultiPop(ctx, 1, &pop)) return;
  const auto try_key = [&](size_t index) { return TryMultiPop(ctx, index, pop); };
  if (!TryKeys(ctx, pop.first_key, pop.key_count, try_key)) ctx.reply.NullArray();
}

void BLPopCommand(CommandContext& ctx) { BlockingPop(ctx, ListEnd::kHead); }

void BRPopCommand(CommandContext& ctx) { BlockingPop(ctx, ListEnd::kTail); }

void BLMPopCommand(CommandContext& ctx) {
  MultiPop pop;
  int64_t timeout_ms;
  if (!ParseMultiPop(ctx, 2, &pop) || !ParseTimeoutSeconds(ctx, 1, &timeout_ms)) return;
  const auto try_key = [&](size_t index) { return TryMultiPop(ctx, index, pop); };
  if (!TryKeys(ctx, pop.first_key, pop.key_count, try_key)) {
    WaitForKeys(ctx, pop.first_key, pop.key_count, timeout_ms);
  }
}

bool ServeBLPop(CommandContext& ctx, size_t key_index) {
  return TryPop(ctx, key_index, ListEnd::kHead) == Tried::kPopped;
}

bool ServeBRPop(CommandContext& ctx, size_t key_index) {
  return TryPop(ctx, key_index, ListEnd::kTail) == Tried::kPopped;
}

bool ServeBLMPop(CommandContext& ctx, size_t key_index) {
  MultiPop pop;
  return ParseMultiPop(ctx, 2, &pop) && TryMultiPop(ctx, key_index, pop) == Tried::kPopped;
}

}  // namespace damselfly
