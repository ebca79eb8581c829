#include "server/replication/replication_handlers.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/base/crc16.h"
#include "server/base/numbers.h"
#include "server/replication/replication.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// What a blocked client is answered, once that is known. Touched on the session's worker only.
struct Answer {
  absl::optional<absl::Status> status;
  bool given = false;
};

void WriteStatus(ReplyWriter& reply, const absl::Status& status) {
  status.ok() ? reply.Ok() : reply.Error(absl::StrCat("ERR ", status.message()));
}

// Blocks the client until the returned call-back has been called, anywhere.
Replication::Done BlockUntilDone(Session& session) {
  auto answer = std::make_shared<Answer>();
  session.BlockUntilDone([answer](Session& blocked, Session::Wake) {
    answer->given = true;
    if (answer->status) return WriteStatus(blocked.reply(), *answer->status);
    blocked.reply().Error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  });
  return [server = &session.server(), id = session.id(), worker = session.worker().index(),
          answer](absl::Status status) {
    server->PostToSession(id, worker, [answer, status](Session& blocked) {
      if (answer->given) return;
      answer->status = status;
      blocked.WakeUp(Session::Wake::kUnblocked);
    });
  };
}

// Runs `request(done)`, and answers the client when that is done; inside EXEC, which cannot wait,
// at once.
template <typename Request>
void AnswerWhenDone(CommandContext& ctx, Request request) {
  if (!ctx.in_transaction) return request(BlockUntilDone(*ctx.session));
  Runtime* const runtime = &ctx.session->server().runtime();
  request([runtime](absl::Status status) {
    if (!status.ok()) {
      runtime->Log(Runtime::Severity::kWarning,
                   absl::StrCat("REPLICAOF of a transaction: ", status.message()));
    }
  });
  ctx.reply.Ok();
}

bool IsNoOne(const CommandContext& ctx) { return ctx.ArgIs(1, "NO") && ctx.ArgIs(2, "ONE"); }

bool ParseSlot(absl::string_view text, int64_t* slot) {
  return ParseInt64(text, slot) && *slot >= 0 && *slot < kSlotCount;
}

// host port [slot_start slot_end]; false after the error.
bool ParseMaster(const CommandContext& ctx, Endpoint* master, bool* has_slots) {
  int64_t port = 0;
  if (!ParseInt64(ctx.args[2], &port) || port < 1 || port > 65535) {
    ctx.reply.Error("ERR port is out of range");
    return false;
  }
  master->host = std::string(ctx.args[1]);
  master->port = static_cast<int>(port);
  *has_slots = ctx.args.size() > 3;
  if (!*has_slots) return true;
  int64_t start = 0;
  int64_t end = 0;
  const bool valid = ctx.args.size() > 4 && ParseSlot(ctx.args[3], &start) &&
                     ParseSlot(ctx.args[4], &end) && start <= end;
  if (!valid) {
    ctx.reply.Error("ERR Invalid slot range");
  } else if (ctx.args.size() > 5) {
    ctx.SyntaxError();
  }
  return valid && ctx.args.size() == 5;
}

Replication& ReplicationIn(const CommandContext& ctx) {
  return ReplicationOf(ctx.session->server());
}

}  // namespace

void HandleReplicaOf(CommandContext& ctx) {
  Replication& replication = ReplicationIn(ctx);
  if (ctx.args.size() == 3 && IsNoOne(ctx)) {
    return AnswerWhenDone(ctx, [&](Replication::Done done) { replication.NoOne(std::move(done)); });
  }
  Endpoint master;
  bool has_slots = false;
  if (!ParseMaster(ctx, &master, &has_slots)) return;
  if (has_slots) return ctx.reply.Error("ERR REPLICAOF of a range of slots is not supported");
  AnswerWhenDone(ctx, [&](Replication::Done done) {
    replication.ReplicaOf(std::move(master), std::move(done));
  });
}

void HandleAddReplicaOf(CommandContext& ctx) {
  if (!ctx.session->server().is_replica.load(std::memory_order_relaxed)) {
    return ctx.reply.Error(
        "ERR Calling ADDREPLICAOFF allowed only after server is already a replica");
  }
  if (IsNoOne(ctx)) return ctx.reply.Error("ERR ADDREPLICAOF does not support no one");
  Endpoint master;
  bool has_slots = false;
  if (!ParseMaster(ctx, &master, &has_slots)) return;
  ctx.reply.Error("ERR ADDREPLICAOF is not supported: a replica has one master");
}

void HandleReplTakeOver(CommandContext& ctx) {
  int64_t timeout_s = 0;
  if (!ctx.ParseInteger(1, &timeout_s)) return;
  if (timeout_s < 0) return ctx.reply.Error("ERR timeout is negative");
  constexpr int64_t kTimeoutMaxS = 1'000'000'000;
  if (timeout_s > kTimeoutMaxS)
    return ctx.reply.Error("ERR value is not an integer or out of range");
  const bool save = ctx.args.size() > 2 && ctx.ArgIs(2, "SAVE");
  const size_t options_end = save ? 3 : 2;
  if (ctx.args.size() > options_end) {
    return ctx.reply.Error(absl::StrCat("ERR Unsupported option:", ctx.args[options_end]));
  }
  if (!ctx.session->server().is_replica.load(std::memory_order_relaxed)) return ctx.reply.Ok();
  if (save) return ctx.reply.Error("ERR SAVE is not supported: this server writes no snapshots");
  Replication& replication = ReplicationIn(ctx);
  replication.TakeOver(timeout_s, BlockUntilDone(*ctx.session));
}

void HandleRole(CommandContext& ctx) {
  const ReplicationFacts facts = ReplicationIn(ctx).Facts();
  const bool compatible =
      ctx.session->server().config().boolean(Parameter::info_replication_valkey_compatible);
  const auto state_word = [compatible](const std::string& state) -> absl::string_view {
    return state == "online" && !compatible ? "stable_sync" : absl::string_view(state);
  };
  if (facts.is_replica) {
    ctx.reply.Array(4);
    ctx.reply.Bulk(compatible ? "slave" : "replica");
    ctx.reply.Bulk(facts.master_host);
    ctx.reply.Bulk(absl::StrCat(facts.master_port));
    return ctx.reply.Bulk(state_word(facts.link_state));
  }
  ctx.reply.Array(2);
  ctx.reply.Bulk("master");
  ctx.reply.Array(facts.replicas.size());
  for (const ReplicaFacts& replica : facts.replicas) {
    ctx.reply.Array(3);
    ctx.reply.Bulk(replica.host);
    ctx.reply.Bulk(absl::StrCat(replica.port));
    ctx.reply.Bulk(state_word(replica.state));
  }
}

}  // namespace damselfly
