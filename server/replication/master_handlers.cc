#include "server/replication/master_handlers.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/commands/help_reply.h"
#include "server/replication/master.h"
#include "server/session/argument_errors.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

constexpr absl::string_view kNotAMaster = "ERR Replicating a replica is unsupported";
constexpr absl::string_view kBadSyncId = "ERR bad sync id";
// Longer timeouts mean this one: years.
constexpr int64_t kTakeoverSecondsMax = 100'000'000;
constexpr int kPortMax = 65535;
constexpr size_t kWordBytesMax = 255;

ServerState& ServerOf(const CommandContext& ctx) { return ctx.session->server(); }

// What this node would call itself towards a master.
std::string OwnNodeId(ServerState& server) {
  const std::string named = server.config().text(Parameter::cluster_node_id);
  return named.empty() ? server.run_id() : named;
}

// Writes the error and returns false on a node that is no master.
bool RequireMaster(const CommandContext& ctx) {
  if (!ServerOf(ctx).is_replica.load(std::memory_order_acquire)) return true;
  ctx.reply.Error(kNotAMaster);
  return false;
}

bool ParsePosition(absl::string_view text, uint64_t* position) {
  int64_t value = 0;
  if (!ParseInt64(text, &value) || value < 0) return false;
  *position = static_cast<uint64_t>(value);
  return true;
}

// All arguments from `begin` on. Writes the error and returns false if one is no position.
bool ParsePositions(const CommandContext& ctx, size_t begin, Positions* positions) {
  for (size_t i = begin; i < ctx.args.size(); ++i) {
    uint64_t position = 0;
    if (!ParsePosition(ctx.args[i], &position)) {
      ctx.reply.Error("ERR value is not an integer or out of range");
      return false;
    }
    positions->push_back(position);
  }
  return true;
}

bool ParseSyncId(const CommandContext& ctx, size_t index, uint64_t* sync_id) {
  if (ParsePosition(ctx.args[index], sync_id)) return true;
  ctx.reply.Error(kBadSyncId);
  return false;
}

void WritePositions(const CommandContext& ctx, const Positions& positions) {
  ctx.reply.Array(static_cast<int64_t>(positions.size()));
  for (const uint64_t position : positions) ctx.reply.Integer(static_cast<int64_t>(position));
}

// What is shown in INFO and in the log must not look like something else there. Writes the error
// and returns false.
bool TakeWord(const CommandContext& ctx, absl::string_view value, std::string* word) {
  const auto fits = [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != ',' && c != '=';
  };
  if (value.size() > kWordBytesMax || !std::all_of(value.begin(), value.end(), fits)) {
    ctx.SyntaxError();
    return false;
  }
  *word = std::string(value);
  return true;
}

// The most that an error repeats of an option that nobody knows.
constexpr size_t kUnknownOptionBytesMax = 128;

// One pair of REPLCONF. Writes the error and returns false if it is wrong.
bool TakeOption(const CommandContext& ctx, size_t index, ReplicaIdentity* identity) {
  const absl::string_view value = ctx.args[index + 1];
  if (ctx.ArgIs(index, "LISTENING-PORT")) {
    int port = 0;
    if (!ParseInt(ctx, index + 1, &port)) return false;
    if (port < 0 || port > kPortMax) {
      ctx.reply.Error("ERR port is out of range");
      return false;
    }
    identity->port = port;
  } else if (ctx.ArgIs(index, "IP-ADDRESS")) {
    if (!TakeWord(ctx, value, &identity->host)) return false;
  } else if (ctx.ArgIs(index, "CLIENT-ID")) {
    if (!TakeWord(ctx, value, &identity->node_id)) return false;
  } else if (ctx.ArgIs(index, "RUN-ID")) {
    if (!TakeWord(ctx, value, &identity->run_id)) return false;
  } else if (ctx.ArgIs(index, "ATTEMPT")) {
    return ctx.ParseInteger(index + 1, &identity->attempt);
  } else if (ctx.ArgIs(index, "VERSION")) {
    return ctx.ParseInteger(index + 1, &identity->version);
  } else if (ctx.ArgIs(index, "CAPA")) {
    // Others than ours say what they can, too: it does not matter.
    if (absl::EqualsIgnoreCase(value, "damselfly")) identity->is_damselfly = true;
  } else if (!ctx.ArgIs(index, "GETACK")) {
    ctx.reply.Error(absl::StrCat("ERR Unrecognized REPLCONF option: ",
                                 ctx.args[index].substr(0, kUnknownOptionBytesMax)));
    return false;
  }
  return true;
}

}  // namespace

void HandleWait(CommandContext& ctx) {
  ServerState& server = ServerOf(ctx);
  if (server.is_replica.load(std::memory_order_acquire))
    return ctx.reply.Error("ERR WAIT cannot be used with replica instances.");
  int64_t replicas = 0;
  int64_t timeout_ms = 0;
  if (!ctx.ParseInteger(1, &replicas) || !ParseTimeoutMs(ctx, 2, &timeout_ms)) return;
  MasterOf(server).Wait(*ctx.session, !ctx.in_transaction, replicas, timeout_ms);
}

void HandleReplconf(CommandContext& ctx) {
  if (ctx.in_transaction) return ctx.reply.Error("ERR Command not allowed inside a transaction");
  if (!RequireMaster(ctx)) return;
  Master& master = MasterOf(ServerOf(ctx));
  if (ctx.args.size() > 1 && ctx.ArgIs(1, "ACK")) {
    // Nobody reads an answer to it.
    Positions positions;
    for (size_t i = 2; i < ctx.args.size(); ++i) {
      uint64_t position = 0;
      if (!ParsePosition(ctx.args[i], &position)) break;
      positions.push_back(position);
    }
    master.Acknowledge(*ctx.session, positions);
    return;
  }
  if (ctx.args.size() % 2 == 0) return ctx.SyntaxError();
  ReplicaIdentity identity = master.Greeting(*ctx.session);
  for (size_t i = 1; i < ctx.args.size(); i += 2) {
    if (!TakeOption(ctx, i, &identity)) return;
  }
  if (identity.node_id == OwnNodeId(ServerOf(ctx)))
    return ctx.reply.Error("ERR Can't connect to myself");
  master.SetGreeting(*ctx.session, std::move(identity));
  ctx.reply.Ok();
}

void HandleDflySync(CommandContext& ctx) {
  if (!RequireMaster(ctx)) return;
  const absl::string_view lineage_id = ctx.args[2];
  const bool knows_nothing = lineage_id == "?";
  if (!knows_nothing && !IsLineageId(lineage_id)) return ctx.SyntaxError();
  if (knows_nothing && ctx.args.size() > 3) return ctx.SyntaxError();
  Positions positions;
  if (!ParsePositions(ctx, 3, &positions)) return;
  const absl::StatusOr<Master::Agreement> agreement =
      MasterOf(ServerOf(ctx)).Sync(*ctx.session, knows_nothing ? "" : lineage_id, positions);
  if (!agreement.ok()) return ctx.reply.Error(agreement.status().message());
  ctx.reply.Array(4);
  ctx.reply.Bulk(agreement->is_partial ? "PARTIAL" : "FULL");
  ctx.reply.Bulk(agreement->lineage_id);
  ctx.reply.Integer(static_cast<int64_t>(agreement->sync_id));
  ctx.reply.Integer(agreement->lane_count);
}

void HandleDflyFlow(CommandContext& ctx) {
  if (!RequireMaster(ctx)) return;
  uint64_t sync_id = 0;
  int64_t lane = 0;
  if (!ParseSyncId(ctx, 2, &sync_id) || !ctx.ParseInteger(3, &lane)) return;
  absl::StatusOr<std::shared_ptr<OutputSource>> source =
      MasterOf(ServerOf(ctx)).AttachFlow(*ctx.session, sync_id, lane);
  if (!source.ok()) return ctx.reply.Error(source.status().message());
  ctx.reply.Ok();
  ctx.session->StreamFrom(*std::move(source));
}

void HandleDflyStart(CommandContext& ctx) {
  if (!RequireMaster(ctx)) return;
  uint64_t sync_id = 0;
  if (!ParseSyncId(ctx, 2, &sync_id)) return;
  const absl::StatusOr<Positions> first = MasterOf(ServerOf(ctx)).Start(*ctx.session, sync_id);
  if (!first.ok()) return ctx.reply.Error(first.status().message());
  WritePositions(ctx, *first);
}

void HandleDflyTakeover(CommandContext& ctx) {
  if (!RequireMaster(ctx)) return;
  int64_t seconds = 0;
  uint64_t sync_id = 0;
  if (!ctx.ParseInteger(2, &seconds) || !ParseSyncId(ctx, 3, &sync_id)) return;
  if (seconds < 0) return ctx.reply.Error("ERR timeout is negative");
  MasterOf(ServerOf(ctx))
      .BeginTakeover(*ctx.session, sync_id, std::min(seconds, kTakeoverSecondsMax) * 1000);
}

void HandleDflyReplicaOffset(CommandContext& ctx) {
  WritePositions(ctx, MasterOf(ServerOf(ctx)).JournalEnds());
}

void HandleDflyHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "SYNC <lineage id | ?> [<position> ...]",
      "    A replica asks for what it has missed, or for everything.",
      "FLOW <sync id> <lane>",
      "    Makes this connection carry one lane to the replica.",
      "START <sync id>",
      "    Lets all flows of a replica go. Returns where each lane begins.",
      "TAKEOVER <seconds> <sync id>",
      "    Hands over to the replica.",
      "REPLICAOFFSET",
      "    Returns how far each lane of the journal goes.",
  };
  WriteHelp(ctx, "DFLY", kLines);
}

void HandleDflyRefusal(CommandContext& ctx) { ctx.SyntaxError(); }

}  // namespace damselfly
