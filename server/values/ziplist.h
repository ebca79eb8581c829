#ifndef DAMSELFLY_SERVER_VALUES_ZIPLIST_H_
#define DAMSELFLY_SERVER_VALUES_ZIPLIST_H_

#include "absl/strings/string_view.h"
#include "server/values/pack.h"

namespace damselfly {

// Compact forms of Redis before 7.0, which are only read. Nothing is known of the bytes: false, and
// *out in no particular state, if they are not exactly one well-formed whole.

// A ziplist: what listpacks are now. *out gets its elements.
bool PackFromZiplist(absl::string_view bytes, Pack* out);

// A zipmap: small hashes before 2.6. *out gets fields and values in turn.
bool PackFromZipmap(absl::string_view bytes, Pack* out);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ZIPLIST_H_
