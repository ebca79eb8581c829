#include "server/commands/string_value.h"

#include "server/base/check.h"

namespace damselfly {

void ReplyWithRange(ReplyWriter& reply, const Entry& entry, size_t offset, size_t length) {
  DFLY_DCHECK_LE(offset + length, entry.string_size());
  if (const Blob* blob = entry.blob(); blob != nullptr) {
    // The reference count is the only thing that changes: the bytes of a shared blob never do.
    reply.Bulk(BlobRef::Share(const_cast<Blob*>(blob)), offset, length);
    return;
  }
  const StringBytes bytes(&entry);
  reply.Bulk(bytes.view().substr(offset, length));
}

bool GrowthFits(const CommandContext& ctx, uint64_t size, uint64_t added) {
  const auto size_max = static_cast<uint64_t>(ctx.string_bytes_max);
  if (size <= size_max && added <= size_max - size) return true;
  ctx.reply.Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  return false;
}

}  // namespace damselfly
