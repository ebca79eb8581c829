#ifndef DAMSELFLY_SERVER_COMMANDS_RESULT_LIMIT_H_
#define DAMSELFLY_SERVER_COMMANDS_RESULT_LIMIT_H_

#include <cstdint>

#include "server/commands/command_context.h"

namespace damselfly {

// Watches over a result that a command's arguments make long rather than its data: a few digits of
// a count, or the same pattern many times. Without a limit one such command would take all memory,
// and hold its locks for as long as that lasts. The limit is result-bytes-max
// (CommandRegistry::limits()).
//
//   ResultLimit limit(ctx);
//   if (!limit.AllowsElements(count)) return limit.Refuse();
//   ...an element...
//   if (!limit.AllowsReply()) return limit.Refuse();
//
// Made before any of the reply is written; `ctx` outlives it.
class ResultLimit {
 public:
  explicit ResultLimit(CommandContext& ctx);

  // Whether a result may have so many bytes.
  bool Allows(uint64_t bytes) const { return bytes <= bytes_max_; }
  // Whether a reply may have so many elements, were they all as short as can be.
  bool AllowsElements(uint64_t count) const { return count <= bytes_max_ / kElementBytesMin; }
  // Whether the reply may be as long as it is by now.
  bool AllowsReply() const { return Allows(reply_.output()->size() - bytes_before_); }

  // Takes back what was written of the reply, and answers with an error in its place.
  void Refuse() const;

 private:
  // "$0\r\n\r\n"
  static constexpr uint64_t kElementBytesMin = 6;

  ReplyWriter& reply_;
  const ReplyWriter::Deferred start_;
  const uint64_t bytes_before_;
  const uint64_t bytes_max_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_RESULT_LIMIT_H_
