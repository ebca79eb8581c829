// DEBUG DIGEST.

#include "server/admin/data_digest.h"
#include "server/admin/debug_handlers.h"
#include "server/session/slot_locks.h"

namespace damselfly {

void HandleDebugDigest(CommandContext& ctx) {
  SlotLocks locks(&ctx.store);
  if (!ctx.all_locked) locks.LockAll();
  ctx.reply.SimpleString(DigestOf(ctx.store).ToString());
}

}  // namespace damselfly
