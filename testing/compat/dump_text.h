#ifndef DAMSELFLY_TESTING_COMPAT_DUMP_TEXT_H_
#define DAMSELFLY_TESTING_COMPAT_DUMP_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// What a payload of DUMP says, as text that is equal for equal values: strings decompressed, the
// elements of unordered tables sorted, times and the borders of list nodes left out. What cannot be
// read is told as such, with its bytes.
std::string DumpText(absl::string_view payload);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_DUMP_TEXT_H_
