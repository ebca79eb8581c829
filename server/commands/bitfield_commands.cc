#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "server/commands/bitfield.h"
#include "server/commands/bitmap_arguments.h"
#include "server/commands/bitmap_handlers.h"
#include "server/commands/string_value.h"

namespace damselfly {
namespace {

// One GET, SET or INCRBY of a BITFIELD.
struct Operation {
  enum class Kind : uint8_t { kGet, kSet, kIncrementBy };
  Kind kind;
  BitfieldType type;
  BitfieldOverflow overflow;
  int64_t offset;   // in bits
  int64_t operand;  // SET's value, INCRBY's increment

  bool writes() const { return kind != Kind::kGet; }
};

using Operations = absl::InlinedVector<Operation, 4>;

bool ParseOverflow(const CommandContext& ctx, size_t index, BitfieldOverflow* overflow) {
  if (ctx.ArgIs(index, "WRAP")) {
    *overflow = BitfieldOverflow::kWrap;
  } else if (ctx.ArgIs(index, "SAT")) {
    *overflow = BitfieldOverflow::kSaturate;
  } else if (ctx.ArgIs(index, "FAIL")) {
    *overflow = BitfieldOverflow::kFail;
  } else {
    ctx.reply.Error("ERR Invalid OVERFLOW type specified");
    return false;
  }
  return true;
}

// Parses the operation at args[*index] and moves *index to its last argument.
bool ParseOperation(const CommandContext& ctx, size_t* index, Operation* operation) {
  const size_t begin = *index;
  const size_t following = ctx.args.size() - begin - 1;
  if (ctx.ArgIs(begin, "GET") && following >= 2) {
    operation->kind = Operation::Kind::kGet;
  } else if (ctx.ArgIs(begin, "SET") && following >= 3) {
    operation->kind = Operation::Kind::kSet;
  } else if (ctx.ArgIs(begin, "INCRBY") && following >= 3) {
    operation->kind = Operation::Kind::kIncrementBy;
  } else {
    ctx.SyntaxError();
    return false;
  }
  if (!ParseBitfieldType(ctx.args[begin + 1], &operation->type)) {
    ctx.reply.Error(
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "
        "i64 is.");
    return false;
  }
  if (!ParseBitOffset(ctx, begin + 2, operation->type.bits, &operation->offset)) return false;
  operation->operand = 0;
  if (operation->writes() && !ctx.ParseInteger(begin + 3, &operation->operand)) return false;
  *index = begin + (operation->writes() ? 3 : 2);
  return true;
}

bool ParseOperations(const CommandContext& ctx, Operations* operations) {
  BitfieldOverflow overflow = BitfieldOverflow::kWrap;
  for (size_t i = 2; i < ctx.args.size(); ++i) {
    if (ctx.ArgIs(i, "OVERFLOW") && i + 1 < ctx.args.size()) {
      if (!ParseOverflow(ctx, ++i, &overflow)) return false;
      continue;
    }
    Operation operation;
    operation.overflow = overflow;
    if (!ParseOperation(ctx, &i, &operation)) return false;
    operations->push_back(operation);
  }
  return true;
}

// The string that the operations work on. Only operations that change it write, so that others
// leave watchers undisturbed.
class Target {
 public:
  Target(CommandContext& ctx, const Key& key, const Entry* entry)
      : ctx_(ctx), key_(key), text_(entry), bytes_(text_.view()) {}

  absl::string_view bytes() const { return bytes_; }
  // An operation has written to it, or was done on what has grown for it.
  bool has_event() const { return has_event_; }

  // Makes room for `size` bytes at least.
  void Grow(size_t size) {
    if (size <= bytes_.size()) return;
    WriteBytes(size, size, absl::string_view());
    has_grown_ = true;
  }

  // A SET or INCRBY has been done, and has not overflowed.
  void NoteDone(bool has_written) { has_event_ = has_event_ || has_written || has_grown_; }

  // Requires that there is room for the field.
  void Write(const Operation& operation, int64_t value) {
    const auto first = static_cast<size_t>(operation.offset / 8);
    const auto last = static_cast<size_t>((operation.offset + operation.type.bits - 1) / 8);
    char touched[kFieldBytesMax];
    const size_t size = last - first + 1;
    std::memcpy(touched, bytes_.data() + first, size);
    WriteBitfield(touched, operation.offset % 8, operation.type, value);
    WriteBytes(bytes_.size(), first, absl::string_view(touched, size));
  }

 private:
  // 64 bits that begin within a byte.
  static constexpr size_t kFieldBytesMax = 9;

  void WriteBytes(size_t new_size, size_t offset, absl::string_view bytes) {
    char unused[Entry::kIntegerTextBytesMax];
    bytes_ = ctx_.db.WriteRange(key_, new_size, offset, bytes)->StringValue(unused);
  }

  CommandContext& ctx_;
  const Key& key_;
  StringBytes text_;
  absl::string_view bytes_;
  bool has_grown_ = false;
  bool has_event_ = false;
};

void Execute(const Operation& operation, Target* target, ReplyWriter& reply) {
  const int64_t old_value = ReadBitfield(target->bytes(), operation.offset, operation.type);
  if (!operation.writes()) {
    reply.Integer(old_value);
    return;
  }
  const bool is_set = operation.kind == Operation::Kind::kSet;
  int64_t new_value;
  const bool done =
      is_set ? AddBitfield(operation.type, operation.operand, 0, operation.overflow, &new_value)
             : AddBitfield(operation.type, old_value, operation.operand, operation.overflow,
                           &new_value);
  if (!done) {
    reply.Null();
    return;
  }
  if (new_value != old_value) target->Write(operation, new_value);
  target->NoteDone(new_value != old_value);
  reply.Integer(is_set ? old_value : new_value);
}

// The size that the string needs to hold all fields that are written.
size_t SizeNeeded(const Operations& operations) {
  size_t size = 0;
  for (const Operation& operation : operations) {
    if (!operation.writes()) continue;
    const int64_t last_bit = operation.offset + operation.type.bits - 1;
    size = std::max(size, static_cast<size_t>(last_bit / 8) + 1);
  }
  return size;
}

void RunBitField(CommandContext& ctx, bool may_write) {
  Operations operations;
  if (!ParseOperations(ctx, &operations)) return;
  const size_t size_needed = SizeNeeded(operations);
  if (size_needed > 0 && !may_write) {
    ctx.reply.Error("ERR BITFIELD_RO only supports the GET subcommand");
    return;
  }
  const Key key = ctx.KeyAt(1);
  Entry* entry;
  if (!(size_needed > 0 ? FindStringToWrite(ctx, key, &entry)
                        : FindStringToRead(ctx, key, &entry))) {
    return;
  }
  if (size_needed > 0 && entry != nullptr) entry = ctx.db.MakeRaw(key);
  Target target(ctx, key, entry);
  target.Grow(size_needed);
  ctx.reply.Array(operations.size());
  for (const Operation& operation : operations) Execute(operation, &target, ctx.reply);
  if (target.has_event()) ctx.Notify(KeyEventClass::kString, "setbit", key);
}

}  // namespace

void BitFieldCommand(CommandContext& ctx) { RunBitField(ctx, /*may_write=*/true); }

void BitFieldRoCommand(CommandContext& ctx) { RunBitField(ctx, /*may_write=*/false); }

}  // namespace damselfly
