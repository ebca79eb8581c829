#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_HANDLERS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_HANDLERS_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command_context.h"

// The geo family's handlers, for its table in geo_commands.cc. Each replies, and fails, as the page
// of the same name says (https://redis.io/docs/latest/commands/) and as Redis 7.0 does where the
// page is silent.

namespace damselfly {

// geo_point_commands.cc
void GeoAddCommand(CommandContext& ctx);
void GeoDistCommand(CommandContext& ctx);
void GeoHashCommand(CommandContext& ctx);
void GeoPosCommand(CommandContext& ctx);

// geo_search_commands.cc
void GeoRadiusCommand(CommandContext& ctx);
void GeoRadiusRoCommand(CommandContext& ctx);
void GeoRadiusByMemberCommand(CommandContext& ctx);
void GeoRadiusByMemberRoCommand(CommandContext& ctx);
void GeoSearchCommand(CommandContext& ctx);
void GeoSearchStoreCommand(CommandContext& ctx);

// CommandSpec::find_keys of GEORADIUS and GEORADIUSBYMEMBER: the source, and what stands behind
// STORE and STOREDIST.
void FindGeoRadiusKeys(absl::Span<const absl::string_view> args,
                       absl::FunctionRef<void(int index, uint32_t flags)> add);
void FindGeoRadiusByMemberKeys(absl::Span<const absl::string_view> args,
                               absl::FunctionRef<void(int index, uint32_t flags)> add);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_GEO_HANDLERS_H_
