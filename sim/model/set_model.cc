// Set commands: https://redis.io/docs/latest/commands/?group=set

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {

Expected KeyspaceModel::SAdd(const Args& args) {
  Value& value = Open(args[1], Kind::kSet);
  int64_t added = 0;
  for (size_t i = 2; i < args.size(); ++i) added += value.members.insert(args[i]).second;
  if (added > 0) Close(args[1]);
  return Expected::Integer(added);
}

Expected KeyspaceModel::SRem(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t removed = 0;
  for (size_t i = 2; i < args.size(); ++i)
    removed += static_cast<int64_t>(value->members.erase(args[i]));
  if (removed > 0) Close(args[1]);
  return Expected::Integer(removed);
}

Expected KeyspaceModel::SIsMember(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value != nullptr && value->members.count(args[2]) > 0);
}

Expected KeyspaceModel::SCard(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->members.size()));
}

Expected KeyspaceModel::SMembers(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::BulksInAnyOrder({});
  return Expected::BulksInAnyOrder({value->members.begin(), value->members.end()});
}

// SMOVE source destination member
Expected KeyspaceModel::SMove(const Args& args) {
  const Value* const source = Find(args[1]);
  if (source == nullptr) return Expected::Integer(0);
  if (IsOther(args[2], Kind::kSet)) return WrongType();
  if (source->members.count(args[3]) == 0) return Expected::Integer(0);
  if (args[1] == args[2]) return Expected::Integer(1);
  SRem({"SREM", args[1], args[3]});
  SAdd({"SADD", args[2], args[3]});
  return Expected::Integer(1);
}

// The union, intersection or difference ("SUNION...") of the sets from args[first] on. False if
// one of them is no set.
bool KeyspaceModel::Combined(absl::string_view how, const Args& args, size_t first,
                             std::set<std::string>* members) {
  for (size_t i = first; i < args.size(); ++i) {
    if (IsOther(args[i], Kind::kSet)) return false;
  }
  for (size_t i = first; i < args.size(); ++i) {
    const Value* const value = Find(args[i]);
    const std::set<std::string> set = value == nullptr ? std::set<std::string>() : value->members;
    if (i == first || absl::StartsWith(how, "SUNION")) {
      members->insert(set.begin(), set.end());
      continue;
    }
    const bool keeps = absl::StartsWith(how, "SINTER");
    for (auto at = members->begin(); at != members->end();) {
      at = (set.count(*at) > 0) == keeps ? std::next(at) : members->erase(at);
    }
  }
  return true;
}

Expected KeyspaceModel::SCombine(const Args& args) {
  std::set<std::string> members;
  if (!Combined(args[0], args, 1, &members)) return WrongType();
  return Expected::BulksInAnyOrder({members.begin(), members.end()});
}

// SINTERSTORE and its like: destination, then the sets.
Expected KeyspaceModel::SCombineStore(const Args& args) {
  std::set<std::string> members;
  if (!Combined(args[0], args, 2, &members)) return WrongType();
  if (members.empty()) {
    Erase(args[1]);
    return Expected::Integer(0);
  }
  Value& value = Assign(args[1], "");
  value.type = Kind::kSet;
  value.members = members;
  return Expected::Integer(static_cast<int64_t>(members.size()));
}

}  // namespace damselfly::sim
