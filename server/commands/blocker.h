#ifndef DAMSELFLY_SERVER_COMMANDS_BLOCKER_H_
#define DAMSELFLY_SERVER_COMMANDS_BLOCKER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace damselfly {

struct CommandContext;

// What a command waits for that has found nothing to answer with.
//
// When one of its keys changes, CommandSpec::serve is tried with `args` and the index of that key,
// under the locks of that key and of those keys of the command that are not waited for (BLMOVE's
// destination): whose client has waited longest for the key comes first. A command waits for values
// of its family (CommandSpec::group): lists, sorted sets or streams; while the key holds something
// else it is not asked.
struct BlockRequest {
  // What is tried again: the command's arguments, rewritten where their meaning is that of the
  // moment (XREAD's $).
  std::vector<std::string> args;
  // Where the keys stand that are waited for, in `args`; in the order in which the command tries
  // them. A key that stands twice is waited for once.
  std::vector<size_t> key_indices;
  int64_t timeout_ms = 0;  // 0: for ever

  enum class TimeoutReply : uint8_t { kNullArray, kNull };
  TimeoutReply timeout_reply = TimeoutReply::kNullArray;

  // `serve` is asked as well when a key has gone, or holds another type (XREADGROUP).
  bool served_without_value = false;
};

// Lets the client of the running command wait. Part of its CommandContext.
class Blocker {
 public:
  virtual ~Blocker() = default;

  // The command is answered later: its handler writes no reply, and returns. Once a command.
  // Requires the locks of the keys, which a handler has.
  virtual void Block(BlockRequest request) = 0;
};

// How long to wait, in args[index] as seconds, with fractions, rounded up to milliseconds (BLPOP).
// Writes the error and returns false if it is no timeout.
bool ParseTimeoutSeconds(const CommandContext& ctx, size_t index, int64_t* timeout_ms);
// The same in whole milliseconds (XREAD).
bool ParseTimeoutMilliseconds(const CommandContext& ctx, size_t index, int64_t* timeout_ms);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BLOCKER_H_
