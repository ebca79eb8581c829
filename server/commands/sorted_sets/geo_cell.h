#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_CELL_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_CELL_H_

#include <cstdint>
#include <string>

namespace damselfly {

// Places on earth as scores of sorted sets: longitude and latitude in 26 bits each, interleaved
// (https://en.wikipedia.org/wiki/Geohash), so that places near each other mostly have scores near
// each other. The arithmetic is Redis's to the last bit: its clients see the results.

// In degrees.
struct GeoPoint {
  double longitude;
  double latitude;
};

// Web Mercator's limits, which are those of what may be stored.
inline constexpr double kLongitudeMax = 180;
inline constexpr double kLatitudeMax = 85.05112878;

// A rectangle in degrees.
struct GeoArea {
  double longitude_min, longitude_max;
  double latitude_min, latitude_max;
};

// One of the 4^step cells that the map is divided into.
struct GeoCell {
  static constexpr int kStepMax = 26;

  uint64_t bits = 0;  // of the latitude (the even ones) and of the longitude (the odd ones)
  int step = 0;       // how many bits each has; 0: no cell

  bool exists() const { return step > 0; }
  bool operator==(const GeoCell& other) const = default;

  // The cell a point is in. Requires a point within the limits, and 1 <= step <= kStepMax.
  static GeoCell Of(const GeoPoint& point, int step);

  GeoArea Area() const;
  // The cell so many to the east and to the north, -1, 0 or 1 each, round the globe.
  GeoCell Neighbor(int east, int north) const;

  // The scores of the points in it: [ScoreBegin(), ScoreEnd()).
  double ScoreBegin() const { return static_cast<double>(bits << (2 * (kStepMax - step))); }
  double ScoreEnd() const { return static_cast<double>((bits + 1) << (2 * (kStepMax - step))); }
};

// The score of a point: its cell at the last step. Requires a point within the limits.
inline double ScoreOfPoint(const GeoPoint& point) {
  return GeoCell::Of(point, GeoCell::kStepMax).ScoreBegin();
}
// The middle of the cell that a score is of. Any score gives some point within the limits.
GeoPoint PointOfScore(double score);

// The eleven letters that other services know the place by.
std::string GeohashOf(const GeoPoint& point);

// Metres along the earth's surface, taken for a sphere.
double GeoDistance(const GeoPoint& a, const GeoPoint& b);
// The same for points on one meridian.
double GeoLatitudeDistance(double latitude_a, double latitude_b);

inline constexpr double kEarthRadiusMeters = 6372797.560856;
double ToRadians(double degrees);
double ToDegrees(double radians);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_CELL_H_
