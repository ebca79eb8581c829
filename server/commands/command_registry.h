#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_REGISTRY_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_REGISTRY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command.h"
#include "server/commands/command_limits.h"
#include "server/commands/command_name.h"
#include "server/commands/find_keys.h"

namespace damselfly {

// A command or subcommand as the registry keeps it: the spec with what dispatch needs ready at
// hand.
struct Command {
  const CommandSpec* spec = nullptr;
  const Command* parent = nullptr;  // of a subcommand
  std::string full_name;            // "get", "config|get"
  int id = 0;  // dense, in [0, CommandRegistry::size()): indexes per-command statistics
  int arity = 0;
  uint32_t flags = 0;           // with kMovableKeys set where it follows from the key specs
  uint32_t acl_categories = 0;  // with the implied ones
  // The keys as one range, COMMAND's first/last/step; first_key 0 = no key. `simple_keys`: that
  // range tells them all.
  int first_key = 0;
  int last_key = 0;
  int key_step = 0;
  bool simple_keys = true;
  // Up to so many arguments, its name among them, it costs no more than a constant-time command:
  // its time is measured with the batch that it runs in, not alone.
  uint32_t brief_arguments_max = 0;
  // It is plain with this many arguments or up to `plain_argument_counts` - 1 more: it has one key
  // then, or only replies, and there is nothing that a session has to see to besides
  // (Session::RunPlain). Never when Restrict() has named it.
  uint32_t plain_arguments_min = 0;
  uint32_t plain_argument_counts = 0;
  // Its keys hold collections, as a rule.
  bool of_collections = false;
  uint8_t member_argument = 0;  // see CommandSpec
  // It may make changes that belong together.
  bool needs_group = true;
  std::vector<Command> subcommands;

  bool Has(uint32_t flag) const { return (flags & flag) != 0; }
  bool IsBrief(size_t argument_count) const { return argument_count <= brief_arguments_max; }
  bool IsPlain(size_t argument_count) const {
    return argument_count - plain_arguments_min < plain_argument_counts;
  }
  // The last place where a key may stand. Requires simple_keys.
  int LastKey(int argument_count) const {
    return last_key >= 0 ? std::min(last_key, argument_count - 1) : argument_count + last_key;
  }
  // Its arguments may name keys (or channels that have slots as keys do).
  bool may_have_keys() const { return first_key != 0 || Has(kMovableKeys); }
  // A node that is being filled runs it: it shows no data, and changes none.
  bool runs_while_loading() const {
    return Has(kLoading | kAlsoWhileLoading) && !Has(kNotWhileLoading);
  }
  // It runs with all slots locked.
  bool LocksAllSlots(absl::Span<const absl::string_view> args) const {
    return Has(kLocksAllSlots) || (spec->reads_any_key != nullptr && spec->reads_any_key(args));
  }
  // Whether `argc` arguments satisfy the arity.
  bool ArityFits(size_t argc) const {
    return arity >= 0 ? argc == static_cast<size_t>(arity) : argc >= static_cast<size_t>(-arity);
  }
};

// All commands of a node: joins the families' tables, finds a command by name (no general hash map,
// no allocation), and answers COMMAND. Immutable once the node runs, but for the limits; any
// thread.
class CommandRegistry {
 public:
  // Families must outlive the registry (they are constants). Names are unique.
  explicit CommandRegistry(absl::Span<const absl::Span<const CommandSpec>> families);
  ~CommandRegistry();

  // The command named by args[0] (any case), or null. On the path of every command: no allocation,
  // no call.
  const Command* Find(absl::string_view name) const {
    const CommandName wanted(name);
    for (uint32_t at = wanted.hash() & table_mask_;; at = (at + 1) & table_mask_) {
      const Bucket& bucket = table_[at];
      if (bucket.command == nullptr) return nullptr;
      if (bucket.name == wanted && (!wanted.has_middle() || MiddleEquals(*bucket.command, name)))
        return bucket.command;
    }
  }

  // The subcommand of `container` named by `name` (any case), or null.
  static const Command* FindSubcommand(const Command& container, absl::string_view name);

  // Finds "config|get" or "get" (any case); null if there is none.
  const Command* FindByFullName(absl::string_view full_name) const;

  // Sets kRestricted for the commands named, each with its subcommands, or for single subcommands
  // ("config|set"): separated by commas, any case. The error names the one that there is not.
  // Before any other thread knows the registry.
  absl::Status Restrict(absl::string_view names);

  // All top-level commands, sorted by name.
  absl::Span<const Command> commands() const { return commands_; }
  // The number of commands and subcommands: ids are below it.
  int size() const { return size_; }
  // By id.
  const Command& by_id(int id) const { return *by_id_[id]; }

  // Those of this node's handlers.
  CommandLimits& limits() const { return limits_; }

  // The keys among `args` (args[0] is the name), by the key specs, in their order; a key that
  // stands twice is there twice. Places that the specs mark kKeyNotKey (channels) are there too. A
  // spec whose keyword is missing, or which says that its keys are unknown, adds nothing. Returns
  // false, with no keys, when they cannot be told (the key count is no number, or reaches past the
  // end): the command will find its syntax error itself. Requires that the arity fits.
  static bool FindKeys(const Command& command, absl::Span<const absl::string_view> args,
                       KeyPositions* keys);

 private:
  struct Bucket {
    CommandName name;
    const Command* command = nullptr;
  };

  // Compares whole names, for those too long for a CommandName.
  static bool MiddleEquals(const Command& command, absl::string_view name);

  void AddToTable(const Command& command);

  std::vector<Command> commands_;
  std::vector<const Command*> by_id_;
  std::unique_ptr<Bucket[]> table_;  // open addressing, at most half full
  uint32_t table_mask_ = 0;
  int size_ = 0;
  mutable CommandLimits limits_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_REGISTRY_H_
