#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/geo_arguments.h"
#include "server/commands/sorted_sets/geo_handlers.h"
#include "server/commands/sorted_sets/geo_search.h"
#include "server/commands/sorted_sets/geo_shape.h"
#include "server/commands/sorted_sets/sorted_set_arguments.h"
#include "server/commands/sorted_sets/sorted_set_store.h"

// GEOSEARCH and GEORADIUS in all their forms: one question, of which some say the center and the
// radius in fixed places, and all the rest in options.

namespace damselfly {
namespace {

enum class GeoForm : uint8_t { kRadius, kRadiusByMember, kSearch, kSearchStore };

struct GeoQuery {
  GeoForm form;
  bool may_store = false;  // STORE and STOREDIST are options
  size_t source = 1;       // where the set's key stands

  const SortedSetValue* set = nullptr;
  GeoShape shape = {};
  GeoSelection selection = {};
  bool with_distance = false;
  bool with_hash = false;
  bool with_point = false;
  bool has_center = false;
  bool has_shape = false;
  size_t store_index = 0;  // where the destination's key stands; 0: there is none
  bool stores_distance = false;

  bool is_search() const { return form == GeoForm::kSearch || form == GeoForm::kSearchStore; }
  // Where the options begin.
  size_t first_option() const {
    return form == GeoForm::kRadius ? 6 : form == GeoForm::kRadiusByMember ? 5 : source + 1;
  }
};

bool ParseLength(const CommandContext& ctx, size_t index, absl::string_view what,
                 absl::string_view negative_error, double* length) {
  if (!ParseScore(ctx, index, length, absl::StrCat("ERR need numeric ", what))) return false;
  if (*length >= 0) return true;
  ctx.reply.Error(negative_error);
  return false;
}

// A radius and its unit.
bool ParseCircle(const CommandContext& ctx, size_t index, GeoShape* shape) {
  shape->kind = GeoShape::Kind::kCircle;
  return ParseLength(ctx, index, "radius", "ERR radius cannot be negative", &shape->radius) &&
         ParseGeoUnit(ctx, index + 1, &shape->meters_per_unit);
}

// Width, height and their unit.
bool ParseBox(const CommandContext& ctx, size_t index, GeoShape* shape) {
  shape->kind = GeoShape::Kind::kBox;
  if (!ParseScore(ctx, index, &shape->width, "ERR need numeric width") ||
      !ParseScore(ctx, index + 1, &shape->height, "ERR need numeric height"))
    return false;
  if (shape->width < 0 || shape->height < 0) {
    ctx.reply.Error("ERR height or width cannot be negative");
    return false;
  }
  return ParseGeoUnit(ctx, index + 2, &shape->meters_per_unit);
}

// The place of the member in args[index]. Without a set anything goes, and nothing is found.
bool FindCenter(const CommandContext& ctx, size_t index, GeoQuery* query) {
  if (query->set == nullptr) return true;
  double score;
  if (!query->set->Find(ctx.args[index], &score)) {
    ctx.reply.Error("ERR could not decode requested zset member");
    return false;
  }
  query->shape.center = PointOfScore(score);
  return true;
}

// What GEORADIUS and GEORADIUSBYMEMBER have in fixed places.
bool ParseFixedPart(const CommandContext& ctx, GeoQuery* query) {
  switch (query->form) {
    case GeoForm::kRadius:
      return ParseGeoPoint(ctx, 2, &query->shape.center) && ParseCircle(ctx, 4, &query->shape);
    case GeoForm::kRadiusByMember:
      if (query->set == nullptr) return true;
      return FindCenter(ctx, 2, query) && ParseCircle(ctx, 3, &query->shape);
    case GeoForm::kSearch:
    case GeoForm::kSearchStore:
      break;
  }
  return true;
}

enum class Parsed : uint8_t { kOption, kOther, kFailed };
Parsed OptionIf(bool is_valid) { return is_valid ? Parsed::kOption : Parsed::kFailed; }

// Options that stand alone.
Parsed ParseFlag(const CommandContext& ctx, size_t i, GeoQuery* query) {
  if (ctx.ArgIs(i, "WITHDIST")) {
    query->with_distance = true;
  } else if (ctx.ArgIs(i, "WITHHASH")) {
    query->with_hash = true;
  } else if (ctx.ArgIs(i, "WITHCOORD")) {
    query->with_point = true;
  } else if (ctx.ArgIs(i, "ANY")) {
    query->selection.any = true;
  } else if (ctx.ArgIs(i, "ASC")) {
    query->selection.order = GeoSelection::Order::kNearestFirst;
  } else if (ctx.ArgIs(i, "DESC")) {
    query->selection.order = GeoSelection::Order::kFarthestFirst;
  } else if (query->form == GeoForm::kSearchStore && ctx.ArgIs(i, "STOREDIST")) {
    query->stores_distance = true;
  } else {
    return Parsed::kOther;
  }
  return Parsed::kOption;
}

bool ParseSelectionCount(const CommandContext& ctx, size_t index, GeoSelection* selection) {
  int64_t count;
  if (!ctx.ParseInteger(index, &count)) return false;
  if (count <= 0) {
    ctx.reply.Error("ERR COUNT must be > 0");
    return false;
  }
  selection->count = static_cast<size_t>(count);
  return true;
}

// Options of GEOSEARCH with values behind them; *i moves to the last.
Parsed ParseSearchOption(const CommandContext& ctx, GeoQuery* query, bool* from_point, bool* is_box,
                         size_t* i) {
  const size_t at = *i;
  const size_t behind = ctx.args.size() - at - 1;
  if (ctx.ArgIs(at, "FROMMEMBER") && behind >= 1 && !*from_point) {
    query->has_center = true;
    *i += 1;
    return OptionIf(FindCenter(ctx, at + 1, query));
  }
  if (ctx.ArgIs(at, "FROMLONLAT") && behind >= 2 && (*from_point || !query->has_center)) {
    query->has_center = *from_point = true;
    *i += 2;
    return OptionIf(ParseGeoPoint(ctx, at + 1, &query->shape.center));
  }
  if (ctx.ArgIs(at, "BYRADIUS") && behind >= 2 && !*is_box) {
    query->has_shape = true;
    *i += 2;
    return OptionIf(ParseCircle(ctx, at + 1, &query->shape));
  }
  if (ctx.ArgIs(at, "BYBOX") && behind >= 3 && (*is_box || !query->has_shape)) {
    query->has_shape = *is_box = true;
    *i += 3;
    return OptionIf(ParseBox(ctx, at + 1, &query->shape));
  }
  return Parsed::kOther;
}

// STORE and STOREDIST of GEORADIUS.
Parsed ParseStoreOption(const CommandContext& ctx, GeoQuery* query, size_t* i) {
  query->stores_distance = ctx.ArgIs(*i, "STOREDIST");
  if (!query->stores_distance && !ctx.ArgIs(*i, "STORE")) return Parsed::kOther;
  query->store_index = ++*i;
  return Parsed::kOption;
}

bool ParseGeoOptions(const CommandContext& ctx, GeoQuery* query) {
  bool from_point = false;
  bool is_box = false;
  for (size_t i = query->first_option(); i < ctx.args.size(); ++i) {
    const bool has_value = i + 1 < ctx.args.size();
    Parsed parsed = ParseFlag(ctx, i, query);
    if (parsed == Parsed::kOther && has_value && ctx.ArgIs(i, "COUNT")) {
      parsed = OptionIf(ParseSelectionCount(ctx, ++i, &query->selection));
    } else if (parsed == Parsed::kOther && has_value && query->may_store) {
      parsed = ParseStoreOption(ctx, query, &i);
    } else if (parsed == Parsed::kOther && query->is_search()) {
      parsed = ParseSearchOption(ctx, query, &from_point, &is_box, &i);
    }
    if (parsed == Parsed::kOther) ctx.SyntaxError();
    if (parsed != Parsed::kOption) return false;
  }
  return true;
}

bool CheckGeoOptions(const CommandContext& ctx, const GeoQuery& query) {
  std::string error;
  if (query.store_index > 0 && (query.with_distance || query.with_hash || query.with_point)) {
    error = absl::StrCat(query.is_search() ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS",
                         " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
  } else if (query.is_search() && !query.has_center) {
    error =
        absl::StrCat("exactly one of FROMMEMBER or FROMLONLAT can be specified for ", ctx.args[0]);
  } else if (query.is_search() && !query.has_shape) {
    error = absl::StrCat("exactly one of BYRADIUS and BYBOX can be specified for ", ctx.args[0]);
  } else if (query.selection.any && query.selection.count == 0) {
    error = "the ANY argument requires COUNT argument";
  } else {
    return true;
  }
  ctx.reply.Error(absl::StrCat("ERR ", error));
  return false;
}

void WriteMatches(ReplyWriter& reply, const GeoQuery& query, const std::vector<GeoMatch>& matches) {
  const size_t extras = size_t{query.with_distance} + query.with_hash + query.with_point;
  reply.Array(matches.size());
  for (const GeoMatch& match : matches) {
    if (extras > 0) reply.Array(1 + extras);
    reply.Bulk(match.member);
    if (query.with_distance)
      WriteDistance(reply, match.distance_meters / query.shape.meters_per_unit);
    if (query.with_hash) reply.Integer(static_cast<int64_t>(match.score));
    if (query.with_point) WriteGeoPoint(reply, match.point);
  }
}

void StoreMatches(CommandContext& ctx, const GeoQuery& query, std::vector<GeoMatch> matches) {
  std::vector<ScoredMember> members;
  members.reserve(matches.size());
  for (GeoMatch& match : matches) {
    const double score =
        query.stores_distance ? match.distance_meters / query.shape.meters_per_unit : match.score;
    members.push_back({std::move(match.member), score});
  }
  SortMembers(absl::MakeSpan(members));
  StoreSortedSet(ctx, ctx.KeyAt(query.store_index), members,
                 query.is_search() ? "geosearchstore" : "georadiusstore");
}

void Search(CommandContext& ctx, GeoQuery query) {
  if (!FindToRead(ctx, ctx.KeyAt(query.source), &query.set)) return;
  if (!ParseFixedPart(ctx, &query) || !ParseGeoOptions(ctx, &query) || !CheckGeoOptions(ctx, query))
    return;
  std::vector<GeoMatch> matches;
  if (query.set != nullptr) matches = SearchGeo(*query.set, query.shape, query.selection);
  if (query.store_index > 0) {
    StoreMatches(ctx, query, std::move(matches));
  } else {
    WriteMatches(ctx.reply, query, matches);
  }
}

// Every key behind STORE or STOREDIST: the last one is the destination.
void AddRadiusKeys(absl::Span<const absl::string_view> args, size_t first_option,
                   absl::FunctionRef<void(int index, uint32_t flags)> add) {
  add(1, kKeyReadOnly | kKeyAccess);
  for (size_t i = first_option; i + 1 < args.size(); ++i) {
    if (!absl::EqualsIgnoreCase(args[i], "STORE") && !absl::EqualsIgnoreCase(args[i], "STOREDIST"))
      continue;
    add(static_cast<int>(++i), kKeyOverwrite | kKeyUpdate);
  }
}

}  // namespace

void FindGeoRadiusKeys(absl::Span<const absl::string_view> args,
                       absl::FunctionRef<void(int index, uint32_t flags)> add) {
  AddRadiusKeys(args, GeoQuery{.form = GeoForm::kRadius}.first_option(), add);
}

void FindGeoRadiusByMemberKeys(absl::Span<const absl::string_view> args,
                               absl::FunctionRef<void(int index, uint32_t flags)> add) {
  AddRadiusKeys(args, GeoQuery{.form = GeoForm::kRadiusByMember}.first_option(), add);
}

void GeoRadiusCommand(CommandContext& ctx) {
  Search(ctx, {.form = GeoForm::kRadius, .may_store = true});
}

void GeoRadiusRoCommand(CommandContext& ctx) { Search(ctx, {.form = GeoForm::kRadius}); }

void GeoRadiusByMemberCommand(CommandContext& ctx) {
  Search(ctx, {.form = GeoForm::kRadiusByMember, .may_store = true});
}

void GeoRadiusByMemberRoCommand(CommandContext& ctx) {
  Search(ctx, {.form = GeoForm::kRadiusByMember});
}

void GeoSearchCommand(CommandContext& ctx) { Search(ctx, {.form = GeoForm::kSearch}); }

void GeoSearchStoreCommand(CommandContext& ctx) {
  GeoQuery query{.form = GeoForm::kSearchStore, .source = 2};
  query.store_index = 1;
  Search(ctx, std::move(query));
}

}  // namespace damselfly
