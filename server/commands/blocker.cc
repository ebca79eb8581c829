#include "server/commands/blocker.h"

#include <cmath>

#include "server/base/numbers.h"
#include "server/commands/command_context.h"

namespace damselfly {
namespace {

// 2^63: what does not fit an int64_t.
constexpr long double kInt64Beyond = 9223372036854775808.0L;

bool IsTimeout(const CommandContext& ctx, bool negative) {
  if (negative) ctx.reply.Error("ERR timeout is negative");
  return !negative;
}

}  // namespace

bool ParseTimeoutSeconds(const CommandContext& ctx, size_t index, int64_t* timeout_ms) {
  long double seconds = 0;
  if (!ParseLongDouble(ctx.args[index], &seconds)) {
    ctx.reply.Error("ERR timeout is not a float or out of range");
    return false;
  }
  const long double milliseconds = std::ceil(seconds * 1000);
  // Redis 7.0 calls what is too long negative as well.
  if (!IsTimeout(ctx, !(milliseconds >= 0 && milliseconds < kInt64Beyond))) return false;
  *timeout_ms = static_cast<int64_t>(milliseconds);
  return true;
}

bool ParseTimeoutMilliseconds(const CommandContext& ctx, size_t index, int64_t* timeout_ms) {
  int64_t milliseconds = 0;
  if (!ParseInt64(ctx.args[index], &milliseconds)) {
    ctx.reply.Error("ERR timeout is not an integer or out of range");
    return false;
  }
  if (!IsTimeout(ctx, milliseconds < 0)) return false;
  *timeout_ms = milliseconds;
  return true;
}

}  // namespace damselfly
