#ifndef DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_
#define DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_

#include <string.h>

#include "absl/status/status.h"

namespace damselfly::posix {

// `error` (an errno value) with the system's words for it and nothing else, for callers that say
// what was tried.
inline absl::Status ErrnoStatus(int error) {
  return absl::Status(absl::ErrnoToStatusCode(error), strerror(error));
}

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_ERRNO_STATUS_H_
