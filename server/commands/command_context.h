#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_CONTEXT_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_CONTEXT_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"
#include "server/commands/command.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/random.h"
#include "server/store/database.h"
#include "server/store/key_event.h"
#include "server/store/store.h"

namespace damselfly {

class Session;  // server/session; data commands never look inside
class Blocker;
class CommandRegistry;

// What a handler is given for one call. Lives for that call only.
struct CommandContext {
  const CommandSpec* spec;  // never null
  // args[0] is the command's name as the client wrote it; subcommands stand in args[1]. Bytes are
  // the client's: any length, any content.
  absl::Span<const absl::string_view> args;
  ReplyWriter& reply;
  Store& store;
  Database db;  // the session's selected database
  StoreCounters* counters;
  Random& random;
  const CommandRegistry& commands;
  Session* session;
  // All slots are locked (EXEC with a command that walks): do not lock again, pass this on to
  // Store's walks.
  bool all_locked = false;
  // Runs inside EXEC.
  bool in_transaction = false;
  // For commands that wait; null where nothing may wait, as inside EXEC: then the reply is that of
  // a timeout.
  Blocker* blocker = nullptr;
  // proto-max-bulk-len: the longest string that a command may build.
  int64_t string_bytes_max = int64_t{512} << 20;
  // Keys that are already derived: those of args[first_key_index] and of every key_step-th argument
  // from there on. May be fewer than the command has.
  absl::Span<const Key> keys = {};
  int first_key_index = 0;
  int key_step = 1;  // 1 or 2
  // The bytes of args[i], if they came in a blob of their own (big arguments), else null. Indexed
  // as args; may be empty.
  absl::Span<const BlobRef> blobs = {};

  // FirstKey's, where it has to derive it.
  Key own_key = {};

  int64_t now_ms() const { return db.now_ms(); }

  // KeyAt(1), of a command whose first key that is, without a copy.
  const Key& FirstKey() {
    if (!keys.empty()) [[likely]]
      return keys[0];
    return own_key = store.MakeKey(args[1]);
  }

  // The key in args[index].
  Key KeyAt(size_t index) const {
    const size_t offset = index - static_cast<size_t>(first_key_index);
    const size_t number = key_step == 1 ? offset : offset / 2;
    // Wraps round below the first.
    if (number < keys.size() && offset == number * static_cast<size_t>(key_step))
      return keys[number];
    return store.MakeKey(args[index]);
  }

  // Another database, at the same instant. `index` in [0, Store::kDatabaseCount).
  Database DatabaseAt(int index) const { return Database(&store, index, now_ms(), counters); }

  // Whether args[index] equals `word` (given in upper case), ignoring case.
  bool ArgIs(size_t index, absl::string_view word) const;

  // Writes "ERR value is not an integer or out of range" and returns false if args[index] is no
  // int64.
  bool ParseInteger(size_t index, int64_t* value) const;

  // Tells whoever listens to key events that `event` ("hset") has happened to `key` in the selected
  // database: names and order are Redis's. Call it once the change is complete.
  void Notify(KeyEventClass event_class, absl::string_view event, absl::string_view key) const {
    NotifyIn(db.index(), event_class, event, key);
  }
  void Notify(KeyEventClass event_class, absl::string_view event, const Key& key) const {
    NotifyIn(db.index(), event_class, event, key.bytes);
  }
  // The same in another database.
  void NotifyIn(int database, KeyEventClass event_class, absl::string_view event,
                absl::string_view key) const {
    store.Notify(counters->worker, database, event_class, event, key);
  }

  // The usual errors.
  void WrongType() const {
    reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value");
  }
  void SyntaxError() const { reply.Error("ERR syntax error"); }
};

// True if `entry` is null or a string; else writes the WRONGTYPE error and returns false.
bool IsStringOrMissing(const CommandContext& ctx, const Entry* entry);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_CONTEXT_H_
