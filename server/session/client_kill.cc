#include "server/session/client_kill.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/base/numbers.h"
#include "server/session/client_list.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// What is not set does not matter.
struct Filters {
  absl::optional<absl::string_view> address;
  absl::optional<absl::string_view> local_address;
  absl::optional<ClientType> type;
  absl::optional<int64_t> id;
  bool skip_me = true;

  bool Match(const ClientInfo& info) const {
    return (!address || info.address == *address) &&
           (!local_address || info.local_address == *local_address) &&
           (!type || TypeOf(info) == *type) && (!id || info.id == static_cast<uint64_t>(*id));
  }
};

// Reads "name value" pairs. Writes the error and returns false if one is wrong.
bool ParseFilters(const CommandContext& ctx, Filters* filters) {
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    if (i + 1 == ctx.args.size()) {
      ctx.SyntaxError();
      return false;
    }
    const absl::string_view value = ctx.args[i + 1];
    if (ctx.ArgIs(i, "ID")) {
      int64_t id = 0;
      if (!ParseInt64(value, &id) || id < 1) {
        ctx.reply.Error("ERR client-id should be greater than 0");
        return false;
      }
      filters->id = id;
    } else if (ctx.ArgIs(i, "TYPE")) {
      ClientType type;
      if (!ParseClientType(value, &type)) {
        ctx.reply.Error(absl::StrCat("ERR Unknown client type '", value, "'"));
        return false;
      }
      filters->type = type;
    } else if (ctx.ArgIs(i, "ADDR")) {
      filters->address = value;
    } else if (ctx.ArgIs(i, "LADDR")) {
      filters->local_address = value;
    } else if (ctx.ArgIs(i, "USER")) {
      // Everybody is "default".
      if (value != "default") {
        ctx.reply.Error(absl::StrCat("ERR No such user '", value, "'"));
        return false;
      }
    } else if (ctx.ArgIs(i, "SKIPME") && (ctx.ArgIs(i + 1, "YES") || ctx.ArgIs(i + 1, "NO"))) {
      filters->skip_me = ctx.ArgIs(i + 1, "YES");
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// Returns how many were killed; nothing where the id is that of the link to this node's master,
// which is not to be killed and which other filters pass over. A client that kills itself still
// gets its reply.
absl::optional<int64_t> Kill(Session& session, const Filters& filters) {
  struct Victim {
    uint64_t id;
    int worker;
  };
  std::vector<Victim> victims;
  bool kill_self = false;
  bool names_master = false;
  session.server().clients().ForEach([&](ClientInfo& info) {
    // Who is on the admin port is not for others to send away.
    const bool is_master = info.HasFlag(ClientInfo::kMaster);
    if (info.port == ClientPort::kAdmin && !session.is_admin() && !is_master) return true;
    if (!filters.Match(info)) return true;
    if (is_master) {
      names_master = filters.id.has_value();
      return true;
    }
    if (info.id == session.id()) {
      kill_self = !filters.skip_me;
    } else if (!info.doomed.exchange(true, std::memory_order_relaxed)) {
      // Nothing is served to it from here on.
      info.TakeAnswer();
      victims.push_back({info.id, info.worker});
    }
    return true;
  });
  if (names_master) return absl::nullopt;
  for (const Victim& victim : victims) session.server().KillClient(victim.id, victim.worker);
  if (kill_self) session.CloseAfterReply();
  return static_cast<int64_t>(victims.size()) + (kill_self ? 1 : 0);
}

}  // namespace

void HandleClientKill(CommandContext& ctx) {
  Filters filters;
  if (ctx.args.size() == 3) {
    filters.address = ctx.args[2];
    filters.skip_me = false;
    if (Kill(*ctx.session, filters) == int64_t{0}) {
      ctx.reply.Error("ERR No such client");
    } else {
      ctx.reply.Ok();
    }
    return;
  }
  if (!ParseFilters(ctx, &filters)) return;
  const absl::optional<int64_t> killed = Kill(*ctx.session, filters);
  if (killed.has_value()) {
    ctx.reply.Integer(*killed);
  } else {
    ctx.reply.Error("ERR Cannot kill master link; use REPLICAOF NO ONE");
  }
}

}  // namespace damselfly
