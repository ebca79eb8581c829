#include "server/session/connection_commands.h"

#include "server/session/client_commands.h"
#include "server/session/connection_handlers.h"

namespace damselfly {
namespace {

constexpr uint32_t kHandshake = kNoScript | kLoading | kStale | kFast | kNoAuth | kAllowBusy;

constexpr absl::string_view kPingTips[] = {"request_policy:all_shards",
                                           "response_policy:all_succeeded"};

constexpr CommandSpec kCommands[] = {
    {.name = "auth",
     .arity = -2,
     .flags = kHandshake,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Shows the server who the client is",
     .syntax = "[username]@6.0.0 password",
     .handler = HandleAuth},
    {.name = "hello",
     .arity = -1,
     .flags = kHandshake,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "6.0.0",
     .complexity = "O(1)",
     .summary = "Agrees on the protocol, and optionally authenticates and names the connection",
     .syntax = "[arguments<protover:integer [AUTH username_password<username password>] [SETNAME "
               "clientname]>]",
     .handler = HandleHello},
    {.name = "ping",
     .arity = -1,
     .flags = kFast | kAlwaysAllowed,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Answers, so that one knows the server is there",
     .syntax = "[message]",
     .handler = HandlePing,
     .tips = kPingTips,
     .only_replies = true},
    {.name = "echo",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Answers with the message",
     .syntax = "message",
     .handler = HandleEcho,
     .only_replies = true},
    {.name = "select",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Chooses the database that the connection works on",
     .syntax = "index",
     .handler = HandleSelect},
    {.name = "quit",
     .arity = -1,
     .flags = kHandshake | kIgnoresMulti | kAlwaysAllowed | kNotWhileLoading,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Closes the connection",
     .handler = HandleQuit},
    {.name = "reset",
     .arity = 1,
     .flags = kHandshake | kIgnoresMulti | kAlwaysAllowed,
     .acl_categories = kAclConnection,
     .group = CommandGroup::kConnection,
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Makes the connection like a new one",
     .handler = HandleReset},
    {.name = "client",
     .arity = -2,
     .group = CommandGroup::kConnection,
     .since = "2.4.0",
     .complexity = "Depends on subcommand.",
     .summary = "Looks at connections and changes them",
     .subcommands = kClientSubcommands},
    {.name = "monitor",
     .arity = 1,
     .flags = kAdmin | kNoScript | kLoading | kStale,
     .group = CommandGroup::kServer,
     .since = "1.0.0",
     .summary = "Shows every command that the server executes, as it happens",
     .handler = HandleMonitor},
};

}  // namespace

absl::Span<const CommandSpec> ConnectionCommands() { return kCommands; }

}  // namespace damselfly
