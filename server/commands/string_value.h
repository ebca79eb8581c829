#ifndef DAMSELFLY_SERVER_COMMANDS_STRING_VALUE_H_
#define DAMSELFLY_SERVER_COMMANDS_STRING_VALUE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/store/database.h"
#include "server/store/entry.h"
#include "server/store/key.h"

// What the handlers of strings and bitmaps share: finding, reading, replying with and storing a
// string value.

namespace damselfly {

// Looks `key` up for a command that reads, counting a hit or a miss. Returns false, having replied
// with WRONGTYPE, if it holds something else than a string; *entry is null if there is no such key.
inline bool FindStringToRead(CommandContext& ctx, const Key& key, Entry** entry) {
  *entry = ctx.db.FindCounted(key);
  return IsStringOrMissing(ctx, *entry);
}

// The same for a command that writes: counts nothing, as Redis does.
inline bool FindStringToWrite(CommandContext& ctx, const Key& key, Entry** entry) {
  *entry = ctx.db.Find(key);
  return IsStringOrMissing(ctx, *entry);
}

// The bytes of a string entry, or of a missing key (null: none). An integer's digits are kept in
// this object; all other bytes stay the entry's and live as long as it does.
class StringBytes {
 public:
  explicit StringBytes(const Entry* entry)
      : view_(entry == nullptr ? absl::string_view() : entry->StringValue(scratch_)) {}
  StringBytes(const StringBytes&) = delete;
  StringBytes& operator=(const StringBytes&) = delete;

  absl::string_view view() const { return view_; }

 private:
  char scratch_[Entry::kIntegerTextBytesMax];
  absl::string_view view_;
};

// Replies with the bytes [offset, offset + length) of a string entry, which has that many; big
// values are handed over by reference.
void ReplyWithRange(ReplyWriter& reply, const Entry& entry, size_t offset, size_t length);

// Replies with the whole value of a string entry.
inline void ReplyWithValue(ReplyWriter& reply, const Entry& entry) {
  if (entry.blob() == nullptr) {
    char scratch[Entry::kIntegerTextBytesMax];
    reply.Bulk(entry.StringValue(scratch));
  } else {
    ReplyWithRange(reply, entry, 0, entry.string_size());
  }
}

// The same, or no value for a missing key.
inline void ReplyWithValueOrNull(ReplyWriter& reply, const Entry* entry) {
  if (entry == nullptr) {
    reply.Null();
  } else {
    ReplyWithValue(reply, *entry);
  }
}

// Makes `key` the string args[value_index]. An argument that came in a blob of its own is shared,
// not copied.
inline void StoreArgument(CommandContext& ctx, const Key& key, size_t value_index,
                          Database::Expiry expiry) {
  if (!ctx.blobs.empty() && ctx.blobs[value_index]) [[unlikely]] {
    ctx.db.SetBlob(key, ctx.blobs[value_index], expiry);
  } else {
    ctx.db.SetString(key, ctx.args[value_index], expiry);
  }
}

// Whether a string of `size` bytes may grow by `added`; if not, the error has been replied.
bool GrowthFits(const CommandContext& ctx, uint64_t size, uint64_t added);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STRING_VALUE_H_
