#include "absl/strings/string_view.h"
#include "server/commands/collection_value.h"
#include "server/commands/command_context.h"
#include "server/commands/sorted_sets/geo_arguments.h"
#include "server/commands/sorted_sets/geo_cell.h"
#include "server/commands/sorted_sets/geo_handlers.h"
#include "server/commands/sorted_sets/sorted_set_add.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {
namespace {

// Where a member is; false if it is not there.
bool FindPoint(const SortedSetValue* set, absl::string_view member, GeoPoint* point) {
  double score;
  if (set == nullptr || !set->Find(member, &score)) return false;
  *point = PointOfScore(score);
  return true;
}

}  // namespace

void GeoAddCommand(CommandContext& ctx) {
  SortedSetAddition addition;
  size_t first = 2;
  for (; first < ctx.args.size(); ++first) {
    if (ctx.ArgIs(first, "NX")) {
      addition.only_new = true;
    } else if (ctx.ArgIs(first, "XX")) {
      addition.only_present = true;
    } else if (ctx.ArgIs(first, "CH")) {
      addition.counts_changes = true;
    } else {
      break;
    }
  }
  const size_t rest = ctx.args.size() - first;
  const bool contradicts = addition.only_new && addition.only_present;
  if (rest == 0 || rest % 3 != 0 || contradicts) return ctx.SyntaxError();
  for (size_t i = first; i < ctx.args.size(); i += 3) {
    GeoPoint point;
    if (!ParseGeoPoint(ctx, i, &point)) return;
    addition.items.push_back({ScoreOfPoint(point), ctx.args[i + 2]});
  }
  AddToSortedSet(ctx, addition);
}

void GeoDistCommand(CommandContext& ctx) {
  double unit_meters = 1;
  if (ctx.args.size() > 5) return ctx.SyntaxError();
  if (ctx.args.size() == 5 && !ParseGeoUnit(ctx, 4, &unit_meters)) return;
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  GeoPoint a, b;
  if (!FindPoint(set, ctx.args[2], &a) || !FindPoint(set, ctx.args[3], &b)) return ctx.reply.Null();
  WriteDistance(ctx.reply, GeoDistance(a, b) / unit_meters);
}

void GeoHashCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const absl::string_view member : ctx.args.subspan(2)) {
    GeoPoint point;
    if (FindPoint(set, member, &point)) {
      ctx.reply.Bulk(GeohashOf(point));
    } else {
      ctx.reply.Null();
    }
  }
}

void GeoPosCommand(CommandContext& ctx) {
  const SortedSetValue* set;
  if (!FindToRead(ctx, ctx.FirstKey(), &set)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const absl::string_view member : ctx.args.subspan(2)) {
    GeoPoint point;
    if (FindPoint(set, member, &point)) {
      WriteGeoPoint(ctx.reply, point);
    } else {
      ctx.reply.NullArray();
    }
  }
}

}  // namespace damselfly
