#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_COMMANDS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// The geo family: sorted sets whose scores are places on earth.
absl::Span<const CommandSpec> GeoCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_COMMANDS_H_
