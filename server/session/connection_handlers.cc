#include "server/session/connection_handlers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/base/version.h"
#include "server/session/argument_errors.h"
#include "server/session/client_handlers.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr absl::string_view kDefaultUser = "default";
constexpr absl::string_view kWrongPassword =
    "WRONGPASS invalid username-password pair or user is disabled.";
constexpr absl::string_view kHelloNeedsAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH "
    "<user> <pass> option "
    "can be used to authenticate the client and select the RESP protocol version at the same time";

// There is one user, "default": without a password it takes any.
bool Authenticate(Session& session, absl::string_view user, absl::string_view password) {
  Config& config = session.server().config();
  if (user != kDefaultUser || (config.has_password() && !config.PasswordIs(password))) return false;
  session.SetAuthenticated(true);
  return true;
}

// What HELLO's arguments ask for.
struct HelloRequest {
  int protocol = 0;  // 0: leave it
  bool has_credentials = false;
  absl::string_view user;
  absl::string_view password;
  bool has_name = false;
  absl::string_view name;
};

// Writes the error and returns false if the arguments are wrong.
bool ParseHello(const CommandContext& ctx, HelloRequest* request) {
  size_t i = 1;
  if (ctx.args.size() > 1) {
    int64_t version = 0;
    if (!ParseInt64(ctx.args[1], &version)) {
      ctx.reply.Error("ERR Protocol version is not an integer or out of range");
      return false;
    }
    if (version < 2 || version > 3) {
      ctx.reply.Error("NOPROTO unsupported protocol version");
      return false;
    }
    request->protocol = static_cast<int>(version);
    ++i;
  }
  for (; i < ctx.args.size(); ++i) {
    const size_t behind = ctx.args.size() - 1 - i;
    if (ctx.ArgIs(i, "AUTH") && behind >= 2) {
      request->has_credentials = true;
      request->user = ctx.args[i + 1];
      request->password = ctx.args[i + 2];
      i += 2;
    } else if (ctx.ArgIs(i, "SETNAME") && behind >= 1) {
      request->has_name = true;
      request->name = ctx.args[i + 1];
      if (!CheckClientName(ctx, request->name)) return false;
      i += 1;
    } else {
      ctx.reply.Error(absl::StrCat("ERR Syntax error in HELLO option '", ctx.args[i], "'"));
      return false;
    }
  }
  return true;
}

void DescribeServer(CommandContext& ctx) {
  ctx.reply.Map(7);
  ctx.reply.Bulk("server");
  ctx.reply.Bulk("redis");
  ctx.reply.Bulk("version");
  ctx.reply.Bulk(kRedisVersion);
  ctx.reply.Bulk("proto");
  ctx.reply.Integer(ctx.reply.protocol());
  ctx.reply.Bulk("id");
  ctx.reply.Integer(static_cast<int64_t>(ctx.session->id()));
  ctx.reply.Bulk("mode");
  const bool cluster = ctx.session->server().cluster_mode() != ClusterMode::kOff;
  ctx.reply.Bulk(cluster ? "cluster" : "standalone");
  ctx.reply.Bulk("role");
  const bool is_replica = ctx.session->server().is_replica.load(std::memory_order_relaxed);
  ctx.reply.Bulk(is_replica ? "slave" : "master");
  ctx.reply.Bulk("modules");
  ctx.reply.Array(0);
}

}  // namespace

void HandleAuth(CommandContext& ctx) {
  if (ctx.args.size() > 3) return ctx.SyntaxError();
  const bool password_only = ctx.args.size() == 2;
  if (password_only && !ctx.session->server().config().has_password()) {
    ctx.reply.Error(absl::StrCat("ERR AUTH <password> called without any password configured for ",
                                 ctx.session->is_admin() ? "admin port" : "the default user",
                                 ". Are you sure your configuration is correct?"));
    return;
  }
  const absl::string_view user = password_only ? kDefaultUser : ctx.args[1];
  if (Authenticate(*ctx.session, user, ctx.args.back())) {
    ctx.reply.Ok();
  } else {
    ctx.reply.Error(kWrongPassword);
  }
}

void HandleHello(CommandContext& ctx) {
  HelloRequest request;
  if (!ParseHello(ctx, &request)) return;
  Session& session = *ctx.session;
  if (request.has_credentials && !Authenticate(session, request.user, request.password)) {
    ctx.reply.Error(kWrongPassword);
    return;
  }
  if (!session.authenticated()) {
    ctx.reply.Error(kHelloNeedsAuth);
    return;
  }
  if (request.has_name) SetClientName(session, request.name);
  if (request.protocol != 0) session.SetProtocol(request.protocol);
  DescribeServer(ctx);
}

void HandlePing(CommandContext& ctx) {
  if (ctx.args.size() > 2) {
    ctx.reply.Error("ERR wrong number of arguments for 'ping' command");
  } else if (ctx.session->is_subscribed() && ctx.reply.protocol() == 2) {
    // Among messages, an answer in their shape.
    ctx.reply.Array(2);
    ctx.reply.Bulk("pong");
    ctx.reply.Bulk(ctx.args.size() == 2 ? ctx.args[1] : "");
  } else if (ctx.args.size() == 2) {
    ctx.reply.Bulk(ctx.args[1]);
  } else {
    ctx.reply.Pong();
  }
}

void HandleEcho(CommandContext& ctx) { ctx.reply.Bulk(ctx.args[1]); }

void HandleSelect(CommandContext& ctx) {
  int index = 0;
  if (!ParseInt(ctx, 1, &index)) return;
  if (index < 0 || index >= ctx.session->server().config().integer(Parameter::databases)) {
    ctx.reply.Error("ERR DB index is out of range");
    return;
  }
  if (index != 0 && ctx.store.restricted_to_owned_slots())
    return ctx.reply.Error("ERR SELECT is not allowed in cluster mode");
  ctx.session->SelectDatabase(index);
  ctx.reply.Ok();
}

void HandleQuit(CommandContext& ctx) {
  ctx.reply.Ok();
  ctx.session->CloseAfterReply();
}

void HandleReset(CommandContext& ctx) {
  ctx.session->Reset();
  ctx.reply.SimpleString("RESET");
}

void HandleMonitor(CommandContext& ctx) {
  if (ctx.in_transaction) {
    ctx.reply.Error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    return;
  }
  // Redis says nothing when it is asked twice.
  if (ctx.session->is_monitor()) return;
  ctx.session->SetMonitor(true);
  ctx.reply.Ok();
}

}  // namespace damselfly
