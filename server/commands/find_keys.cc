#include "server/commands/find_keys.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

bool IsFixedRange(const KeySpec& spec) {
  return spec.begin == KeySpec::Begin::kIndex && spec.find == KeySpec::Find::kRange;
}

// COMMAND's last key, counted from the beginning of the arguments where the spec does not count
// from their end.
int LastKey(const KeySpec& spec) { return spec.last >= 0 ? spec.index + spec.last : spec.last; }

// The position behind the spec's keyword, or 0 if it is not among the arguments.
int FindKeyword(const KeySpec& spec, absl::Span<const absl::string_view> args) {
  const int count = static_cast<int>(args.size());
  const bool backwards = spec.start_from < 0;
  int at = backwards ? count + spec.start_from : spec.start_from;
  for (; at > 0 && at < count; at += backwards ? -1 : 1) {
    if (absl::EqualsIgnoreCase(args[at], spec.keyword)) return at + 1;
  }
  return 0;
}

}  // namespace

KeySummary SummarizeKeys(absl::Span<const KeySpec> specs) {
  KeySummary summary;
  for (const KeySpec& spec : specs) {
    if ((spec.flags & kKeyIncomplete) != 0) summary.movable = true;
    // A range joins in when it goes on where the one before ended; a range alone may have any step.
    const bool follows = summary.first == 0 || (summary.last > 0 && summary.last == spec.index - 1);
    if (!IsFixedRange(spec) || spec.limit > 1 || !follows || (specs.size() > 1 && spec.step != 1)) {
      summary.movable = true;
      continue;
    }
    if (summary.first == 0) summary.first = spec.index;
    summary.last = LastKey(spec);
    summary.step = spec.step;
  }
  summary.complete = !summary.movable;
  return summary;
}

bool AppendKeys(const KeySpec& spec, absl::Span<const absl::string_view> args, KeyPositions* keys) {
  const int count = static_cast<int>(args.size());
  int first = 0;
  switch (spec.begin) {
    case KeySpec::Begin::kIndex:
      first = spec.index;
      break;
    case KeySpec::Begin::kKeyword:
      first = FindKeyword(spec, args);
      if (first == 0) return true;
      break;
    case KeySpec::Begin::kUnknown:
      return true;
  }

  int last = 0;
  switch (spec.find) {
    case KeySpec::Find::kRange:
      if (spec.last >= 0) {
        last = first + spec.last;
      } else if (spec.limit <= 1) {
        last = count + spec.last;
      } else {
        last = first + (count - first) / spec.limit + spec.last;
      }
      break;
    case KeySpec::Find::kKeyCount: {
      const int count_at = first + spec.key_count_index;
      int64_t key_count = 0;
      if (count_at >= count || !ParseInt64(args[count_at], &key_count) || key_count < 0)
        return false;
      if (key_count == 0) return true;
      if (key_count > count) return false;
      first += spec.first_key;
      last = first + (static_cast<int>(key_count) - 1) * spec.step;
      break;
    }
    case KeySpec::Find::kUnknown:
      return true;
  }
  if (first >= count || last < first || last >= count) return false;
  for (int at = first; at <= last; at += spec.step) keys->push_back(KeyPosition{at, spec.flags});
  return true;
}

}  // namespace damselfly
