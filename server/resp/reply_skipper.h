#ifndef DAMSELFLY_SERVER_RESP_REPLY_SKIPPER_H_
#define DAMSELFLY_SERVER_RESP_REPLY_SKIPPER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// Counts the replies in a byte stream without building them: for load drivers. Not thread-safe.
class ReplySkipper {
 public:
  // Adds bytes, cut anywhere; returns how many whole top-level replies have ended within them.
  // Pushes count in pushes() instead. Returns -1 when the bytes are no RESP; the same comes for
  // ever then.
  int64_t Feed(absl::string_view data);

  // Top-level error replies so far, and the first of them, without the '-'.
  uint64_t errors() const { return errors_; }
  const std::string& first_error() const { return first_error_; }
  uint64_t pushes() const { return pushes_; }

 private:
  // Takes one line (its '\n' at `end`), and what of a string's body follows: returns where to go
  // on, null if the line is malformed.
  const char* TakeLine(const char* line, const char* line_end, const char* end);
  // Takes the length line's body out of [from, end).
  const char* TakeBody(int64_t bytes, const char* from, const char* end);
  void EndElement();

  std::string partial_line_;
  int64_t body_left_bytes_ = 0;  // of a string's body and its line end
  // Elements of the top-level reply under way that have not ended, those of nested aggregates among
  // them. Only the count matters, so no stack is needed and no nesting is too deep.
  int64_t elements_left_ = 0;
  bool is_push_ = false;
  bool broken_ = false;
  int64_t ended_ = 0;  // within this Feed
  uint64_t errors_ = 0;
  uint64_t pushes_ = 0;
  std::string first_error_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_REPLY_SKIPPER_H_
