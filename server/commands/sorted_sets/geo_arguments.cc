#include "server/commands/sorted_sets/geo_arguments.h"

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"

namespace damselfly {

bool ParseGeoPoint(const CommandContext& ctx, size_t index, GeoPoint* point) {
  if (!ParseScore(ctx, index, &point->longitude) || !ParseScore(ctx, index + 1, &point->latitude))
    return false;
  if (point->longitude >= -kLongitudeMax && point->longitude <= kLongitudeMax &&
      point->latitude >= -kLatitudeMax && point->latitude <= kLatitudeMax)
    return true;
  ctx.reply.Error(absl::StrFormat("ERR invalid longitude,latitude pair %f,%f", point->longitude,
                                  point->latitude));
  return false;
}

bool ParseGeoUnit(const CommandContext& ctx, size_t index, double* meters) {
  struct Unit {
    absl::string_view name;
    double meters;
  };
  constexpr Unit kUnits[] = {{"M", 1}, {"KM", 1000}, {"FT", 0.3048}, {"MI", 1609.34}};
  for (const Unit& unit : kUnits) {
    if (ctx.ArgIs(index, unit.name)) {
      *meters = unit.meters;
      return true;
    }
  }
  ctx.reply.Error("ERR unsupported unit provided. please use M, KM, FT, MI");
  return false;
}

void WriteDistance(ReplyWriter& reply, double distance) {
  reply.Bulk(absl::StrFormat("%.4f", distance));
}

void WriteGeoPoint(ReplyWriter& reply, const GeoPoint& point) {
  reply.Array(2);
  reply.HumanLongDouble(point.longitude);
  reply.HumanLongDouble(point.latitude);
}

}  // namespace damselfly
