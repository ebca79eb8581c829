#ifndef DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
#define DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_

#include "absl/strings/string_view.h"

namespace damselfly {

// A reply that is wanted to differ from redis-server 7.0's. The list is the whole truth: what is not here must be equal.
struct KnownDifference {
  absl::string_view command;       // lower case name that the difference belongs to
  absl::string_view ours_prefix;   // of our reply in wire form
  absl::string_view theirs_prefix;
  absl::string_view reason;
};

inline constexpr KnownDifference kKnownDifferences[] = {
    {"object", ":1\r\n", ":2147483647\r\n",
     "OBJECT REFCOUNT: Redis shares one object for each small integer; we share none, every value is owned once"},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
