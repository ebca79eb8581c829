#include "server/commands/database_argument.h"

#include <limits>

#include "server/base/numbers.h"
#include "server/store/store.h"

namespace damselfly {

bool ParseDatabaseNumber(const CommandContext& ctx, size_t index, int* number,
                         absl::string_view error) {
  int64_t value;
  if (!ParseInt64(ctx.args[index], &value)) {
    ctx.reply.Error(error.empty() ? "ERR value is not an integer or out of range" : error);
    return false;
  }
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    ctx.reply.Error(error.empty()
                        ? "ERR value is out of range, value must between -2147483648 and 2147483647"
                        : error);
    return false;
  }
  *number = static_cast<int>(value);
  return true;
}

bool CheckDatabaseExists(const CommandContext& ctx, int number) {
  if (number >= 0 && number < Store::kDatabaseCount) return true;
  ctx.reply.Error("ERR DB index is out of range");
  return false;
}

}  // namespace damselfly
