#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SHAPE_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SHAPE_H_

#include <cstdint>
#include <vector>

#include "server/commands/sorted_sets/geo_cell.h"

namespace damselfly {

// What a search is for: a circle or a box round a point.
struct GeoShape {
  enum class Kind : uint8_t { kCircle, kBox };

  Kind kind = Kind::kCircle;
  GeoPoint center = {};
  double radius = 0;  // of kCircle
  double width = 0;   // of kBox
  double height = 0;  // of kBox
  double meters_per_unit = 1;

  // Whether the point lies in the shape; if so, *distance is how far it is from the center, in
  // metres.
  bool Contains(const GeoPoint& point, double* distance) const;

  // Cells that cover the shape together, in the order in which they are searched; none follows
  // itself.
  std::vector<GeoCell> CoveringCells() const;

 private:
  GeoArea BoundingArea() const;
  double OuterRadiusMeters() const;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_SHAPE_H_
