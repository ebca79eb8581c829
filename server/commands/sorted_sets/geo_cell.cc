#include "server/commands/sorted_sets/geo_cell.h"

#include <algorithm>
#include <cmath>

namespace damselfly {
namespace {

// Half a circle over pi.
constexpr double kRadiansPerDegree = 3.14159265358979323846 / 180;

// The limits that coordinates are scaled by.
struct Limits {
  double min;
  double max;
};
constexpr Limits kLongitudes = {-kLongitudeMax, kLongitudeMax};
constexpr Limits kLatitudes = {-kLatitudeMax, kLatitudeMax};
// Standard geohashes go to the poles.
constexpr Limits kStandardLatitudes = {-90, 90};

// Spreads the bits of a number over the even bits of the result, and back.
uint64_t Spread(uint32_t number) {
  uint64_t bits = number;
  bits = (bits | (bits << 16)) & 0x0000ffff0000ffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x3333333333333333;
  return (bits | (bits << 1)) & 0x5555555555555555;
}
uint32_t Gather(uint64_t bits) {
  bits &= 0x5555555555555555;
  bits = (bits | (bits >> 1)) & 0x3333333333333333;
  bits = (bits | (bits >> 2)) & 0x0f0f0f0f0f0f0f0f;
  bits = (bits | (bits >> 4)) & 0x00ff00ff00ff00ff;
  bits = (bits | (bits >> 8)) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(bits | (bits >> 16));
}

uint64_t Interleave(uint32_t longitude, uint32_t latitude) {
  return Spread(latitude) | Spread(longitude) << 1;
}

// Which of 2^step equal parts of the limits a coordinate is in. The upper limit itself is in the
// one behind the last.
uint32_t PartOf(double coordinate, const Limits& limits, int step) {
  double offset = (coordinate - limits.min) / (limits.max - limits.min);
  offset *= static_cast<double>(uint64_t{1} << step);
  return static_cast<uint32_t>(offset);
}

double PartBegin(uint32_t part, const Limits& limits, int step) {
  const double parts = static_cast<double>(uint64_t{1} << step);
  return limits.min + (part * 1.0 / parts) * (limits.max - limits.min);
}

// A score as a cell's bits; what is out of their range gives some bits, the same everywhere.
uint64_t BitsOfScore(double score) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (score >= -kTwo63 && score < kTwo63) return static_cast<uint64_t>(static_cast<int64_t>(score));
  if (score >= kTwo63 && score < 2 * kTwo63) return static_cast<uint64_t>(score);
  return score > 0 ? 0 : uint64_t{1} << 63;
}

}  // namespace

GeoCell GeoCell::Of(const GeoPoint& point, int step) {
  return {Interleave(PartOf(point.longitude, kLongitudes, step),
                     PartOf(point.latitude, kLatitudes, step)),
          step};
}

GeoArea GeoCell::Area() const {
  const uint32_t longitude = Gather(bits >> 1);
  const uint32_t latitude = Gather(bits);
  return {PartBegin(longitude, kLongitudes, step), PartBegin(longitude + 1, kLongitudes, step),
          PartBegin(latitude, kLatitudes, step), PartBegin(latitude + 1, kLatitudes, step)};
}

GeoCell GeoCell::Neighbor(int east, int north) const {
  const uint32_t mask = static_cast<uint32_t>((uint64_t{1} << step) - 1);
  uint32_t longitude = Gather(bits >> 1);
  uint32_t latitude = Gather(bits);
  if (east != 0) longitude = (longitude + static_cast<uint32_t>(east)) & mask;
  if (north != 0) latitude = (latitude + static_cast<uint32_t>(north)) & mask;
  return {Interleave(longitude, latitude), step};
}

GeoPoint PointOfScore(double score) {
  const GeoArea area = GeoCell{BitsOfScore(score), GeoCell::kStepMax}.Area();
  const double longitude = (area.longitude_min + area.longitude_max) / 2;
  const double latitude = (area.latitude_min + area.latitude_max) / 2;
  return {std::clamp(longitude, -kLongitudeMax, kLongitudeMax),
          std::clamp(latitude, -kLatitudeMax, kLatitudeMax)};
}

std::string GeohashOf(const GeoPoint& point) {
  constexpr char kLetters[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr int kBits = 2 * GeoCell::kStepMax;
  constexpr int kBitsPerLetter = 5;
  const uint64_t bits = Interleave(PartOf(point.longitude, kLongitudes, GeoCell::kStepMax),
                                   PartOf(point.latitude, kStandardLatitudes, GeoCell::kStepMax));
  std::string hash;
  for (int shift = kBits - kBitsPerLetter; shift >= 0; shift -= kBitsPerLetter)
    hash.push_back(kLetters[(bits >> shift) & 31]);
  // The two bits left over are not enough for a letter.
  hash.push_back(kLetters[0]);
  return hash;
}

double ToRadians(double degrees) { return degrees * kRadiansPerDegree; }
double ToDegrees(double radians) { return radians / kRadiansPerDegree; }

double GeoLatitudeDistance(double latitude_a, double latitude_b) {
  return kEarthRadiusMeters * std::fabs(ToRadians(latitude_b) - ToRadians(latitude_a));
}

// The haversine formula.
double GeoDistance(const GeoPoint& a, const GeoPoint& b) {
  const double v = std::sin((ToRadians(b.longitude) - ToRadians(a.longitude)) / 2);
  if (v == 0) return GeoLatitudeDistance(a.latitude, b.latitude);
  const double latitude_a = ToRadians(a.latitude);
  const double latitude_b = ToRadians(b.latitude);
  const double u = std::sin((latitude_b - latitude_a) / 2);
  const double h = u * u + std::cos(latitude_a) * std::cos(latitude_b) * v * v;
  return 2 * kEarthRadiusMeters * std::asin(std::sqrt(h));
}

}  // namespace damselfly
