#ifndef DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_
#define DAMSELFLY_TESTING_COMPAT_KNOWN_DIFFERENCES_H_

#include "absl/strings/string_view.h"

namespace damselfly {

// A reply that is wanted to differ from redis-server 7.0's. The list is the whole truth: what is
// not here must be equal.
struct KnownDifference {
  absl::string_view command;      // lower case name that the difference belongs to
  absl::string_view ours_prefix;  // of our reply in wire form
  absl::string_view theirs_prefix;
  absl::string_view reason;
};

inline constexpr KnownDifference kKnownDifferences[] = {
    {"sort", "*", "-ERR One or more scores can't be converted into double",
     "Redis looks at the errno of a conversion without having cleared it: what an earlier command "
     "has left there may be taken for an error"},
    {"sort_ro", "*", "-ERR One or more scores can't be converted into double", "as SORT"},
    {"object", ":1\r\n", ":2\r\n",
     "OBJECT REFCOUNT: within a transaction Redis counts the queued command's argument as an owner "
     "too; a value here has one"},
    {"object", ":2147483647\r\n", ":1\r\n",
     "OBJECT REFCOUNT: a small integer is always answered as shared; Redis shares it or not "
     "depending on how it was stored"},
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
