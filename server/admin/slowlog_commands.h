#ifndef DAMSELFLY_SERVER_ADMIN_SLOWLOG_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_SLOWLOG_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"
#include "server/resp/reply_writer.h"
#include "server/session/slow_log.h"

namespace damselfly {

// SLOWLOG GET, LEN, RESET and HELP.
absl::Span<const CommandSpec> SlowlogCommands();

// Entries as SLOWLOG GET gives them.
void WriteSlowLog(absl::Span<const SlowLog::Entry> entries, ReplyWriter& reply);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_SLOWLOG_COMMANDS_H_
