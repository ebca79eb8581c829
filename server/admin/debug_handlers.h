#ifndef DAMSELFLY_SERVER_ADMIN_DEBUG_HANDLERS_H_
#define DAMSELFLY_SERVER_ADMIN_DEBUG_HANDLERS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of those words of DEBUG that need no session. Each requires that the number of
// arguments is right. None has locks when it is called, unless ctx.all_locked.

// DIGEST: DataDigest of all databases at one instant, by which a replica is compared with its
// master.
void HandleDebugDigest(CommandContext& ctx);
// OBJECT key: where Redis prints an address and the time of the last access, there are zeros;
// entries have no such time. The length is that of Redis's dump format (RDB) without compression.
void HandleDebugObject(CommandContext& ctx);
// POPULATE count [prefix] [size]: strings under "prefix:0" … that are not there yet, one slot's
// lock at a time.
void HandleDebugPopulate(CommandContext& ctx);
// PROTOCOL type: a reply of that type, for tests of client libraries.
void HandleDebugProtocol(CommandContext& ctx);
// STRINGMATCH-LEN length pattern: whether the pattern matches `length` letters 'a', which shows how
// long matching takes.
void HandleDebugStringMatchLen(CommandContext& ctx);

// Bytes that a string takes in Redis's dump format without compression: 32-bit integers are kept as
// such. https://rdb.fnordig.de/file_format.html#string-encoding
int64_t DumpedStringBytes(absl::string_view text);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_DEBUG_HANDLERS_H_
