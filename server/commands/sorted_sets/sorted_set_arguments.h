#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"
#include "server/values/sorted_set_ranges.h"

// What the commands of sorted sets read from their arguments, and how they write members. Each
// Parse function replies with the error and returns false for what it cannot read.

namespace damselfly {

// A score, or a coordinate: a number that is not NaN. `error` is said otherwise.
bool ParseScore(const CommandContext& ctx, size_t index, double* score,
                absl::string_view error = "ERR value is not a valid float");

// An integer from `min` on. `error` is said of anything else.
bool ParseIntegerFrom(const CommandContext& ctx, size_t index, int64_t min, int64_t* value,
                      absl::string_view error);

// An integer that is not negative, in the words of commands that have none of their own.
bool ParseCount(const CommandContext& ctx, size_t index, int64_t* count);

// "1.5", "(1.5", "-inf". The arguments may stand in either order.
bool ParseScoreRange(const CommandContext& ctx, size_t min_index, size_t max_index,
                     ScoreRange* range);

// "[member", "(member", "-", "+". The range refers to the arguments.
bool ParseLexRange(const CommandContext& ctx, size_t min_index, size_t max_index, LexRange* range);

// The ranks from args[start_index] to args[start_index + 1], which count from the end when they
// are negative, in a set of any size: see Resolve.
struct RankBounds {
  int64_t start = 0;
  int64_t stop = 0;

  RankRange Resolve(size_t size) const;
};
bool ParseRankBounds(const CommandContext& ctx, size_t start_index, RankBounds* bounds);

// Writes the header of an array of so many members, with or without their scores: pairs in RESP3,
// members and scores in turn in RESP2.
void WriteMembersHeader(ReplyWriter& reply, size_t count, bool with_scores);
// One of them.
inline void WriteMember(ReplyWriter& reply, absl::string_view member, double score,
                        bool with_scores) {
  if (!with_scores) return reply.Bulk(member);
  if (reply.protocol() > 2) reply.Array(2);
  reply.Bulk(member);
  reply.Double(score);
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_ARGUMENTS_H_
