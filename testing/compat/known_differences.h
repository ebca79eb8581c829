#ifndef DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
#define DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_

#include "absl/strings/string_view.h"

// The one list of how this server is meant to differ from redis-server 7.0, for clients and for the
// tests of this folder: what is not here must be equal. DIFFERENCES.md is made of it.

namespace damselfly {

// A reply that is wanted to differ.
struct KnownDifference {
  absl::string_view command;      // lower case name that the difference belongs to
  absl::string_view ours_prefix;  // of our reply in wire form
  absl::string_view theirs_prefix;
  // Commands, separated by '|', of which the last one's reply differs so; that of the last queued
  // one where it is EXEC.
  absl::string_view shown_by;
  absl::string_view reason;
};

inline constexpr KnownDifference kKnownDifferences[] = {
    {"sort", "*", "-ERR One or more scores can't be converted into double",
     "rpush l 1.5|zadd z 1e400 m|sort l",
     "Redis looks at the errno of a conversion without having cleared it: what an earlier command "
     "has left there may be taken for an error"},
    {"sort_ro", "*", "-ERR One or more scores can't be converted into double",
     "rpush l 1.5|zadd z 1e400 m|sort_ro l", "as SORT"},
    {"hrandfield", "-ERR the result would exceed result-bytes-max", "*",
     "hset h field value|hrandfield h -200000",
     "a count with repetitions may ask for more than any memory holds. Redis goes on until the "
     "client's output limit or all memory is used up; here result-bytes-max is the limit, as it is "
     "of SORT with GET"},
    {"srandmember", "-ERR the result would exceed result-bytes-max", "*",
     "sadd s member|srandmember s -200000", "as HRANDFIELD"},
    {"zrandmember", "-ERR the result would exceed result-bytes-max", "*",
     "zadd z 1 member|zrandmember z -200000", "as HRANDFIELD"},
    {"object", ":1\r\n", ":2\r\n", "multi|set k v|object refcount k|exec",
     "OBJECT REFCOUNT: within a transaction Redis counts the queued command's argument as an owner "
     "too; a value here has one"},
    {"object", ":2147483647\r\n", ":1\r\n", "incr i|copy i j|object refcount j",
     "OBJECT REFCOUNT: a small integer is always answered as shared; Redis shares it or not "
     "depending on how it was stored"},
};

// A difference that no comparison of the tests meets: they compare up to order or time there, or do
// not ask.
struct UncomparedDifference {
  absl::string_view about;
  absl::string_view text;
};

inline constexpr UncomparedDifference kUncomparedDifferences[] = {
    {"COMMAND", "commands and subcommands are sorted by name; Redis gives them in no order"},
    {"OBJECT IDLETIME",
     "counts only under an LRU policy, and coarsely, and is 0 otherwise; OBJECT FREQ "
     "is as coarse under an LFU policy: without a policy an access notes nothing"},
    {"SORT",
     "of elements with equal weights (texts count up to a zero byte) the order is the one in which "
     "they came, under LIMIT too; Redis then leaves it to its sorting"},
    {"SORT", "leaves a sorted set as it is kept; Redis makes it a skiplist"},
    {"GEORADIUS", "takes each of STORE and STOREDIST once"},
    {"ZRANGE BYLEX",
     "and its like: of a set with several scores, of which Redis promises nothing, "
     "they give other members"},
    {"DEBUG", "has what tests of clients need"},
    {"INFO, MEMORY, CONFIG",
     "say what there is here: fields of what there is not are missing, as "
     "maxmemory-clients is (client-output-pause-bytes holds back a client "
     "whose replies pile up)"},
};

// What COMMAND tells and is not compared.
inline constexpr UncomparedDifference kUncomparedFields[] = {
    {"history", "of COMMAND DOCS: prose of Redis, not given here"},
    {"notes", "of key specs: prose of Redis, not given here"},
};

// A command of redis-server 7.0 that there is not here, with all its subcommands.
struct MissingCommand {
  absl::string_view name;  // as COMMAND INFO has it: "object|idletime"
  absl::string_view reason;
};

inline constexpr MissingCommand kMissingCommands[] = {
    {"acl", "there are no users: one password for all"},
    {"bgrewriteaof", "there is no append-only file"},
    {"bgsave", "there are no snapshots on disk"},
    {"eval", "there is no scripting"},
    {"eval_ro", "there is no scripting"},
    {"evalsha", "there is no scripting"},
    {"evalsha_ro", "there is no scripting"},
    {"failover", "roles are given from outside (REPLTAKEOVER, pushed configurations)"},
    {"fcall", "there is no scripting"},
    {"fcall_ro", "there is no scripting"},
    {"function", "there is no scripting"},
    {"migrate", "slots move between nodes as wholes, by configuration"},
    {"module", "there are no modules"},
    {"psync", "replication has a protocol of its own (DFLY)"},
    {"save", "there are no snapshots on disk"},
    {"script", "there is no scripting"},
    {"sync", "replication has a protocol of its own (DFLY)"},
};

// A command that there is here and not in redis-server 7.0.
inline constexpr MissingCommand kOwnCommands[] = {
    {"client|no-touch", "of Redis 7.2: clients send it"},
    {"client|setinfo", "of Redis 7.2: clients send it when they connect"},
    {"cluster|myshardid", "of Redis 7.2"},
};

// A command about which COMMAND INFO or COMMAND DOCS says something else than in redis-server 7.0.
struct KnownDescription {
  absl::string_view name;
  absl::string_view part;  // "flags", "arity", "arguments", ...
  absl::string_view reason;
};

inline constexpr KnownDescription kKnownDescriptions[] = {
    {"client|kill", "arguments", "a name with a colon in it cannot be said in our notation"},
    {"replicaof", "arity", "takes the slots that a replica wants, too"},
    {"replicaof", "flags", "may be sent to a node that is being filled, to stop that"},
    {"slaveof", "flags", "may be sent to a node that is being filled, to stop that"},
};

// A command on data that the differential test does not play from a template.
struct UnplayedCommand {
  absl::string_view name;
  absl::string_view reason;
};

inline constexpr UnplayedCommand kUnplayedCommands[] = {
    {"lolwut", "each server draws its own picture"},
    {"restore", "played after each round, with what the other server has dumped"},
    {"restore-asking", "the same handler as RESTORE"},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
