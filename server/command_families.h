#ifndef DAMSELFLY_SERVER_COMMAND_FAMILIES_H_
#define DAMSELFLY_SERVER_COMMAND_FAMILIES_H_

#include <memory>

#include "server/commands/command_registry.h"

namespace damselfly {

// The registry of all commands that a node has: the one place where the families come together.
std::unique_ptr<CommandRegistry> MakeCommandRegistry();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMAND_FAMILIES_H_
