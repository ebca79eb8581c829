#ifndef DAMSELFLY_SERVER_SESSION_PUBSUB_HANDLERS_H_
#define DAMSELFLY_SERVER_SESSION_PUBSUB_HANDLERS_H_

#include "server/commands/command_context.h"

namespace damselfly {

// The handlers of PubSubCommands(): command_context.h says what a handler may do. All need
// ctx.session. Those that subscribe and unsubscribe write a push for every name instead of a reply.
void HandleSubscribe(CommandContext& ctx);
void HandleUnsubscribe(CommandContext& ctx);
void HandlePsubscribe(CommandContext& ctx);
void HandlePunsubscribe(CommandContext& ctx);
void HandleSsubscribe(CommandContext& ctx);
void HandleSunsubscribe(CommandContext& ctx);
void HandlePublish(CommandContext& ctx);
void HandleSpublish(CommandContext& ctx);
void HandlePubsubChannels(CommandContext& ctx);
void HandlePubsubNumsub(CommandContext& ctx);
void HandlePubsubNumpat(CommandContext& ctx);
void HandlePubsubShardChannels(CommandContext& ctx);
void HandlePubsubShardNumsub(CommandContext& ctx);
void HandlePubsubHelp(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_PUBSUB_HANDLERS_H_
