#include "server/session/client_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

int64_t Load(const std::atomic<int64_t>& value) { return value.load(std::memory_order_relaxed); }

// `type` null: all.
void ListAll(CommandContext& ctx, const ClientType* type) {
  std::string lines;
  ctx.session->server().clients().ForEach([&](ClientInfo& info) {
    const bool wanted = type == nullptr || TypeOf(info) == *type;
    if (wanted && !info.doomed.load(std::memory_order_relaxed))
      absl::StrAppend(&lines, FormatClient(info, ctx.now_ms()));
    return true;
  });
  ctx.reply.Verbatim("txt", lines);
}

void ListType(CommandContext& ctx) {
  ClientType type;
  if (!ParseClientType(ctx.args[3], &type)) {
    ctx.reply.Error(absl::StrCat("ERR Unknown client type '", ctx.args[3], "'"));
    return;
  }
  ListAll(ctx, &type);
}

void ListIds(CommandContext& ctx) {
  std::string lines;
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    int64_t id = 0;
    if (!ParseInt64(ctx.args[i], &id)) {
      ctx.reply.Error("ERR Invalid client ID");
      return;
    }
    ctx.session->server().clients().Visit(static_cast<uint64_t>(id), [&](ClientInfo& info) {
      if (!info.doomed.load(std::memory_order_relaxed))
        absl::StrAppend(&lines, FormatClient(info, ctx.now_ms()));
    });
  }
  ctx.reply.Verbatim("txt", lines);
}

}  // namespace

bool ParseClientType(absl::string_view word, ClientType* type) {
  static constexpr std::pair<absl::string_view, ClientType> kTypes[] = {
      {"normal", ClientType::kNormal},   {"slave", ClientType::kReplica},
      {"replica", ClientType::kReplica}, {"master", ClientType::kMaster},
      {"pubsub", ClientType::kPubSub},
  };
  for (const auto& [name, value] : kTypes) {
    if (!absl::EqualsIgnoreCase(word, name)) continue;
    *type = value;
    return true;
  }
  return false;
}

std::string ClientFlagLetters(const ClientInfo& info) {
  static constexpr std::pair<uint32_t, char> kLetters[] = {
      {ClientInfo::kReplica, 'S'},
      {ClientInfo::kMaster, 'M'},
      {ClientInfo::kMonitor, 'O'},
      {ClientInfo::kPubSub, 'P'},
      {ClientInfo::kMulti, 'x'},
      {ClientInfo::kBlocked | ClientInfo::kPaused, 'b'},
      {ClientInfo::kTracking, 't'},
      {ClientInfo::kTrackingBroken, 'R'},
      {ClientInfo::kTrackingBroadcast, 'B'},
      {ClientInfo::kDirty, 'd'},
      {ClientInfo::kCloseAfterReply, 'c'},
      {ClientInfo::kCloseSoon, 'A'},
      {ClientInfo::kUnixSocket, 'U'},
      {ClientInfo::kNoEvict, 'e'},
  };
  std::string letters;
  for (const auto& [flags, letter] : kLetters) {
    if (info.HasFlag(flags)) letters += letter;
  }
  return letters.empty() ? "N" : letters;
}

std::string FormatClient(const ClientInfo& info, int64_t now_ms) {
  const auto seconds_since = [now_ms](int64_t then_ms) {
    return std::max<int64_t>(0, now_ms - then_ms) / 1000;
  };
  const int64_t output_bytes = Load(info.output_bytes);
  const int64_t output_memory_bytes = Load(info.output_memory_bytes);
  const Command* command = info.last_command.load(std::memory_order_relaxed);

  std::string line =
      absl::StrCat("id=", info.id, " addr=", info.address, " laddr=", info.local_address,
                   " fd=", info.descriptor, " name=", info.name);
  absl::StrAppend(
      &line, " age=", seconds_since(info.created_ms),
      " idle=", seconds_since(Load(info.last_interaction_ms)), " flags=", ClientFlagLetters(info),
      " db=", info.database.load(std::memory_order_relaxed), " sub=", Load(info.channel_count),
      " psub=", Load(info.pattern_count), " ssub=", Load(info.shard_channel_count),
      " multi=", info.multi_count.load(std::memory_order_relaxed));
  absl::StrAppend(&line, " qbuf=", Load(info.query_buffer_bytes), " qbuf-free=0 argv-mem=0",
                  " multi-mem=", Load(info.multi_bytes), " rbs=", output_memory_bytes,
                  " rbp=", output_memory_bytes);
  // There is one output buffer and no list behind it: what waits in it is "obl".
  absl::StrAppend(
      &line, " obl=", output_bytes, " oll=0 omem=", output_bytes == 0 ? 0 : output_memory_bytes,
      " tot-mem=", Load(info.total_memory_bytes), " events=", output_bytes == 0 ? "r" : "rw",
      " cmd=", command == nullptr ? "NULL" : command->full_name);
  absl::StrAppend(&line, " user=default redir=", Load(info.redirect),
                  " resp=", info.protocol.load(std::memory_order_relaxed),
                  " lib-name=", info.library_name, " lib-ver=", info.library_version, "\n");
  return line;
}

void HandleClientList(CommandContext& ctx) {
  if (ctx.args.size() == 2) return ListAll(ctx, nullptr);
  if (ctx.args.size() == 4 && ctx.ArgIs(2, "TYPE")) return ListType(ctx);
  if (ctx.args.size() > 3 && ctx.ArgIs(2, "ID")) return ListIds(ctx);
  ctx.SyntaxError();
}

void HandleClientInfo(CommandContext& ctx) {
  std::string line;
  {
    std::lock_guard<std::mutex> guard(ctx.session->server().clients().mutex());
    line = FormatClient(ctx.session->info(), ctx.now_ms());
  }
  ctx.reply.Verbatim("txt", line);
}

}  // namespace damselfly
