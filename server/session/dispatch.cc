// The path of a command through a session: batch, prefetch, checks, locks, handler, statistics.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/base/bytes.h"
#include "server/base/check.h"
#include "server/session/change_group.h"
#include "server/session/key_server.h"
#include "server/session/monitor_line.h"
#include "server/session/service_gate.h"
#include "server/session/session.h"
#include "server/session/slot_locks.h"

namespace damselfly {
namespace {

// The most that an "unknown command" error repeats of the name, and of the arguments.
constexpr size_t kUnknownNameBytesMax = 128;
constexpr size_t kUnknownArgumentsBytesMax = 128;

constexpr absl::string_view kNotWhileSubscribed =
    "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";

// Redis prints arguments as C strings here.
absl::string_view UpToNul(absl::string_view text) { return text.substr(0, text.find('\0')); }

std::string UnknownCommandError(absl::Span<const absl::string_view> args) {
  std::string shown;
  for (size_t i = 1; i < args.size() && shown.size() < kUnknownArgumentsBytesMax; ++i) {
    absl::StrAppend(&shown, "'",
                    UpToNul(args[i].substr(0, kUnknownArgumentsBytesMax - shown.size())), "' ");
  }
  return absl::StrCat("ERR unknown command '", UpToNul(args[0].substr(0, kUnknownNameBytesMax)),
                      "', with args beginning with: ", shown);
}

// Tracked keys that one command has forgotten, where there are too many.
constexpr int kForgottenKeysMax = 100;

// Memory for the keys of one command is kept for the next one up to so many.
constexpr size_t kKeptKeysMax = 4096;

// An instant that the clock was not asked for.
constexpr int64_t kUnknownNs = -1;

// Browsers and scripts that were tricked into talking to this port speak HTTP: hang up at once, as
// Redis does (https://redis.io/docs/latest/operate/oss_and_stack/management/security/).
bool LooksLikeHttp(absl::string_view name) {
  return absl::EqualsIgnoreCase(name, "post") || absl::EqualsIgnoreCase(name, "host:");
}

}  // namespace

// Of a plain command that only replies.
inline bool Session::RunKeyless(const BatchItem& item, CommandContext& context) {
  const Command& command = *item.command;
  if (!server_.is_ordinary() || worker_.memory_gate().IsDue()) [[unlikely]]
    return false;
  context.spec = command.spec;
  context.args = item.request.args;
  context.keys = {};
  command.spec->handler(context);
  info_.last_command.store(&command, std::memory_order_relaxed);
  if (reply_.error_count() != errors_counted_) [[unlikely]]
    CountErrors(&command);
  return true;
}

inline bool Session::RunPlain(const BatchItem& item, CommandContext& context) {
  const Command& command = *item.command;
  if (item.key == nullptr) return RunKeyless(item, context);
  Store& store = server_.store();
  const uint16_t slot = item.key->slot;
  bool leaves_work = false;
  {
    const OneSlotLock lock(&store, slot);
    // Under the lock: where a pause begins.
    if (!server_.is_ordinary()) [[unlikely]]
      return false;
    // One branch for all, which is never taken while all is well.
    const int doubts = static_cast<int>(!store.IsOwned(slot)) |
                       static_cast<int>(!AccessAdmits(store.access(), command)) |
                       static_cast<int>(command.Has(kDenyOom) && worker_.memory_gate().IsDue());
    if (doubts != 0) [[unlikely]]
      return false;
    store.CountAccess(slot, command.Has(kWrite));
    ChangeGroup group(&store, worker_.index(), command.needs_group);
    context.spec = command.spec;
    context.args = item.request.args;
    context.keys = absl::MakeConstSpan(item.key, 1);
    context.first_key_index = command.first_key;
    context.key_step = command.key_step;
    command.spec->handler(context);
    if (worker_.key_server().has_work()) [[unlikely]] {
      ServedSlots slots(&store, slot);
      leaves_work = ServeWaiting(&slots, &group);
    }
  }
  if (leaves_work) [[unlikely]]
    worker_.key_server().ServeRest();
  info_.last_command.store(&command, std::memory_order_relaxed);
  if (reply_.error_count() != errors_counted_) [[unlikely]]
    CountErrors(&command);
  return true;
}

void Session::ExecuteBatch(size_t count) {
  auto& batch = worker_.batch();
  const bool has_one_name = PrefetchBatch(count);
  const Clock& clock = server_.runtime().clock();
  const int64_t begin_ns = clock.MonotonicNs();
  alone_ns_ = 0;
  BeginRunning();
  int64_t plain_count = 0;
  size_t brief_count = 0;     // of the plain ones
  int64_t now_ns = begin_ns;  // while no time has been spent since; else kUnknownNs
  // Of plain commands, which change none of what these two stand for.
  bool ordinary = is_ordinary();
  absl::optional<CommandContext> context;
  for (size_t i = 0; i < count; ++i) {
    BatchItem& item = batch[i];
    if (ordinary && item.is_plain) {
      if (!context) context.emplace(MakeContext(*item.command, {}, loop_.pass_wall_ms()));
      const bool is_brief = item.command->IsBrief(item.request.args.size());
      if (!is_brief && now_ns == kUnknownNs) now_ns = clock.MonotonicNs();
      if (RunPlain(item, *context)) {
        item.executed = item.command;
        ++plain_count;
        brief_count += is_brief ? 1 : 0;
        now_ns = is_brief ? kUnknownNs : ChargeAlone(item, now_ns);
        continue;
      }
    }
    now_ns = kUnknownNs;
    worker_.stats().commands_processed.Add(std::exchange(plain_count, 0));
    if (closing_ || is_streaming()) break;
    if (!RunItem(item)) HoldBack(item);
    ordinary = is_ordinary();
    context.reset();
  }
  worker_.stats().commands_processed.Add(plain_count);
  EndRunning();
  ChargeBatch(count, has_one_name && brief_count == count, clock.MonotonicNs() - begin_ns);
}

// Of a plain command that is not brief and began at `begin_ns`. Returns when it ended.
int64_t Session::ChargeAlone(const BatchItem& item, int64_t begin_ns) {
  const int64_t end_ns = server_.runtime().clock().MonotonicNs();
  alone_ns_ += end_ns - begin_ns;
  Account(*item.executed, item.request.args, end_ns - begin_ns);
  return end_ns;
}

bool Session::RunItem(BatchItem& item) {
  if (blocked_ || paused_ || !held_.empty()) {
    if (!blocked_ || !server_.runtime().HasMutant(ServerMutant::kWaitOvertaken)) return false;
  }
  Call call{item.command,   item.request.args, {}, {item.key, item.key != nullptr ? size_t{1} : 0},
            item.key_index, item.has_one_key};
  absl::InlinedVector<BlobRef, 4> blobs;
  if (item.request.wire_bytes >= RequestParser::kBlobBytesMin) {
    for (size_t arg = 0; arg < call.args.size(); ++arg) blobs.push_back(item.request.TakeBlob(arg));
    call.blobs = blobs;
  }
  executed_ = nullptr;
  const bool done = Dispatch(call);
  item.executed = executed_;
  return done;
}

// Returns whether those that are commands are all the same, in the same spelling.
bool Session::PrefetchBatch(size_t count) {
  static_assert(Worker::kBatchMax <= Store::kPrefetchedKeysMax);
  auto& batch = worker_.batch();
  Key* const keys = worker_.batch_keys().data();
  size_t key_count = 0;
  const CommandRegistry& commands = server_.commands();
  const Store& store = server_.store();
  absl::string_view name;  // of the command before: pipelines are mostly of one
  const Command* command = nullptr;
  bool collections = false;
  int name_count = 0;
  for (size_t i = 0; i < count; ++i) {
    BatchItem& item = batch[i];
    const absl::Span<const absl::string_view> args = item.request.args;
    if (args[0].size() != name.size() || !EqualBytes(args[0].data(), name.data(), name.size())) {
      name = args[0];
      ++name_count;
      command = commands.Find(name);
      collections = collections || (command != nullptr && command->of_collections);
    }
    item.command = command;
    item.executed = nullptr;
    item.key = nullptr;
    item.key_index = 0;
    item.has_one_key = false;
    item.is_plain = false;
    if (command == nullptr) continue;
    item.is_plain = command->IsPlain(args.size()) &&
                    item.request.wire_bytes < static_cast<size_t>(RequestParser::kBlobBytesMin);
    item.key_index = command->first_key;
    if (item.key_index == 0) {
      if (!command->Has(kMovableKeys) || !FindMovableKey(&item)) continue;
    } else if (static_cast<size_t>(item.key_index) >= args.size()) {
      continue;
    }
    Key& key = keys[key_count++];
    key = store.MakeKey(args[static_cast<size_t>(item.key_index)]);
    item.key = &key;
    if (count > 1) store.PrefetchSlot(key.slot);
  }
  if (count > 1) {
    store.Prefetch(database_, absl::MakeSpan(keys, key_count),
                   collections ? MembersOfBatch(count) : absl::Span<const absl::string_view>());
  }
  return name_count <= 1;
}

// Where the first key stands of a command whose keys have no fixed place, and whether it is known
// to be the only one. False: it has none, or nobody can tell.
bool Session::FindMovableKey(BatchItem* item) {
  const absl::Span<const absl::string_view> args = item->request.args;
  if (!item->command->ArityFits(args.size())) return false;
  KeyPositions keys;
  if (!CommandRegistry::FindKeys(*item->command, args, &keys) || keys.empty()) return false;
  item->key_index = keys[0].index;
  item->has_one_key = keys.size() == 1 && !(keys[0].flags & kKeyIncomplete) &&
                      item->command->spec->reads_any_key == nullptr;
  return true;
}

// What the batch's commands look up in their keys' collections: for each of its keys one, or null.
absl::Span<const absl::string_view> Session::MembersOfBatch(size_t count) {
  auto& batch = worker_.batch();
  auto& members = worker_.batch_members();
  size_t key_count = 0;
  for (size_t i = 0; i < count; ++i) {
    const BatchItem& item = batch[i];
    if (item.key == nullptr) continue;
    const auto index = static_cast<size_t>(item.command->member_argument);
    const auto& args = item.request.args;
    members[key_count++] = index != 0 && index < args.size() ? args[index] : absl::string_view();
  }
  return absl::MakeConstSpan(members.data(), key_count);
}

// The batch's time, less what commands measured alone have taken, is shared out evenly among the
// brief ones. `is_uniform`: these are all of the batch, and one command.
void Session::ChargeBatch(size_t count, bool is_uniform, int64_t total_ns) {
  auto& batch = worker_.batch();
  if (is_uniform) {
    const auto shared = static_cast<int64_t>(count);
    const int64_t share_ns = std::max<int64_t>(0, total_ns) / shared;
    worker_.command_stats(batch[0].executed->id).Record(share_ns, shared);
    if (!IsSlow(share_ns)) return;
    for (size_t i = 0; i < count; ++i)
      NoteSlow(*batch[i].executed, batch[i].request.args, share_ns);
    return;
  }
  const auto shares = [](const BatchItem& item) {
    return item.executed != nullptr && item.executed->IsBrief(item.request.args.size());
  };
  int64_t shared = 0;
  for (size_t i = 0; i < count; ++i) shared += shares(batch[i]) ? 1 : 0;
  if (shared == 0) return;
  const int64_t share_ns = std::max<int64_t>(0, total_ns - alone_ns_) / shared;
  const bool slow = IsSlow(share_ns);
  for (size_t i = 0; i < count;) {
    const BatchItem& first = batch[i];
    size_t end = i + 1;
    if (shares(first)) {
      // Pipelines are mostly of one command.
      while (end < count && batch[end].executed == first.executed && shares(batch[end])) ++end;
      worker_.command_stats(first.executed->id).Record(share_ns, static_cast<int64_t>(end - i));
    }
    for (; i < end; ++i) {
      if (slow && shares(batch[i])) NoteSlow(*batch[i].executed, batch[i].request.args, share_ns);
    }
  }
}

const Command* Session::Resolve(const Command* command, absl::Span<const absl::string_view> args) {
  info_.last_command.store(command, std::memory_order_relaxed);
  if (command == nullptr) {
    if (LooksLikeHttp(args[0])) {
      server_.runtime().Log(
          Runtime::Severity::kWarning,
          absl::StrCat("Possible SECURITY ATTACK detected: HTTP spoken to this port by ",
                       info_.address, ", connection aborted"));
      Kill();
      return nullptr;
    }
    Refuse(nullptr, UnknownCommandError(args));
    return nullptr;
  }
  if (!command->subcommands.empty() && args.size() >= 2) {
    const Command* subcommand = CommandRegistry::FindSubcommand(*command, args[1]);
    const bool fits = subcommand != nullptr && subcommand->ArityFits(args.size());
    const bool restricted = subcommand != nullptr && subcommand->Has(kRestricted);
    if (!fits && !restricted && command->Has(kRefusesSubcommands)) {
      subcommand = command;
    } else if (subcommand == nullptr) {
      info_.last_command.store(nullptr, std::memory_order_relaxed);
      Refuse(nullptr, absl::StrCat("ERR unknown subcommand '",
                                   UpToNul(args[1].substr(0, kUnknownNameBytesMax)), "'. Try ",
                                   absl::AsciiStrToUpper(command->spec->name), " HELP."));
      return nullptr;
    }
    command = subcommand;
    info_.last_command.store(command, std::memory_order_relaxed);
  }
  if (command->Has(kRestricted) && !is_admin()) {
    Refuse(command, "ERR Cannot execute restricted command (admin only)");
    return nullptr;
  }
  if (!command->ArityFits(args.size()) || command->spec->handler == nullptr) {
    Refuse(command,
           absl::StrCat("ERR wrong number of arguments for '", command->full_name, "' command"));
    return nullptr;
  }
  return command;
}

void Session::Refuse(const Command* command, absl::string_view error) {
  transaction_.Poison();
  if (command != nullptr) worker_.command_stats(command->id).rejected_calls.Add(1);
  const OutputBuffer::Mark mark = output_.End();
  // An EXEC that cannot even be judged ends its transaction.
  const bool aborts = command != nullptr && command->spec->name == "exec";
  if (aborts) {
    transaction_.Discard();
    info_.SetQueuedCount(-1);
    absl::ConsumePrefix(&error, "ERR ");
    reply_.Error(absl::StrCat("EXECABORT Transaction discarded because of: ", error));
  } else {
    reply_.Error(error);
  }
  CountErrors(nullptr);
  if (muted()) output_.TruncateTo(mark);
  EndCommand();
}

// Errors are counted where they arise, once: what the commands of an EXEC have been charged with is
// not EXEC's failure.
void Session::CountErrors(const Command* command) {
  const uint64_t errors = reply_.error_count() - errors_counted_;
  errors_counted_ = reply_.error_count();
  ChargeErrors(command, errors, reply_.last_error_code());
}

void Session::ChargeErrors(const Command* command, uint64_t errors, absl::string_view last_code) {
  if (errors == 0) return;
  if (command != nullptr) worker_.command_stats(command->id).failed_calls.Add(1);
  worker_.stats().error_replies.Add(static_cast<int64_t>(errors));
  server_.error_stats().Add(last_code);
}

// CLIENT REPLY SKIP mutes the command behind it, and is over then.
void Session::EndCommand() {
  EndCaching();
  skip_reply_ = reply_mode_ == ReplyMode::kSkipNext;
  if (skip_reply_) reply_mode_ = ReplyMode::kOn;
}

bool Session::Does(const Command& command, uint32_t flags) const {
  return command.Has(flags) || (command.spec->name == "exec" && transaction_.QueueHas(flags));
}

bool Session::Dispatch(const Call& original) {
  const Command* command = Resolve(original.command, original.args);
  if (command == nullptr) return true;
  Call call = original;
  call.command = command;
  if (__builtin_expect(!server_.is_active(), 0) && !Admits(*command, /*slots_judged=*/false))
    return true;
  if (!authenticated() && !command->Has(kNoAuth)) {
    Refuse(command, "NOAUTH Authentication required.");
    return true;
  }
  if (transaction_.active() && command->Has(kNoMulti)) {
    Refuse(command, "ERR Command not allowed inside a transaction");
    return true;
  }
  if (!HasMemoryFor(*command, call)) return true;
  if (is_subscribed() && reply_.protocol() == 2 && !command->Has(kAlwaysAllowed)) {
    Refuse(command, absl::StrCat("ERR Can't execute '", command->full_name, kNotWhileSubscribed));
    return true;
  }
  // Redis counts its monitors among the replicas, which may not touch keys (and which no pause
  // holds).
  if (is_monitor() && Does(*command, kWrite | kReadOnly | kMayReplicate)) {
    Refuse(command, "ERR Replica can't interact with the keyspace");
    return true;
  }
  if (HeldByPause(*command)) return false;
  if (transaction_.active() && !command->Has(kIgnoresMulti)) {
    if (!ServesSlotsOf(*command, call)) return true;
    transaction_.Queue(command, call.args, call.blobs);
    info_.SetQueuedCount(static_cast<int>(transaction_.queued_count()));
    if (!muted()) reply_.Queued();
    EndCommand();
    // What is queued is input that has not been worked off, and bounded like the rest of it.
    if (transaction_.memory_bytes() > parser_.limits().query_buffer_bytes_max)
      CloseForQueryBuffer();
    return true;
  }
  return Execute(*command, call);
}

// In MULTI all that would be queued is refused: a queue takes memory too.
bool Session::HasMemoryFor(const Command& command, const Call& call) {
  MemoryGate& gate = worker_.memory_gate();
  if (!gate.IsDue()) [[likely]]
    return true;
  const bool is_short = gate.IsShort(loop_.pass_wall_ms());
  // Whoever waits for a key that has been evicted.
  worker_.key_server().ServeRest();
  if (!is_short) return true;
  const bool needs_memory =
      Does(command, kDenyOom) || (transaction_.active() && !command.Has(kIgnoresMulti));
  if (!needs_memory) return true;
  if (ServesSlotsOf(command, call)) Refuse(&command, kOomError);
  return false;
}

bool Session::HeldByPause(const Command& command) {
  const ServerState::PauseKind kind = server_.pause_kind();
  if (kind == ServerState::PauseKind::kNone) return false;
  if (loop_.pass_wall_ms() >= server_.pause_end_ms()) return false;
  if (is_monitor() || is_admin() || is_replica()) return false;
  if (kind == ServerState::PauseKind::kWrite && !Does(command, kWrite | kMayReplicate))
    return false;
  paused_ = true;
  info_.SetFlag(ClientInfo::kPaused, true);
  worker_.AddPaused(id());
  return true;
}

bool Session::Execute(const Command& command, Call& call) {
  reply_begin_ = output_.End();
  const bool muted_before = muted();
  const int64_t now_ms = loop_.pass_wall_ms();
  const Clock& clock = server_.runtime().clock();
  const bool is_brief = command.IsBrief(call.args.size());
  const int64_t begin_ns = is_brief ? 0 : clock.MonotonicNs();
  {
    SlotLocks locks(&server_.store());
    if (!LockSlots(command, call, &locks)) return true;
    // It may have begun since the command was judged.
    if (locks.held() && HeldByPause(command)) [[unlikely]]
      return false;
    executed_ = &command;
    if (tracking_ != nullptr) {
      // All that has been changed before what is read now.
      CatchUpWithInvalidations();
    }
    ChangeGroup group(&server_.store(), worker_.index(), locks.held() && command.needs_group);
    CommandContext ctx = MakeContext(command, call, now_ms);
    ctx.all_locked = command.Has(kLocksAllSlots);
    in_handler_ = true;
    publishes_ = command.Has(kPubSub);
    command.spec->handler(ctx);
    in_handler_ = publishes_ = false;
    if (paused_) [[unlikely]] {
      // So is an EXEC, which takes its locks itself.
      executed_ = nullptr;
      return false;
    }
    if (tracking_ != nullptr) RememberKeys(command, call.args);
    if (locks.held() && worker_.key_server().has_work()) [[unlikely]] {
      ServedSlots slots(&server_.store(), &locks);
      ServeWaiting(&slots, &group);
    }
  }
  if (worker_.key_server().has_work()) [[unlikely]]
    worker_.key_server().ServeRest();
  if (tracking_ != nullptr) server_.tracking().Shrink(worker_, kForgottenKeysMax);
  Monitor(call);
  if (!is_brief) {
    const int64_t elapsed_ns = clock.MonotonicNs() - begin_ns;
    alone_ns_ += elapsed_ns;
    Account(command, call.args, elapsed_ns);
  }
  worker_.stats().commands_processed.Add(1);
  CountErrors(&command);
  if (std::exchange(no_reply_, false) || (muted_before && muted()))
    output_.TruncateTo(reply_begin_);
  PlacePushes(reply_begin_);
  if (!blocked_) EndCommand();
  return true;
}

bool Session::ServeWaiting(ServedSlots* slots, ChangeGroup* group) {
  group->EnsureBegun(&server_.store());
  worker_.key_server().Serve(slots);
  // Before any of the locks is released.
  group->End();
  return worker_.key_server().has_work();
}

bool Session::LockSlots(const Command& command, Call& call, SlotLocks* locks) {
  if (command.Has(kLocksAllSlots)) {
    locks->LockAll();
    return Admits(command, /*slots_judged=*/true);
  }
  if (!command.may_have_keys())
    return !command.Has(kWrite) || Admits(command, /*slots_judged=*/false);
  Store& store = server_.store();
  const bool has_one_key = command.simple_keys && !call.keys.empty()
                               ? command.first_key + command.key_step >
                                     command.LastKey(static_cast<int>(call.args.size()))
                               : call.has_one_key;
  if (has_one_key && !command.Has(kLocksNothing)) {
    const uint16_t slot = call.keys[0].slot;
    locks->LockOne(slot);
    // One branch for both, which is never taken while all is well.
    const int doubts = static_cast<int>(!store.IsOwned(slot)) |
                       static_cast<int>(!AccessAdmits(store.access(), command));
    if (__builtin_expect(doubts != 0, 0) && !ServesLockedSlot(command, slot)) return false;
    if (!command.Has(kPubSub)) store.CountAccess(slot, command.Has(kWrite));
    return true;
  }
  if (command.Has(kLocksNothing)) return ServesSlotsOf(command, call);
  if (command.simple_keys) return LockSlotsOfKeys(command, call, locks);
  if (!store.restricted_to_owned_slots() && command.LocksAllSlots(call.args)) {
    locks->LockAll();
    return Admits(command, /*slots_judged=*/true);
  }
  SlotLocks::Slots slots;
  SlotLocks::CollectSlots(command, call.args, &slots);
  return LockCollected(command, slots, locks);
}

bool Session::LockSlotsOfKeys(const Command& command, Call& call, SlotLocks* locks) {
  const Store& store = server_.store();
  std::vector<Key>& keys = worker_.keys();
  keys.clear();
  if (keys.capacity() > kKeptKeysMax) keys.shrink_to_fit();
  SlotLocks::Slots slots;
  const int last = command.LastKey(static_cast<int>(call.args.size()));
  for (int i = command.first_key; i <= last; i += command.key_step) {
    const Key& key = keys.emplace_back(store.MakeKey(call.args[static_cast<size_t>(i)]));
    slots.push_back(key.slot);
    store.PrefetchSlot(key.slot);
  }
  if (!LockCollected(command, slots, locks)) return false;
  store.PrefetchLocked(database_, absl::MakeSpan(keys));
  if (command.key_step > 2) return true;
  call.keys = keys;
  call.first_key_index = command.first_key;
  return true;
}

bool Session::LockCollected(const Command& command, const SlotLocks::Slots& slots,
                            SlotLocks* locks) {
  if (slots.empty()) return true;
  if (!server_.store().restricted_to_owned_slots()) {
    locks->LockMany(slots);
    if (!Admits(command, /*slots_judged=*/true)) return false;
  } else if (!LockOwnedSlot(command, slots, locks)) {
    return false;
  }
  CountAccesses(command, slots);
  return true;
}

bool Session::LockOwnedSlot(const Command& command, const SlotLocks::Slots& slots,
                            SlotLocks* locks) {
  const uint16_t slot = slots[0];
  if (std::any_of(slots.begin(), slots.end(), [slot](uint16_t other) { return other != slot; })) {
    const bool read_only = server_.store().access() == Store::Access::kReadOnly;
    Refuse(&command, read_only && command.Has(kWrite) ? kReadOnlyError : kCrossSlotError);
    return false;
  }
  locks->LockOne(slot);
  return ServesLockedSlot(command, slot);
}

bool Session::ServesLockedSlot(const Command& command, uint16_t slot) {
  if (server_.store().IsOwned(slot)) return Admits(command, /*slots_judged=*/true);
  Refuse(&command, server_.slot_router()->RefusalOf(slot));
  return false;
}

bool Session::Admits(const Command& command, bool slots_judged) {
  const absl::string_view refusal = ServiceRefusal(server_, command, is_admin(), slots_judged);
  if (refusal.empty()) return true;
  Refuse(&command, refusal);
  return false;
}

bool Session::ServesSlotsOf(const Command& command, const Call& call) {
  SlotLocks::Slots slots;
  if (server_.store().restricted_to_owned_slots() && command.may_have_keys())
    SlotLocks::CollectSlots(command, call.args, &slots);
  if (slots.empty()) return Admits(command, /*slots_judged=*/true);
  SlotLocks locks(&server_.store());
  return LockOwnedSlot(command, slots, &locks);
}

// Requires the slots' locks.
void Session::CountAccesses(const Command& command, absl::Span<const uint16_t> slots) {
  // Channels have slots and are no keys.
  if (command.Has(kPubSub)) return;
  for (const uint16_t slot : slots) server_.store().CountAccess(slot, command.Has(kWrite));
}

CommandContext Session::MakeContext(const Command& command, const Call& call, int64_t now_ms) {
  Store& store = server_.store();
  CommandContext ctx{
      command.spec,
      call.args,
      reply_,
      store,
      Database(&store, database_, now_ms, &worker_.store_counters()),
      &worker_.store_counters(),
      worker_.random(),
      server_.commands(),
      this,
  };
  // One that is run although another waits (ServerMutant::kWaitOvertaken) cannot wait as well.
  ctx.blocker = blocked_ ? nullptr : this;
  ctx.keys = call.keys;
  ctx.first_key_index = call.first_key_index;
  ctx.key_step = command.key_step == 2 ? 2 : 1;
  ctx.blobs = call.blobs;
  ctx.string_bytes_max = server_.config().integer(Parameter::proto_max_bulk_len);
  return ctx;
}

void Session::ExecuteQueued(const OwnedRequest& request, CommandContext& exec_context) {
  const Command& command = *request.command();
  const Call call{&command, request.args(), request.blobs(), {}};
  CommandContext ctx = MakeContext(command, call, exec_context.now_ms());
  ctx.all_locked = exec_context.all_locked;
  ctx.in_transaction = true;
  ctx.blocker = nullptr;
  if (server_.store().restricted_to_owned_slots() && command.may_have_keys()) {
    SlotLocks::Slots slots;
    SlotLocks::CollectSlots(command, call.args, &slots);
    CountAccesses(command, slots);
  }
  const OutputBuffer::Mark mark = output_.End();
  const Clock& clock = server_.runtime().clock();
  const int64_t begin_ns = clock.MonotonicNs();
  publishes_ = command.Has(kPubSub);
  command.spec->handler(ctx);
  publishes_ = false;
  if (tracking_ != nullptr) RememberKeys(command, call.args);
  Account(command, call.args, clock.MonotonicNs() - begin_ns);
  Monitor(call);
  worker_.stats().commands_processed.Add(1);
  CountErrors(&command);
  if (std::exchange(no_reply_, false) || reply_mode_ == ReplyMode::kOff) output_.TruncateTo(mark);
}

void Session::Account(const Command& command, absl::Span<const absl::string_view> args,
                      int64_t elapsed_ns) {
  worker_.command_stats(command.id).Record(elapsed_ns);
  if (IsSlow(elapsed_ns)) NoteSlow(command, args, elapsed_ns);
}

bool Session::IsSlow(int64_t elapsed_ns) const {
  const Config& config = server_.config();
  const int64_t slow_us = config.integer(Parameter::slowlog_log_slower_than);
  const int64_t spike_ms = config.integer(Parameter::latency_monitor_threshold);
  const int64_t elapsed_us = elapsed_ns / 1000;
  return (slow_us >= 0 && elapsed_us >= slow_us) || (spike_ms > 0 && elapsed_us >= spike_ms * 1000);
}

void Session::NoteSlow(const Command& command, absl::Span<const absl::string_view> args,
                       int64_t elapsed_ns) {
  Config& config = server_.config();
  const int64_t slow_us = config.integer(Parameter::slowlog_log_slower_than);
  const int64_t spike_ms = config.integer(Parameter::latency_monitor_threshold);
  const int64_t elapsed_us = elapsed_ns / 1000;
  if (slow_us >= 0 && elapsed_us >= slow_us && !command.Has(kSkipSlowlog)) {
    std::string name;
    {
      std::lock_guard<std::mutex> guard(server_.clients().mutex());
      name = info_.name;
    }
    server_.slow_log().Add(loop_.pass_wall_ms() / 1000, elapsed_us, WithoutSecrets(args),
                           info_.address, name, config.integer(Parameter::slowlog_max_len));
  }
  if (spike_ms > 0 && elapsed_us >= spike_ms * 1000) {
    server_.latency_monitor().Add(command.Has(kFast) ? "fast-command" : "command",
                                  loop_.pass_wall_ms() / 1000, elapsed_us / 1000);
  }
}

// Called behind the handler: SELECT is shown with the database that it has chosen, EXEC behind its
// commands.
void Session::Monitor(const Call& call) {
  if (server_.monitor_count.load(std::memory_order_relaxed) == 0 ||
      call.command->Has(kSkipMonitor | kAdmin))
    return;
  const std::string& unix_path = stream_->local().unix_path;
  const std::string client = unix_path.empty() ? info_.address : absl::StrCat("unix:", unix_path);
  server_.FeedMonitors(MonitorLine(loop_.pass_wall_us(), database_, client, call.args));
}

}  // namespace damselfly
