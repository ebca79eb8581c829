#include "server/commands/sorted_sets/geo_shape.h"

#include <algorithm>
#include <cmath>

namespace damselfly {
namespace {

// Half of the map's width at the equator.
constexpr double kMercatorMaxMeters = 20037726.37;

// The step at which a cell and its eight neighbours cover so much around a point.
int StepFor(double radius_meters, double latitude) {
  if (radius_meters == 0) return GeoCell::kStepMax;
  int step = 1;
  while (radius_meters < kMercatorMaxMeters) {
    radius_meters *= 2;
    ++step;
  }
  step -= 2;
  // Cells get narrow towards the poles.
  if (std::fabs(latitude) > 66) --step;
  if (std::fabs(latitude) > 80) --step;
  return std::clamp(step, 1, GeoCell::kStepMax);
}

// A cell and what lies around it.
struct Neighborhood {
  explicit Neighborhood(const GeoCell& cell)
      : center(cell),
        north(cell.Neighbor(0, 1)),
        south(cell.Neighbor(0, -1)),
        east(cell.Neighbor(1, 0)),
        west(cell.Neighbor(-1, 0)),
        north_east(cell.Neighbor(1, 1)),
        north_west(cell.Neighbor(-1, 1)),
        south_east(cell.Neighbor(1, -1)),
        south_west(cell.Neighbor(-1, -1)) {}

  // Whether the area ends before the neighbours do.
  bool Covers(const GeoArea& area) const {
    return north.Area().latitude_max >= area.latitude_max &&
           south.Area().latitude_min <= area.latitude_min &&
           east.Area().longitude_max >= area.longitude_max &&
           west.Area().longitude_min <= area.longitude_min;
  }

  // Drops the neighbours on sides on which the area does not leave the cell.
  void DropUseless(const GeoArea& area) {
    const GeoArea own = center.Area();
    if (own.latitude_min < area.latitude_min) south = south_west = south_east = {};
    if (own.latitude_max > area.latitude_max) north = north_east = north_west = {};
    if (own.longitude_min < area.longitude_min) west = south_west = north_west = {};
    if (own.longitude_max > area.longitude_max) east = south_east = north_east = {};
  }

  GeoCell center, north, south, east, west, north_east, north_west, south_east, south_west;
};

}  // namespace

bool GeoShape::Contains(const GeoPoint& point, double* distance) const {
  if (kind == Kind::kCircle) {
    *distance = GeoDistance(center, point);
    return !(*distance > radius * meters_per_unit);
  }
  if (GeoLatitudeDistance(point.latitude, center.latitude) > height * meters_per_unit / 2)
    return false;
  // Along the point's own parallel.
  const GeoPoint beside = {center.longitude, point.latitude};
  if (GeoDistance(point, beside) > width * meters_per_unit / 2) return false;
  *distance = GeoDistance(center, point);
  return true;
}

GeoArea GeoShape::BoundingArea() const {
  const bool is_circle = kind == Kind::kCircle;
  const double half_height = meters_per_unit * (is_circle ? radius : height / 2);
  const double half_width = meters_per_unit * (is_circle ? radius : width / 2);
  const double latitude_delta = ToDegrees(half_height / kEarthRadiusMeters);
  // A degree of longitude is shortest on the side of the nearer pole.
  const double far_latitude =
      center.latitude < 0 ? center.latitude - latitude_delta : center.latitude + latitude_delta;
  const double longitude_delta =
      ToDegrees(half_width / kEarthRadiusMeters / std::cos(ToRadians(far_latitude)));
  return {center.longitude - longitude_delta, center.longitude + longitude_delta,
          center.latitude - latitude_delta, center.latitude + latitude_delta};
}

double GeoShape::OuterRadiusMeters() const {
  if (kind == Kind::kCircle) return radius * meters_per_unit;
  return std::sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * meters_per_unit;
}

std::vector<GeoCell> GeoShape::CoveringCells() const {
  const GeoArea area = BoundingArea();
  int step = StepFor(OuterRadiusMeters(), center.latitude);
  Neighborhood around(GeoCell::Of(center, step));
  if (step > 1 && !around.Covers(area)) around = Neighborhood(GeoCell::Of(center, --step));
  if (step >= 2) around.DropUseless(area);
  std::vector<GeoCell> cells = {around.center};
  for (const GeoCell& cell :
       {around.north, around.south, around.east, around.west, around.north_east, around.north_west,
        around.south_east, around.south_west}) {
    // Where cells are huge, a neighbour on both sides may be the same one.
    const bool is_repeated = cells.size() > 1 && cell == cells.back();
    if (cell.exists() && !is_repeated) cells.push_back(cell);
  }
  return cells;
}

}  // namespace damselfly
