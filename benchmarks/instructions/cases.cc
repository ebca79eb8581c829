#include "benchmarks/instructions/cases.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/resp/request_writer.h"

namespace damselfly {
namespace {

constexpr absl::string_view kValue = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv";
constexpr absl::string_view kOtherValue = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";
constexpr size_t kManyKeys = 10;

std::string KeyName(uint64_t key) { return absl::StrFormat("key:%012d", key); }

// The n-th of the keys that one MGET or MSET names: they lie all over the key space.
std::string NthKeyName(uint64_t key, size_t n) {
  return KeyName((key + n * (kFilledKeys / kManyKeys) + n) % kFilledKeys);
}

// "NAME key argument..."
template <typename... Arguments>
void OnKey(std::string* out, absl::string_view name, uint64_t key, Arguments... arguments) {
  AppendCommand(out, {name, KeyName(key), arguments...});
}

void Set(std::string* out, uint64_t key) { OnKey(out, "SET", key, kValue); }
void SetOther(std::string* out, uint64_t key) { OnKey(out, "SET", key, kOtherValue); }
void SetWithExpiry(std::string* out, uint64_t key) {
  OnKey(out, "SET", key, kOtherValue, "EX", "1000");
}
void SetCounter(std::string* out, uint64_t key) { OnKey(out, "SET", key, "100000"); }
void SetBit(std::string* out, uint64_t key) { OnKey(out, "SETBIT", key, "100", "1"); }

void Mget(std::string* out, uint64_t key) {
  std::vector<std::string> names;
  for (size_t n = 0; n < kManyKeys; ++n) names.push_back(NthKeyName(key, n));
  std::vector<absl::string_view> args = {"MGET"};
  args.insert(args.end(), names.begin(), names.end());
  AppendCommand(out, args);
}

void Mset(std::string* out, uint64_t key) {
  std::vector<std::string> names;
  for (size_t n = 0; n < kManyKeys; ++n) names.push_back(NthKeyName(key, n));
  std::vector<absl::string_view> args = {"MSET"};
  for (const std::string& name : names) {
    args.push_back(name);
    args.push_back(kOtherValue);
  }
  AppendCommand(out, args);
}

constexpr absl::string_view kOk = "+OK\r\n";
constexpr absl::string_view kOne = ":1\r\n";
constexpr absl::string_view kBulk = "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n";
constexpr absl::string_view kTenBulks =
    "*10\r\n"
    "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
    "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
    "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
    "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
    "$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n$32\r\nvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n";

constexpr auto kPlain = Setting::kPlain;
constexpr auto kRandom = Case::Keys::kRandom;
constexpr auto kOnce = Case::Keys::kOnce;
constexpr auto kNew = Case::Keys::kNew;

void Get(std::string* out, uint64_t key) { OnKey(out, "GET", key); }
void Ping(std::string* out, uint64_t) { AppendCommand(out, {"PING"}); }
void Incr(std::string* out, uint64_t key) { OnKey(out, "INCR", key); }
void Del(std::string* out, uint64_t key) { OnKey(out, "DEL", key); }
void Exists(std::string* out, uint64_t key) { OnKey(out, "EXISTS", key); }
void Expire(std::string* out, uint64_t key) { OnKey(out, "EXPIRE", key, "1000"); }
void Append(std::string* out, uint64_t key) { OnKey(out, "APPEND", key, "abcd"); }
void Getrange(std::string* out, uint64_t key) { OnKey(out, "GETRANGE", key, "4", "11"); }

void Hset(std::string* out, uint64_t key) { OnKey(out, "HSET", key, "field", kValue); }
void Hget(std::string* out, uint64_t key) { OnKey(out, "HGET", key, "field"); }
void Lpush(std::string* out, uint64_t key) { OnKey(out, "LPUSH", key, "element"); }
void Sadd(std::string* out, uint64_t key) { OnKey(out, "SADD", key, "member"); }
void Xadd(std::string* out, uint64_t key) { OnKey(out, "XADD", key, "2-2", "field", "value"); }
void XaddFirst(std::string* out, uint64_t key) { OnKey(out, "XADD", key, "1-1", "field", "value"); }
void Xread(std::string* out, uint64_t key) {
  AppendCommand(out, {"XREAD", "COUNT", "1", "STREAMS", KeyName(key), "0"});
}
constexpr absl::string_view kOneEntry =
    "*1\r\n*2\r\n$16\r\nkey:000000000000\r\n"
    "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$5\r\nfield\r\n$5\r\nvalue\r\n";

// One sorted set of all keys, in their order.
constexpr absl::string_view kSortedSet = "sorted set";

void Zadd(std::string* out, uint64_t key) {
  AppendCommand(out, {"ZADD", kSortedSet, absl::StrCat(10000 + key), KeyName(key)});
}
void ZaddElsewhere(std::string* out, uint64_t key) {
  AppendCommand(out, {"ZADD", kSortedSet, absl::StrCat(10000 + key * 7919 % 10007), KeyName(key)});
}
void Zscore(std::string* out, uint64_t key) {
  AppendCommand(out, {"ZSCORE", kSortedSet, KeyName(key)});
}
void Zrank(std::string* out, uint64_t key) {
  AppendCommand(out, {"ZRANK", kSortedSet, KeyName(1000 + key % 9000)});
}
void Zrange(std::string* out, uint64_t) { AppendCommand(out, {"ZRANGE", kSortedSet, "0", "9"}); }

constexpr absl::string_view kTenMembers =
    "*10\r\n"
    "$16\r\nkey:000000000000\r\n$16\r\nkey:000000000001\r\n$16\r\nkey:000000000002\r\n"
    "$16\r\nkey:000000000003\r\n$16\r\nkey:000000000004\r\n$16\r\nkey:000000000005\r\n"
    "$16\r\nkey:000000000006\r\n$16\r\nkey:000000000007\r\n$16\r\nkey:000000000008\r\n"
    "$16\r\nkey:000000000009\r\n";

constexpr Case kCases[] = {
    {"PING", kPlain, kRandom, nullptr, Ping, "+PONG\r\n"},
    {"GET", kPlain, kRandom, Set, Get, kBulk},
    {"GET missing", kPlain, kNew, Set, Get, "$-1\r\n"},
    {"SET", kPlain, kRandom, Set, SetOther, kOk},
    {"SET new", kPlain, kNew, Set, SetOther, kOk},
    {"SET EX", kPlain, kRandom, SetWithExpiry, SetWithExpiry, kOk},
    {"INCR", kPlain, kRandom, SetCounter, Incr, ":100001\r\n"},
    {"MGET 10", kPlain, kRandom, Set, Mget, kTenBulks},
    {"MSET 10", kPlain, kRandom, Set, Mset, kOk},
    {"DEL", kPlain, kOnce, Set, Del, kOne},
    {"EXISTS", kPlain, kRandom, Set, Exists, kOne},
    {"EXPIRE first", kPlain, kOnce, Set, Expire, kOne},
    {"EXPIRE again", kPlain, kRandom, SetWithExpiry, Expire, kOne},
    {"APPEND", kPlain, kOnce, Set, Append, ":36\r\n"},
    {"GETRANGE", kPlain, kRandom, Set, Getrange, "$8\r\nvvvvvvvv\r\n"},
    {"SETBIT", kPlain, kRandom, SetBit, SetBit, kOne},
    {"HSET", kPlain, kRandom, Hset, Hset, ":0\r\n"},
    {"HSET new", kPlain, kNew, Hset, Hset, kOne},
    {"HGET", kPlain, kRandom, Hset, Hget, kBulk},
    {"SADD new", kPlain, kNew, Sadd, Sadd, kOne},
    {"LPUSH", kPlain, kOnce, Lpush, Lpush, ":2\r\n"},
    {"ZADD", kPlain, kOnce, Zadd, ZaddElsewhere, ":0\r\n"},
    {"ZADD new", kPlain, kNew, Zadd, ZaddElsewhere, kOne},
    {"ZSCORE", kPlain, kRandom, Zadd, Zscore, "$5\r\n12345\r\n"},
    {"ZRANK", kPlain, kRandom, Zadd, Zrank, ":1234\r\n"},
    {"ZRANGE 10", kPlain, kRandom, Zadd, Zrange, kTenMembers},
    {"XADD", kPlain, kOnce, XaddFirst, Xadd, "$3\r\n2-2\r\n"},
    {"XREAD 1", kPlain, kRandom, XaddFirst, Xread, kOneEntry},
    {"GET two workers", Setting::kTwoWorkers, kRandom, Set, Get, kBulk},
    {"SET two workers", Setting::kTwoWorkers, kRandom, Set, SetOther, kOk},
    {"GET emulated", Setting::kEmulated, kRandom, Set, Get, kBulk},
    {"GET cluster", Setting::kCluster, kRandom, Set, Get, kBulk},
    {"SET cluster", Setting::kCluster, kRandom, Set, SetOther, kOk},
    {"SET replica", Setting::kReplicaAttached, kRandom, Set, SetOther, kOk},
};

}  // namespace

absl::Span<const Case> AllCases() { return kCases; }

}  // namespace damselfly
