#include "server/commands/command_context.h"

#include "absl/strings/match.h"
#include "server/base/numbers.h"

namespace damselfly {

bool CommandContext::ArgIs(size_t index, absl::string_view word) const {
  return absl::EqualsIgnoreCase(args[index], word);
}

bool CommandContext::ParseInteger(size_t index, int64_t* value) const {
  if (ParseInt64(args[index], value)) return true;
  reply.Error("ERR value is not an integer or out of range");
  return false;
}

bool IsStringOrMissing(const CommandContext& ctx, const Entry* entry) {
  if (entry == nullptr || entry->type() == ValueType::kString) return true;
  ctx.WrongType();
  return false;
}

}  // namespace damselfly
