#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/commands/bit_ops.h"
#include "server/commands/bitmap_arguments.h"
#include "server/commands/bitmap_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

// SETBIT's value: "0" or "1".
bool ParseBit(const CommandContext& ctx, size_t index, bool* bit) {
  int64_t value;
  if (!ParseInt64(ctx.args[index], &value) || (value != 0 && value != 1)) {
    ctx.reply.Error("ERR bit is not an integer or out of range");
    return false;
  }
  *bit = value == 1;
  return true;
}

// Reads the unit of a range, BYTE or BIT, in args[index].
bool ParseUnit(const CommandContext& ctx, size_t index, bool* in_bits) {
  *in_bits = ctx.ArgIs(index, "BIT");
  if (*in_bits || ctx.ArgIs(index, "BYTE")) return true;
  ctx.SyntaxError();
  return false;
}

// A range of bits, both ends included; empty if first > last.
struct BitRange {
  int64_t first;
  int64_t last;
  bool empty() const { return first > last; }
};

// The bits that a command's range of bytes or bits, which may count from the end, covers in a
// string of `size` bytes.
BitRange ResolveRange(int64_t start, int64_t end, bool in_bits, size_t size) {
  const int64_t units = static_cast<int64_t>(size) * (in_bits ? 8 : 1);
  if (start < 0) start = std::max<int64_t>(start + units, 0);
  if (end < 0) end = std::max<int64_t>(end + units, 0);
  end = std::min(end, units - 1);
  if (start > end) return {0, -1};
  return in_bits ? BitRange{start, end} : BitRange{start * 8, end * 8 + 7};
}

}  // namespace

void GetBitCommand(CommandContext& ctx) {
  int64_t offset;
  if (!ParseBitOffset(ctx, 2, /*field_bits=*/0, &offset)) return;
  Entry* entry;
  if (!FindStringToRead(ctx, ctx.KeyAt(1), &entry)) return;
  ctx.reply.Integer(BitAt(StringBytes(entry).view(), offset) ? 1 : 0);
}

void SetBitCommand(CommandContext& ctx) {
  int64_t offset;
  bool bit;
  if (!ParseBitOffset(ctx, 2, /*field_bits=*/0, &offset) || !ParseBit(ctx, 3, &bit)) return;
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!FindStringToWrite(ctx, key, &entry)) return;

  const size_t byte = static_cast<size_t>(offset / 8);
  const StringBytes bytes(entry);
  const size_t old_size = bytes.view().size();
  const bool old_bit = BitAt(bytes.view(), offset);
  // A bit that is there and stays as it is changes nothing: watchers are not disturbed.
  if (byte >= old_size || bit != old_bit) {
    const uint8_t old_byte = byte < old_size ? static_cast<uint8_t>(bytes.view()[byte]) : 0;
    const uint8_t mask = static_cast<uint8_t>(0x80 >> (offset % 8));
    const uint8_t others = old_byte & static_cast<uint8_t>(~mask);
    const char new_byte = static_cast<char>(bit ? others | mask : others);
    ctx.db.WriteRange(key, std::max(old_size, byte + 1), byte, absl::string_view(&new_byte, 1));
    ctx.Notify(KeyEventClass::kString, "setbit", key);
  } else {
    ctx.db.MakeRaw(key);
  }
  ctx.reply.Integer(old_bit ? 1 : 0);
}

void BitCountCommand(CommandContext& ctx) {
  Entry* entry;
  if (!FindStringToRead(ctx, ctx.KeyAt(1), &entry)) return;
  // Of a missing key Redis does not even look at the range.
  if (entry == nullptr) {
    ctx.reply.Integer(0);
    return;
  }
  int64_t start = 0;
  int64_t end = -1;
  bool in_bits = false;
  if (ctx.args.size() == 4 || ctx.args.size() == 5) {
    if (!ctx.ParseInteger(2, &start) || !ctx.ParseInteger(3, &end)) return;
    if (start < 0 && end < 0 && start > end) {
      ctx.reply.Integer(0);
      return;
    }
    if (ctx.args.size() == 5 && !ParseUnit(ctx, 4, &in_bits)) return;
  } else if (ctx.args.size() != 2) {
    ctx.SyntaxError();
    return;
  }
  const BitRange range = ResolveRange(start, end, in_bits, entry->string_size());
  ctx.reply.Integer(range.empty() ? 0
                                  : CountBits(StringBytes(entry).view(), range.first, range.last));
}

void BitPosCommand(CommandContext& ctx) {
  int64_t bit;
  if (!ctx.ParseInteger(2, &bit)) return;
  if (bit != 0 && bit != 1) {
    ctx.reply.Error("ERR The bit argument must be 1 or 0.");
    return;
  }
  Entry* entry;
  if (!FindStringToRead(ctx, ctx.KeyAt(1), &entry)) return;
  // A missing key is an endless row of zeros, whatever range is asked for.
  if (entry == nullptr) {
    ctx.reply.Integer(bit == 1 ? -1 : 0);
    return;
  }
  int64_t start = 0;
  int64_t end = -1;
  bool in_bits = false;
  const size_t argument_count = ctx.args.size();
  if (argument_count > 6) {
    ctx.SyntaxError();
    return;
  }
  if (argument_count > 3 && !ctx.ParseInteger(3, &start)) return;
  if (argument_count > 5 && !ParseUnit(ctx, 5, &in_bits)) return;
  if (argument_count > 4 && !ctx.ParseInteger(4, &end)) return;

  const BitRange range = ResolveRange(start, end, in_bits, entry->string_size());
  if (range.empty()) {
    ctx.reply.Integer(-1);
    return;
  }
  int64_t position = FindBit(StringBytes(entry).view(), bit == 1, range.first, range.last);
  // Without an end the string goes on with zeros.
  const bool end_given = argument_count > 4;
  if (position < 0 && bit == 0 && !end_given) position = range.last + 1;
  ctx.reply.Integer(position);
}

}  // namespace damselfly
