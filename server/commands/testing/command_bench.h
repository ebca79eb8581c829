#ifndef DAMSELFLY_SERVER_COMMANDS_TESTING_COMMAND_BENCH_H_
#define DAMSELFLY_SERVER_COMMANDS_TESTING_COMMAND_BENCH_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/blocker.h"
#include "server/commands/command.h"
#include "server/commands/command_registry.h"
#include "server/resp/output_buffer.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/random.h"
#include "server/store/key_event.h"
#include "server/store/store.h"

namespace damselfly {

// Commands without a session: a store with fixed seeds, and calls as the dispatcher makes them
// (lookup, arity, locks of the keys in ascending order, handler). Commands that need a session
// cannot run here.
//
//   CommandBench bench({KeyCommands(), StringCommands()});
//   EXPECT_EQ(bench.Run({"SET", "a", "1"}), "+OK\r\n");
//   bench.now_ms += 1000;
class CommandBench {
 public:
  explicit CommandBench(std::initializer_list<absl::Span<const CommandSpec>> families);
  CommandBench(const CommandBench&) = delete;
  CommandBench& operator=(const CommandBench&) = delete;

  // Runs one command and returns its reply as it goes over the wire. A name that no family has, and
  // a wrong number of arguments, give errors that begin as Redis's do.
  std::string Run(std::initializer_list<absl::string_view> args) {
    return Run(absl::Span<const absl::string_view>(args.begin(), args.size()));
  }
  std::string Run(absl::Span<const absl::string_view> args);

  // Puts a string into the selected database, with this deadline (Unix time, ms) if it is not 0,
  // past any command.
  void SetString(absl::string_view key, absl::string_view value, int64_t expire_at_ms = 0);
  // The string under `key`, "(none)" if there is none.
  std::string GetString(absl::string_view key);

  // The key events since the last call, as "hset key", or "hset key @2" in another database than 0.
  // Without the classes kNew and kKeyMiss, which clients choose apart from all others.
  std::vector<std::string> TakeEvents() { return std::exchange(events_.words, {}); }

  // RESP version of the replies, 2 (at first) or 3.
  void set_protocol(int version) { reply_.set_protocol(version); }

  Store& store() { return store_; }
  StoreCounters& counters() { return store_.counters(0); }
  const CommandRegistry& commands() const { return registry_; }
  Database database() { return Database(&store_, database_index, now_ms, &counters()); }

  // What a session does when a key has changed that `request` waits for: tries it again. Returns
  // the reply; empty: it goes on waiting.
  std::string Serve(const BlockRequest& request, size_t key_index);

  // What the next commands see.
  int64_t now_ms = 1'700'000'000'000;
  int database_index = 0;
  // Runs as EXEC does when a command walks: all slots locked.
  bool lock_all = false;
  // Where commands may wait; null: nowhere.
  Blocker* blocker = nullptr;
  // Arguments of at least so many bytes come as blobs too.
  size_t blob_bytes_min = std::numeric_limits<size_t>::max();

 private:
  struct Events : KeyEventSink {
    void OnKeyEvent(int worker, int database, KeyEventClass event_class, absl::string_view event,
                    absl::string_view key) override;
    std::vector<std::string> words;
  };

  // Calls `run` as a handler of the command is called.
  void Call(const Command& command, absl::Span<const absl::string_view> args,
            absl::FunctionRef<void(CommandContext&)> run);

  Events events_;
  Store store_;
  CommandRegistry registry_;
  Random random_{2};
  OutputBuffer output_;
  ReplyWriter reply_{&output_};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_TESTING_COMMAND_BENCH_H_
