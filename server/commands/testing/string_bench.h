#ifndef DAMSELFLY_SERVER_COMMANDS_TESTING_STRING_BENCH_H_
#define DAMSELFLY_SERVER_COMMANDS_TESTING_STRING_BENCH_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/commands/bitmap_commands.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {

// A bench for string and bitmap commands, with looks behind them and short names for replies.
class StringBench : public CommandBench {
 public:
  StringBench() : CommandBench({StringCommands(), BitmapCommands()}) {}

  // The deadline of a key; Entry::kNoExpiry if it has none or is missing.
  int64_t DeadlineOf(absl::string_view key) {
    Database db = database();
    const Key located = store().MakeKey(key);
    store().Lock(located.slot);
    const Entry* entry = db.Find(located);
    const int64_t deadline = entry == nullptr ? Entry::kNoExpiry : entry->expiry_ms();
    store().Unlock(located.slot);
    return deadline;
  }

  bool Exists(absl::string_view key) {
    Database db = database();
    const Key located = store().MakeKey(key);
    store().Lock(located.slot);
    const bool found = db.Find(located) != nullptr;
    store().Unlock(located.slot);
    return found;
  }

  // Requires an existing string.
  StringEncoding EncodingOf(absl::string_view key) {
    Database db = database();
    const Key located = store().MakeKey(key);
    store().Lock(located.slot);
    const StringEncoding encoding = db.Find(located)->string_encoding();
    store().Unlock(located.slot);
    return encoding;
  }

  int64_t ChangeCount() { return counters().dirty.get(); }
};

inline constexpr char kOk[] = "+OK\r\n";
inline constexpr char kNull[] = "$-1\r\n";
inline constexpr char kSyntaxError[] = "-ERR syntax error\r\n";
inline constexpr char kNotAnInteger[] = "-ERR value is not an integer or out of range\r\n";
inline constexpr char kTooLong[] =
    "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

inline std::string Bulk(absl::string_view bytes) {
  return absl::StrCat("$", bytes.size(), "\r\n", bytes, "\r\n");
}
inline std::string Integer(int64_t value) { return absl::StrCat(":", value, "\r\n"); }

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_TESTING_STRING_BENCH_H_
