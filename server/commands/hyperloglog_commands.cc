#include "server/commands/hyperloglog_commands.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/commands/hyperloglog_handlers.h"
#include "server/commands/string_value.h"
#include "server/values/hyperloglog.h"

namespace damselfly {
namespace {

size_t SparseBytesMax(const CommandContext& ctx) {
  return static_cast<size_t>(ctx.store.value_context().hll_sparse_max_bytes);
}

// Whether what this node stores is its own doing. A replica that kept counts would be overtaken by
// ranges of registers from its master, which do not touch the count, and then answer with it.
bool MayKeepCounts(const CommandContext& ctx) { return ctx.store.owns_expiry(); }

// Writes what differs between `before`, which the key holds, and `after`, a state of the same size:
// at any moment the key holds a state that makes sense.
void WriteDifferences(CommandContext& ctx, const Key& key, absl::string_view before,
                      absl::string_view after) {
  // So many equal bytes cost less than a change of their own.
  constexpr size_t kGapBytes = 16;
  for (size_t at = 0; at < after.size();) {
    if (before[at] == after[at]) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    for (size_t i = end; i < after.size() && i - end < kGapBytes; ++i) {
      if (before[i] != after[i]) end = i + 1;
    }
    ctx.db.WriteRange(key, after.size(), at, after.substr(at, end - at));
    at = end;
  }
}

// Puts `after` in the place of `before`, which the key holds, telling no more than necessary.
void StoreHll(CommandContext& ctx, const Key& key, absl::string_view before,
              absl::string_view after) {
  if (HllIsSparse(before) != HllIsSparse(after)) {
    ctx.db.SetRaw(key, after, Database::Expiry::Keep());
  } else if (before.size() == after.size()) {
    WriteDifferences(ctx, key, before, after);
  } else {
    const size_t common = std::min(before.size(), after.size());
    const size_t first = static_cast<size_t>(
        std::mismatch(before.begin(), before.begin() + common, after.begin()).first -
        before.begin());
    ctx.db.WriteRange(key, after.size(), first, after.substr(first));
  }
}

// Raises the registers of args[first] and what follows. `*changed` is kept where nothing is raised.
bool AddElements(CommandContext& ctx, size_t first, std::string* hll, bool* changed) {
  for (size_t i = first; i < ctx.args.size(); ++i) {
    const HllResult result = RaiseHll(hll, HllElementOf(ctx.args[i]), SparseBytesMax(ctx));
    if (result == HllResult::kCorrupt) return false;
    *changed |= result == HllResult::kChanged;
  }
  return true;
}

// The first argument whose element would change the state, or the number of arguments. One that
// finds it corrupt counts too.
size_t FirstToChange(const CommandContext& ctx, absl::string_view hll) {
  size_t i = 2;
  while (i < ctx.args.size() &&
         TryRaiseHll(hll, HllElementOf(ctx.args[i])) == HllResult::kUnchanged) {
    ++i;
  }
  return i;
}

void AddToNewKey(CommandContext& ctx, const Key& key) {
  std::string hll = EmptyHll();
  bool changed = true;
  AddElements(ctx, 2, &hll, &changed);
  MarkHllCountOld(&hll);
  ctx.db.SetRaw(key, hll, Database::Expiry::None());
  ctx.Notify(KeyEventClass::kString, "pfadd", key);
  ctx.reply.Integer(1);
}

// PFCOUNT of one key: its count is kept in it.
void CountOne(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  const Entry* const entry = ctx.db.FindCounted(key);
  if (!IsHllOrMissing(ctx, entry)) return;
  if (entry == nullptr) {
    ctx.reply.Integer(0);
    return;
  }
  const StringBytes bytes(entry);
  uint64_t count;
  const bool is_cached = CachedHllCount(bytes.view(), &count);
  if (!is_cached && !CountHll(bytes.view(), &count)) {
    ReplyCorruptHll(ctx);
    return;
  }
  if (MayKeepCounts(ctx)) {
    if (is_cached) {
      ctx.db.MakeRaw(key);
    } else {
      ctx.db.WriteRange(key, bytes.view().size(), kHllCountOffset, HllCountBytes(count));
    }
  }
  ctx.reply.Integer(static_cast<int64_t>(count));
}

// Raises `registers` to those of all keys from args[1] on; `*any_dense` if one of them is dense.
// False if an error has been replied.
bool MergeKeys(CommandContext& ctx, HllRegisters* registers, bool* any_dense) {
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    const Entry* const entry = ctx.db.FindCounted(ctx.KeyAt(i));
    if (!IsHllOrMissing(ctx, entry)) return false;
    if (entry == nullptr) continue;
    const StringBytes bytes(entry);
    if (!MergeHll(bytes.view(), registers)) {
      ReplyCorruptHll(ctx);
      return false;
    }
    *any_dense |= !HllIsSparse(bytes.view());
  }
  return true;
}

}  // namespace

bool IsHllOrMissing(CommandContext& ctx, const Entry* entry) {
  if (!IsStringOrMissing(ctx, entry)) return false;
  if (entry == nullptr || IsHll(StringBytes(entry).view())) return true;
  ctx.reply.Error("WRONGTYPE Key is not a valid HyperLogLog string value.");
  return false;
}

void ReplyCorruptHll(CommandContext& ctx) {
  ctx.reply.Error("INVALIDOBJ Corrupted HLL object detected");
}

void PfAddCommand(CommandContext& ctx) {
  const Key key = ctx.KeyAt(1);
  const Entry* const entry = ctx.db.Find(key);
  if (!IsHllOrMissing(ctx, entry)) return;
  if (entry == nullptr) return AddToNewKey(ctx, key);

  const StringBytes bytes(entry);
  const size_t first = FirstToChange(ctx, bytes.view());
  if (first == ctx.args.size()) {
    ctx.db.MakeRaw(key);
    ctx.reply.Integer(0);
    return;
  }
  const std::string before(bytes.view());
  std::string after = before;
  bool changed = false;
  const bool whole = AddElements(ctx, first, &after, &changed);
  // As in Redis, elements before the one that finds the state corrupt stay.
  if (changed) StoreHll(ctx, key, before, after);
  if (!whole) {
    ReplyCorruptHll(ctx);
    return;
  }
  ctx.Notify(KeyEventClass::kString, "pfadd", key);
  ctx.reply.Integer(1);
}

void PfCountCommand(CommandContext& ctx) {
  if (ctx.args.size() == 2) return CountOne(ctx);
  HllRegisters registers{};
  bool any_dense = false;
  if (!MergeKeys(ctx, &registers, &any_dense)) return;
  ctx.reply.Integer(static_cast<int64_t>(CountHll(registers)));
}

void PfMergeCommand(CommandContext& ctx) {
  // The destination is a source too.
  HllRegisters registers{};
  bool any_dense = false;
  if (!MergeKeys(ctx, &registers, &any_dense)) return;

  const Key destination = ctx.KeyAt(1);
  const Entry* const entry = ctx.db.Find(destination);
  const std::string before(entry == nullptr ? "" : StringBytes(entry).view());
  std::string after = entry == nullptr ? EmptyHll() : before;
  if (any_dense) MakeHllDense(&after);
  for (uint32_t index = 0; index < kHllRegisterCount; ++index) {
    if (registers[index] == 0) continue;
    RaiseHll(&after, {.index = index, .rank = registers[index]}, SparseBytesMax(ctx));
  }
  MarkHllCountOld(&after);
  if (entry == nullptr) {
    ctx.db.SetRaw(destination, after, Database::Expiry::None());
  } else if (after == before) {
    // A change all the same: watchers are told.
    ctx.db.WriteRange(destination, after.size(), 0, after.substr(0, kHllHeaderBytes));
  } else {
    StoreHll(ctx, destination, before, after);
  }
  ctx.Notify(KeyEventClass::kString, "pfadd", destination);
  ctx.reply.Ok();
}

namespace {

constexpr KeySpec kAddKey[] = {OneKey(kKeyReadWrite | kKeyInsert)};
// Read-write, because a count that is kept changes the value.
constexpr KeySpec kCountKeys[] = {KeyRange(kKeyReadWrite | kKeyAccess, 1, -1)};
constexpr KeySpec kMergeKeys[] = {OneKey(kKeyReadWrite | kKeyAccess | kKeyInsert),
                                  KeyRange(kKeyReadOnly | kKeyAccess, 2, -1)};
constexpr KeySpec kDebugKey[] = {OneKey(kKeyReadWrite | kKeyAccess, 2)};

constexpr CommandSpec kCommands[] = {
    {.name = "pfadd",
     .arity = -2,
     .flags = kWrite | kDenyOom | kFast | kBriefSteps,
     .acl_categories = kAclHyperLogLog,
     .keys = kAddKey,
     .group = CommandGroup::kHyperLogLog,
     .since = "2.8.9",
     .complexity = "O(1) for each element",
     .summary = "Adds elements to a HyperLogLog.",
     .syntax = "key [element...]",
     .handler = PfAddCommand},
    {.name = "pfcount",
     .arity = -2,
     .flags = kReadOnly | kMayReplicate,
     .acl_categories = kAclHyperLogLog,
     .keys = kCountKeys,
     .group = CommandGroup::kHyperLogLog,
     .since = "2.8.9",
     .complexity = "O(1) for one key, mostly by a count that is kept; O(N) for N keys, at some ten "
                   "microseconds each",
     .summary = "Estimates how many different elements were added to one or several HyperLogLogs.",
     .syntax = "key...",
     .handler = PfCountCommand},
    {.name = "pfdebug",
     .arity = 3,
     .flags = kWrite | kDenyOom | kAdmin,
     .acl_categories = kAclHyperLogLog,
     .keys = kDebugKey,
     .group = CommandGroup::kHyperLogLog,
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Looks into a HyperLogLog.",
     .syntax = "subcommand key",
     .handler = PfDebugCommand,
     .is_system_command = true},
    {.name = "pfmerge",
     .arity = -2,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclHyperLogLog,
     .keys = kMergeKeys,
     .group = CommandGroup::kHyperLogLog,
     .since = "2.8.9",
     .complexity = "O(N) for N keys, at some ten microseconds each",
     .summary = "Merges HyperLogLogs into one.",
     .syntax = "destkey sourcekey...",
     .handler = PfMergeCommand},
    {.name = "pfselftest",
     .arity = 1,
     .flags = kAdmin,
     .acl_categories = kAclHyperLogLog,
     .group = CommandGroup::kHyperLogLog,
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Checks that HyperLogLogs count as they should on this machine.",
     .handler = PfSelfTestCommand,
     .is_system_command = true},
};

}  // namespace

absl::Span<const CommandSpec> HyperLogLogCommands() { return kCommands; }

}  // namespace damselfly
