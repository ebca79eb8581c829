// String commands: https://redis.io/docs/latest/commands/?group=string

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

// As Redis reads numbers: no blanks, no plus, no leading zeros.
bool ParseInteger(const std::string& text, int64_t* out) {
  return absl::SimpleAtoi(text, out) && absl::StrCat(*out) == text;
}

int64_t Number(const std::string& text) {
  int64_t number = 0;
  const bool parsed = absl::SimpleAtoi(text, &number);
  return parsed ? number : 0;
}

}  // namespace

Expected KeyspaceModel::ValueOrNull(const std::string& key) {
  const Value* value = Find(key);
  return value == nullptr || value->type != Kind::kString ? Expected::Null()
                                                          : Expected::Bulk(value->data);
}

Expected KeyspaceModel::Get(const Args& args) { return ValueOrNull(args[1]); }

void KeyspaceModel::ApplyExpiryOption(const std::string& key, const std::string& option,
                                      const std::string& number) {
  Value* const value = &keys_[Name(key)];
  had_deadline_.insert(Name(key));
  const int64_t unit_ms = option[0] == 'P' ? 1 : 1000;
  const int64_t time_ms = Number(number) * unit_ms;
  if (option == "EX" || option == "PX") {
    SetDeadline(value, now_.wall_min_ms() + time_ms, now_.wall_max_ms() + time_ms);
  } else if (time_ms <= now_.wall_min_ms()) {
    // What is set with a deadline that has passed is gone at once, for who watches too.
    EraseIn(Name(key));
  } else {
    if (time_ms <= now_.wall_max_ms()) NoteDoubt();
    SetDeadline(value, time_ms, time_ms);
  }
}

// SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]
Expected KeyspaceModel::Set(const Args& args) {
  const std::string& key = args[1];
  bool only_new = false;
  bool only_old = false;
  bool get = false;
  bool keep = false;
  size_t expiry = 0;
  for (size_t i = 3; i < args.size(); ++i) {
    if (args[i] == "NX") {
      only_new = true;
    } else if (args[i] == "XX") {
      only_old = true;
    } else if (args[i] == "GET") {
      get = true;
    } else if (args[i] == "KEEPTTL") {
      keep = true;
    } else {
      expiry = i++;
    }
  }
  if (get && IsOther(key, Kind::kString)) return WrongType();
  Expected old = ValueOrNull(key);
  const Value* found = Find(key);
  if ((only_new && found != nullptr) || (only_old && found == nullptr))
    return get ? old : Expected::Null();
  const Value before = found == nullptr ? Value() : *found;
  Value& value = Assign(key, args[2]);
  if (keep && before.has_deadline()) {
    value.deadline_min_ms = before.deadline_min_ms;
    value.deadline_max_ms = before.deadline_max_ms;
  }
  if (expiry != 0) ApplyExpiryOption(key, args[expiry], args[expiry + 1]);
  return get ? old : Expected::Ok();
}

Expected KeyspaceModel::SetNx(const Args& args) {
  if (Find(args[1]) != nullptr) return Expected::Integer(0);
  Assign(args[1], args[2]);
  return Expected::Integer(1);
}

Expected KeyspaceModel::SetEx(const Args& args) {
  Assign(args[1], args[3]);
  ApplyExpiryOption(args[1], "EX", args[2]);
  return Expected::Ok();
}

Expected KeyspaceModel::PSetEx(const Args& args) {
  Assign(args[1], args[3]);
  ApplyExpiryOption(args[1], "PX", args[2]);
  return Expected::Ok();
}

Expected KeyspaceModel::GetSet(const Args& args) {
  Expected old = ValueOrNull(args[1]);
  Assign(args[1], args[2]);
  return old;
}

Expected KeyspaceModel::GetDel(const Args& args) {
  Expected old = ValueOrNull(args[1]);
  Erase(args[1]);
  return old;
}

// GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]
Expected KeyspaceModel::GetEx(const Args& args) {
  Expected old = ValueOrNull(args[1]);
  Value* value = Find(args[1]);
  if (value == nullptr || args.size() == 2) return old;
  if (args[2] == "PERSIST") {
    if (value->has_deadline()) Touch(Name(args[1]));
    value->deadline_min_ms = value->deadline_max_ms = 0;
  } else {
    Touch(Name(args[1]));
    ApplyExpiryOption(args[1], args[2], args[3]);
  }
  return old;
}

Expected KeyspaceModel::Append(const Args& args) {
  Value* value = Find(args[1]);
  if (value == nullptr)
    return Expected::Integer(static_cast<int64_t>(Assign(args[1], args[2]).data.size()));
  value->data += args[2];
  Touch(Name(args[1]));
  return Expected::Integer(static_cast<int64_t>(value->data.size()));
}

Expected KeyspaceModel::StrLen(const Args& args) {
  const Value* value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->data.size()));
}

Expected KeyspaceModel::AddTo(const std::string& key, int64_t delta) {
  int64_t number = 0;
  Value* value = Find(key);
  if (value != nullptr && !ParseInteger(value->data, &number)) {
    return Expected::Error("ERR value is not an integer or out of range");
  }
  int64_t sum;
  if (__builtin_add_overflow(number, delta, &sum)) {
    return Expected::Error("ERR increment or decrement would overflow");
  }
  if (value == nullptr) {
    Assign(key, absl::StrCat(sum));
  } else {
    value->data = absl::StrCat(sum);
    Touch(Name(key));
  }
  return Expected::Integer(sum);
}

Expected KeyspaceModel::Incr(const Args& args) { return AddTo(args[1], 1); }
Expected KeyspaceModel::Decr(const Args& args) { return AddTo(args[1], -1); }
Expected KeyspaceModel::IncrBy(const Args& args) { return AddTo(args[1], Number(args[2])); }

Expected KeyspaceModel::DecrBy(const Args& args) {
  const int64_t decrement = Number(args[2]);
  if (decrement == std::numeric_limits<int64_t>::min())
    return Expected::Error("ERR decrement would overflow");
  return AddTo(args[1], -decrement);
}

Expected KeyspaceModel::GetRange(const Args& args) {
  const Value* value = Find(args[1]);
  if (value == nullptr) return Expected::Bulk("");
  const int64_t size = static_cast<int64_t>(value->data.size());
  int64_t begin = Number(args[2]);
  int64_t end = Number(args[3]);
  if (begin < 0) begin = std::max<int64_t>(begin + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  // Both ends negative and the wrong way round gives nothing, before they are brought into the
  // string.
  if (Number(args[2]) < 0 && Number(args[3]) < 0 && Number(args[2]) > Number(args[3]))
    return Expected::Bulk("");
  if (size == 0 || begin > end) return Expected::Bulk("");
  return Expected::Bulk(
      value->data.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin + 1)));
}

Expected KeyspaceModel::SetRange(const Args& args) {
  const size_t offset = static_cast<size_t>(Number(args[2]));
  const std::string& patch = args[3];
  Value* value = Find(args[1]);
  if (patch.empty())
    return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->data.size()));
  if (value == nullptr) value = &Assign(args[1], "");
  if (value->data.size() < offset + patch.size()) value->data.resize(offset + patch.size(), '\0');
  value->data.replace(offset, patch.size(), patch);
  Touch(Name(args[1]));
  return Expected::Integer(static_cast<int64_t>(value->data.size()));
}

Expected KeyspaceModel::MGet(const Args& args) {
  std::vector<Expected> values;
  for (size_t i = 1; i < args.size(); ++i) values.push_back(ValueOrNull(args[i]));
  return Expected::Array(std::move(values));
}

Expected KeyspaceModel::MSet(const Args& args) {
  for (size_t i = 1; i + 1 < args.size(); i += 2) Assign(args[i], args[i + 1]);
  return Expected::Ok();
}

Expected KeyspaceModel::MSetNx(const Args& args) {
  for (size_t i = 1; i + 1 < args.size(); i += 2) {
    if (Find(args[i]) != nullptr) return Expected::Integer(0);
  }
  MSet(args);
  return Expected::Integer(1);
}

}  // namespace damselfly::sim
