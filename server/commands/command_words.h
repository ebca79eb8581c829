#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_WORDS_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_WORDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/commands/command.h"

namespace damselfly {

// The words that clients know flags, ACL categories and groups by, in the order in which Redis 7.0
// lists them.

struct FlagWord {
  uint32_t flag;
  absl::string_view word;
};

// kMayReplicate, kProtected and our own flags have no word: clients do not see them.
inline constexpr FlagWord kCommandFlagWords[] = {
    {kWrite, "write"},
    {kReadOnly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kPubSub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kAsking, "asking"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMandatoryKeys, "no_mandatory_keys"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
};

inline constexpr FlagWord kKeyFlagWords[] = {
    {kKeyReadOnly, "RO"},
    {kKeyReadWrite, "RW"},
    {kKeyOverwrite, "OW"},
    {kKeyRemove, "RM"},
    {kKeyAccess, "access"},
    {kKeyUpdate, "update"},
    {kKeyInsert, "insert"},
    {kKeyDelete, "delete"},
    {kKeyNotKey, "not_key"},
    {kKeyIncomplete, "incomplete"},
    {kKeyVariableFlags, "variable_flags"},
};

// Without the '@' that ACL rules and COMMAND INFO put before them.
inline constexpr FlagWord kAclCategoryWords[] = {
    {kAclKeyspace, "keyspace"},
    {kAclRead, "read"},
    {kAclWrite, "write"},
    {kAclSet, "set"},
    {kAclSortedSet, "sortedset"},
    {kAclList, "list"},
    {kAclHash, "hash"},
    {kAclString, "string"},
    {kAclBitmap, "bitmap"},
    {kAclHyperLogLog, "hyperloglog"},
    {kAclGeo, "geo"},
    {kAclStream, "stream"},
    {kAclPubSub, "pubsub"},
    {kAclAdmin, "admin"},
    {kAclFast, "fast"},
    {kAclSlow, "slow"},
    {kAclBlocking, "blocking"},
    {kAclDangerous, "dangerous"},
    {kAclConnection, "connection"},
    {kAclTransaction, "transaction"},
    {kAclScripting, "scripting"},
};

constexpr absl::string_view GroupWord(CommandGroup group) {
  constexpr absl::string_view kWords[] = {
      "generic", "string",       "list",       "set",    "sorted-set", "hash",
      "pubsub",  "transactions", "connection", "server", "scripting",  "hyperloglog",
      "cluster", "geo",          "stream",     "bitmap",
  };
  return kWords[static_cast<int>(group)];
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_WORDS_H_
