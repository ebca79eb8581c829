#include "server/commands/sorted_sets/geo_cell.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/geo_shape.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

constexpr GeoPoint kPalermo = {13.361389, 38.115556};
constexpr GeoPoint kCatania = {15.087269, 37.502669};

double Between(Random& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random.Below(1u << 30)) / (1u << 30);
}

TEST(GeoCellTest, ScoresAreThoseOfRedis) {
  EXPECT_EQ(ScoreOfPoint(kPalermo), 3479099956230698.0);
  EXPECT_EQ(ScoreOfPoint(kCatania), 3479447370796909.0);
  EXPECT_EQ(GeohashOf(PointOfScore(3479099956230698)), "sqc8b49rny0");
  EXPECT_EQ(GeohashOf(PointOfScore(3479447370796909)), "sqdtr74hyu0");
}

TEST(GeoCellTest, APointIsNearTheOneItsScoreStandsFor) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const GeoPoint point = {Between(random, -179.9, 179.9), Between(random, -85, 85)};
    EXPECT_LT(GeoDistance(point, PointOfScore(ScoreOfPoint(point))), 1);
  }
}

TEST(GeoCellTest, AnyScoreIsSomePoint) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double score : {-1.0, -1e300, 1e300, kInfinity, -kInfinity, 1e19, 0.5, -0.0}) {
    const GeoPoint point = PointOfScore(score);
    EXPECT_LE(std::fabs(point.longitude), kLongitudeMax);
    EXPECT_LE(std::fabs(point.latitude), kLatitudeMax);
  }
}

TEST(GeoCellTest, DistancesAreThoseOfRedis) {
  const GeoPoint a = PointOfScore(ScoreOfPoint(kPalermo));
  const GeoPoint b = PointOfScore(ScoreOfPoint(kCatania));
  EXPECT_NEAR(GeoDistance(a, b), 166274.1516, 0.00005);
  EXPECT_EQ(GeoDistance(a, a), 0);
  EXPECT_NEAR(GeoLatitudeDistance(0, 1), 111226.3, 0.05);
}

TEST(GeoCellTest, NeighboursTouchAndGoRoundTheGlobe) {
  const GeoCell cell = GeoCell::Of({10, 50}, 8);
  const GeoArea area = cell.Area();
  EXPECT_EQ(cell.Neighbor(1, 0).Area().longitude_min, area.longitude_max);
  EXPECT_EQ(cell.Neighbor(-1, 0).Area().longitude_max, area.longitude_min);
  EXPECT_EQ(cell.Neighbor(0, 1).Area().latitude_min, area.latitude_max);
  EXPECT_EQ(cell.Neighbor(1, -1).Neighbor(-1, 1), cell);
  EXPECT_EQ(GeoCell::Of({179.9, 0}, 6).Neighbor(1, 0), GeoCell::Of({-179.9, 0}, 6));
}

TEST(GeoShapeTest, CellsCoverTheShape) {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    GeoShape shape;
    shape.center = {Between(random, -150, 150), Between(random, -60, 60)};
    shape.radius = std::pow(10, Between(random, 0, 5.8));
    const std::vector<GeoCell> cells = shape.CoveringCells();
    for (int i = 0; i < 50; ++i) {
      const double degrees = ToDegrees(shape.radius / kEarthRadiusMeters);
      const GeoPoint point = {shape.center.longitude + Between(random, -2, 2) * degrees,
                              shape.center.latitude + Between(random, -1, 1) * degrees};
      double distance;
      if (!shape.Contains(point, &distance)) continue;
      const double score = ScoreOfPoint(point);
      bool is_covered = false;
      for (const GeoCell& cell : cells)
        is_covered |= score >= cell.ScoreBegin() && score < cell.ScoreEnd();
      EXPECT_TRUE(is_covered) << shape.radius;
    }
  }
}

TEST(GeoShapeTest, ABoxIsAsWideAsItIsAtThePointsLatitude) {
  GeoShape box;
  box.kind = GeoShape::Kind::kBox;
  box.width = 200;
  box.height = 100;
  box.meters_per_unit = 1000;
  double distance;
  EXPECT_TRUE(box.Contains({0.89, 0}, &distance));
  EXPECT_NEAR(distance, 98991, 1);
  EXPECT_FALSE(box.Contains({0.91, 0}, &distance));
  EXPECT_TRUE(box.Contains({0, 0.44}, &distance));
  EXPECT_FALSE(box.Contains({0, 0.46}, &distance));
}

}  // namespace
}  // namespace damselfly
