// CLIENT TRACKING and its kin: client-side caching.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/session/client_handlers.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// What CLIENT TRACKING's arguments ask for.
struct TrackingRequest {
  TrackingOptions options;
  std::vector<absl::string_view> prefixes;
};

// One of the two is the beginning of the other.
bool Overlap(absl::string_view first, absl::string_view second) {
  return absl::StartsWith(first, second) || absl::StartsWith(second, first);
}

// Reads the id of a client that is there now. Writes the error and returns false if there is none.
bool ParseRedirect(const CommandContext& ctx, size_t index, TrackingOptions* options) {
  if (options->redirect != 0) {
    ctx.reply.Error("ERR A client can only redirect to a single other client");
    return false;
  }
  int64_t id = 0;
  if (!ctx.ParseInteger(index, &id)) return false;
  bool exists = false;
  ctx.session->server().clients().Visit(static_cast<uint64_t>(id), [&](ClientInfo& info) {
    exists = !info.doomed.load(std::memory_order_relaxed);
    options->redirect_worker = info.worker;
  });
  if (!exists) {
    ctx.reply.Error("ERR The client ID you want redirect to does not exist");
    return false;
  }
  options->redirect = static_cast<uint64_t>(id);
  return true;
}

bool ParseTracking(const CommandContext& ctx, TrackingRequest* request) {
  TrackingOptions& options = request->options;
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    const bool has_more = i + 1 < ctx.args.size();
    if (ctx.ArgIs(i, "REDIRECT") && has_more) {
      if (!ParseRedirect(ctx, ++i, &options)) return false;
    } else if (ctx.ArgIs(i, "BCAST")) {
      options.broadcast = true;
    } else if (ctx.ArgIs(i, "OPTIN")) {
      options.opt_in = true;
    } else if (ctx.ArgIs(i, "OPTOUT")) {
      options.opt_out = true;
    } else if (ctx.ArgIs(i, "NOLOOP")) {
      options.no_loop = true;
    } else if (ctx.ArgIs(i, "PREFIX") && has_more) {
      request->prefixes.push_back(ctx.args[++i]);
    } else {
      ctx.SyntaxError();
      return false;
    }
  }
  return true;
}

// Why the options cannot be had, together or beside what is set up already; null: they can.
const char* RefusalOf(const TrackingRequest& request, const ClientTracking* current) {
  const TrackingOptions& options = request.options;
  if (!options.broadcast && !request.prefixes.empty())
    return "ERR PREFIX option requires BCAST mode to be enabled";
  if (current != nullptr && current->options.broadcast != options.broadcast) {
    return "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and "
           "then re-enabling it with a different mode.";
  }
  if (options.broadcast && (options.opt_in || options.opt_out))
    return "ERR OPTIN and OPTOUT are not compatible with BCAST";
  if (options.opt_in && options.opt_out)
    return "ERR You can't specify both OPTIN mode and OPTOUT mode";
  if (current != nullptr && ((options.opt_in && current->options.opt_out) ||
                             (options.opt_out && current->options.opt_in))) {
    return "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and "
           "then re-enabling it with a different mode.";
  }
  return nullptr;
}

// No prefix of a client may begin another one: it would be told twice. Writes the error and returns
// false if that is so.
bool CheckPrefixes(const CommandContext& ctx, const std::vector<absl::string_view>& prefixes) {
  constexpr absl::string_view kEnd = "'. Prefixes for a single client must not overlap.";
  for (size_t i = 0; i < prefixes.size(); ++i) {
    if (ctx.session->tracking() != nullptr) {
      for (const std::string& existing : ctx.session->tracking()->options.prefixes) {
        if (!Overlap(prefixes[i], existing)) continue;
        ctx.reply.Error(absl::StrCat("ERR Prefix '", prefixes[i],
                                     "' overlaps with an existing prefix '", existing, kEnd));
        return false;
      }
    }
    for (size_t j = i + 1; j < prefixes.size(); ++j) {
      if (!Overlap(prefixes[i], prefixes[j])) continue;
      ctx.reply.Error(absl::StrCat("ERR Prefix '", prefixes[i],
                                   "' overlaps with another provided prefix '", prefixes[j], kEnd));
      return false;
    }
  }
  return true;
}

void WriteFlags(ReplyWriter& reply, const ClientTracking* tracking, bool is_broken) {
  std::vector<absl::string_view> flags = {tracking != nullptr ? "on" : "off"};
  if (tracking != nullptr) {
    const TrackingOptions& options = tracking->options;
    if (options.broadcast) flags.push_back("bcast");
    if (options.opt_in) flags.push_back("optin");
    if (options.opt_in && tracking->caching) flags.push_back("caching-yes");
    if (options.opt_out) flags.push_back("optout");
    if (options.opt_out && tracking->caching) flags.push_back("caching-no");
    if (options.no_loop) flags.push_back("noloop");
    if (is_broken) flags.push_back("broken_redirect");
  }
  reply.Set(flags.size());
  for (absl::string_view flag : flags) reply.Bulk(flag);
}

}  // namespace

void HandleClientTracking(CommandContext& ctx) {
  Session& session = *ctx.session;
  TrackingRequest request;
  if (!ParseTracking(ctx, &request)) return;
  if (ctx.ArgIs(2, "OFF")) {
    session.DisableTracking();
    return ctx.reply.Ok();
  }
  if (!ctx.ArgIs(2, "ON")) return ctx.SyntaxError();
  const char* const refusal = RefusalOf(request, session.tracking());
  if (refusal != nullptr) return ctx.reply.Error(refusal);
  if (!CheckPrefixes(ctx, request.prefixes)) return;
  for (absl::string_view prefix : request.prefixes)
    request.options.prefixes.insert(std::string(prefix));
  session.EnableTracking(std::move(request.options));
  ctx.reply.Ok();
}

void HandleClientCaching(CommandContext& ctx) {
  const ClientTracking* const tracking = ctx.session->tracking();
  if (tracking == nullptr) {
    ctx.reply.Error(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
        "OPTOUT mode enabled");
    return;
  }
  const bool yes = ctx.ArgIs(2, "YES");
  if (!yes && !ctx.ArgIs(2, "NO")) return ctx.SyntaxError();
  if (yes && !tracking->options.opt_in) {
    ctx.reply.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    return;
  }
  if (!yes && !tracking->options.opt_out) {
    ctx.reply.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    return;
  }
  ctx.session->SetCaching();
  ctx.reply.Ok();
}

void HandleClientGetRedir(CommandContext& ctx) {
  ctx.reply.Integer(ctx.session->info().redirect.load(std::memory_order_relaxed));
}

void HandleClientTrackingInfo(CommandContext& ctx) {
  const Session& session = *ctx.session;
  ctx.reply.Map(3);
  ctx.reply.Bulk("flags");
  WriteFlags(ctx.reply, session.tracking(),
             ctx.session->info().HasFlag(ClientInfo::kTrackingBroken));
  ctx.reply.Bulk("redirect");
  HandleClientGetRedir(ctx);
  ctx.reply.Bulk("prefixes");
  if (session.tracking() == nullptr) return ctx.reply.Array(0);
  ctx.reply.Array(session.tracking()->options.prefixes.size());
  for (const std::string& prefix : session.tracking()->options.prefixes) ctx.reply.Bulk(prefix);
}

}  // namespace damselfly
