#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ALGEBRA_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ALGEBRA_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/numbers.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {

// One of the sets that ZUNION, ZINTER and ZDIFF combine: a sorted set, a set, whose members all
// have the score 1, or nothing.
class CombinedSet {
 public:
  CombinedSet() = default;
  explicit CombinedSet(const SortedSetValue* sorted_set) : sorted_set_(sorted_set) {}
  explicit CombinedSet(const SetValue* set) : set_(set) {}

  double weight = 1;

  size_t size() const {
    return sorted_set_ != nullptr ? sorted_set_->size() : set_ != nullptr ? set_->size() : 0;
  }
  bool Find(absl::string_view member, double* score) const {
    if (sorted_set_ != nullptr) return sorted_set_->Find(member, score);
    *score = 1;
    return set_ != nullptr && set_->Contains(member);
  }
  // Calls visit(member, score) for each as long as it returns true.
  template <typename Visit>
  void ForEachWhile(Visit visit) const {
    if (sorted_set_ != nullptr) {
      sorted_set_->VisitAll(visit);
    } else if (set_ != nullptr) {
      char scratch[kIntegerBytesMax];
      set_->ForEachWhile(
          [&](const SetValue::Member& member) { return visit(member.Text(scratch), 1.0); });
    }
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    ForEachWhile([&](absl::string_view member, double score) {
      visit(member, score);
      return true;
    });
  }

 private:
  const SortedSetValue* sorted_set_ = nullptr;
  const SetValue* set_ = nullptr;
};

// What becomes of the scores of one member in several sets.
enum class Aggregate : uint8_t { kSum, kMin, kMax };

// The members that are in any of the sets, in all, or in the first and no other; in the order of
// sorted sets. Those of one size keep their places among `sets`, which decides the order in which
// scores are added.
std::vector<ScoredMember> UnionOf(std::vector<CombinedSet> sets, Aggregate aggregate);
std::vector<ScoredMember> IntersectionOf(std::vector<CombinedSet> sets, Aggregate aggregate);
std::vector<ScoredMember> DifferenceOf(absl::Span<const CombinedSet> sets);

// How many are in all sets, counted up to `limit` (0: to the end).
size_t CountIntersection(std::vector<CombinedSet> sets, size_t limit);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ALGEBRA_H_
