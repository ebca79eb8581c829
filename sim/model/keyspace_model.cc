#include "sim/model/keyspace_model.h"

#include <algorithm>
#include <iterator>

#include "server/base/check.h"

namespace damselfly::sim {

absl::Span<const KeyspaceModel::CommandRow> KeyspaceModel::Rows() {
  using M = KeyspaceModel;
  static constexpr CommandRow kRows[] = {
      {"GET", &M::Get, 1, 1, 1},
      {"SET", &M::Set, 1, 1, 1},
      {"SETNX", &M::SetNx, 1, 1, 1},
      {"SETEX", &M::SetEx, 1, 1, 1},
      {"PSETEX", &M::PSetEx, 1, 1, 1},
      {"GETSET", &M::GetSet, 1, 1, 1},
      {"GETDEL", &M::GetDel, 1, 1, 1},
      {"GETEX", &M::GetEx, 1, 1, 1},
      {"APPEND", &M::Append, 1, 1, 1},
      {"STRLEN", &M::StrLen, 1, 1, 1},
      {"INCR", &M::Incr, 1, 1, 1},
      {"DECR", &M::Decr, 1, 1, 1},
      {"INCRBY", &M::IncrBy, 1, 1, 1},
      {"DECRBY", &M::DecrBy, 1, 1, 1},
      {"GETRANGE", &M::GetRange, 1, 1, 1},
      {"SETRANGE", &M::SetRange, 1, 1, 1},
      {"MGET", &M::MGet, 1, -1, 1},
      {"MSET", &M::MSet, 1, -1, 2},
      {"MSETNX", &M::MSetNx, 1, -1, 2},
      {"SETBIT", &M::SetBit, 1, 1, 1},
      {"GETBIT", &M::GetBit, 1, 1, 1},
      {"BITCOUNT", &M::BitCount, 1, 1, 1},
      {"BITOP", &M::BitOp, 2, -1, 1},
      {"DEL", &M::Del, 1, -1, 1},
      {"UNLINK", &M::Del, 1, -1, 1},
      {"EXISTS", &M::Exists, 1, -1, 1},
      {"TOUCH", &M::Exists, 1, -1, 1},
      {"TYPE", &M::Type, 1, 1, 1},
      {"RENAME", &M::Rename, 1, 2, 1},
      {"RENAMENX", &M::RenameNx, 1, 2, 1},
      {"COPY", &M::Copy, 1, 2, 1},
      {"MOVE", &M::Move, 1, 1, 1},
      {"EXPIRE", &M::Expire, 1, 1, 1},
      {"PEXPIRE", &M::PExpire, 1, 1, 1},
      {"EXPIREAT", &M::ExpireAt, 1, 1, 1},
      {"PEXPIREAT", &M::PExpireAt, 1, 1, 1},
      {"TTL", &M::Ttl, 1, 1, 1},
      {"PTTL", &M::PTtl, 1, 1, 1},
      {"EXPIRETIME", &M::ExpireTime, 1, 1, 1},
      {"PEXPIRETIME", &M::PExpireTime, 1, 1, 1},
      {"PERSIST", &M::Persist, 1, 1, 1},
      {"KEYS", &M::Keys, -1, 0, 0},
      {"SCAN", &M::Scan, 0, 0, 0},
      {"FLUSHDB", &M::FlushDb, 0, 0, 0},
      {"SWAPDB", &M::SwapDb, 0, 0, 0},
      {"PING", &M::Ping, 0, 0, 0},
      {"ECHO", &M::Echo, 0, 0, 0},
      {"SELECT", &M::Select, 0, 0, 0},
      {"MULTI", &M::Multi, 0, 0, 0},
      {"EXEC", &M::Exec, 0, 0, 0},
      {"DISCARD", &M::Discard, 0, 0, 0},
      {"WATCH", &M::Watch, 1, -1, 1},
      {"UNWATCH", &M::Unwatch, 0, 0, 0},
      {"QUIT", &M::Quit, 0, 0, 0},
      {"RESET", &M::Reset, 0, 0, 0},
      {"CLIENT", &M::Client, 0, 0, 0},
      {"NOSUCHCOMMAND", &M::Unknown, 0, 0, 0},
  };
  return kRows;
}

const KeyspaceModel::CommandRow* KeyspaceModel::FindRow(absl::string_view name) {
  for (const CommandRow& row : Rows()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool KeyspaceModel::Knows(absl::string_view command) { return FindRow(command) != nullptr; }

void KeyspaceModel::AppendKeys(const Args& args, std::vector<Look>* keys) const {
  const CommandRow* row = FindRow(args[0]);
  DFLY_CHECK(row != nullptr);
  if (row->first_key < 0) {
    for (const auto& [name, value] : keys_) keys->push_back({name, false});
    return;
  }
  if (row->first_key == 0) return;
  const int count = static_cast<int>(args.size());
  // MOVE onto its own database fails before it looks.
  const bool deletes = (row->last_key == 1 && args[0] != "MOVE") || args[0] == "WATCH";
  const int last = row->last_key < 0 ? count + row->last_key : row->last_key;
  for (int i = row->first_key; i <= last; i += row->key_step) {
    keys->push_back({Name(args[static_cast<size_t>(i)]), deletes});
  }
  // The other database of COPY key key DB n, and of MOVE key n.
  if (args[0] == "COPY" && args.size() > 4) keys->push_back({{std::stoi(args[4]), args[2]}, false});
  if (args[0] == "MOVE") keys->push_back({{std::stoi(args[2]), args[1]}, false});
}

std::vector<KeyspaceModel::Look> KeyspaceModel::KeysOf(const Args& args) const {
  std::vector<Look> keys;
  if (args[0] == "EXEC" && in_transaction_) {
    for (const KeyName& name : watched_) keys.push_back({name, true});
    const size_t watched_count = keys.size();
    for (const Args& queued : queued_) AppendKeys(queued, &keys);
    // The transaction may be aborted, and then they look at nothing.
    for (size_t i = watched_count; i < keys.size(); ++i) keys[i].deletes = false;
  } else if (!in_transaction_) {
    AppendKeys(args, &keys);
  }
  return keys;
}

bool KeyspaceModel::Fork(const Args& args, uint64_t number, const Moment& moment,
                         std::vector<KeyspaceModel>* others) {
  number_ = number;
  for (const auto& [name, deletes] : KeysOf(args)) {
    const auto key = keys_.find(name);
    if (key == keys_.end() || !key->second.has_deadline()) continue;
    Value& value = key->second;
    const bool surely_gone = moment.wall_min_ms() > value.deadline_max_ms;
    const bool maybe_gone = MaybeGone(value, moment);
    if (surely_gone && deletes) {
      EraseIn(name);
      return true;
    }
    if (surely_gone || !maybe_gone || value.judged_for == number || value.hidden_for == number)
      continue;
    others->push_back(*this);
    if (deletes) {
      others->back().EraseIn(name);
    } else {
      others->back().keys_[name].hidden_for = number;
    }
    value.alive_at_ns = moment.begin_ns;
    value.judged_for = number;
    return true;
  }
  return false;
}

bool KeyspaceModel::MaybeGone(const Value& value, const Moment& moment) const {
  return value.has_deadline() && moment.wall->WallMaxMs(std::min(value.alive_at_ns, moment.end_ns),
                                                        moment.end_ns) >= value.deadline_min_ms;
}

bool KeyspaceModel::ConcernsDeadlines(const Args& args) const {
  for (const auto& [name, deletes] : KeysOf(args)) {
    if (had_deadline_.count(name) > 0) return true;
  }
  return false;
}

Expected KeyspaceModel::Execute(const Args& args, const Moment& moment) {
  now_ = moment;
  const absl::string_view name = args[0];
  static constexpr absl::string_view kNotQueued[] = {"EXEC", "DISCARD", "MULTI", "WATCH", "RESET"};
  if (!in_transaction_ ||
      std::find(std::begin(kNotQueued), std::end(kNotQueued), name) != std::end(kNotQueued))
    return Run(args);
  if (name == "NOSUCHCOMMAND") {
    transaction_failed_ = true;
    return Run(args);
  }
  queued_.push_back(args);
  return Expected::Simple("QUEUED");
}

Expected KeyspaceModel::Run(const Args& args) {
  const CommandRow* row = FindRow(args[0]);
  DFLY_CHECK(row != nullptr);
  return (this->*row->handler)(args);
}

void KeyspaceModel::ResetConnection() {
  database_ = 0;
  connection_name_.clear();
  unscanned_.clear();
  EndTransaction();
}

void KeyspaceModel::EndTransaction() {
  in_transaction_ = transaction_failed_ = watched_changed_ = false;
  queued_.clear();
  watched_.clear();
}

void KeyspaceModel::Clear() {
  keys_.clear();
  had_deadline_.clear();
  ResetConnection();
}

bool operator==(const KeyspaceModel& a, const KeyspaceModel& b) {
  return a.keys_ == b.keys_ && a.database_ == b.database_ &&
         a.connection_name_ == b.connection_name_ && a.in_transaction_ == b.in_transaction_ &&
         a.transaction_failed_ == b.transaction_failed_ && a.queued_ == b.queued_ &&
         a.watched_ == b.watched_ && a.watched_changed_ == b.watched_changed_ &&
         a.scan_database_ == b.scan_database_ && a.unscanned_ == b.unscanned_;
}

// ---- What the handlers share ----

KeyspaceModel::Value* KeyspaceModel::FindIn(const KeyName& name) {
  const auto key = keys_.find(name);
  if (key == keys_.end()) return nullptr;
  return key->second.hidden_for == number_ || SurelyExpired(key->second) ? nullptr : &key->second;
}

bool KeyspaceModel::EraseIn(const KeyName& name) {
  if (keys_.erase(name) == 0) return false;
  if (name.first == scan_database_) unscanned_.erase(name.second);
  Touch(name);
  return true;
}

KeyspaceModel::Value& KeyspaceModel::Assign(const std::string& key, std::string data) {
  Value& value = keys_[Name(key)];
  value = Value();
  value.data = std::move(data);
  value.alive_at_ns = now_.begin_ns;
  Touch(Name(key));
  return value;
}

void KeyspaceModel::Touch(const KeyName& name) {
  if (watched_.count(name) > 0) watched_changed_ = true;
}

void KeyspaceModel::SetDeadline(Value* value, int64_t min_ms, int64_t max_ms) {
  value->deadline_min_ms = min_ms;
  value->deadline_max_ms = max_ms;
  value->alive_at_ns = now_.begin_ns;
}

}  // namespace damselfly::sim
