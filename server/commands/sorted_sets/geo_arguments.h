#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_ARGUMENTS_H_

#include <cstddef>

#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/geo_cell.h"

// What the geo commands read from their arguments and write. Each Parse function replies with the
// error and returns false for what it cannot read.

namespace damselfly {

// Longitude and latitude in args[index] and the next.
bool ParseGeoPoint(const CommandContext& ctx, size_t index, GeoPoint* point);

// A unit of length: m, km, ft or mi.
bool ParseGeoUnit(const CommandContext& ctx, size_t index, double* meters);

// A bulk string with four digits behind the point.
void WriteDistance(ReplyWriter& reply, double distance);

// An array of longitude and latitude.
void WriteGeoPoint(ReplyWriter& reply, const GeoPoint& point);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_ARGUMENTS_H_
