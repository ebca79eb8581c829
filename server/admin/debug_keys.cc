// DEBUG OBJECT, POPULATE and STRINGMATCH-LEN.

#include <limits>

#include "absl/strings/str_cat.h"
#include "server/admin/debug_handlers.h"
#include "server/base/glob.h"
#include "server/base/numbers.h"
#include "server/commands/value_names.h"
#include "server/session/service_gate.h"
#include "server/session/slot_locks.h"

namespace damselfly {
namespace {

// Longest text that Redis's dump format tries to keep as an integer.
constexpr size_t kDumpedIntegerBytesMax = 11;

// A number in [0, highest]: else writes the error and returns false.
bool ParsePositive(const CommandContext& ctx, size_t index, int64_t highest, int64_t* value) {
  if (ParseInt64(ctx.args[index], value) && *value >= 0 && *value <= highest) return true;
  ctx.reply.Error("ERR value is out of range, must be positive");
  return false;
}

}  // namespace

int64_t DumpedStringBytes(absl::string_view text) {
  int64_t number;
  if (text.size() <= kDumpedIntegerBytesMax && ParseInt64(text, &number)) {
    if (number == static_cast<int8_t>(number)) return 1 + 1;
    if (number == static_cast<int16_t>(number)) return 1 + 2;
    if (number == static_cast<int32_t>(number)) return 1 + 4;
  }
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes < 1 << 6) return 1 + bytes;
  if (bytes < 1 << 14) return 2 + bytes;
  if (bytes <= std::numeric_limits<uint32_t>::max()) return 5 + bytes;
  return 9 + bytes;
}

// What its value takes in a dump, without the byte that says of which type it is.
int64_t DumpedBytes(const Entry& entry) {
  if (entry.type() == ValueType::kString) {
    char scratch[Entry::kIntegerTextBytesMax];
    return DumpedStringBytes(entry.StringValue(scratch));
  }
  std::string rdb;
  entry.traits().append_rdb(entry.collection_word(), &rdb);
  return static_cast<int64_t>(rdb.size()) - 1;
}

void HandleDebugObject(CommandContext& ctx) {
  const Key key = ctx.KeyAt(2);
  SlotLocks locks(&ctx.store);
  if (!ctx.all_locked) locks.LockOne(key.slot);
  const Entry* entry = ctx.db.Peek(key);
  if (entry == nullptr) return ctx.reply.Error("ERR no such key");
  ctx.reply.SimpleString(absl::StrCat(
      "Value at:0x0 refcount:", ReferenceCount(*entry), " encoding:", EncodingName(*entry),
      " serializedlength:", DumpedBytes(*entry), " lru:0 lru_seconds_idle:",
      ctx.store.evictor().clock().IdleMs(entry->access(), ctx.now_ms()) / 1000));
}

void HandleDebugPopulate(CommandContext& ctx) {
  int64_t count;
  if (!ParsePositive(ctx, 2, std::numeric_limits<int64_t>::max(), &count)) return;
  const absl::string_view prefix = ctx.args.size() > 3 ? ctx.args[3] : "key";
  int64_t value_bytes = 0;
  if (ctx.args.size() > 4 && !ParsePositive(ctx, 4, ctx.string_bytes_max, &value_bytes)) return;
  std::string name;
  std::string value;
  for (int64_t i = 0; i < count; ++i) {
    name.clear();
    absl::StrAppend(&name, prefix, ":", i);
    value.clear();
    absl::StrAppend(&value, "value:", i);
    if (value_bytes > 0) value.resize(static_cast<size_t>(value_bytes), '\0');
    const Key key = ctx.store.MakeKey(name);
    SlotLocks locks(&ctx.store);
    if (!ctx.all_locked) locks.LockOne(key.slot);
    if (ctx.store.access() != Store::Access::kReadWrite) {
      const bool reads = ctx.store.access() == Store::Access::kReadOnly;
      return ctx.reply.Error(reads ? kReadOnlyError : kLoadingError);
    }
    if (!ctx.store.MayPopulate(key.slot)) continue;
    if (ctx.db.Find(key) == nullptr) ctx.db.SetString(key, value, Database::Expiry::None());
  }
  ctx.reply.Ok();
}

void HandleDebugStringMatchLen(CommandContext& ctx) {
  int64_t length;
  if (!ParsePositive(ctx, 2, ctx.string_bytes_max, &length)) return;
  const std::string text(static_cast<size_t>(length), 'a');
  ctx.reply.Integer(Glob(ctx.args[3]).Matches(text) ? 1 : 0);
}

}  // namespace damselfly
