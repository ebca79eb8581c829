// Sorted set commands: https://redis.io/docs/latest/commands/?group=sorted-set

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

using Members = std::vector<std::pair<std::string, double>>;

int64_t Number(const std::string& text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// Ascending by score, then by member.
Members InOrder(const std::map<std::string, double>& scores) {
  Members members(scores.begin(), scores.end());
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first < b.first;
  });
  return members;
}

// A bound of a range of scores: "5" or "(5".
bool IsAbove(double score, const std::string& bound) {
  return bound[0] == '(' ? score > static_cast<double>(Number(bound.substr(1)))
                         : score >= static_cast<double>(Number(bound));
}
bool IsBelow(double score, const std::string& bound) {
  return bound[0] == '(' ? score < static_cast<double>(Number(bound.substr(1)))
                         : score <= static_cast<double>(Number(bound));
}

Expected Reply(const Members& members, bool with_scores) {
  if (with_scores) return Expected::Scored(members);
  std::vector<std::string> names;
  for (const auto& [member, score] : members) names.push_back(member);
  return Expected::Bulks(names);
}

}  // namespace

// ZADD key [NX | XX] [GT | LT] [CH] score member...
Expected KeyspaceModel::ZAdd(const Args& args) {
  bool only_new = false, only_old = false, greater = false, less = false, counts_changed = false;
  size_t at = 2;
  for (;; ++at) {
    if (args[at] == "NX") {
      only_new = true;
    } else if (args[at] == "XX") {
      only_old = true;
    } else if (args[at] == "GT") {
      greater = true;
    } else if (args[at] == "LT") {
      less = true;
    } else if (args[at] == "CH") {
      counts_changed = true;
    } else {
      break;
    }
  }
  if (only_old && Find(args[1]) == nullptr) return Expected::Integer(0);
  Value& value = Open(args[1], Kind::kSortedSet);
  int64_t added = 0;
  int64_t changed = 0;
  for (; at + 1 < args.size(); at += 2) {
    const auto score = static_cast<double>(Number(args[at]));
    const auto found = value.scores.find(args[at + 1]);
    if (found == value.scores.end()) {
      if (only_old) continue;
      value.scores[args[at + 1]] = score;
      ++added;
    } else if (!only_new && score != found->second && (!greater || score > found->second) &&
               (!less || score < found->second)) {
      found->second = score;
      ++changed;
    }
  }
  if (added + changed > 0) Close(args[1]);
  return Expected::Integer(counts_changed ? added + changed : added);
}

// ZINCRBY key increment member
Expected KeyspaceModel::ZIncrBy(const Args& args) {
  Value& value = Open(args[1], Kind::kSortedSet);
  const double score = value.scores[args[3]] += static_cast<double>(Number(args[2]));
  Close(args[1]);
  return Expected::Score(score);
}

Expected KeyspaceModel::ZRem(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t removed = 0;
  for (size_t i = 2; i < args.size(); ++i)
    removed += static_cast<int64_t>(value->scores.erase(args[i]));
  if (removed > 0) Close(args[1]);
  return Expected::Integer(removed);
}

Expected KeyspaceModel::ZScore(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr || value->scores.count(args[2]) == 0) return Expected::Null();
  return Expected::Score(value->scores.at(args[2]));
}

Expected KeyspaceModel::ZCard(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->scores.size()));
}

// ZRANK, ZREVRANK key member
Expected KeyspaceModel::ZRank(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Null();
  Members members = InOrder(value->scores);
  if (args[0] == "ZREVRANK") std::reverse(members.begin(), members.end());
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].first == args[2]) return Expected::Integer(static_cast<int64_t>(i));
  }
  return Expected::Null();
}

// ZCOUNT key min max
Expected KeyspaceModel::ZCount(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t count = 0;
  for (const auto& [member, score] : value->scores)
    count += IsAbove(score, args[2]) && IsBelow(score, args[3]);
  return Expected::Integer(count);
}

// ZRANGE, ZREVRANGE key first last [WITHSCORES]
Expected KeyspaceModel::ZRange(const Args& args) {
  const Value* const value = Find(args[1]);
  Members members = value == nullptr ? Members() : InOrder(value->scores);
  if (args[0] == "ZREVRANGE") std::reverse(members.begin(), members.end());
  const auto size = static_cast<int64_t>(members.size());
  int64_t first = Number(args[2]);
  int64_t last = Number(args[3]);
  if (first < 0) first = std::max<int64_t>(first + size, 0);
  if (last < 0) last += size;
  last = std::min(last, size - 1);
  if (first > last) return Reply({}, args.size() > 4);
  return Reply({members.begin() + first, members.begin() + last + 1}, args.size() > 4);
}

// ZRANGEBYSCORE key min max [WITHSCORES]
Expected KeyspaceModel::ZRangeByScore(const Args& args) {
  const Value* const value = Find(args[1]);
  Members members;
  if (value != nullptr) {
    for (const auto& member : InOrder(value->scores)) {
      if (IsAbove(member.second, args[2]) && IsBelow(member.second, args[3]))
        members.push_back(member);
    }
  }
  return Reply(members, args.size() > 4);
}

// ZPOPMIN, ZPOPMAX key count
Expected KeyspaceModel::ZPop(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Array({});
  Members members = InOrder(value->scores);
  if (args[0] == "ZPOPMAX") std::reverse(members.begin(), members.end());
  members.resize(std::min(members.size(), static_cast<size_t>(Number(args[2]))));
  for (const auto& [member, score] : members) value->scores.erase(member);
  if (!members.empty()) Close(args[1]);
  return Expected::Scored(members);
}

}  // namespace damselfly::sim
