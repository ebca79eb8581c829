#include "server/session/client_handlers.h"

#include <algorithm>
#include <mutex>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/commands/help_reply.h"
#include "server/session/argument_errors.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

constexpr absl::string_view kHelp[] = {
    "CACHING YES|NO",
    "    Whether the next command's keys are tracked, where OPTIN or OPTOUT leaves it to that.",
    "GETNAME",
    "    The name of this connection.",
    "GETREDIR",
    "    The id of the client that gets this one's invalidations; -1: client-side caching is off.",
    "ID",
    "    The id of this connection.",
    "INFO",
    "    This connection's line of LIST.",
    "KILL <address>",
    "    Closes the connections that come from <address>.",
    "KILL <filter> <value> [<filter> <value> ...]",
    "    Closes the connections for which all filters hold, and says how many. Filters:",
    "    * ADDR <address>: where it comes from.",
    "    * LADDR <address>: where it was accepted.",
    "    * TYPE NORMAL|MASTER|REPLICA|PUBSUB",
    "    * USER <name>",
    "    * ID <id>",
    "    * SKIPME YES|NO: whether this connection is spared (it is by default).",
    "LIST [TYPE NORMAL|MASTER|REPLICA|PUBSUB] [ID <id> ...]",
    "    One line for each connection.",
    "NO-EVICT ON|OFF",
    "    Whether this connection is spared when clients are closed for their memory.",
    "NO-TOUCH ON|OFF",
    "    Whether this connection's reads count as accesses.",
    "PAUSE <milliseconds> [WRITE|ALL]",
    "    Lets all commands, or those that write, wait so long.",
    "REPLY ON|OFF|SKIP",
    "    Whether this connection gets replies; SKIP: not to the next command.",
    "SETINFO LIB-NAME|LIB-VER <value>",
    "    Says which client library this is.",
    "SETNAME <name>",
    "    Names this connection.",
    "TRACKING ON|OFF [REDIRECT <id>] [BCAST] [PREFIX <prefix> ...] [OPTIN] [OPTOUT] [NOLOOP]",
    "    Client-side caching: whether this connection is told of changes of what it has read.",
    "TRACKINGINFO",
    "    How client-side caching is set up for this connection.",
    "UNBLOCK <id> [TIMEOUT|ERROR]",
    "    Ends a blocking command of another client, as if its time was over or with an error.",
    "UNPAUSE",
    "    Ends PAUSE.",
};

}  // namespace

bool CheckClientName(const CommandContext& ctx, absl::string_view name) {
  if (IsPrintable(name)) return true;
  ctx.reply.Error("ERR Client names cannot contain spaces, newlines or special characters.");
  return false;
}

void SetClientName(Session& session, absl::string_view name) {
  std::lock_guard<std::mutex> guard(session.server().clients().mutex());
  session.info().name = std::string(name);
}

void HandleClientId(CommandContext& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ctx.session->id()));
}

// Only this session changes its name: reading it needs no lock.
void HandleClientGetName(CommandContext& ctx) {
  const std::string& name = ctx.session->info().name;
  if (name.empty()) {
    ctx.reply.Null();
  } else {
    ctx.reply.Bulk(name);
  }
}

void HandleClientSetName(CommandContext& ctx) {
  if (!CheckClientName(ctx, ctx.args[2])) return;
  SetClientName(*ctx.session, ctx.args[2]);
  ctx.reply.Ok();
}

// Of Redis 7.2: client libraries send it whenever they connect.
void HandleClientSetInfo(CommandContext& ctx) {
  ClientInfo& info = ctx.session->info();
  const bool is_name = ctx.ArgIs(2, "LIB-NAME");
  if (!is_name && !ctx.ArgIs(2, "LIB-VER")) {
    ctx.reply.Error(absl::StrCat("ERR Unrecognized option '", ctx.args[2], "'"));
    return;
  }
  if (!IsPrintable(ctx.args[3])) {
    ctx.reply.Error(absl::StrCat("ERR ", absl::AsciiStrToLower(ctx.args[2]),
                                 " cannot contain spaces, newlines or special characters."));
    return;
  }
  {
    std::lock_guard<std::mutex> guard(ctx.session->server().clients().mutex());
    (is_name ? info.library_name : info.library_version) = std::string(ctx.args[3]);
  }
  ctx.reply.Ok();
}

void HandleClientPause(CommandContext& ctx) {
  if (ctx.args.size() > 4) return SubcommandSyntaxError(ctx);
  ServerState::PauseKind kind = ServerState::PauseKind::kAll;
  if (ctx.args.size() == 4) {
    if (ctx.ArgIs(3, "WRITE")) {
      kind = ServerState::PauseKind::kWrite;
    } else if (!ctx.ArgIs(3, "ALL")) {
      ctx.reply.Error("ERR CLIENT PAUSE mode must be WRITE or ALL");
      return;
    }
  }
  int64_t timeout_ms = 0;
  if (!ParseTimeoutMs(ctx, 2, &timeout_ms)) return;
  // Far enough for "for ever", and near enough that differences of times stay small numbers of
  // nanoseconds.
  constexpr int64_t kPauseMsMax = int64_t{100} * 365 * 24 * 3600 * 1000;
  ctx.session->server().Pause(kind, ctx.now_ms() + std::min(timeout_ms, kPauseMsMax));
  ctx.reply.Ok();
}

void HandleClientUnpause(CommandContext& ctx) {
  ctx.session->server().Unpause();
  ctx.reply.Ok();
}

// The session takes back the reply to OFF and SKIP.
void HandleClientReply(CommandContext& ctx) {
  Session& session = *ctx.session;
  if (ctx.ArgIs(2, "ON")) {
    session.SetReplyMode(Session::ReplyMode::kOn);
  } else if (ctx.ArgIs(2, "OFF")) {
    session.SetReplyMode(Session::ReplyMode::kOff);
  } else if (ctx.ArgIs(2, "SKIP")) {
    if (session.reply_mode() == Session::ReplyMode::kOn)
      session.SetReplyMode(Session::ReplyMode::kSkipNext);
  } else {
    return ctx.SyntaxError();
  }
  ctx.reply.Ok();
}

void HandleClientUnblock(CommandContext& ctx) {
  if (ctx.args.size() > 4) return SubcommandSyntaxError(ctx);
  Session::Wake wake = Session::Wake::kUnblocked;
  if (ctx.args.size() == 4) {
    if (ctx.ArgIs(3, "ERROR")) {
      wake = Session::Wake::kUnblockedWithError;
    } else if (!ctx.ArgIs(3, "TIMEOUT")) {
      ctx.reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
      return;
    }
  }
  int64_t id = 0;
  if (!ctx.ParseInteger(2, &id)) return;
  // Nobody is unblocked whose command goes on regardless, as REPLICAOF does: in Redis such a client
  // is not blocked. The client may live on another worker, and here may not be the place to run its
  // commands either: its loop does it.
  int worker_index = -1;
  ServerState& server = ctx.session->server();
  server.clients().Visit(static_cast<uint64_t>(id), [&](ClientInfo& info) {
    if (!info.HasFlag(ClientInfo::kAwaitsServer) && info.TakeAnswer()) worker_index = info.worker;
  });
  if (worker_index >= 0) {
    Worker* worker = &server.worker(worker_index);
    worker->loop().Post([worker, id, wake] {
      Session* target = worker->FindSession(static_cast<uint64_t>(id));
      if (target != nullptr && !target->retired()) target->EndBlock(wake);
    });
  }
  ctx.reply.Integer(worker_index >= 0 ? 1 : 0);
}

void HandleClientNoEvict(CommandContext& ctx) {
  bool on = false;
  if (!ParseOnOff(ctx, 2, &on)) return;
  ctx.session->info().SetFlag(ClientInfo::kNoEvict, on);
  ctx.reply.Ok();
}

// Of Redis 7.2. Nothing is kept about accesses, so there is nothing to leave out.
void HandleClientNoTouch(CommandContext& ctx) {
  bool on = false;
  if (ParseOnOff(ctx, 2, &on)) ctx.reply.Ok();
}

void HandleClientHelp(CommandContext& ctx) { WriteHelp(ctx, "CLIENT", kHelp); }

}  // namespace damselfly
