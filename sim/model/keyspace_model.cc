#include "sim/model/keyspace_model.h"

#include <algorithm>
#include <iterator>

#include "server/base/check.h"

namespace damselfly::sim {

absl::Span<const KeyspaceModel::CommandRow> KeyspaceModel::Rows() {
  using M = KeyspaceModel;
  static constexpr CommandRow kRows[] = {
      {"GET", &M::Get, 1, 1, 1, kStringType},
      {"SET", &M::Set, 1, 1, 1, kAnyType},
      {"SETNX", &M::SetNx, 1, 1, 1, kAnyType},
      {"SETEX", &M::SetEx, 1, 1, 1, kAnyType},
      {"PSETEX", &M::PSetEx, 1, 1, 1, kAnyType},
      {"GETSET", &M::GetSet, 1, 1, 1, kStringType},
      {"GETDEL", &M::GetDel, 1, 1, 1, kStringType},
      {"GETEX", &M::GetEx, 1, 1, 1, kStringType},
      {"APPEND", &M::Append, 1, 1, 1, kStringType},
      {"STRLEN", &M::StrLen, 1, 1, 1, kStringType},
      {"INCR", &M::Incr, 1, 1, 1, kStringType},
      {"DECR", &M::Decr, 1, 1, 1, kStringType},
      {"INCRBY", &M::IncrBy, 1, 1, 1, kStringType},
      {"DECRBY", &M::DecrBy, 1, 1, 1, kStringType},
      {"GETRANGE", &M::GetRange, 1, 1, 1, kStringType},
      {"SETRANGE", &M::SetRange, 1, 1, 1, kStringType},
      {"MGET", &M::MGet, 1, -1, 1, kAnyType},
      {"MSET", &M::MSet, 1, -1, 2, kAnyType},
      {"MSETNX", &M::MSetNx, 1, -1, 2, kAnyType},
      {"SETBIT", &M::SetBit, 1, 1, 1, kStringType},
      {"GETBIT", &M::GetBit, 1, 1, 1, kStringType},
      {"BITCOUNT", &M::BitCount, 1, 1, 1, kStringType},
      {"BITOP", &M::BitOp, 2, -1, 1, kAnyType},
      {"LPUSH", &M::Push, 1, 1, 1, kListType},
      {"RPUSH", &M::Push, 1, 1, 1, kListType},
      {"LPUSHX", &M::PushX, 1, 1, 1, kListType},
      {"RPUSHX", &M::PushX, 1, 1, 1, kListType},
      {"LPOP", &M::Pop, 1, 1, 1, kListType},
      {"RPOP", &M::Pop, 1, 1, 1, kListType},
      {"BLPOP", &M::BlockingPop, 1, 1, 1, kListType},
      {"BRPOP", &M::BlockingPop, 1, 1, 1, kListType},
      {"LLEN", &M::LLen, 1, 1, 1, kListType},
      {"LINDEX", &M::LIndex, 1, 1, 1, kListType},
      {"LSET", &M::LSet, 1, 1, 1, kListType},
      {"LINSERT", &M::LInsert, 1, 1, 1, kListType},
      {"LRANGE", &M::LRange, 1, 1, 1, kListType},
      {"LREM", &M::LRem, 1, 1, 1, kListType},
      {"LTRIM", &M::LTrim, 1, 1, 1, kListType},
      {"LMOVE", &M::LMove, 1, 2, 1, kListType},
      {"HSET", &M::HSet, 1, 1, 1, kHashType},
      {"HSETNX", &M::HSetNx, 1, 1, 1, kHashType},
      {"HGET", &M::HGet, 1, 1, 1, kHashType},
      {"HMGET", &M::HMGet, 1, 1, 1, kHashType},
      {"HGETALL", &M::HGetAll, 1, 1, 1, kHashType},
      {"HKEYS", &M::HKeys, 1, 1, 1, kHashType},
      {"HLEN", &M::HLen, 1, 1, 1, kHashType},
      {"HEXISTS", &M::HExists, 1, 1, 1, kHashType},
      {"HDEL", &M::HDel, 1, 1, 1, kHashType},
      {"HINCRBY", &M::HIncrBy, 1, 1, 1, kHashType},
      {"SADD", &M::SAdd, 1, 1, 1, kSetType},
      {"SREM", &M::SRem, 1, 1, 1, kSetType},
      {"SISMEMBER", &M::SIsMember, 1, 1, 1, kSetType},
      {"SCARD", &M::SCard, 1, 1, 1, kSetType},
      {"SMEMBERS", &M::SMembers, 1, 1, 1, kSetType},
      {"SMOVE", &M::SMove, 1, 2, 1, kSetType},
      {"SINTER", &M::SCombine, 1, -1, 1, kAnyType},
      {"SUNION", &M::SCombine, 1, -1, 1, kAnyType},
      {"SDIFF", &M::SCombine, 1, -1, 1, kAnyType},
      {"SINTERSTORE", &M::SCombineStore, 1, -1, 1, kAnyType},
      {"SUNIONSTORE", &M::SCombineStore, 1, -1, 1, kAnyType},
      {"SDIFFSTORE", &M::SCombineStore, 1, -1, 1, kAnyType},
      {"ZADD", &M::ZAdd, 1, 1, 1, kSortedSetType},
      {"ZINCRBY", &M::ZIncrBy, 1, 1, 1, kSortedSetType},
      {"ZREM", &M::ZRem, 1, 1, 1, kSortedSetType},
      {"ZSCORE", &M::ZScore, 1, 1, 1, kSortedSetType},
      {"ZCARD", &M::ZCard, 1, 1, 1, kSortedSetType},
      {"ZRANK", &M::ZRank, 1, 1, 1, kSortedSetType},
      {"ZREVRANK", &M::ZRank, 1, 1, 1, kSortedSetType},
      {"ZCOUNT", &M::ZCount, 1, 1, 1, kSortedSetType},
      {"ZRANGE", &M::ZRange, 1, 1, 1, kSortedSetType},
      {"ZREVRANGE", &M::ZRange, 1, 1, 1, kSortedSetType},
      {"ZRANGEBYSCORE", &M::ZRangeByScore, 1, 1, 1, kSortedSetType},
      {"ZPOPMIN", &M::ZPop, 1, 1, 1, kSortedSetType},
      {"ZPOPMAX", &M::ZPop, 1, 1, 1, kSortedSetType},
      {"XADD", &M::XAdd, 1, 1, 1, kAnyType},
      {"XLEN", &M::XLen, 1, 1, 1, kStreamType},
      {"XRANGE", &M::XRange, 1, 1, 1, kStreamType},
      {"XREVRANGE", &M::XRange, 1, 1, 1, kStreamType},
      {"XDEL", &M::XDel, 1, 1, 1, kStreamType},
      {"XTRIM", &M::XTrim, 1, 1, 1, kStreamType},
      {"XGROUP", &M::XGroup, 2, 2, 1, kStreamType},
      {"XREADGROUP", &M::XReadGroup, 7, 7, 1, kStreamType},
      {"XACK", &M::XAck, 1, 1, 1, kStreamType},
      {"DEL", &M::Del, 1, -1, 1, kAnyType},
      {"UNLINK", &M::Del, 1, -1, 1, kAnyType},
      {"EXISTS", &M::Exists, 1, -1, 1, kAnyType},
      {"TOUCH", &M::Exists, 1, -1, 1, kAnyType},
      {"TYPE", &M::Type, 1, 1, 1, kAnyType},
      {"RENAME", &M::Rename, 1, 2, 1, kAnyType},
      {"RENAMENX", &M::RenameNx, 1, 2, 1, kAnyType},
      {"COPY", &M::Copy, 1, 2, 1, kAnyType},
      {"MOVE", &M::Move, 1, 1, 1, kAnyType},
      {"EXPIRE", &M::Expire, 1, 1, 1, kAnyType},
      {"PEXPIRE", &M::PExpire, 1, 1, 1, kAnyType},
      {"EXPIREAT", &M::ExpireAt, 1, 1, 1, kAnyType},
      {"PEXPIREAT", &M::PExpireAt, 1, 1, 1, kAnyType},
      {"TTL", &M::Ttl, 1, 1, 1, kAnyType},
      {"PTTL", &M::PTtl, 1, 1, 1, kAnyType},
      {"EXPIRETIME", &M::ExpireTime, 1, 1, 1, kAnyType},
      {"PEXPIRETIME", &M::PExpireTime, 1, 1, 1, kAnyType},
      {"PERSIST", &M::Persist, 1, 1, 1, kAnyType},
      {"KEYS", &M::Keys, -1, 0, 0, kAnyType},
      {"SCAN", &M::Scan, 0, 0, 0, kAnyType},
      {"FLUSHDB", &M::FlushDb, 0, 0, 0, kAnyType},
      {"SWAPDB", &M::SwapDb, 0, 0, 0, kAnyType},
      {"PING", &M::Ping, 0, 0, 0, kAnyType},
      {"ECHO", &M::Echo, 0, 0, 0, kAnyType},
      {"SELECT", &M::Select, 0, 0, 0, kAnyType},
      {"MULTI", &M::Multi, 0, 0, 0, kAnyType},
      {"EXEC", &M::Exec, 0, 0, 0, kAnyType},
      {"DISCARD", &M::Discard, 0, 0, 0, kAnyType},
      {"WATCH", &M::Watch, 1, -1, 1, kAnyType},
      {"UNWATCH", &M::Unwatch, 0, 0, 0, kAnyType},
      {"QUIT", &M::Quit, 0, 0, 0, kAnyType},
      {"RESET", &M::Reset, 0, 0, 0, kAnyType},
      {"CLIENT", &M::Client, 0, 0, 0, kAnyType},
      {"NOSUCHCOMMAND", &M::Unknown, 0, 0, 0, kAnyType},
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
  if (row->first_key_type != kAnyType &&
      IsOther(args[static_cast<size_t>(row->first_key)], static_cast<Kind>(row->first_key_type)))
    return WrongType();
  Expected expected = (this->*row->handler)(args);
  ForgetOtherTypes();
  return expected;
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

KeyspaceModel::Value& KeyspaceModel::Open(const std::string& key, Kind type) {
  Value* found = Find(key);
  if (found == nullptr) {
    found = &Assign(key, "");
    found->type = type;
  }
  DFLY_CHECK(found->type == type);
  return *found;
}

void KeyspaceModel::Close(const std::string& key) {
  const Value* const value = Find(key);
  DFLY_CHECK(value != nullptr);
  const bool is_empty = value->elements.empty() && value->fields.empty() &&
                        value->members.empty() && value->scores.empty();
  if (is_empty && value->type != Kind::kStream) {
    EraseIn(Name(key));
  } else {
    Touch(Name(key));
  }
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
