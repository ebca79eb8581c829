#include "server/session/argument_errors.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"

namespace damselfly {

void SubcommandSyntaxError(const CommandContext& ctx) {
  ctx.reply.Error(absl::StrCat("ERR unknown subcommand or wrong number of arguments for '",
                               ctx.args[1].substr(0, 128), "'. Try ",
                               absl::AsciiStrToUpper(ctx.args[0]), " HELP."));
}

bool ParseTimeoutMs(const CommandContext& ctx, size_t index, int64_t* timeout_ms) {
  if (!ParseInt64(ctx.args[index], timeout_ms)) {
    ctx.reply.Error("ERR timeout is not an integer or out of range");
    return false;
  }
  if (*timeout_ms < 0) {
    ctx.reply.Error("ERR timeout is negative");
    return false;
  }
  return true;
}

bool ParseInt(const CommandContext& ctx, size_t index, int* value) {
  constexpr int64_t kLowest = std::numeric_limits<int>::min();
  constexpr int64_t kHighest = std::numeric_limits<int>::max();
  int64_t number = 0;
  if (!ctx.ParseInteger(index, &number)) return false;
  if (number < kLowest || number > kHighest) {
    ctx.reply.Error(
        absl::StrCat("ERR value is out of range, value must between ", kLowest, " and ", kHighest));
    return false;
  }
  *value = static_cast<int>(number);
  return true;
}

bool ParseOnOff(const CommandContext& ctx, size_t index, bool* on) {
  *on = ctx.ArgIs(index, "ON");
  if (*on || ctx.ArgIs(index, "OFF")) return true;
  ctx.SyntaxError();
  return false;
}

}  // namespace damselfly
