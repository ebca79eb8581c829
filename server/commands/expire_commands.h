#ifndef DAMSELFLY_SERVER_COMMANDS_EXPIRE_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_EXPIRE_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// Deadlines: EXPIRE, EXPIREAT, PEXPIRE, PEXPIREAT, PERSIST, and what tells them: TTL, PTTL,
// EXPIRETIME, PEXPIRETIME (https://redis.io/docs/latest/commands/expire/).
absl::Span<const CommandSpec> ExpireCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_EXPIRE_COMMANDS_H_
