#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

struct CommandContext;

// Runs one command: reads ctx.args, changes the key space through ctx.db, writes exactly one reply
// to ctx.reply. The locks that the command's keys and flags ask for are held. Never blocks, never
// keeps views of the arguments.
using CommandHandler = void (*)(CommandContext& ctx);

// Tries to answer a command that may wait (BLPOP) from the key in ctx.args[key_index] alone.
// Returns true if it has: it has written exactly one reply, and changed what there was to change.
// Else neither.
using ServeHandler = bool (*)(CommandContext& ctx, size_t key_index);

// Finds a command's keys where its key specs cannot tell them: calls `add` with the place of each
// and what is done with it (KeyFlag). Requires that the arity fits.
using KeyFinder = void (*)(absl::Span<const absl::string_view> args,
                           absl::FunctionRef<void(int index, uint32_t flags)> add);

// Whether a command with these arguments may look at keys that none of them names.
using AnyKeyTest = bool (*)(absl::Span<const absl::string_view> args);

// Redis's command flags (https://redis.io/docs/latest/commands/command/), and, from kLocksNothing
// on, our own, which no client sees.
enum CommandFlag : uint32_t {
  kWrite = 1u << 0,
  kReadOnly = 1u << 1,
  kDenyOom = 1u << 2,
  kAdmin = 1u << 3,
  kPubSub = 1u << 4,
  kNoScript = 1u << 5,
  kBlocking = 1u << 6,
  kLoading = 1u << 7,
  kStale = 1u << 8,
  kSkipMonitor = 1u << 9,
  kSkipSlowlog = 1u << 10,
  kAsking = 1u << 11,
  kFast = 1u << 12,
  kNoAuth = 1u << 13,
  kMayReplicate = 1u << 14,
  kMovableKeys = 1u << 15,
  kNoMandatoryKeys = 1u << 16,
  kProtected = 1u << 17,
  kNoAsyncLoading = 1u << 18,
  kNoMulti = 1u << 19,
  kAllowBusy = 1u << 20,

  // Runs on a node that is being filled, as kLoading has it, although Redis's clients are not told.
  kAlsoWhileLoading = 1u << 21,
  // Refused by a node that is being filled, although clients are told kLoading as by Redis.
  kNotWhileLoading = 1u << 30,
  // Refused but on the admin port (parameter restricted_commands): set in the registry of a node.
  kRestricted = 1u << 22,
  // Not shown by COMMAND: between operators and nodes.
  kHidden = 1u << 23,
  // A subcommand that there is not, or whose number of arguments is wrong, is refused by the
  // container's handler, in its own words.
  kRefusesSubcommands = 1u << 24,
  // The handler runs with all slots locked (FLUSHALL, SWAPDB).
  kLocksAllSlots = 1u << 26,
  // The handler walks over slots by itself, locking one at a time; inside EXEC all are locked first
  // (KEYS, SCAN).
  kWalksSlots = 1u << 27,
  // Runs at once in spite of MULTI (EXEC, DISCARD, MULTI, WATCH, QUIT, RESET).
  kIgnoresMulti = 1u << 28,
  // The keys' slots are not locked before the handler, which takes the locks itself (WATCH).
  kLocksNothing = 1u << 25,
  // Runs although a subscription would forbid it (RESET, QUIT, PING).
  kAlwaysAllowed = 1u << 29,
  // Takes at most O(log(N)) for each of its arguments, so that a few of them are as good as
  // constant time (Command::IsBrief).
  kBriefSteps = 1u << 31,
};

// ACL categories, in Redis's order: their words are in command_words.h.
enum AclCategory : uint32_t {
  kAclKeyspace = 1u << 0,
  kAclRead = 1u << 1,
  kAclWrite = 1u << 2,
  kAclSet = 1u << 3,
  kAclSortedSet = 1u << 4,
  kAclList = 1u << 5,
  kAclHash = 1u << 6,
  kAclString = 1u << 7,
  kAclBitmap = 1u << 8,
  kAclHyperLogLog = 1u << 9,
  kAclGeo = 1u << 10,
  kAclStream = 1u << 11,
  kAclPubSub = 1u << 12,
  kAclAdmin = 1u << 13,
  kAclFast = 1u << 14,
  kAclSlow = 1u << 15,
  kAclBlocking = 1u << 16,
  kAclDangerous = 1u << 17,
  kAclConnection = 1u << 18,
  kAclTransaction = 1u << 19,
  kAclScripting = 1u << 20,
};

enum class CommandGroup : uint8_t {
  kGeneric,
  kString,
  kList,
  kSet,
  kSortedSet,
  kHash,
  kPubSub,
  kTransactions,
  kConnection,
  kServer,
  kScripting,
  kHyperLogLog,
  kCluster,
  kGeo,
  kStream,
  kBitmap,
};

// What a command does with the keys of one KeySpec: Redis's key specification flags
// (https://redis.io/docs/latest/develop/reference/key-specs/).
enum KeyFlag : uint32_t {
  kKeyReadOnly = 1u << 0,   // RO
  kKeyReadWrite = 1u << 1,  // RW
  kKeyOverwrite = 1u << 2,  // OW
  kKeyRemove = 1u << 3,     // RM
  kKeyAccess = 1u << 4,
  kKeyUpdate = 1u << 5,
  kKeyInsert = 1u << 6,
  kKeyDelete = 1u << 7,
  kKeyNotKey = 1u << 8,
  kKeyIncomplete = 1u << 9,
  kKeyVariableFlags = 1u << 10,
};

// Where a command's keys stand among its arguments.
struct KeySpec {
  enum class Begin : uint8_t { kIndex, kKeyword, kUnknown };
  enum class Find : uint8_t { kRange, kKeyCount, kUnknown };

  uint32_t flags = 0;
  Begin begin = Begin::kIndex;
  int index = 0;  // kIndex: position of the first key (args[0] is the command's name)
  absl::string_view keyword = {};  // kKeyword: the word after which the keys begin …
  int start_from = 0;              // … searched from here (negative: from the end, backwards)
  Find find = Find::kRange;
  int last = 0;  // kRange: last key, relative to the first; negative: from the end of the arguments
  int step = 1;
  int limit = 0;            // kRange with last == -1: 2 = only the first half of the arguments, …
  int key_count_index = 0;  // kKeyCount: where the number of keys stands, relative to the begin …
  int first_key = 0;        // … and the first key, likewise
};

// Shorthands for the usual shapes.
constexpr KeySpec OneKey(uint32_t flags, int index = 1) {
  KeySpec spec;
  spec.flags = flags;
  spec.index = index;
  return spec;
}
// From `index` to the `last` argument (negative: from the end), every `step`-th.
constexpr KeySpec KeyRange(uint32_t flags, int index, int last, int step = 1) {
  KeySpec spec = OneKey(flags, index);
  spec.last = last;
  spec.step = step;
  return spec;
}

// All that is known about a command: dispatch, arity errors, COMMAND and the documentation come
// from here. One constant table a family, beside the handlers; CommandRegistry joins them.
struct CommandSpec {
  absl::string_view name;  // lower case; of a subcommand the bare word ("get" of CONFIG GET)
  int arity = 0;           // counts the name(s); negative: at least
  uint32_t flags = 0;
  uint32_t acl_categories =
      0;  // those not implied: read/write/admin/dangerous/fast/slow/blocking/pubsub follow from
          // flags
  absl::Span<const KeySpec> keys = {};
  CommandGroup group = CommandGroup::kGeneric;
  absl::string_view since = {};
  absl::string_view complexity = {};
  absl::string_view summary = {};
  // The arguments, "key value [condition<NX | XX>@2.6.12] [expiration<EX seconds | PX milliseconds
  // | KEEPTTL@6.0.0>]": COMMAND DOCS' argument tree is parsed from it. The notation is described in
  // command_syntax.h.
  absl::string_view syntax = {};
  CommandHandler handler = nullptr;  // null only for a container that needs a subcommand
  absl::Span<const CommandSpec> subcommands = {};
  absl::string_view deprecated_since = {};
  absl::string_view replaced_by = {};
  absl::Span<const absl::string_view> tips =
      {};                              // COMMAND INFO's hints, such as "nondeterministic_output"
  ServeHandler serve = nullptr;        // of commands that wait for keys: see blocker.h
  KeyFinder find_keys = nullptr;       // in place of `keys`, which COMMAND shows all the same
  AnyKeyTest reads_any_key = nullptr;  // then it runs with all slots locked (SORT with patterns)
  bool is_system_command = false;      // COMMAND DOCS' doc flag "syscmd": not for applications
  bool only_replies = false;           // has no keys, and changes nothing (PING)
  // Makes at most one Change, of its only key; deadlines that have passed are changes of their own.
  bool changes_once = false;
  // The argument that is the first member or field to be looked up in its only key; 0: none. (With
  // options before it, those are taken for one, which costs a little time.)
  int member_argument = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_H_
