#include "server/session/pubsub_handlers.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/base/glob.h"
#include "server/commands/help_reply.h"
#include "server/session/argument_errors.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr absl::string_view kHelp[] = {
    "CHANNELS [<pattern>]",
    "    The channels that somebody is subscribed to, all or those that match.",
    "NUMPAT",
    "    How many different patterns somebody is subscribed to.",
    "NUMSUB [<channel> ...]",
    "    How many clients are subscribed to each channel, patterns left aside.",
    "SHARDCHANNELS [<pattern>]",
    "    The shard channels that somebody is subscribed to, all or those that match.",
    "SHARDNUMSUB [<shardchannel> ...]",
    "    How many clients are subscribed to each shard channel.",
};

void Subscribe(CommandContext& ctx, SubscriptionKind kind, absl::string_view what) {
  for (absl::string_view name : ctx.args.subspan(1)) {
    ctx.session->Subscribe(kind, name);
    ctx.session->PushConfirmation(what, kind, &name);
  }
}

// Without names: from all. Every name is confirmed, whether or not there was such a subscription.
void Unsubscribe(CommandContext& ctx, SubscriptionKind kind, absl::string_view what) {
  const auto leave = [&](absl::string_view name) {
    ctx.session->Unsubscribe(kind, name);
    ctx.session->PushConfirmation(what, kind, &name);
  };
  if (ctx.args.size() > 1) {
    for (absl::string_view name : ctx.args.subspan(1)) leave(name);
    return;
  }
  const std::vector<std::string> names = ctx.session->SubscribedNames(kind);
  for (const std::string& name : names) leave(name);
  if (names.empty()) ctx.session->PushConfirmation(what, kind, nullptr);
}

// Who publishes to himself gets the message before the reply.
void Publish(CommandContext& ctx, SubscriptionKind kind) {
  Publication publication;
  publication.kind = kind;
  publication.channel = ctx.args[1];
  publication.payload = ctx.args[2];
  if (!ctx.blobs.empty()) publication.payload_blob = ctx.blobs[2];
  ctx.reply.Integer(ctx.session->worker().subscriptions().Publish(publication));
}

void ListChannels(CommandContext& ctx, SubscriptionKind kind) {
  if (ctx.args.size() > 3) return SubcommandSyntaxError(ctx);
  absl::optional<Glob> filter;
  if (ctx.args.size() == 3) filter.emplace(ctx.args[2]);
  const std::vector<std::string> channels =
      ctx.session->server().pubsub().Channels(kind, filter ? &*filter : nullptr);
  ctx.reply.Array(channels.size());
  for (const std::string& channel : channels) ctx.reply.Bulk(channel);
}

void CountSubscribers(CommandContext& ctx, SubscriptionKind kind) {
  const absl::Span<const absl::string_view> channels = ctx.args.subspan(2);
  ctx.reply.Array(channels.size() * 2);
  for (absl::string_view channel : channels) {
    ctx.reply.Bulk(channel);
    ctx.reply.Integer(ctx.session->server().pubsub().SubscriberCount(kind, channel));
  }
}

// Writes the error and returns false outside cluster mode.
bool NeedsCluster(const CommandContext& ctx) {
  if (ctx.session->server().cluster_mode() != ClusterMode::kOff) return true;
  ctx.reply.Error(absl::StrCat("ERR PUBSUB ", absl::AsciiStrToUpper(ctx.args[1]),
                               " is not supported in non cluster mode"));
  return false;
}

}  // namespace

void HandleSubscribe(CommandContext& ctx) {
  Subscribe(ctx, SubscriptionKind::kChannel, "subscribe");
}

void HandleUnsubscribe(CommandContext& ctx) {
  Unsubscribe(ctx, SubscriptionKind::kChannel, "unsubscribe");
}

void HandlePsubscribe(CommandContext& ctx) {
  Subscribe(ctx, SubscriptionKind::kPattern, "psubscribe");
}

void HandlePunsubscribe(CommandContext& ctx) {
  Unsubscribe(ctx, SubscriptionKind::kPattern, "punsubscribe");
}

// The older commands are allowed in EXEC for compatibility; this one never was.
void HandleSsubscribe(CommandContext& ctx) {
  if (ctx.in_transaction) {
    ctx.reply.Error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    return;
  }
  Subscribe(ctx, SubscriptionKind::kShardChannel, "ssubscribe");
}

void HandleSunsubscribe(CommandContext& ctx) {
  Unsubscribe(ctx, SubscriptionKind::kShardChannel, "sunsubscribe");
}

void HandlePublish(CommandContext& ctx) { Publish(ctx, SubscriptionKind::kChannel); }

void HandleSpublish(CommandContext& ctx) { Publish(ctx, SubscriptionKind::kShardChannel); }

void HandlePubsubChannels(CommandContext& ctx) { ListChannels(ctx, SubscriptionKind::kChannel); }

void HandlePubsubNumsub(CommandContext& ctx) { CountSubscribers(ctx, SubscriptionKind::kChannel); }

void HandlePubsubNumpat(CommandContext& ctx) {
  ctx.reply.Integer(ctx.session->server().pubsub().NameCount(SubscriptionKind::kPattern));
}

void HandlePubsubShardChannels(CommandContext& ctx) {
  if (NeedsCluster(ctx)) ListChannels(ctx, SubscriptionKind::kShardChannel);
}

void HandlePubsubShardNumsub(CommandContext& ctx) {
  if (NeedsCluster(ctx)) CountSubscribers(ctx, SubscriptionKind::kShardChannel);
}

void HandlePubsubHelp(CommandContext& ctx) { WriteHelp(ctx, "PUBSUB", kHelp); }

}  // namespace damselfly
