#ifndef DAMSELFLY_BENCHMARKS_LOAD_REPLY_SCANNER_H_
#define DAMSELFLY_BENCHMARKS_LOAD_REPLY_SCANNER_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly::load {

// How many times "+OK\r\n" stands at the beginning of `bytes`, at most `count_max`.
size_t CountOks(absl::string_view bytes, size_t count_max);

// Finds where replies (RESP2 and RESP3) end, without building them. One for each connection.
//
// The caller keeps the bytes of a reply that has come in part and calls again with all of it once
// more has come; the scanner remembers how far it was, so that each byte is looked at once. Not
// thread-safe.
class ReplyScanner {
 public:
  enum class Kind {
    kIncomplete,  // more bytes are needed
    kMalformed,   // these bytes are no RESP
    kError,       // text: without the '-'
    kSimple,      // text: of a simple string, an integer or another reply of one line
    kString,      // text: the bytes of a bulk or verbatim string
    kNull,
    kAggregate,
    kPush,  // answers no request
  };
  struct Result {
    Kind kind = Kind::kIncomplete;
    size_t bytes = 0;  // of the whole reply, from the beginning of what was given
    absl::string_view text = {};
  };

  // The first reply in `bytes`, which begins where a reply begins.
  Result Next(absl::string_view bytes);

 private:
  Result Incomplete(size_t scanned, int64_t elements_left);

  // Of a reply that was incomplete: the elements that end within its first scanned_bytes_ have been
  // taken, and elements_left_ more are to come.
  size_t scanned_bytes_ = 0;
  int64_t elements_left_ = 1;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_REPLY_SCANNER_H_
