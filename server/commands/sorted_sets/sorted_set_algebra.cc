#include "server/commands/sorted_sets/sorted_set_algebra.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "server/commands/sorted_sets/sorted_set_store.h"

namespace damselfly {
namespace {

void OrderBySize(std::vector<CombinedSet>* sets) {
  std::stable_sort(sets->begin(), sets->end(),
                   [](const CombinedSet& a, const CombinedSet& b) { return a.size() < b.size(); });
}

// A score times a weight, where infinity times zero is nothing.
double Weighted(double score, double weight) {
  const double product = score * weight;
  return std::isnan(product) ? 0 : product;
}

void Add(Aggregate aggregate, double score, double* total) {
  switch (aggregate) {
    case Aggregate::kSum:
      *total += score;
      // Both infinities cancel each other.
      if (std::isnan(*total)) *total = 0;
      break;
    case Aggregate::kMin:
      *total = score < *total ? score : *total;
      break;
    case Aggregate::kMax:
      *total = score > *total ? score : *total;
      break;
  }
}

// Calls visit(member, score) for each that is in all sets, which stand in the order of their sizes,
// until it returns false.
template <typename Visit>
void ForEachOfAll(const std::vector<CombinedSet>& sets, Aggregate aggregate, Visit visit) {
  sets[0].ForEachWhile([&](absl::string_view member, double score) {
    double total = Weighted(score, sets[0].weight);
    for (size_t i = 1; i < sets.size(); ++i) {
      double other;
      if (!sets[i].Find(member, &other)) return true;
      Add(aggregate, other * sets[i].weight, &total);
    }
    return visit(member, total);
  });
}

}  // namespace

std::vector<ScoredMember> UnionOf(std::vector<CombinedSet> sets, Aggregate aggregate) {
  OrderBySize(&sets);
  std::vector<ScoredMember> members;
  absl::flat_hash_map<std::string, size_t> places;  // in `members`
  for (const CombinedSet& set : sets) {
    set.ForEach([&](absl::string_view member, double score) {
      const double weighted = Weighted(score, set.weight);
      const auto [place, is_new] = places.try_emplace(member, members.size());
      if (is_new) {
        members.push_back({std::string(member), weighted});
      } else {
        Add(aggregate, weighted, &members[place->second].score);
      }
    });
  }
  SortMembers(absl::MakeSpan(members));
  return members;
}

std::vector<ScoredMember> IntersectionOf(std::vector<CombinedSet> sets, Aggregate aggregate) {
  OrderBySize(&sets);
  std::vector<ScoredMember> members;
  ForEachOfAll(sets, aggregate, [&](absl::string_view member, double score) {
    members.push_back({std::string(member), score});
    return true;
  });
  SortMembers(absl::MakeSpan(members));
  return members;
}

std::vector<ScoredMember> DifferenceOf(absl::Span<const CombinedSet> sets) {
  std::vector<ScoredMember> members;
  sets[0].ForEach([&](absl::string_view member, double score) {
    for (const CombinedSet& other : sets.subspan(1)) {
      double ignored;
      if (other.Find(member, &ignored)) return;
    }
    members.push_back({std::string(member), score});
  });
  SortMembers(absl::MakeSpan(members));
  return members;
}

size_t CountIntersection(std::vector<CombinedSet> sets, size_t limit) {
  OrderBySize(&sets);
  size_t count = 0;
  ForEachOfAll(sets, Aggregate::kMin, [&](absl::string_view, double) { return ++count != limit; });
  return count;
}

}  // namespace damselfly
