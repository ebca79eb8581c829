#ifndef DAMSELFLY_SERVER_ADMIN_LATENCY_COMMANDS_H_
#define DAMSELFLY_SERVER_ADMIN_LATENCY_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// LATENCY LATEST, HISTORY, GRAPH, RESET, DOCTOR, HISTOGRAM and HELP.
absl::Span<const CommandSpec> LatencyCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_LATENCY_COMMANDS_H_
