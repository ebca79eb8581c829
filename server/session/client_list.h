#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_LIST_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_LIST_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/session/client_info.h"

namespace damselfly {

// The kinds of clients that CLIENT LIST and CLIENT KILL tell apart.
enum class ClientType { kNormal, kReplica, kMaster, kPubSub };

// "normal", "slave" or "replica", "master", "pubsub" in any case; false for anything else.
bool ParseClientType(absl::string_view word, ClientType* type);

// What a connection is.
inline ClientType TypeOf(const ClientInfo& info) {
  if (info.HasFlag(ClientInfo::kMaster)) return ClientType::kMaster;
  if (info.HasFlag(ClientInfo::kReplica)) return ClientType::kReplica;
  return info.HasFlag(ClientInfo::kPubSub) ? ClientType::kPubSub : ClientType::kNormal;
}

// The letters of CLIENT LIST's "flags" field (https://redis.io/docs/latest/commands/client-list/);
// "N" for none.
std::string ClientFlagLetters(const ClientInfo& info);

// One connection as CLIENT LIST shows it: "id=1 addr=… resp=2\n", with the fields of Redis 7.0 in
// their order, then lib-name and lib-ver as of 7.2. Requires ClientRegistry's mutex (names are
// read).
std::string FormatClient(const ClientInfo& info, int64_t now_ms);

// Handlers of CLIENT LIST and CLIENT INFO.
void HandleClientList(CommandContext& ctx);
void HandleClientInfo(CommandContext& ctx);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_LIST_H_
