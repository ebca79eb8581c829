#include "testing/compat/comparison.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "testing/compat/known_differences.h"
#include "testing/harness/client.h"

namespace damselfly {
namespace {

// Replies that depend on the clock may differ by what lies between the two servers' looks at it.
constexpr int64_t kSlackMs = 5000;

bool SameUpToOrder(absl::string_view ours, absl::string_view theirs) {
  std::vector<absl::string_view> a = SplitElements(ours);
  std::vector<absl::string_view> b = SplitElements(theirs);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool AboutEqual(absl::string_view ours, absl::string_view theirs) {
  int64_t a = 0;
  int64_t b = 0;
  if (ours.size() < 4 || theirs.size() < 4 || ours[0] != ':' || theirs[0] != ':') return false;
  if (!absl::SimpleAtoi(ours.substr(1, ours.size() - 3), &a)) return false;
  if (!absl::SimpleAtoi(theirs.substr(1, theirs.size() - 3), &b)) return false;
  return a >= 0 && b >= 0 && std::max(a, b) - std::min(a, b) <= kSlackMs;
}

}  // namespace

std::vector<absl::string_view> SplitElements(absl::string_view reply) {
  if (reply.empty() || !absl::StrContains("*%~>", reply.substr(0, 1))) return {reply};
  std::vector<absl::string_view> elements;
  reply.remove_prefix(reply.find("\r\n") + 2);
  while (!reply.empty()) {
    const size_t size = ReplySize(reply);
    elements.push_back(reply.substr(0, size));
    reply.remove_prefix(size);
  }
  return elements;
}

bool RepliesAgree(absl::string_view ours, absl::string_view theirs, Comparison comparison) {
  if (ours == theirs) return true;
  if (ours.empty() || theirs.empty() || ours[0] != theirs[0]) return false;
  switch (comparison) {
    case Comparison::kExact:
      return false;
    case Comparison::kUnordered:
      return SameUpToOrder(ours, theirs);
    case Comparison::kAboutNow:
      return AboutEqual(ours, theirs);
    case Comparison::kAnyOrderScan: {
      const std::vector<absl::string_view> a = SplitElements(ours);
      const std::vector<absl::string_view> b = SplitElements(theirs);
      return a.size() == 2 && b.size() == 2 && a[0] == b[0] && SameUpToOrder(a[1], b[1]);
    }
  }
  return false;
}

bool IsKnownDifference(absl::Span<const std::string> args, absl::string_view ours,
                       absl::string_view theirs) {
  const std::string name = absl::AsciiStrToLower(args[0]);
  for (const KnownDifference& known : kKnownDifferences) {
    if (name == known.command && absl::StartsWith(ours, known.ours_prefix) &&
        absl::StartsWith(theirs, known.theirs_prefix)) {
      return true;
    }
  }
  return false;
}

std::string Printable(absl::string_view bytes) {
  constexpr size_t kShownMax = 300;
  std::string text = absl::StrCat("\"", absl::CHexEscape(bytes.substr(0, kShownMax)), "\"");
  if (bytes.size() > kShownMax) absl::StrAppend(&text, "... (", bytes.size(), " bytes)");
  return text;
}

std::string Printable(absl::Span<const std::string> args) {
  std::string text;
  for (const std::string& arg : args)
    absl::StrAppend(&text, text.empty() ? "" : " ", Printable(arg));
  return text;
}

}  // namespace damselfly
