// Hash commands: https://redis.io/docs/latest/commands/?group=hash

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {

// HSET key field value...
Expected KeyspaceModel::HSet(const Args& args) {
  Value& value = Open(args[1], Kind::kHash);
  int64_t added = 0;
  for (size_t i = 2; i + 1 < args.size(); i += 2) {
    added += value.fields.count(args[i]) == 0;
    value.fields[args[i]] = args[i + 1];
  }
  Close(args[1]);
  return Expected::Integer(added);
}

Expected KeyspaceModel::HSetNx(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value != nullptr && value->fields.count(args[2]) > 0) return Expected::Integer(0);
  return HSet(args);
}

Expected KeyspaceModel::HGet(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr || value->fields.count(args[2]) == 0) return Expected::Null();
  return Expected::Bulk(value->fields.at(args[2]));
}

Expected KeyspaceModel::HMGet(const Args& args) {
  std::vector<Expected> values;
  for (size_t i = 2; i < args.size(); ++i) values.push_back(HGet({"HGET", args[1], args[i]}));
  return Expected::Array(std::move(values));
}

Expected KeyspaceModel::HGetAll(const Args& args) {
  const Value* const value = Find(args[1]);
  return value == nullptr ? Expected::Fields({}) : Expected::Fields(value->fields);
}

Expected KeyspaceModel::HKeys(const Args& args) {
  std::vector<std::string> names;
  if (const Value* const value = Find(args[1])) {
    for (const auto& [field, of_field] : value->fields) names.push_back(field);
  }
  return Expected::BulksInAnyOrder(std::move(names));
}

Expected KeyspaceModel::HLen(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->fields.size()));
}

Expected KeyspaceModel::HExists(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value != nullptr && value->fields.count(args[2]) > 0);
}

Expected KeyspaceModel::HDel(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  int64_t removed = 0;
  for (size_t i = 2; i < args.size(); ++i)
    removed += static_cast<int64_t>(value->fields.erase(args[i]));
  if (removed > 0) Close(args[1]);
  return Expected::Integer(removed);
}

Expected KeyspaceModel::HIncrBy(const Args& args) {
  const Value* const value = Find(args[1]);
  int64_t number = 0;
  if (value != nullptr && value->fields.count(args[2]) > 0) {
    const std::string& text = value->fields.at(args[2]);
    if (!absl::SimpleAtoi(text, &number) || absl::StrCat(number) != text)
      return Expected::Error("ERR hash value is not an integer");
  }
  int64_t delta = 0;
  if (!absl::SimpleAtoi(args[3], &delta)) return Expected::Error("ERR");
  int64_t sum;
  if (__builtin_add_overflow(number, delta, &sum))
    return Expected::Error("ERR increment or decrement would overflow");
  HSet({"HSET", args[1], args[2], absl::StrCat(sum)});
  return Expected::Integer(sum);
}

}  // namespace damselfly::sim
