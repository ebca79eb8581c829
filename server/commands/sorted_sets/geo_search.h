#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SEARCH_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/commands/sorted_sets/geo_cell.h"
#include "server/commands/sorted_sets/geo_shape.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {

// How many of the members in a shape are wanted, and in which order.
struct GeoSelection {
  enum class Order : uint8_t { kNone, kNearestFirst, kFarthestFirst };

  Order order = Order::kNone;
  size_t count = 0;  // 0: all
  bool any = false;  // the first `count` that are found will do
};

struct GeoMatch {
  std::string member;
  double score;
  GeoPoint point;
  double distance_meters;
};

// The members of the set that lie in the shape. A count without an order, unless any will do, is of
// the nearest.
std::vector<GeoMatch> SearchGeo(const SortedSetValue& set, const GeoShape& shape,
                                const GeoSelection& selection);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SEARCH_H_
