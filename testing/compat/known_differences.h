#ifndef DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
#define DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_

#include "absl/strings/string_view.h"

namespace damselfly {

// A reply that is wanted to differ from redis-server 7.0's. The list is the whole truth: what is
// not here must be equal.
struct KnownDifference {
  absl::string_view command;      // lower case name that the difference belongs to
  absl::string_view ours_prefix;  // of our reply in wire form
  absl::string_view theirs_prefix;
  absl::string_view reason;
};

inline constexpr KnownDifference kKnownDifferences[] = {
    {"object", ":1\r\n", ":2\r\n",
     "OBJECT REFCOUNT: within a transaction Redis counts the queued command's argument as an owner "
     "too; a value here has one"},
    {"object", ":2147483647\r\n", ":1\r\n",
     "OBJECT REFCOUNT: a small integer is always answered as shared; Redis shares it or not "
     "depending on how it was stored"},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
