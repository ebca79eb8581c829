#ifndef DAMSELFLY_SERVER_VALUES_SORTED_SET_PACK_H_
#define DAMSELFLY_SERVER_VALUES_SORTED_SET_PACK_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/values/pack.h"
#include "server/values/sorted_set_ranges.h"

namespace damselfly {

// A small sorted set in a pack, as Redis keeps it: each member followed by its score, in ascending
// order. Whole scores of up to 62 bits are integers, the others text. Everything costs time in
// proportion to the pack.
namespace sorted_set_pack {

// One member in a pack.
struct Place {
  Pack::Cursor at;  // the member's; the score is the next element
  size_t rank;
  double score;
};

// Whether the member is there, and where.
bool Find(PackView pack, absl::string_view member, Place* place);

// Requires that the member is not there.
void Insert(Pack* pack, absl::string_view member, double score);
// The same behind all others.
void Append(Pack* pack, absl::string_view member, double score);
void Erase(Pack* pack, const Place& place);
void EraseRanks(Pack* pack, const RankRange& range);

RankRange RangeByScore(PackView pack, const ScoreRange& range);
RankRange RangeByLex(PackView pack, const LexRange& range);

// The visitor returns whether it wants more. The view it is given is valid during the call.
using Visitor = absl::FunctionRef<bool(absl::string_view member, double score)>;
void Visit(PackView pack, const RankRange& range, Visitor visit);
// From the last to the first.
void VisitReverse(PackView pack, const RankRange& range, Visitor visit);

// The score in an element; false if it is no number or NaN.
bool ReadScore(const PackElement& element, double* score);

}  // namespace sorted_set_pack
}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SORTED_SET_PACK_H_
