#ifndef DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The HyperLogLog family: strings that count different elements (server/values/hyperloglog.h).
absl::Span<const CommandSpec> HyperLogLogCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_HYPERLOGLOG_COMMANDS_H_
