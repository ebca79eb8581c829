#ifndef DAMSELFLY_SERVER_VALUES_ZIPLIST_H_
#define DAMSELFLY_SERVER_VALUES_ZIPLIST_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/values/pack_view.h"

namespace damselfly {

// Calls `visit` with each element of a ziplist, the form in which Redis before 7.0 wrote what
// packs are now, in order. Returns false, having visited a part of them perhaps, if the bytes,
// which may come from anywhere, are not a well-formed ziplist, or as soon as `visit` does. Views
// are into `bytes`.
bool ForEachInZiplist(absl::string_view bytes,
                      absl::FunctionRef<bool(const PackElement& element)> visit);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ZIPLIST_H_
