#include "server/values/sorted_set_pack.h"

#include <cmath>
#include <cstdint>

#include "absl/types/span.h"
#include "server/base/numbers.h"

namespace damselfly::sorted_set_pack {
namespace {

// A score as it is written into a pack.
class ScoreItem {
 public:
  explicit ScoreItem(double score) {
    constexpr double kIntegerMax = 4611686018427387904.0;  // 2^62
    if (score >= -kIntegerMax && score <= kIntegerMax) {
      integer_ = static_cast<int64_t>(score);
      is_integer_ = static_cast<double>(integer_) == score;
    }
    if (!is_integer_) size_ = FormatDouble(score, text_);
  }
  ScoreItem(const ScoreItem&) = delete;
  ScoreItem& operator=(const ScoreItem&) = delete;

  // Refers to this object.
  PackItem item() const {
    return is_integer_ ? PackItem(integer_) : PackItem(absl::string_view(text_, size_));
  }

 private:
  bool is_integer_ = false;
  int64_t integer_ = 0;
  size_t size_ = 0;
  char text_[kDoubleBytesMax];
};

double ScoreAt(PackView pack, Pack::Cursor at) {
  double score = 0;
  ReadScore(pack.Get(at), &score);
  return score;
}

// Calls visit(cursor of the member, score) for each until it returns false.
template <typename VisitPair>
void ForEachPair(PackView pack, VisitPair visit) {
  Pack::Cursor at = pack.First();
  while (at != Pack::kNone) {
    const Pack::Cursor score = pack.Next(at);
    if (!visit(at, ScoreAt(pack, score))) return;
    at = pack.Next(score);
  }
}

}  // namespace

bool ReadScore(const PackElement& element, double* score) {
  if (element.is_integer) {
    *score = static_cast<double>(element.integer);
    return true;
  }
  return ParseDouble(element.bytes, score);
}

bool Find(PackView pack, absl::string_view member, Place* place) {
  const PackItem item(member);
  place->rank = 0;
  for (Pack::Cursor at = pack.First(); at != Pack::kNone; ++place->rank) {
    const Pack::Cursor score = pack.Next(at);
    if (pack.Equals(at, item)) {
      place->at = at;
      place->score = ScoreAt(pack, score);
      return true;
    }
    at = pack.Next(score);
  }
  return false;
}

void Insert(Pack* pack, absl::string_view member, double score) {
  const PackView view = pack->view();
  Pack::Cursor before = Pack::kNone;
  char scratch[kIntegerBytesMax];
  ForEachPair(view, [&](Pack::Cursor at, double other) {
    if (other < score) return true;
    if (other == score && view.Get(at).Text(scratch) < member) return true;
    before = at;
    return false;
  });
  const ScoreItem score_item(score);
  const PackItem items[] = {PackItem(member), score_item.item()};
  pack->InsertBefore(before, items);
}

void Append(Pack* pack, absl::string_view member, double score) {
  const ScoreItem score_item(score);
  const PackItem items[] = {PackItem(member), score_item.item()};
  pack->Append(items);
}

void Erase(Pack* pack, const Place& place) { pack->EraseRange(place.at, 2); }

void EraseRanks(Pack* pack, const RankRange& range) {
  if (range.empty()) return;
  pack->EraseRange(pack->At(static_cast<int64_t>(2 * range.first)), 2 * range.count());
}

RankRange RangeByScore(PackView pack, const ScoreRange& range) {
  RankRange ranks;
  ForEachPair(pack, [&](Pack::Cursor, double score) {
    if (!range.IsBelowMax(score)) return false;
    ++ranks.last;
    if (!range.IsAboveMin(score)) ++ranks.first;
    return true;
  });
  return ranks;
}

RankRange RangeByLex(PackView pack, const LexRange& range) {
  RankRange ranks;
  char scratch[kIntegerBytesMax];
  bool is_below_min = true;
  ForEachPair(pack, [&](Pack::Cursor at, double) {
    const absl::string_view member = pack.Get(at).Text(scratch);
    is_below_min = is_below_min && !range.IsAboveMin(member);
    if (is_below_min) {
      ++ranks.first;
    } else if (!range.IsBelowMax(member)) {
      return false;
    }
    ++ranks.last;
    return true;
  });
  return ranks;
}

void Visit(PackView pack, const RankRange& range, Visitor visit) {
  if (range.empty()) return;
  char scratch[kIntegerBytesMax];
  Pack::Cursor at = pack.At(static_cast<int64_t>(2 * range.first));
  for (size_t left = range.count(); left > 0; --left) {
    const Pack::Cursor score = pack.Next(at);
    if (!visit(pack.Get(at).Text(scratch), ScoreAt(pack, score))) return;
    at = pack.Next(score);
  }
}

void VisitReverse(PackView pack, const RankRange& range, Visitor visit) {
  if (range.empty()) return;
  char scratch[kIntegerBytesMax];
  Pack::Cursor score = pack.At(static_cast<int64_t>(2 * range.last - 1));
  for (size_t left = range.count(); left > 0; --left) {
    const Pack::Cursor at = pack.Previous(score);
    if (!visit(pack.Get(at).Text(scratch), ScoreAt(pack, score))) return;
    score = pack.Previous(at);
  }
}

}  // namespace damselfly::sorted_set_pack
