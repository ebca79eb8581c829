#ifndef DAMSELFLY_SERVER_COMMANDS_SCAN_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_SCAN_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

// What SCAN, HSCAN, SSCAN and ZSCAN have in common.

namespace damselfly {

struct ScanOptions {
  size_t count = 10;
  absl::string_view pattern = "*";
  bool has_type = false;
  absl::string_view type;
};

// Reads the cursor in args[index]; on failure writes the error and returns false.
bool ParseScanCursor(CommandContext& ctx, size_t index, uint64_t* cursor);

// Reads the options from args[first] on, TYPE only if `takes_type`; on failure writes the error and
// returns false.
bool ParseScanOptions(CommandContext& ctx, size_t first, bool takes_type, ScanOptions* options);

// The reply for a collection that is not there.
void ReplyWithEmptyScan(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SCAN_ARGUMENTS_H_
