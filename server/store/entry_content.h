#ifndef DAMSELFLY_SERVER_STORE_ENTRY_CONTENT_H_
#define DAMSELFLY_SERVER_STORE_ENTRY_CONTENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/store/entry.h"

namespace damselfly {

// What a key holds, as bytes that are equal wherever the value is: a string's own, and of a
// collection its RDB form. Which form a hash, a set or a sorted set has depends on what it once
// held, so here all are alike, with the elements in ascending order. For digests and for whoever
// compares stores; not for clients. The view is the entry's own, or into *scratch.
absl::string_view ContentOf(const Entry& entry, std::string* scratch);

// The same of a collection in RDB form (type and what follows). Requires that it is well formed.
std::string CanonicalRdb(absl::string_view rdb);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_ENTRY_CONTENT_H_
