#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/commands/string_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

void IncrementBy(CommandContext& ctx, int64_t increment) {
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToWrite(ctx, key, &entry)) return;
  int64_t value = 0;
  // Digits may also stand in a value that is not kept as an integer: APPEND has made it.
  if (entry != nullptr && !entry->IntegerValue(&value) &&
      !ParseInt64(StringBytes(entry).view(), &value)) {
    ctx.reply.Error("ERR value is not an integer or out of range");
    return;
  }
  if (__builtin_add_overflow(value, increment, &value)) {
    ctx.reply.Error("ERR increment or decrement would overflow");
    return;
  }
  ctx.db.SetInteger(key, value, Database::Expiry::Keep());
  ctx.Notify(KeyEventClass::kString, "incrby", key);
  ctx.reply.Integer(value);
}

}  // namespace

void IncrCommand(CommandContext& ctx) { IncrementBy(ctx, 1); }

void DecrCommand(CommandContext& ctx) { IncrementBy(ctx, -1); }

void IncrByCommand(CommandContext& ctx) {
  int64_t increment;
  if (ctx.ParseInteger(2, &increment)) IncrementBy(ctx, increment);
}

void DecrByCommand(CommandContext& ctx) {
  int64_t decrement;
  if (!ctx.ParseInteger(2, &decrement)) return;
  if (decrement == std::numeric_limits<int64_t>::min()) {
    ctx.reply.Error("ERR decrement would overflow");
    return;
  }
  IncrementBy(ctx, -decrement);
}

// Redis counts here in the x86's 80-bit long double, and its replies show it.
void IncrByFloatCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToWrite(ctx, key, &entry)) return;
  long double value = 0;
  long double increment = 0;
  if ((entry != nullptr && !ParseLongDouble(StringBytes(entry).view(), &value)) ||
      !ParseLongDouble(ctx.args[2], &increment)) {
    ctx.reply.Error("ERR value is not a valid float");
    return;
  }
  value += increment;
  if (!std::isfinite(value)) {
    ctx.reply.Error("ERR increment would produce NaN or Infinity");
    return;
  }
  char buffer[kLongDoubleBytesMax];
  const absl::string_view text(buffer, FormatLongDoubleHuman(value, buffer));
  ctx.db.SetText(key, text, Database::Expiry::Keep());
  ctx.Notify(KeyEventClass::kString, "incrbyfloat", key);
  ctx.reply.Bulk(text);
}

}  // namespace damselfly
