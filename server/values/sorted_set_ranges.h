#ifndef DAMSELFLY_SERVER_VALUES_SORTED_SET_RANGES_H_
#define DAMSELFLY_SERVER_VALUES_SORTED_SET_RANGES_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// Parts of a sorted set, in its order: by rank, by score, by member.

// The ranks from `first` to before `last`.
struct RankRange {
  size_t first = 0;
  size_t last = 0;

  size_t count() const { return last > first ? last - first : 0; }
  bool empty() const { return last <= first; }
};

struct ScoreRange {
  double min;
  double max;
  bool min_is_exclusive = false;
  bool max_is_exclusive = false;

  bool IsAboveMin(double score) const { return min_is_exclusive ? score > min : score >= min; }
  bool IsBelowMax(double score) const { return max_is_exclusive ? score < max : score <= max; }
};

// One end of a LexRange.
struct LexBound {
  enum class Kind : uint8_t { kLowest, kHighest, kInclusive, kExclusive };
  Kind kind;
  absl::string_view member = {};  // of kInclusive and kExclusive
};

// Members between two, where all have the same score; where they have not, which ones are meant is
// not said.
struct LexRange {
  LexBound min;
  LexBound max;

  bool IsAboveMin(absl::string_view member) const {
    switch (min.kind) {
      case LexBound::Kind::kLowest:
        return true;
      case LexBound::Kind::kHighest:
        return false;
      case LexBound::Kind::kInclusive:
        return member >= min.member;
      case LexBound::Kind::kExclusive:
        return member > min.member;
    }
    return false;
  }
  bool IsBelowMax(absl::string_view member) const {
    switch (max.kind) {
      case LexBound::Kind::kLowest:
        return false;
      case LexBound::Kind::kHighest:
        return true;
      case LexBound::Kind::kInclusive:
        return member <= max.member;
      case LexBound::Kind::kExclusive:
        return member < max.member;
    }
    return false;
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SORTED_SET_RANGES_H_
