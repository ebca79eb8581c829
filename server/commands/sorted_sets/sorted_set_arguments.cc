#include "server/commands/sorted_sets/sorted_set_arguments.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "server/base/numbers.h"

namespace damselfly {
namespace {

// One end of a range of scores. Redis reads it with strtod and looks only at what follows: leading
// space is fine, nothing at all is 0, and a zero byte ends the text.
bool ParseScoreBound(absl::string_view text, double* score, bool* is_exclusive) {
  *is_exclusive = !text.empty() && text[0] == '(';
  if (*is_exclusive) text.remove_prefix(1);
  const std::string terminated(text);
  char* end;
  *score = std::strtod(terminated.c_str(), &end);
  return *end == '\0' && !std::isnan(*score);
}

bool ParseLexBound(absl::string_view text, LexBound* bound) {
  if (text.empty()) return false;
  const bool is_alone = text.size() == 1 || text[1] == '\0';
  switch (text[0]) {
    case '-':
      *bound = {LexBound::Kind::kLowest};
      return is_alone;
    case '+':
      *bound = {LexBound::Kind::kHighest};
      return is_alone;
    case '[':
      *bound = {LexBound::Kind::kInclusive, text.substr(1)};
      return true;
    case '(':
      *bound = {LexBound::Kind::kExclusive, text.substr(1)};
      return true;
    default:
      return false;
  }
}

}  // namespace

bool ParseScore(const CommandContext& ctx, size_t index, double* score, absl::string_view error) {
  if (ParseDouble(ctx.args[index], score)) return true;
  ctx.reply.Error(error);
  return false;
}

bool ParseIntegerFrom(const CommandContext& ctx, size_t index, int64_t min, int64_t* value,
                      absl::string_view error) {
  if (ParseInt64(ctx.args[index], value) && *value >= min) return true;
  ctx.reply.Error(error);
  return false;
}

bool ParseCount(const CommandContext& ctx, size_t index, int64_t* count) {
  return ParseIntegerFrom(ctx, index, 0, count, "ERR value is out of range, must be positive");
}

bool ParseScoreRange(const CommandContext& ctx, size_t min_index, size_t max_index,
                     ScoreRange* range) {
  if (ParseScoreBound(ctx.args[min_index], &range->min, &range->min_is_exclusive) &&
      ParseScoreBound(ctx.args[max_index], &range->max, &range->max_is_exclusive))
    return true;
  ctx.reply.Error("ERR min or max is not a float");
  return false;
}

bool ParseLexRange(const CommandContext& ctx, size_t min_index, size_t max_index, LexRange* range) {
  if (ParseLexBound(ctx.args[min_index], &range->min) &&
      ParseLexBound(ctx.args[max_index], &range->max))
    return true;
  ctx.reply.Error("ERR min or max not valid string range item");
  return false;
}

bool ParseRankBounds(const CommandContext& ctx, size_t start_index, RankBounds* bounds) {
  return ctx.ParseInteger(start_index, &bounds->start) &&
         ctx.ParseInteger(start_index + 1, &bounds->stop);
}

RankRange RankBounds::Resolve(size_t size) const {
  const auto members = static_cast<int64_t>(size);
  const int64_t first = std::max<int64_t>(start < 0 ? start + members : start, 0);
  const int64_t last = std::min(stop < 0 ? stop + members : stop, members - 1);
  if (first > last) return {};
  return {static_cast<size_t>(first), static_cast<size_t>(last) + 1};
}

void WriteMembersHeader(ReplyWriter& reply, size_t count, bool with_scores) {
  reply.Array(with_scores && reply.protocol() == 2 ? 2 * count : count);
}

}  // namespace damselfly
