#include "testing/compat/comparison.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "testing/compat/dump_text.h"
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

bool IsAggregate(absl::string_view reply) {
  return !reply.empty() && absl::StrContains("*%~>", reply.substr(0, 1));
}
bool IsError(absl::string_view reply) { return absl::StartsWith(reply, "-"); }
bool IsNull(absl::string_view reply) {
  return reply == "_\r\n" || reply == "$-1\r\n" || reply == "*-1\r\n";
}

// SORT ALPHA compares texts up to a zero byte only, and leaves equal ones to its sorting.
bool SameUpToOrderOfEqualTexts(absl::string_view ours, absl::string_view theirs) {
  if (!SameUpToOrder(ours, theirs)) return false;
  const auto is_equal = [](absl::string_view one, absl::string_view other) {
    const absl::string_view a = BulkBytes(one), b = BulkBytes(other);
    return one == other || (!IsNull(one) && !IsNull(other) &&
                            a.substr(0, a.find('\0')) == b.substr(0, b.find('\0')));
  };
  const std::vector<absl::string_view> a = SplitElements(ours);
  const std::vector<absl::string_view> b = SplitElements(theirs);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_equal);
}

// All that is no aggregate itself, in order.
void AddLeaves(absl::string_view reply, std::vector<absl::string_view>* leaves) {
  if (!IsAggregate(reply)) {
    leaves->push_back(reply);
    return;
  }
  for (absl::string_view element : SplitElements(reply)) AddLeaves(element, leaves);
}

std::vector<absl::string_view> LeavesOf(absl::string_view reply) {
  std::vector<absl::string_view> leaves;
  AddLeaves(reply, &leaves);
  return leaves;
}

// The leaves, each two that follow each other as one.
std::vector<std::string> PairsOf(absl::string_view reply) {
  const std::vector<absl::string_view> leaves = LeavesOf(reply);
  std::vector<std::string> pairs;
  for (size_t i = 0; i + 1 < leaves.size(); i += 2)
    pairs.push_back(absl::StrCat(leaves[i], leaves[i + 1]));
  if (leaves.size() % 2 != 0) pairs.emplace_back(leaves.back());
  return pairs;
}

bool SamePairsUpToOrder(absl::string_view ours, absl::string_view theirs) {
  std::vector<std::string> a = PairsOf(ours);
  std::vector<std::string> b = PairsOf(theirs);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool SameCursor(absl::string_view ours, absl::string_view theirs) {
  const std::vector<absl::string_view> a = SplitElements(ours);
  const std::vector<absl::string_view> b = SplitElements(theirs);
  return a.size() == 2 && b.size() == 2 && a[0] == b[0];
}

std::vector<std::string> ThingsOf(absl::string_view reply, bool in_pairs) {
  if (in_pairs) return PairsOf(reply);
  const std::vector<absl::string_view> leaves = LeavesOf(reply);
  return std::vector<std::string>(leaves.begin(), leaves.end());
}

// Whether `reply` is a choice from `all`.
bool IsChoice(absl::string_view reply, absl::string_view all, bool in_pairs, bool may_repeat) {
  std::map<std::string, int> left;
  for (const std::string& thing : ThingsOf(all, in_pairs)) ++left[thing];
  for (const std::string& thing : ThingsOf(reply, in_pairs)) {
    const auto found = left.find(thing);
    if (found == left.end() || (!may_repeat && --found->second < 0)) return false;
  }
  return true;
}

bool AreChoices(absl::string_view ours, absl::string_view theirs, absl::string_view before,
                bool in_pairs, absl::Span<const std::string> args) {
  if (IsError(ours) || IsNull(ours) || IsError(theirs) || IsNull(theirs)) return false;
  if (ThingsOf(ours, in_pairs).size() != ThingsOf(theirs, in_pairs).size()) return false;
  const bool may_repeat = args.size() > 2 && absl::StartsWith(args[2], "-");
  return IsChoice(ours, before, in_pairs, may_repeat) &&
         IsChoice(theirs, before, in_pairs, may_repeat);
}

// Of elements that are each an array of a member and its distance.
bool SameDistances(absl::string_view ours, absl::string_view theirs) {
  if (!IsAggregate(ours) || !IsAggregate(theirs)) return false;
  const std::vector<absl::string_view> a = SplitElements(ours);
  const std::vector<absl::string_view> b = SplitElements(theirs);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](absl::string_view one, absl::string_view other) {
                      return IsAggregate(one) && IsAggregate(other) &&
                             SplitElements(one).back() == SplitElements(other).back();
                    });
}

bool SameShape(absl::string_view ours, absl::string_view theirs) {
  return IsNull(ours) == IsNull(theirs) && IsError(ours) == IsError(theirs) && !IsError(ours);
}

bool AboutEqual(absl::string_view ours, absl::string_view theirs) {
  int64_t a = 0;
  int64_t b = 0;
  if (ours.size() < 4 || theirs.size() < 4 || ours[0] != ':' || theirs[0] != ':') return false;
  if (!absl::SimpleAtoi(ours.substr(1, ours.size() - 3), &a)) return false;
  if (!absl::SimpleAtoi(theirs.substr(1, theirs.size() - 3), &b)) return false;
  return a >= 0 && b >= 0 && std::max(a, b) - std::min(a, b) <= kSlackMs;
}

bool IsTimeOfDay(absl::string_view leaf) {
  int64_t value;
  constexpr int64_t kYear2001Ms = 1'000'000'000'000;
  return leaf.size() > 3 && leaf[0] == ':' &&
         absl::SimpleAtoi(leaf.substr(1, leaf.size() - 3), &value) && value > kYear2001Ms;
}

// Of an entry of XPENDING: id, consumer, idle time, deliveries.
bool IsPendingEntry(absl::string_view reply) {
  const std::vector<absl::string_view> parts = SplitElements(reply);
  return IsAggregate(reply) && parts.size() == 4 && parts[0][0] == '$' && parts[1][0] == '$' &&
         parts[2][0] == ':' && parts[3][0] == ':';
}

bool SameButForTimes(absl::string_view ours, absl::string_view theirs) {
  if (ours == theirs) return true;
  if (!IsAggregate(ours) || !IsAggregate(theirs)) {
    return IsTimeOfDay(ours) && IsTimeOfDay(theirs) && AboutEqual(ours, theirs);
  }
  const std::vector<absl::string_view> a = SplitElements(ours);
  const std::vector<absl::string_view> b = SplitElements(theirs);
  if (a.size() != b.size() || ours[0] != theirs[0]) return false;
  const bool is_entry = IsPendingEntry(ours);
  for (size_t i = 0; i < a.size(); ++i) {
    const bool is_idle_time =
        (is_entry && i == 2) ||
        (i > 0 && (a[i - 1] == "$4\r\nidle\r\n" || a[i - 1] == "$8\r\ninactive\r\n"));
    if (is_idle_time ? !AboutEqual(a[i], b[i]) : !SameButForTimes(a[i], b[i])) return false;
  }
  return true;
}

bool SameDump(absl::string_view ours, absl::string_view theirs) {
  if (ours[0] != '$' || IsNull(ours) || IsNull(theirs)) return false;
  return DumpText(BulkBytes(ours)) == DumpText(BulkBytes(theirs));
}

}  // namespace

absl::string_view BulkBytes(absl::string_view reply) {
  reply.remove_prefix(std::min(reply.size(), reply.find("\r\n") + 2));
  return reply.substr(0, reply.size() - std::min<size_t>(reply.size(), 2));
}

std::vector<absl::string_view> SplitElements(absl::string_view reply) {
  if (!IsAggregate(reply) || IsNull(reply)) return {reply};
  std::vector<absl::string_view> elements;
  reply.remove_prefix(reply.find("\r\n") + 2);
  while (!reply.empty()) {
    const size_t size = ReplySize(reply);
    elements.push_back(reply.substr(0, size));
    reply.remove_prefix(size);
  }
  return elements;
}

bool RepliesAgree(absl::string_view ours, absl::string_view theirs, Comparison comparison,
                  absl::string_view before, absl::Span<const std::string> args) {
  if (ours == theirs) return true;
  if (ours.empty() || theirs.empty() || ours[0] != theirs[0]) return false;
  switch (comparison) {
    case Comparison::kExact:
      return false;
    case Comparison::kUnordered:
      return SameUpToOrder(ours, theirs);
    case Comparison::kUnorderedPairs:
      return SamePairsUpToOrder(ours, theirs);
    case Comparison::kAboutNow:
      return AboutEqual(ours, theirs);
    case Comparison::kAnyOrderScan:
      return SameCursor(ours, theirs) &&
             SameUpToOrder(SplitElements(ours)[1], SplitElements(theirs)[1]);
    case Comparison::kAnyOrderPairsScan:
      return SameCursor(ours, theirs) &&
             SamePairsUpToOrder(SplitElements(ours)[1], SplitElements(theirs)[1]);
    case Comparison::kChosen:
      return AreChoices(ours, theirs, before, /*in_pairs=*/false, args);
    case Comparison::kChosenPairs:
      return AreChoices(ours, theirs, before, /*in_pairs=*/true, args);
    case Comparison::kDistances:
      return SameDistances(ours, theirs);
    case Comparison::kShape:
      return SameShape(ours, theirs);
    case Comparison::kTimes:
      return SameButForTimes(ours, theirs);
    case Comparison::kCollated:
      return SameUpToOrderOfEqualTexts(ours, theirs);
    case Comparison::kDump:
      return SameDump(ours, theirs);
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
