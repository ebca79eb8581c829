#include "server/commands/testing/command_bench.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/blob.h"
#include "server/base/check.h"
#include "server/commands/command_context.h"

namespace damselfly {
namespace {

Store::Options BenchStoreOptions() {
  Store::Options options;
  options.hash_seed = 0x5eed;
  return options;
}

}  // namespace

CommandBench::CommandBench(std::initializer_list<absl::Span<const CommandSpec>> families)
    : store_(BenchStoreOptions()), registry_({families.begin(), families.size()}) {
  store_.set_key_event_sink(&events_);
}

void CommandBench::Events::OnKeyEvent(int, int database, KeyEventClass event_class,
                                      absl::string_view event, absl::string_view key) {
  if (event_class == KeyEventClass::kNew || event_class == KeyEventClass::kKeyMiss) return;
  words.push_back(absl::StrCat(event, " ", key, database == 0 ? "" : absl::StrCat(" @", database)));
}

std::string CommandBench::Run(absl::Span<const absl::string_view> args) {
  output_.Clear();
  const Command* command = registry_.Find(args[0]);
  if (command == nullptr) {
    reply_.Error(absl::StrCat("ERR unknown command '", args[0], "'"));
    return output_.ToString();
  }
  if (!command->subcommands.empty() && args.size() > 1) {
    const Command* subcommand = CommandRegistry::FindSubcommand(*command, args[1]);
    if (subcommand == nullptr) {
      reply_.Error(absl::StrCat("ERR unknown subcommand '", args[1], "'."));
      return output_.ToString();
    }
    command = subcommand;
  }
  if (!command->ArityFits(args.size())) {
    reply_.Error(
        absl::StrCat("ERR wrong number of arguments for '", command->full_name, "' command"));
    return output_.ToString();
  }
  Call(*command, args, command->spec->handler);
  return output_.ToString();
}

std::string CommandBench::Serve(const BlockRequest& request, size_t key_index) {
  output_.Clear();
  const std::vector<absl::string_view> args(request.args.begin(), request.args.end());
  const Command* command = registry_.Find(args[0]);
  Call(*command, args, [&](CommandContext& context) {
    context.blocker = nullptr;
    DFLY_CHECK_EQ(command->spec->serve(context, key_index), !output_.empty());
  });
  return output_.ToString();
}

void CommandBench::SetString(absl::string_view key, absl::string_view value, int64_t expire_at_ms) {
  const Key made = store_.MakeKey(key);
  store_.Lock(made.slot);
  database().SetString(
      made, value,
      expire_at_ms == 0 ? Database::Expiry::None() : Database::Expiry::At(expire_at_ms));
  store_.Unlock(made.slot);
}

std::string CommandBench::GetString(absl::string_view key) {
  const Key made = store_.MakeKey(key);
  store_.Lock(made.slot);
  const Entry* entry = database().Find(made);
  char scratch[Entry::kIntegerTextBytesMax];
  std::string value(entry == nullptr ? "(none)" : entry->StringValue(scratch));
  store_.Unlock(made.slot);
  return value;
}

void CommandBench::Call(const Command& command, absl::Span<const absl::string_view> args,
                        absl::FunctionRef<void(CommandContext&)> run) {
  KeyPositions keys;
  CommandRegistry::FindKeys(command, args, &keys);
  std::vector<uint16_t> slots;
  for (const KeyPosition& key : keys) slots.push_back(store_.MakeKey(args[key.index]).slot);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());

  std::vector<BlobRef> blobs(args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i].size() >= blob_bytes_min) blobs[i] = Blob::Copy(args[i]);
  }

  const bool all_locked = lock_all || command.LocksAllSlots(args);
  Key first_key;
  CommandContext context{
      .spec = command.spec,
      .args = args,
      .reply = reply_,
      .store = store_,
      .db = database(),
      .counters = &counters(),
      .random = random_,
      .commands = registry_,
      .session = nullptr,
      .all_locked = all_locked,
      .in_transaction = lock_all,
      .blocker = blocker,
  };
  if (!keys.empty()) {
    first_key = store_.MakeKey(args[keys[0].index]);
    context.keys = absl::MakeConstSpan(&first_key, 1);
    context.first_key_index = keys[0].index;
  }
  context.blobs = blobs;

  if (all_locked) {
    store_.LockAll();
    run(context);
    store_.UnlockAll();
  } else {
    store_.LockSlots(slots);
    run(context);
    store_.UnlockSlots(slots);
  }
}

}  // namespace damselfly
