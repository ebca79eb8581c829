#ifndef DAMSELFLY_SIM_SHRINK_DECISION_EDITS_H_
#define DAMSELFLY_SIM_SHRINK_DECISION_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/decision_list.h"

namespace damselfly::sim {

// Smaller lists made from a list of decisions. All of them leave the list that they are given
// alone.

using StreamName = std::pair<std::string, uint64_t>;  // purpose, instance

std::vector<StreamName> StreamsOf(const DecisionList& list);
// The numbers of a stream's units, ascending.
std::vector<uint64_t> UnitsOf(const DecisionList& list, const StreamName& stream);
// Purposes, those with most decisions first.
std::vector<std::string> PurposesOf(const DecisionList& list);

DecisionList WithoutPurposes(const DecisionList& list, const std::set<std::string>& purposes);
DecisionList WithoutStreams(const DecisionList& list, const std::set<StreamName>& streams);

enum class UnitEdit {
  kLeaveOut,   // what comes after them comes when it did
  kCloseUp,    // the units after them take their numbers, and come sooner
  kKeepFirst,  // of each only its first decision stays: a client's pause, and no request
};
// Takes away those units of a stream that are in [first, last].
DecisionList WithoutUnits(const DecisionList& list, const StreamName& stream, uint64_t first,
                          uint64_t last, UnitEdit edit);

// Takes away the decisions from number `begin` to number `end` of all, in the list's order.
DecisionList WithoutDecisions(const DecisionList& list, uint64_t begin, uint64_t end);

// Tries to take away chunks of `count()` things, all of them first, then halves, and so on down to
// chunks of `chunk_min`. `take(begin, end)` says whether things [begin, end) have gone: those after
// them have moved up then. (Zeller and Hildebrandt's ddmin, IEEE TSE 28(2), 2002, without its
// complements, which cost runs and seldom gain.)
void TakeChunks(size_t chunk_min, const std::function<size_t()>& count,
                const std::function<bool(size_t begin, size_t end)>& take);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SHRINK_DECISION_EDITS_H_
