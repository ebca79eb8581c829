// Random commands on lists, hashes, sets, sorted sets and streams.

#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/clients/command_generator.h"

namespace damselfly::sim {

std::string CommandGenerator::KeyOf(CommandFamily family) {
  if (decisions_->Chance(1, 6)) return Key();
  uint64_t first = 0;
  for (uint32_t bit = kListFamily; bit < family; bit <<= 1) ++first;
  return KeyName(decisions_->Chance(2, 3) ? first : (first + 5) % kFewKeys);
}

std::string CommandGenerator::Element() {
  if (decisions_->Chance(1, 20)) return Value();
  const uint64_t which = decisions_->Below(30);
  return which < 10 ? absl::StrCat(which) : absl::StrCat("element-", which);
}

// Now and then so many that the value leaves its compact form.
void CommandGenerator::AppendElements(Args* args) {
  const bool many = decisions_->Chance(1, 25);
  const uint64_t count = many ? 100 + decisions_->Below(500) : 1 + decisions_->Below(4);
  for (uint64_t i = 0; i < count; ++i) args->push_back(many ? absl::StrCat("many-", i) : Element());
}

Args CommandGenerator::ListCommand() {
  const std::string key = KeyOf(kListFamily);
  switch (decisions_->Below(16)) {
    case 0:
    case 1:
    case 2: {
      static constexpr const char* kPushes[] = {"LPUSH", "RPUSH", "LPUSHX", "RPUSHX"};
      Args args = {kPushes[decisions_->Below(4)], key};
      AppendElements(&args);
      return args;
    }
    case 3:
    case 4: {
      Args args = {decisions_->Chance(1, 2) ? "LPOP" : "RPOP", key};
      if (decisions_->Chance(1, 2)) args.push_back(Number(1, 20));
      return args;
    }
    case 5:
      // Nobody else pushes there: it waits in vain, or not at all.
      return {decisions_->Chance(1, 2) ? "BLPOP" : "BRPOP", key, "0.01"};
    case 6:
      return {"LLEN", key};
    case 7:
      return {"LINDEX", key, Number(-12, 12)};
    case 8: {
      std::string index = Number(-6, 6);
      return {"LSET", key, std::move(index), Element()};
    }
    case 9: {
      std::string pivot = Element();
      return {"LINSERT", key, decisions_->Chance(1, 2) ? "BEFORE" : "AFTER", std::move(pivot),
              Element()};
    }
    case 10: {
      std::string count = Number(-2, 2);
      return {"LREM", key, std::move(count), Element()};
    }
    case 11: {
      std::string first = Number(-60, 3);
      return {"LTRIM", key, std::move(first), Number(-2, 60)};
    }
    case 12: {
      static constexpr const char* kEnds[] = {"LEFT", "RIGHT"};
      std::string to = KeyOf(kListFamily);
      const char* const from_end = kEnds[decisions_->Below(2)];
      return {"LMOVE", key, std::move(to), from_end, kEnds[decisions_->Below(2)]};
    }
    default: {
      std::string first = Number(-30, 30);
      return {"LRANGE", key, std::move(first), Number(-30, 30)};
    }
  }
}

Args CommandGenerator::HashCommand() {
  const std::string key = KeyOf(kHashFamily);
  switch (decisions_->Below(12)) {
    case 0:
    case 1:
    case 2: {
      Args fields;
      AppendElements(&fields);
      Args args = {"HSET", key};
      for (std::string& field : fields) {
        args.push_back(std::move(field));
        args.push_back(Value());
      }
      return args;
    }
    case 3: {
      std::string field = Element();
      return {"HSETNX", key, std::move(field), Value()};
    }
    case 4: {
      Args args = {"HDEL", key};
      AppendElements(&args);
      return args;
    }
    case 5: {
      std::string field = Element();
      return {"HINCRBY", key, std::move(field), Integer()};
    }
    case 6: {
      Args args = {"HMGET", key};
      AppendElements(&args);
      return args;
    }
    case 7:
      return {"HGETALL", key};
    case 8:
      return {"HKEYS", key};
    case 9:
      return {"HLEN", key};
    case 10:
      return {"HEXISTS", key, Element()};
    default:
      return {"HGET", key, Element()};
  }
}

Args CommandGenerator::SetCommand() {
  const std::string key = KeyOf(kSetFamily);
  switch (decisions_->Below(12)) {
    case 0:
    case 1:
    case 2: {
      Args args = {"SADD", key};
      AppendElements(&args);
      return args;
    }
    case 3: {
      Args args = {"SREM", key};
      AppendElements(&args);
      return args;
    }
    case 4: {
      std::string to = KeyOf(kSetFamily);
      return {"SMOVE", key, std::move(to), Element()};
    }
    case 5:
      return {"SCARD", key};
    case 6:
      return {"SMEMBERS", key};
    case 7: {
      static constexpr const char* kReads[] = {"SUNION", "SINTER", "SDIFF"};
      return {kReads[decisions_->Below(3)], key, KeyOf(kSetFamily)};
    }
    case 8: {
      static constexpr const char* kStores[] = {"SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"};
      std::string first = KeyOf(kSetFamily);
      return {kStores[decisions_->Below(3)], key, std::move(first), KeyOf(kSetFamily)};
    }
    default:
      return {"SISMEMBER", key, Element()};
  }
}

// Scores are small whole numbers: every sum of them is exact.
Args CommandGenerator::SortedSetCommand() {
  const std::string key = KeyOf(kSortedSetFamily);
  switch (decisions_->Below(14)) {
    case 0:
    case 1:
    case 2: {
      static constexpr const char* kConditions[] = {"NX", "XX", "GT", "LT"};
      Args args = {"ZADD", key};
      if (decisions_->Chance(1, 4)) args.push_back(kConditions[decisions_->Below(4)]);
      if (decisions_->Chance(1, 4)) args.push_back("CH");
      Args members;
      AppendElements(&members);
      for (std::string& member : members) {
        args.push_back(Number(-50, 50));
        args.push_back(std::move(member));
      }
      return args;
    }
    case 3: {
      std::string increment = Number(-5, 5);
      return {"ZINCRBY", key, std::move(increment), Element()};
    }
    case 4: {
      Args args = {"ZREM", key};
      AppendElements(&args);
      return args;
    }
    case 5:
      return {"ZSCORE", key, Element()};
    case 6:
      return {"ZCARD", key};
    case 7:
      return {decisions_->Chance(1, 2) ? "ZRANK" : "ZREVRANK", key, Element()};
    case 8: {
      const char* const open = decisions_->Chance(1, 2) ? "(" : "";
      std::string low = absl::StrCat(open, Number(-50, 50));
      return {"ZCOUNT", key, std::move(low), Number(-50, 50)};
    }
    case 9: {
      std::string low = Number(-50, 50);
      Args args = {"ZRANGEBYSCORE", key, std::move(low), Number(-50, 50)};
      if (decisions_->Chance(1, 2)) args.push_back("WITHSCORES");
      return args;
    }
    case 10:
      return {decisions_->Chance(1, 2) ? "ZPOPMIN" : "ZPOPMAX", key, Number(1, 4)};
    default: {
      const char* const command = decisions_->Chance(1, 2) ? "ZRANGE" : "ZREVRANGE";
      std::string first = Number(-30, 30);
      Args args = {command, key, std::move(first), Number(-30, 30)};
      if (decisions_->Chance(1, 2)) args.push_back("WITHSCORES");
      return args;
    }
  }
}

Args CommandGenerator::StreamCommand() {
  const std::string key = KeyOf(kStreamFamily);
  const auto id = [this] { return absl::StrCat(decisions_->Below(stream_id_ + 2)); };
  switch (decisions_->Below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      // Sometimes an id that has been.
      Args args = {"XADD", key, decisions_->Chance(1, 10) ? id() : absl::StrCat(++stream_id_)};
      for (uint64_t i = 1 + decisions_->Below(3); i > 0; --i) {
        args.push_back(absl::StrCat("field-", i));
        args.push_back(Value());
      }
      return args;
    }
    case 4:
      return {"XLEN", key};
    case 5:
      return {"XRANGE", key, "-", "+", "COUNT", Number(1, 30)};
    case 6:
      return {"XREVRANGE", key, "+", "-", "COUNT", Number(1, 30)};
    case 7:
      return {"XDEL", key, id(), id()};
    case 8:
      return {"XTRIM", key, "MAXLEN", Number(0, 20)};
    case 9: {
      const std::string group = absl::StrCat("group-", decisions_->Below(2));
      if (decisions_->Chance(1, 6)) return {"XGROUP", "DESTROY", key, group};
      return {"XGROUP", "CREATE", key, group, id(), "MKSTREAM"};
    }
    case 10: {
      std::string group = absl::StrCat("group-", decisions_->Below(2));
      std::string consumer = absl::StrCat("consumer-", decisions_->Below(2));
      return {"XREADGROUP",        "GROUP", std::move(group),
              std::move(consumer), "COUNT", Number(1, 5),
              "STREAMS",           key,     ">"};
    }
    default: {
      std::string group = absl::StrCat("group-", decisions_->Below(2));
      return {"XACK", key, std::move(group), id(), id()};
    }
  }
}

void CommandGenerator::AuditCollections(const std::string& key, std::vector<Args>* calls) const {
  if ((families_ & kListFamily) != 0) calls->push_back({"LRANGE", key, "0", "-1"});
  if ((families_ & kHashFamily) != 0) calls->push_back({"HGETALL", key});
  if ((families_ & kSetFamily) != 0) calls->push_back({"SMEMBERS", key});
  if ((families_ & kSortedSetFamily) != 0)
    calls->push_back({"ZRANGE", key, "0", "-1", "WITHSCORES"});
  if ((families_ & kStreamFamily) != 0)
    calls->push_back({"XRANGE", key, "-", "+", "COUNT", "1000000"});
}

}  // namespace damselfly::sim
