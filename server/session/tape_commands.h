#ifndef DAMSELFLY_SERVER_SESSION_TAPE_COMMANDS_H_
#define DAMSELFLY_SERVER_SESSION_TAPE_COMMANDS_H_

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/blocker.h"
#include "server/commands/command.h"
#include "server/commands/command_context.h"

namespace damselfly {

// For tests of waiting: strings as queues of characters.
//
//   PUT key characters               appends; the length
//   TAKE key [key ...] timeout       waits for the first character of a key: key and character
//   SHIFT source destination timeout waits for it as well, and appends it to the destination
//   AWAITGONE key timeout            waits until there is no such key: "GONE"
//   AWAITLIST key timeout            waits for a list, and is never asked about a string
class TapeCommands {
 public:
  static absl::Span<const CommandSpec> All();

 private:
  static std::string Text(CommandContext& ctx, const Key& key) {
    const Entry* entry = ctx.db.Find(key);
    char scratch[Entry::kIntegerTextBytesMax];
    return entry == nullptr ? "" : std::string(entry->StringValue(scratch));
  }
  static void SetText(CommandContext& ctx, const Key& key, absl::string_view text) {
    if (text.empty()) {
      ctx.db.Delete(key);
    } else {
      ctx.db.SetText(key, text, Database::Expiry::None());
    }
  }
  // The first character, taken away; 0: there is none.
  static char TakeFirst(CommandContext& ctx, const Key& key) {
    const std::string text = Text(ctx, key);
    if (text.empty()) return 0;
    SetText(ctx, key, absl::string_view(text).substr(1));
    return text[0];
  }

  static void Put(CommandContext& ctx) {
    const std::string text = Text(ctx, ctx.FirstKey()) + std::string(ctx.args[2]);
    SetText(ctx, ctx.FirstKey(), text);
    ctx.reply.Integer(static_cast<int64_t>(text.size()));
  }

  static bool ServeTake(CommandContext& ctx, size_t index) {
    const char first = TakeFirst(ctx, ctx.KeyAt(index));
    if (first == 0) return false;
    ctx.reply.Array(2);
    ctx.reply.Bulk(ctx.args[index]);
    ctx.reply.Bulk(absl::string_view(&first, 1));
    return true;
  }
  static bool ServeShift(CommandContext& ctx, size_t index) {
    const char first = TakeFirst(ctx, ctx.KeyAt(index));
    if (first == 0) return false;
    if (ctx.args[2] == "refuses") {
      ctx.reply.Error("WRONGTYPE refused");
      return true;
    }
    const Key destination = ctx.KeyAt(2);
    SetText(ctx, destination, Text(ctx, destination) + first);
    ctx.reply.Bulk(absl::string_view(&first, 1));
    return true;
  }
  static bool ServeGone(CommandContext& ctx, size_t index) {
    if (ctx.db.Find(ctx.KeyAt(index)) != nullptr) return false;
    ctx.reply.SimpleString("GONE");
    return true;
  }
  static bool ServeList(CommandContext&, size_t) { std::abort(); }

  // Tries args[1 .. last], and waits for them.
  static void Wait(CommandContext& ctx, size_t last, bool without_value = false) {
    int64_t timeout_ms = 0;
    if (!ParseTimeoutSeconds(ctx, ctx.args.size() - 1, &timeout_ms)) return;
    BlockRequest request;
    for (const absl::string_view arg : ctx.args) request.args.emplace_back(arg);
    for (size_t i = 1; i <= last; ++i) {
      if (ctx.spec->serve != ServeList && ctx.spec->serve(ctx, i)) return;
      request.key_indices.push_back(i);
    }
    if (ctx.blocker == nullptr) return ctx.reply.NullArray();
    request.timeout_ms = timeout_ms;
    request.timeout_reply = ctx.spec->serve == ServeShift ? BlockRequest::TimeoutReply::kNull
                                                          : BlockRequest::TimeoutReply::kNullArray;
    request.served_without_value = without_value;
    ctx.blocker->Block(std::move(request));
  }
  static void Take(CommandContext& ctx) { Wait(ctx, ctx.args.size() - 2); }
  static void Shift(CommandContext& ctx) { Wait(ctx, 1); }
  static void AwaitGone(CommandContext& ctx) { Wait(ctx, 1, /*without_value=*/true); }
  static void AwaitList(CommandContext& ctx) { Wait(ctx, 1); }

  static constexpr KeySpec kOneKey[] = {OneKey(kKeyReadWrite)};
  static constexpr KeySpec kTakeKeys[] = {KeyRange(kKeyReadWrite, 1, -2)};
  static constexpr KeySpec kShiftKeys[] = {OneKey(kKeyReadWrite), OneKey(kKeyReadWrite, 2)};
  static const CommandSpec kCommands[];
};

inline constexpr CommandSpec TapeCommands::kCommands[] = {
    {.name = "awaitgone",
     .arity = 3,
     .flags = kWrite | kBlocking,
     .keys = kOneKey,
     .handler = AwaitGone,
     .serve = ServeGone},
    {.name = "awaitlist",
     .arity = 3,
     .flags = kWrite | kBlocking,
     .keys = kOneKey,
     .group = CommandGroup::kList,
     .handler = AwaitList,
     .serve = ServeList},
    {.name = "put",
     .arity = 3,
     .flags = kWrite | kFast,
     .keys = kOneKey,
     .complexity = "O(1)",
     .handler = Put},
    {.name = "shift",
     .arity = 4,
     .flags = kWrite | kBlocking,
     .keys = kShiftKeys,
     .handler = Shift,
     .serve = ServeShift},
    {.name = "take",
     .arity = -3,
     .flags = kWrite | kBlocking,
     .keys = kTakeKeys,
     .handler = Take,
     .serve = ServeTake},
};

inline absl::Span<const CommandSpec> TapeCommands::All() { return kCommands; }

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_TAPE_COMMANDS_H_
