#include "sim/shrink/decision_edits.h"

#include <algorithm>
#include <map>

namespace damselfly::sim {
namespace {

StreamName StreamOf(const UnitName& unit) { return {unit.purpose, unit.instance}; }

}  // namespace

std::vector<StreamName> StreamsOf(const DecisionList& list) {
  std::vector<StreamName> streams;
  for (const auto& [unit, decisions] : list) {
    if (streams.empty() || streams.back() != StreamOf(unit)) streams.push_back(StreamOf(unit));
  }
  return streams;
}

std::vector<uint64_t> UnitsOf(const DecisionList& list, const StreamName& stream) {
  std::vector<uint64_t> units;
  for (auto at = list.lower_bound(UnitName{stream.first, stream.second, 0});
       at != list.end() && StreamOf(at->first) == stream; ++at)
    units.push_back(at->first.unit);
  return units;
}

std::vector<std::string> PurposesOf(const DecisionList& list) {
  std::map<std::string, uint64_t> counts;
  for (const auto& [unit, decisions] : list) counts[unit.purpose] += decisions.size();
  std::vector<std::pair<uint64_t, std::string>> sorted;
  for (const auto& [purpose, count] : counts) sorted.emplace_back(count, purpose);
  std::sort(sorted.rbegin(), sorted.rend());
  std::vector<std::string> purposes;
  for (const auto& [count, purpose] : sorted) purposes.push_back(purpose);
  return purposes;
}

DecisionList WithoutPurposes(const DecisionList& list, const std::set<std::string>& purposes) {
  DecisionList rest;
  for (const auto& [unit, decisions] : list) {
    if (purposes.count(unit.purpose) == 0) rest[unit] = decisions;
  }
  return rest;
}

DecisionList WithoutStreams(const DecisionList& list, const std::set<StreamName>& streams) {
  DecisionList rest;
  for (const auto& [unit, decisions] : list) {
    if (streams.count(StreamOf(unit)) == 0) rest[unit] = decisions;
  }
  return rest;
}

DecisionList WithoutUnits(const DecisionList& list, const StreamName& stream, uint64_t first,
                          uint64_t last, UnitEdit edit) {
  DecisionList rest;
  // How far those after them move.
  uint64_t shift = 0;
  bool shift_known = edit != UnitEdit::kCloseUp;
  for (const auto& [unit, decisions] : list) {
    UnitName name = unit;
    if (StreamOf(unit) == stream && unit.unit >= first) {
      if (unit.unit <= last) {
        if (edit == UnitEdit::kKeepFirst && decisions.front().index == 0)
          rest[unit] = {decisions.front()};
        continue;
      }
      if (!shift_known) shift = unit.unit - first;
      shift_known = true;
      name.unit -= shift;
    }
    rest[name] = decisions;
  }
  return rest;
}

DecisionList WithoutDecisions(const DecisionList& list, uint64_t begin, uint64_t end) {
  DecisionList rest;
  uint64_t number = 0;
  for (const auto& [unit, decisions] : list) {
    std::vector<Decision> kept;
    for (const Decision& decision : decisions) {
      if (number < begin || number >= end) kept.push_back(decision);
      ++number;
    }
    if (!kept.empty()) rest[unit] = std::move(kept);
  }
  return rest;
}

void TakeChunks(size_t chunk_min, const std::function<size_t()>& count,
                const std::function<bool(size_t begin, size_t end)>& take) {
  for (size_t chunk = count(); chunk > 0; chunk = chunk == 1 ? 0 : (chunk + 1) / 2) {
    if (chunk < chunk_min) return;
    size_t begin = 0;
    while (begin < count()) {
      if (!take(begin, std::min(begin + chunk, count()))) begin += chunk;
    }
  }
}

}  // namespace damselfly::sim
