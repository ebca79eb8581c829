#ifndef DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_
#define DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_

#include <string.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace damselfly::posix {

// `error` (an errno value) with the system's words for it and nothing else, for callers that say
// what was tried. Any thread.
inline absl::Status ErrnoStatus(int error) {
  return absl::Status(absl::ErrnoToStatusCode(error), strerror(error));
}

// `error` as "`attempt`: the system's words". Any thread. To be used rather than
// absl::ErrnoToStatus, whose table of texts is made on first use where ThreadSanitizer cannot see
// that this is safe: Debian's Abseil is not instrumented.
inline absl::Status ErrnoStatus(int error, absl::string_view attempt) {
  return absl::Status(absl::ErrnoToStatusCode(error), absl::StrCat(attempt, ": ", strerror(error)));
}

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_
