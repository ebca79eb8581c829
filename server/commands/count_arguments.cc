#include "server/commands/count_arguments.h"

#include <limits>

#include "server/base/numbers.h"

namespace damselfly {

bool ParseRandomCount(CommandContext& ctx, size_t index, int64_t* count) {
  if (!ctx.ParseInteger(index, count)) return false;
  if (*count != std::numeric_limits<int64_t>::min()) return true;
  ctx.reply.Error(
      "ERR value is out of range, value must between -9223372036854775807 and "
      "9223372036854775807");
  return false;
}

bool ParseCount(CommandContext& ctx, size_t index, int64_t* count) {
  return ParseAtLeast(ctx, index, 0, "ERR value is out of range, must be positive", count);
}

bool ParseAtLeast(CommandContext& ctx, size_t index, int64_t least, absl::string_view error,
                  int64_t* count) {
  if (ParseInt64(ctx.args[index], count) && *count >= least) return true;
  ctx.reply.Error(error);
  return false;
}

}  // namespace damselfly
