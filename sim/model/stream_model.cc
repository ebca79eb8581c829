// Stream commands: https://redis.io/docs/latest/commands/?group=stream
//
// Ids are whole numbers here: n stands for n-0. What is done to groups, and what they read, counts
// as no change of the key for those who watch it; that a group is gone does here (not so in Redis).

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

uint64_t Id(const std::string& text) {
  uint64_t id = 0;
  return absl::SimpleAtoi(text, &id) ? id : 0;
}

Expected Entry(uint64_t id, const Args& fields) {
  return Expected::Array({Expected::Bulk(absl::StrCat(id, "-0")), Expected::Bulks(fields)});
}

}  // namespace

// XADD key id field value...
Expected KeyspaceModel::XAdd(const Args& args) {
  const uint64_t id = Id(args[2]);
  if (id == 0) return Expected::Error("ERR The ID specified in XADD must be greater than 0-0");
  if (IsOther(args[1], Kind::kStream)) return WrongType();
  const Value* const before = Find(args[1]);
  if (before != nullptr && id <= before->stream.last_id)
    return Expected::Error("ERR The ID specified in XADD is equal or smaller");
  Value& value = Open(args[1], Kind::kStream);
  value.stream.entries[id] = Args(args.begin() + 3, args.end());
  value.stream.last_id = id;
  Close(args[1]);
  return Expected::Bulk(absl::StrCat(id, "-0"));
}

Expected KeyspaceModel::XLen(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0
                                            : static_cast<int64_t>(value->stream.entries.size()));
}

// XRANGE key - + COUNT n, XREVRANGE key + - COUNT n
Expected KeyspaceModel::XRange(const Args& args) {
  const Value* const value = Find(args[1]);
  std::vector<Expected> entries;
  if (value != nullptr) {
    for (const auto& [id, fields] : value->stream.entries) entries.push_back(Entry(id, fields));
  }
  if (args[0] == "XREVRANGE") std::reverse(entries.begin(), entries.end());
  const size_t count = std::min(entries.size(), static_cast<size_t>(Id(args[5])));
  return Expected::Array({entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count)});
}

// XDEL key id...
Expected KeyspaceModel::XDel(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t removed = 0;
  for (size_t i = 2; i < args.size(); ++i)
    removed += static_cast<int64_t>(value->stream.entries.erase(Id(args[i])));
  if (removed > 0) Close(args[1]);
  return Expected::Integer(removed);
}

// XTRIM key MAXLEN n
Expected KeyspaceModel::XTrim(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t removed = 0;
  while (value->stream.entries.size() > Id(args[3])) {
    value->stream.entries.erase(value->stream.entries.begin());
    ++removed;
  }
  if (removed > 0) Close(args[1]);
  return Expected::Integer(removed);
}

// XGROUP CREATE key group 0 MKSTREAM, XGROUP DESTROY key group
Expected KeyspaceModel::XGroup(const Args& args) {
  if (args[1] == "DESTROY") {
    Value* const value = Find(args[2]);
    if (value == nullptr) return Expected::Error("ERR The XGROUP subcommand requires the key");
    const auto destroyed = static_cast<int64_t>(value->stream.groups.erase(args[3]));
    if (destroyed > 0) Touch(Name(args[2]));
    return Expected::Integer(destroyed);
  }
  const Value* const before = Find(args[2]);
  if (before != nullptr && before->stream.groups.count(args[3]) > 0)
    return Expected::Error("BUSYGROUP");
  Value& value = Open(args[2], Kind::kStream);
  value.stream.groups[args[3]].last_delivered = Id(args[4]);
  return Expected::Ok();
}

// XREADGROUP GROUP group consumer COUNT n STREAMS key >
Expected KeyspaceModel::XReadGroup(const Args& args) {
  const std::string& key = args[7];
  Value* const value = Find(key);
  if (value == nullptr || value->stream.groups.count(args[2]) == 0)
    return Expected::Error("NOGROUP");
  Stream::Group& group = value->stream.groups[args[2]];
  std::vector<Expected> entries;
  for (auto entry = value->stream.entries.upper_bound(group.last_delivered);
       entry != value->stream.entries.end() && entries.size() < Id(args[5]); ++entry) {
    entries.push_back(Entry(entry->first, entry->second));
    group.pending[entry->first] = args[3];
    group.last_delivered = entry->first;
  }
  if (entries.empty()) return Expected::Null();
  return Expected::ByKey(key, Expected::Array(std::move(entries)));
}

// XACK key group id...
Expected KeyspaceModel::XAck(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr || value->stream.groups.count(args[2]) == 0) return Expected::Integer(0);
  int64_t acknowledged = 0;
  for (size_t i = 3; i < args.size(); ++i) {
    acknowledged += static_cast<int64_t>(value->stream.groups[args[2]].pending.erase(Id(args[i])));
  }
  return Expected::Integer(acknowledged);
}

}  // namespace damselfly::sim
