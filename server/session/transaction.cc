#include "server/session/transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/session/change_group.h"
#include "server/session/key_server.h"
#include "server/session/service_gate.h"
#include "server/session/session.h"
#include "server/session/slot_locks.h"

namespace damselfly {
namespace {

// Asked where nothing goes as it usually does.
bool HasMutant(const Session& session, ServerMutant mutant) {
  return session.server().runtime().HasMutant(mutant);
}

}  // namespace

Transaction::~Transaction() { DFLY_CHECK(watched_.empty()); }

void Transaction::Begin() {
  DFLY_CHECK(!active_);
  active_ = true;
  poisoned_ = false;
}

void Transaction::Discard() {
  active_ = false;
  poisoned_ = false;
  queue_.clear();
  queued_bytes_ = 0;
  UnwatchAll();
}

void Transaction::Queue(const Command* command, absl::Span<const absl::string_view> args,
                        absl::Span<const BlobRef> blobs) {
  queue_.emplace_back(command, args, blobs);
  queued_bytes_ += queue_.back().memory_bytes();
}

bool Transaction::QueueHas(uint32_t flags) const {
  for (const OwnedRequest& request : queue_) {
    if (request.command()->Has(flags)) return true;
  }
  return false;
}

void Transaction::Watch(int database, absl::string_view bytes, int64_t now_ms,
                        StoreCounters* counters) {
  for (const Watched& watched : watched_) {
    if (watched.database == database && watched.bytes == bytes) return;
  }
  const Key key = store_->MakeKey(bytes);
  watched_.push_back(Watched{database, std::string(bytes), key.hash, key.slot, false});
  Watched& watched = watched_.back();
  SlotLocks locks(store_);
  locks.LockOne(key.slot);
  Database db(store_, database, now_ms, counters);
  watched.missing_at_watch = db.Peek(watched.key()) == nullptr;
  // It has gone since WATCH was let in: another node may change the key from now on.
  if (!store_->IsOwned(key.slot)) mark_.dirty.store(true, std::memory_order_release);
  store_->Watch(database, watched.key(), &mark_);
}

void Transaction::UnwatchAll() {
  for (const Watched& watched : watched_) {
    SlotLocks locks(store_);
    locks.LockOne(watched.slot);
    store_->Unwatch(watched.database, watched.key(), &mark_);
  }
  watched_.clear();
  mark_.dirty.store(false, std::memory_order_release);
}

void Transaction::RemoveWatchesLocked() {
  for (const Watched& watched : watched_) store_->Unwatch(watched.database, watched.key(), &mark_);
  watched_.clear();
  mark_.dirty.store(false, std::memory_order_release);
}

Transaction::LockSet Transaction::CollectLocks() const {
  LockSet set;
  for (const OwnedRequest& request : queue_) {
    const Command& command = *request.command();
    if (command.Has(kWalksSlots) || command.LocksAllSlots(request.args())) set.all = true;
    SlotLocks::CollectSlots(command, request.args(), &set.slots);
  }
  set.queued_count = set.slots.size();
  for (const Watched& watched : watched_) set.slots.push_back(watched.slot);
  return set;
}

std::string Transaction::RefusalOf(const LockSet& set, const Session& session) const {
  std::string refusal = SlotRefusalOf(set, session);
  if (!refusal.empty()) return refusal;
  for (const OwnedRequest& request : queue_) {
    const absl::string_view error = ServiceRefusal(session.server(), *request.command(),
                                                   session.is_admin(), /*slots_judged=*/true);
    if (!error.empty()) return absl::StrCat("EXECABORT Transaction discarded because of: ", error);
  }
  return "";
}

std::string Transaction::SlotRefusalOf(const LockSet& set, const Session& session) const {
  if (!store_->restricted_to_owned_slots() || set.slots.empty()) return "";
  const uint16_t slot = set.slots[0];
  for (const uint16_t other : set.slots) {
    if (other != slot) return std::string(kCrossSlotError);
  }
  // A slot that is only watched and gone has changed, which WatchesHold tells.
  if (set.queued_count == 0 || store_->IsOwned(slot)) return "";
  return session.server().slot_router()->RefusalOf(slot);
}

// A watched key whose deadline has passed since WATCH has changed, whether or not it has been
// deleted yet: looking it up tells. So has one whose slot is another node's now.
bool Transaction::WatchesHold(int64_t now_ms, StoreCounters* counters) const {
  for (const Watched& watched : watched_) {
    Database db(store_, watched.database, now_ms, counters);
    const bool missing = db.Peek(watched.key()) == nullptr;
    if (missing && !watched.missing_at_watch) return false;
    if (!store_->IsOwned(watched.slot)) return false;
  }
  return !mark_.dirty.load(std::memory_order_acquire);
}

void Transaction::Execute(CommandContext& ctx, Session& session) {
  if (poisoned_ && !HasMutant(session, ServerMutant::kPoisonIgnored)) {
    session.info().SetQueuedCount(-1);
    if (HasMutant(session, ServerMutant::kAbortedRuns)) {
      const OutputBuffer::Mark mark = ctx.reply.output()->End();
      poisoned_ = false;
      Execute(ctx, session);
      ctx.reply.output()->TruncateTo(mark);
    } else {
      Discard();
    }
    ctx.reply.Error("EXECABORT Transaction discarded because of previous errors.");
    return;
  }
  const LockSet set = CollectLocks();
  SlotLocks locks(store_);
  if (set.all) {
    locks.LockAll();
  } else if (!set.slots.empty()) {
    locks.LockMany(set.slots);
  }
  // Judged once more: under the locks a pause has begun, or it has not.
  if (session.HeldByPause(*session.executed_)) return;
  // Once more: without the locks others went on changing what is read now.
  session.CatchUpWithInvalidations();
  // Before the commands run: CLIENT LIST among them shows the client as executing, not as queueing.
  session.info().SetQueuedCount(-1);
  const std::string refusal = RefusalOf(set, session);
  const bool dirty = mark_.dirty.load(std::memory_order_acquire);
  const bool holds = WatchesHold(ctx.now_ms(), ctx.counters) ||
                     (!dirty && HasMutant(session, ServerMutant::kExpiryUnwatched));
  RemoveWatchesLocked();
  // Taken out first: the commands that run now must not see themselves as queueing.
  std::deque<OwnedRequest> queue;
  queue.swap(queue_);
  active_ = false;
  poisoned_ = false;
  queued_bytes_ = 0;
  if (!refusal.empty()) {
    if (HasMutant(session, ServerMutant::kRefusedExecRuns)) {
      const OutputBuffer::Mark mark = ctx.reply.output()->End();
      for (const OwnedRequest& request : queue) session.ExecuteQueued(request, ctx);
      ctx.reply.output()->TruncateTo(mark);
    }
    ctx.reply.Error(refusal);
    return;
  }
  if (!holds) {
    ctx.reply.NullArray();
    return;
  }
  ChangeGroup group(store_, session.worker().index(), locks.held());
  ctx.reply.Array(queue.size());
  ctx.all_locked = set.all;
  for (const OwnedRequest& request : queue) session.ExecuteQueued(request, ctx);
  if (locks.held() && session.worker().key_server().has_work()) {
    if (HasMutant(session, ServerMutant::kMultiWakesNobody))
      session.worker().key_server().ForgetAll();
    ServedSlots slots(store_, &locks);
    session.ServeWaiting(&slots, &group);
  }
}

namespace {

void Multi(CommandContext& ctx) {
  if (ctx.session->transaction().active())
    return ctx.reply.Error("ERR MULTI calls can not be nested");
  ctx.session->transaction().Begin();
  ctx.session->info().SetQueuedCount(0);
  ctx.reply.Ok();
}

void Exec(CommandContext& ctx) {
  if (!ctx.session->transaction().active()) return ctx.reply.Error("ERR EXEC without MULTI");
  ctx.session->transaction().Execute(ctx, *ctx.session);
}

void Discard(CommandContext& ctx) {
  if (!ctx.session->transaction().active()) return ctx.reply.Error("ERR DISCARD without MULTI");
  ctx.session->transaction().Discard();
  ctx.session->info().SetQueuedCount(-1);
  ctx.reply.Ok();
}

void Watch(CommandContext& ctx) {
  if (ctx.session->transaction().active())
    return ctx.reply.Error("ERR WATCH inside MULTI is not allowed");
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    ctx.session->transaction().Watch(ctx.db.index(), ctx.args[i], ctx.now_ms(), ctx.counters);
  }
  ctx.reply.Ok();
}

void Unwatch(CommandContext& ctx) {
  // Queued by MULTI, it runs when EXEC has dropped the watches already.
  if (!ctx.in_transaction) ctx.session->transaction().UnwatchAll();
  ctx.reply.Ok();
}

constexpr KeySpec kWatchKeys[] = {KeyRange(kKeyReadOnly, 1, -1)};

constexpr CommandSpec kTransactionCommands[] = {
    {.name = "discard",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kIgnoresMulti,
     .acl_categories = kAclTransaction,
     .group = CommandGroup::kTransactions,
     .since = "2.0.0",
     .complexity = "O(N), when N is the number of queued commands",
     .summary = "Leaves MULTI and throws the queued commands away.",
     .handler = Discard},
    {.name = "exec",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kSkipSlowlog | kIgnoresMulti,
     .acl_categories = kAclTransaction,
     .group = CommandGroup::kTransactions,
     .since = "1.2.0",
     .complexity = "Depends on commands in the transaction",
     .summary = "Runs the queued commands as one, unless a watched key has changed.",
     .handler = Exec},
    {.name = "multi",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kIgnoresMulti,
     .acl_categories = kAclTransaction,
     .group = CommandGroup::kTransactions,
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Begins a transaction: commands are queued from here on.",
     .handler = Multi},
    {.name = "unwatch",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy,
     .acl_categories = kAclTransaction,
     .group = CommandGroup::kTransactions,
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Forgets all watched keys of this connection.",
     .handler = Unwatch},
    {.name = "watch",
     .arity = -2,
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kIgnoresMulti | kLocksNothing,
     .acl_categories = kAclTransaction,
     .keys = kWatchKeys,
     .group = CommandGroup::kTransactions,
     .since = "2.2.0",
     .complexity = "O(1) for every key.",
     .summary = "Makes the next EXEC depend on keys staying as they are.",
     .syntax = "key...",
     .handler = Watch},
};

}  // namespace

absl::Span<const CommandSpec> TransactionCommands() { return kTransactionCommands; }

}  // namespace damselfly
