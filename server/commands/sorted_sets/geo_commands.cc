#include "server/commands/sorted_sets/geo_commands.h"

#include "server/commands/sorted_sets/geo_handlers.h"

namespace damselfly {
namespace {

constexpr KeySpec kReadKey[] = {OneKey(kKeyReadOnly | kKeyAccess)};
constexpr KeySpec kAddKey[] = {OneKey(kKeyReadWrite | kKeyUpdate)};
constexpr KeySpec kSearchStoreKeys[] = {OneKey(kKeyOverwrite | kKeyUpdate),
                                        OneKey(kKeyReadOnly | kKeyAccess, 2)};

// The destination behind a word among the options.
constexpr KeySpec KeyBehind(absl::string_view keyword, int start_from) {
  KeySpec spec;
  spec.flags = kKeyOverwrite | kKeyUpdate;
  spec.begin = KeySpec::Begin::kKeyword;
  spec.keyword = keyword;
  spec.start_from = start_from;
  return spec;
}
constexpr KeySpec kRadiusKeys[] = {OneKey(kKeyReadOnly | kKeyAccess), KeyBehind("STORE", 6),
                                   KeyBehind("STOREDIST", 6)};
constexpr KeySpec kRadiusByMemberKeys[] = {OneKey(kKeyReadOnly | kKeyAccess), KeyBehind("STORE", 5),
                                           KeyBehind("STOREDIST", 5)};

constexpr CommandSpec kGeoCommands[] = {
    {.name = "geoadd",
     .arity = -5,
     .flags = kWrite | kDenyOom | kBriefSteps,
     .acl_categories = kAclGeo,
     .keys = kAddKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity = "O(log(N)) for each member, with N members in the set",
     .summary = "Puts members at places.",
     .syntax = "key [condition<NX | XX>@6.2.0] [CH:change@6.2.0] <longitude:double latitude:double "
               "member>...",
     .handler = GeoAddCommand},
    {.name = "geodist",
     .arity = -4,
     .flags = kReadOnly | kBriefSteps,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity = "O(log(N))",
     .summary = "Returns how far two members are from each other.",
     .syntax = "key member1 member2 [unit<M | KM | FT | MI>]",
     .handler = GeoDistCommand},
    {.name = "geohash",
     .arity = -2,
     .flags = kReadOnly | kBriefSteps,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity = "O(log(N)) for each member, with N members in the set",
     .summary = "Returns members' places as standard geohashes.",
     .syntax = "key member...",
     .handler = GeoHashCommand},
    {.name = "geopos",
     .arity = -2,
     .flags = kReadOnly | kBriefSteps,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity = "O(N) for N members",
     .summary = "Returns members' longitudes and latitudes.",
     .syntax = "key member...",
     .handler = GeoPosCommand},
    {.name = "georadius",
     .arity = -6,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclGeo,
     .keys = kRadiusKeys,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Returns or stores the members within a distance of a point.",
     .syntax = "key longitude:double latitude:double radius:double unit<M | KM | FT | MI> "
               "[WITHCOORD] [WITHDIST] [WITHHASH] [count<COUNT count [ANY@6.2.0]>] [order<ASC | "
               "DESC>] [STORE key] [STOREDIST key]",
     .handler = GeoRadiusCommand,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
     .find_keys = FindGeoRadiusKeys},
    {.name = "georadius_ro",
     .arity = -6,
     .flags = kReadOnly,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.10",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Returns the members within a distance of a point.",
     .syntax =
         "key longitude:double latitude:double radius:double unit<M | KM | FT | MI> [WITHCOORD] "
         "[WITHDIST] [WITHHASH] [count<COUNT count [ANY@6.2.0]>] [order<ASC | DESC>]",
     .handler = GeoRadiusRoCommand,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument"},
    {.name = "georadiusbymember",
     .arity = -5,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclGeo,
     .keys = kRadiusByMemberKeys,
     .group = CommandGroup::kGeo,
     .since = "3.2.0",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Returns or stores the members within a distance of one.",
     .syntax = "key member radius:double unit<M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
               "[count<COUNT count [ANY]>] [order<ASC | DESC>] [STORE key] [STOREDIST key]",
     .handler = GeoRadiusByMemberCommand,
     .deprecated_since = "6.2.0",
     .replaced_by =
         "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
     .find_keys = FindGeoRadiusByMemberKeys},
    {.name = "georadiusbymember_ro",
     .arity = -5,
     .flags = kReadOnly,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "3.2.10",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Returns the members within a distance of one.",
     .syntax = "key member radius:double unit<M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
               "[count<COUNT count [ANY]>] [order<ASC | DESC>]",
     .handler = GeoRadiusByMemberRoCommand,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"},
    {.name = "geosearch",
     .arity = -7,
     .flags = kReadOnly,
     .acl_categories = kAclGeo,
     .keys = kReadKey,
     .group = CommandGroup::kGeo,
     .since = "6.2.0",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Returns the members in a circle or a box.",
     .syntax = "key from<FROMMEMBER member | FROMLONLAT <longitude:double latitude:double>> "
               "by<circle<BYRADIUS radius:double unit<M | KM | FT | MI>> | box<BYBOX width:double "
               "height:double unit<M | KM | FT | MI>>> [order<ASC | DESC>] [count<COUNT count "
               "[ANY]>] [WITHCOORD] [WITHDIST] [WITHHASH]",
     .handler = GeoSearchCommand},
    {.name = "geosearchstore",
     .arity = -8,
     .flags = kWrite | kDenyOom,
     .acl_categories = kAclGeo,
     .keys = kSearchStoreKeys,
     .group = CommandGroup::kGeo,
     .since = "6.2.0",
     .complexity =
         "O(N+log(M)) with N members in the cells around the area and M members in the set",
     .summary = "Stores the members in a circle or a box.",
     .syntax = "destination source from<FROMMEMBER member | FROMLONLAT <longitude:double "
               "latitude:double>> by<circle<BYRADIUS radius:double unit<M | KM | FT | MI>> | "
               "box<BYBOX width:double height:double unit<M | KM | FT | MI>>> [order<ASC | DESC>] "
               "[count<COUNT count [ANY]>] [STOREDIST]",
     .handler = GeoSearchStoreCommand},
};

}  // namespace

absl::Span<const CommandSpec> GeoCommands() { return kGeoCommands; }

}  // namespace damselfly
