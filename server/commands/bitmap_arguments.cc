#include "server/commands/bitmap_arguments.h"

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/commands/string_value.h"

namespace damselfly {

bool ParseBitOffset(const CommandContext& ctx, size_t index, int field_bits, int64_t* offset) {
  absl::string_view text = ctx.args[index];
  const bool counts_fields = field_bits > 0 && !text.empty() && text[0] == '#';
  if (counts_fields) text.remove_prefix(1);
  int64_t value;
  bool valid = ParseInt64(text, &value);
  // The product wraps, as Redis's does: a huge "#n" may come out as a small offset.
  if (valid && counts_fields) {
    value = static_cast<int64_t>(static_cast<uint64_t>(value) * static_cast<uint64_t>(field_bits));
  }
  valid = valid && value >= 0 && value / 8 < ctx.string_bytes_max;
  if (!valid) {
    ctx.reply.Error("ERR bit offset is not an integer or out of range");
    return false;
  }
  *offset = value;
  return true;
}

}  // namespace damselfly
