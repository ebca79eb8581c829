#ifndef DAMSELFLY_TESTING_COMPAT_COMPARISON_H_
#define DAMSELFLY_TESTING_COMPAT_COMPARISON_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "testing/compat/command_template.h"

namespace damselfly {

// Whether two replies in wire form count as equal. `before` is what both replied to the command
// before, for choices from it; `args` the command.
bool RepliesAgree(absl::string_view ours, absl::string_view theirs, Comparison comparison,
                  absl::string_view before = {}, absl::Span<const std::string> args = {});

// The elements of an aggregate reply, in wire form; the reply itself if it is none.
std::vector<absl::string_view> SplitElements(absl::string_view reply);

// The bytes of a bulk string in wire form.
absl::string_view BulkBytes(absl::string_view reply);

// Known and wanted differences: see known_differences.h. `args` is the command.
bool IsKnownDifference(absl::Span<const std::string> args, absl::string_view ours,
                       absl::string_view theirs);

// A command or reply for people: quoted, cut to a few hundred bytes.
std::string Printable(absl::string_view bytes);
std::string Printable(absl::Span<const std::string> args);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_COMPARISON_H_
