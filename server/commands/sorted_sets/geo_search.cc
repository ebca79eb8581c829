#include "server/commands/sorted_sets/geo_search.h"

#include <algorithm>

namespace damselfly {
namespace {

using Order = GeoSelection::Order;

std::vector<GeoMatch> MatchesIn(const SortedSetValue& set, const GeoShape& shape,
                                size_t count_max) {
  std::vector<GeoMatch> matches;
  const auto is_enough = [&] { return count_max > 0 && matches.size() >= count_max; };
  for (const GeoCell& cell : shape.CoveringCells()) {
    if (is_enough()) break;
    const RankRange range =
        set.RangeByScore({cell.ScoreBegin(), cell.ScoreEnd(), false, /*max_is_exclusive=*/true});
    set.Visit(range, [&](absl::string_view member, double score) {
      const GeoPoint point = PointOfScore(score);
      double distance;
      if (shape.Contains(point, &distance))
        matches.push_back({std::string(member), score, point, distance});
      return !is_enough();
    });
  }
  return matches;
}

}  // namespace

std::vector<GeoMatch> SearchGeo(const SortedSetValue& set, const GeoShape& shape,
                                const GeoSelection& selection) {
  std::vector<GeoMatch> matches = MatchesIn(set, shape, selection.any ? selection.count : 0);
  Order order = selection.order;
  if (selection.count > 0 && order == Order::kNone && !selection.any) order = Order::kNearestFirst;
  if (order != Order::kNone) {
    std::stable_sort(matches.begin(), matches.end(), [&](const GeoMatch& a, const GeoMatch& b) {
      return order == Order::kNearestFirst ? a.distance_meters < b.distance_meters
                                           : a.distance_meters > b.distance_meters;
    });
  }
  if (selection.count > 0 && selection.count < matches.size())
    matches.erase(matches.begin() + static_cast<ptrdiff_t>(selection.count), matches.end());
  return matches;
}

}  // namespace damselfly
