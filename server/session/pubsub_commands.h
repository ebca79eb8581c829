#ifndef DAMSELFLY_SERVER_SESSION_PUBSUB_COMMANDS_H_
#define DAMSELFLY_SERVER_SESSION_PUBSUB_COMMANDS_H_

#include "absl/types/span.h"
#include "server/commands/command.h"

namespace damselfly {

// SUBSCRIBE, UNSUBSCRIBE, PUBLISH, their kin for patterns and shard channels, and PUBSUB
// (https://redis.io/docs/latest/develop/interact/pubsub/). Shard channels are keys to the slot
// locks: who publishes or subscribes to one holds its slot.
absl::Span<const CommandSpec> PubSubCommands();

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_PUBSUB_COMMANDS_H_
