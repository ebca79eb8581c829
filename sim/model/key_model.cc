// Generic key commands: https://redis.io/docs/latest/commands/?group=generic

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

int64_t Number(const std::string& text) {
  int64_t number = 0;
  const bool parsed = absl::SimpleAtoi(text, &number);
  return parsed ? number : 0;
}

const char* NameOf(int type) {
  static constexpr const char* kNames[] = {"string", "list", "hash", "set", "zset", "stream"};
  return kNames[type];
}

}  // namespace

Expected KeyspaceModel::Del(const Args& args) {
  int64_t count = 0;
  for (size_t i = 1; i < args.size(); ++i) count += Erase(args[i]);
  return Expected::Integer(count);
}

Expected KeyspaceModel::Exists(const Args& args) {
  int64_t count = 0;
  for (size_t i = 1; i < args.size(); ++i) count += Find(args[i]) != nullptr;
  return Expected::Integer(count);
}

Expected KeyspaceModel::Type(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Simple(value == nullptr ? "none" : NameOf(static_cast<int>(value->type)));
}

Expected KeyspaceModel::Rename(const Args& args) {
  const Value* value = Find(args[1]);
  if (value == nullptr) return Expected::Error("ERR no such key");
  if (args[1] == args[2]) return Expected::Ok();
  const Value copy = *value;
  Erase(args[1]);
  keys_[Name(args[2])] = copy;
  if (copy.has_deadline()) had_deadline_.insert(Name(args[2]));
  Touch(Name(args[2]));
  return Expected::Ok();
}

Expected KeyspaceModel::RenameNx(const Args& args) {
  if (Find(args[1]) == nullptr) return Expected::Error("ERR no such key");
  if (Find(args[2]) != nullptr) return Expected::Integer(0);
  Rename(args);
  return Expected::Integer(1);
}

// COPY source destination [DB n] [REPLACE]
Expected KeyspaceModel::Copy(const Args& args) {
  KeyName to = Name(args[2]);
  bool replace = false;
  for (size_t i = 3; i < args.size(); ++i) {
    if (args[i] == "REPLACE") replace = true;
    if (args[i] == "DB") to.first = static_cast<int>(Number(args[++i]));
  }
  const Value* value = Find(args[1]);
  if (value == nullptr || (FindIn(to) != nullptr && !replace)) return Expected::Integer(0);
  const Value copy = *value;
  keys_[to] = copy;
  if (copy.has_deadline()) had_deadline_.insert(to);
  Touch(to);
  return Expected::Integer(1);
}

Expected KeyspaceModel::Move(const Args& args) {
  const KeyName to = {static_cast<int>(Number(args[2])), args[1]};
  if (to.first == database_)
    return Expected::Error("ERR source and destination objects are the same");
  const Value* value = Find(args[1]);
  if (value == nullptr || FindIn(to) != nullptr) return Expected::Integer(0);
  const Value copy = *value;
  Erase(args[1]);
  keys_[to] = copy;
  if (copy.has_deadline()) had_deadline_.insert(to);
  Touch(to);
  return Expected::Integer(1);
}

Expected KeyspaceModel::Expire(const Args& args) {
  return ExpireAfter(args, Number(args[2]) * 1000);
}

Expected KeyspaceModel::PExpire(const Args& args) { return ExpireAfter(args, Number(args[2])); }

Expected KeyspaceModel::ExpireAfter(const Args& args, int64_t time_ms) {
  return ExpireTo(args, now_.wall_min_ms() + time_ms, now_.wall_max_ms() + time_ms, time_ms <= 0);
}

Expected KeyspaceModel::ExpireAt(const Args& args) {
  return ExpireAtTime(args, Number(args[2]) * 1000);
}

Expected KeyspaceModel::PExpireAt(const Args& args) { return ExpireAtTime(args, Number(args[2])); }

Expected KeyspaceModel::ExpireAtTime(const Args& args, int64_t time_ms) {
  if (now_.wall_min_ms() < time_ms && time_ms <= now_.wall_max_ms()) NoteDoubt();
  return ExpireTo(args, time_ms, time_ms, time_ms <= now_.wall_min_ms());
}

// ... key time [NX | XX | GT | LT]
Expected KeyspaceModel::ExpireTo(const Args& args, int64_t min_ms, int64_t max_ms, bool passed) {
  Value* value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  const std::string condition = args.size() > 3 ? args[3] : "";
  const bool had = value->has_deadline();
  // A key without a deadline counts as one that expires later than any other.
  if ((condition == "NX" && had) || ((condition == "XX" || condition == "GT") && !had))
    return Expected::Integer(0);
  had_deadline_.insert(Name(args[1]));
  if (condition == "GT" && max_ms <= value->deadline_min_ms) return Expected::Integer(0);
  if (condition == "LT" && had && min_ms >= value->deadline_max_ms) return Expected::Integer(0);
  const bool sure = condition == "GT"   ? min_ms > value->deadline_max_ms
                    : condition == "LT" ? !had || max_ms < value->deadline_min_ms
                                        : true;
  if (!sure) return ExpireBeyond(Name(args[1]), condition == "GT", min_ms, max_ms);
  SetDeadline(value, min_ms, max_ms);
  Touch(Name(args[1]));
  if (passed) Erase(args[1]);
  return Expected::Integer(1);
}

// GT or LT of two deadlines of which nobody can say which is the later: the key has the later, or
// the earlier, of the two in any case.
Expected KeyspaceModel::ExpireBeyond(const KeyName& name, bool later, int64_t min_ms,
                                     int64_t max_ms) {
  if (watched_.count(name) > 0) in_doubt_ = true;
  Value* const value = &keys_[name];
  if (later) {
    SetDeadline(value, std::max(min_ms, value->deadline_min_ms),
                std::max(max_ms, value->deadline_max_ms));
  } else {
    SetDeadline(value, std::min(min_ms, value->deadline_min_ms),
                std::min(max_ms, value->deadline_max_ms));
  }
  return Expected::IntegerIn(0, 1);
}

Expected KeyspaceModel::TimeLeft(const std::string& key, bool absolute, int64_t unit_ms) {
  const Value* value = Find(key);
  if (value == nullptr) return Expected::Integer(-2);
  if (!value->has_deadline()) return Expected::Integer(-1);
  int64_t low_ms = value->deadline_min_ms;
  int64_t high_ms = value->deadline_max_ms;
  if (!absolute) {
    low_ms = std::max<int64_t>(low_ms - now_.wall_max_ms(), 0);
    high_ms = std::max<int64_t>(high_ms - now_.wall_min_ms(), 0);
  }
  // Seconds are rounded to the nearest.
  const int64_t rounding_ms = unit_ms / 2;
  return Expected::IntegerIn((low_ms + rounding_ms) / unit_ms, (high_ms + rounding_ms) / unit_ms);
}

Expected KeyspaceModel::Ttl(const Args& args) { return TimeLeft(args[1], false, 1000); }
Expected KeyspaceModel::PTtl(const Args& args) { return TimeLeft(args[1], false, 1); }
Expected KeyspaceModel::ExpireTime(const Args& args) { return TimeLeft(args[1], true, 1000); }
Expected KeyspaceModel::PExpireTime(const Args& args) { return TimeLeft(args[1], true, 1); }

Expected KeyspaceModel::Persist(const Args& args) {
  Value* value = Find(args[1]);
  if (value == nullptr || !value->has_deadline()) return Expected::Integer(0);
  value->deadline_min_ms = value->deadline_max_ms = 0;
  Touch(Name(args[1]));
  return Expected::Integer(1);
}

// KEYS prefix*
Expected KeyspaceModel::Keys(const Args& args) {
  const absl::string_view prefix = absl::string_view(args[1]).substr(0, args[1].size() - 1);
  std::vector<std::string> names;
  for (const auto& [name, value] : keys_) {
    if (value.hidden_for == number_ || SurelyExpired(value)) continue;
    if (name.first == database_ && absl::StartsWith(name.second, prefix))
      names.push_back(name.second);
  }
  return Expected::BulksInAnyOrder(std::move(names));
}

// SCAN cursor MATCH prefix* [COUNT count] [TYPE type]
Expected KeyspaceModel::Scan(const Args& args) {
  const absl::string_view prefix = absl::string_view(args[3]).substr(0, args[3].size() - 1);
  std::string type;
  for (size_t i = 4; i + 1 < args.size(); i += 2) {
    if (args[i] == "TYPE") type = args[i + 1];
  }
  std::vector<std::string> may;
  for (auto key = keys_.lower_bound({database_, std::string(prefix)}); key != keys_.end(); ++key) {
    const auto& [name, value] = *key;
    if (name.first != database_ || !absl::StartsWith(name.second, prefix)) break;
    if (!type.empty() && type != NameOf(static_cast<int>(value.type))) continue;
    if (!SurelyExpired(value)) may.push_back(name.second);
  }
  if (args[1] == "0") {
    scan_database_ = database_;
    scan_type_ = type;
    unscanned_ = std::set<std::string>(may.begin(), may.end());
  }
  std::vector<std::string> must;
  for (const std::string& key : unscanned_) {
    if (had_deadline_.count({scan_database_, key}) == 0) must.push_back(key);
  }
  return Expected::Scanned(args[1], std::move(may), std::move(must));
}

// A round of SCAN with TYPE passes over a key that is of another type at its moment.
void KeyspaceModel::ForgetOtherTypes() {
  if (scan_type_.empty()) return;
  for (auto key = unscanned_.begin(); key != unscanned_.end();) {
    const auto found = keys_.find({scan_database_, *key});
    const bool is_other =
        found != keys_.end() && NameOf(static_cast<int>(found->second.type)) != scan_type_;
    key = is_other ? unscanned_.erase(key) : std::next(key);
  }
}

void KeyspaceModel::NoteScanned(const Reply& reply) {
  for (const Reply& key : reply.elements[1].elements) unscanned_.erase(key.text);
  if (reply.elements[0].text == "0") unscanned_.clear();
}

// FLUSHDB [ASYNC | SYNC]
Expected KeyspaceModel::FlushDb(const Args&) {
  std::vector<KeyName> names;
  for (const auto& [name, value] : keys_) {
    if (name.first == database_) names.push_back(name);
  }
  for (const KeyName& name : names) EraseIn(name);
  return Expected::Ok();
}

// Not within a transaction: Fork would look for the keys where they were before it.
Expected KeyspaceModel::SwapDb(const Args& args) {
  const int first = static_cast<int>(Number(args[1]));
  const int second = static_cast<int>(Number(args[2]));
  const auto partner = [first, second](const KeyName& name) {
    const int other = name.first == first ? second : name.first == second ? first : name.first;
    return KeyName(other, name.second);
  };
  // A watched key changes if it is there before or after. Of one that may have expired nobody can
  // say whether it is still there.
  for (const KeyName& name : watched_) {
    if (partner(name) == name) continue;
    for (const KeyName& side : {name, partner(name)}) {
      const auto key = keys_.find(side);
      if (key == keys_.end()) continue;
      if (MaybeGone(key->second, now_)) {
        in_doubt_ = true;
      } else {
        watched_changed_ = true;
      }
    }
  }
  std::map<KeyName, Value> swapped;
  for (auto& [name, value] : keys_) swapped[partner(name)] = std::move(value);
  keys_ = std::move(swapped);
  std::set<KeyName> had_deadline;
  for (const KeyName& name : had_deadline_) had_deadline.insert(partner(name));
  had_deadline_ = std::move(had_deadline);
  unscanned_.clear();
  return Expected::Ok();
}

}  // namespace damselfly::sim
