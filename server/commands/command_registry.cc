#include "server/commands/command_registry.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/check.h"
#include "server/commands/find_keys.h"

namespace damselfly {
namespace {

// The ACL categories that Redis derives from the flags
// (https://redis.io/docs/latest/operate/oss_and_stack/ management/security/acl/): scripts may
// write, so a read-only script command is no @read command.
uint32_t ImpliedAclCategories(const CommandSpec& spec) {
  uint32_t categories = spec.acl_categories;
  if (spec.flags & kWrite) categories |= kAclWrite;
  if ((spec.flags & kReadOnly) && !(categories & kAclScripting)) categories |= kAclRead;
  if (spec.flags & kAdmin) categories |= kAclAdmin | kAclDangerous;
  if (spec.flags & kPubSub) categories |= kAclPubSub;
  if (spec.flags & kBlocking) categories |= kAclBlocking;
  categories |= (spec.flags & kFast) ? kAclFast : kAclSlow;
  return categories;
}

// Whether the documented complexity is a plain O(1), and nothing else can make the command take
// long.
bool IsConstantTime(const CommandSpec& spec) {
  if (spec.flags & (kBlocking | kAdmin | kLocksAllSlots | kWalksSlots)) return false;
  return spec.complexity == "O(1)" || absl::StartsWith(spec.complexity, "O(1). ");
}

// What a command of brief steps may have of arguments, and still count as brief.
constexpr uint32_t kBriefArgumentsMax = 16;

uint32_t BriefArgumentsMax(const CommandSpec& spec) {
  if (IsConstantTime(spec)) return std::numeric_limits<uint32_t>::max();
  return (spec.flags & kBriefSteps) ? kBriefArgumentsMax : 0;
}

void SetPlainArguments(Command* command) {
  constexpr uint32_t kSpecial = kAdmin | kPubSub | kBlocking | kMovableKeys | kNoMulti |
                                kRestricted | kLocksNothing | kLocksAllSlots | kWalksSlots |
                                kIgnoresMulti;
  command->plain_argument_counts = 0;
  if (command->spec->handler == nullptr || !command->spec->subcommands.empty()) return;
  if (command->Has(kSpecial) || !command->simple_keys || command->key_step > 2) return;
  if (command->first_key == 0 && !command->spec->only_replies) return;
  // What other keys it looks at its arguments tell: SORT's patterns.
  if (command->spec->reads_any_key != nullptr || command->spec->find_keys != nullptr) return;
  constexpr int kMany = 1 << 30;
  const int least = std::max(std::abs(command->arity), command->first_key + 1);
  int most = command->arity > 0 ? command->arity : kMany;
  if (command->first_key > 0 && command->last_key < 0) {
    most = std::min(most, command->first_key + command->key_step - command->last_key - 1);
  } else if (command->last_key != command->first_key) {
    return;
  }
  if (most < least) return;
  command->plain_arguments_min = static_cast<uint32_t>(least);
  command->plain_argument_counts = static_cast<uint32_t>(most - least + 1);
}

bool IsOfCollections(CommandGroup group) {
  switch (group) {
    case CommandGroup::kList:
    case CommandGroup::kSet:
    case CommandGroup::kSortedSet:
    case CommandGroup::kHash:
    case CommandGroup::kGeo:
    case CommandGroup::kStream:
      return true;
    default:
      return false;
  }
}

Command MakeCommand(const CommandSpec& spec, absl::string_view parent_name) {
  DFLY_CHECK(!spec.name.empty());
  DFLY_CHECK(spec.arity != 0);
  DFLY_CHECK(spec.handler != nullptr || !spec.subcommands.empty());
  Command command;
  command.spec = &spec;
  if (!parent_name.empty())
    command.full_name.assign(parent_name.data(), parent_name.size()).push_back('|');
  command.full_name.append(spec.name.data(), spec.name.size());
  command.arity = spec.arity;
  command.flags = spec.flags;
  command.acl_categories = ImpliedAclCategories(spec);
  const KeySummary summary = SummarizeKeys(spec.keys);
  command.first_key = summary.first;
  command.last_key = summary.last;
  command.key_step = summary.step;
  command.simple_keys = summary.complete;
  if (summary.movable) command.flags |= kMovableKeys;
  command.brief_arguments_max = BriefArgumentsMax(spec);
  SetPlainArguments(&command);
  command.of_collections = IsOfCollections(spec.group);
  DFLY_CHECK(spec.member_argument == 0 || (spec.member_argument > command.first_key &&
                                           spec.member_argument < std::abs(spec.arity)));
  DFLY_CHECK(!spec.changes_once || (command.Has(kWrite) && command.first_key != 0 &&
                                    command.last_key == command.first_key));
  command.member_argument = static_cast<uint8_t>(spec.member_argument);
  command.needs_group = !command.Has(kReadOnly) && !spec.changes_once;
  command.subcommands.reserve(spec.subcommands.size());
  for (const CommandSpec& subcommand : spec.subcommands) {
    DFLY_CHECK(subcommand.subcommands.empty());
    command.subcommands.push_back(MakeCommand(subcommand, spec.name));
  }
  return command;
}

}  // namespace

CommandRegistry::CommandRegistry(absl::Span<const absl::Span<const CommandSpec>> families) {
  std::vector<const CommandSpec*> specs;
  for (absl::Span<const CommandSpec> family : families) {
    for (const CommandSpec& spec : family) specs.push_back(&spec);
  }
  std::sort(specs.begin(), specs.end(),
            [](const CommandSpec* a, const CommandSpec* b) { return a->name < b->name; });
  commands_.reserve(specs.size());
  for (const CommandSpec* spec : specs) commands_.push_back(MakeCommand(*spec, /*parent_name=*/{}));

  // From here on no command moves: parents and the table may point to them.
  uint32_t bucket_count = 16;
  while (bucket_count < 2 * commands_.size() + 1) bucket_count *= 2;
  table_ = std::make_unique<Bucket[]>(bucket_count);
  table_mask_ = bucket_count - 1;
  for (Command& command : commands_) {
    command.id = size_++;
    by_id_.push_back(&command);
    AddToTable(command);
    for (Command& subcommand : command.subcommands) {
      subcommand.parent = &command;
      subcommand.id = size_++;
      by_id_.push_back(&subcommand);
    }
  }
}

CommandRegistry::~CommandRegistry() = default;

void CommandRegistry::AddToTable(const Command& command) {
  const CommandName name(command.full_name);
  DFLY_CHECK(Find(command.full_name) == nullptr);
  uint32_t at = name.hash() & table_mask_;
  while (table_[at].command != nullptr) at = (at + 1) & table_mask_;
  table_[at] = Bucket{name, &command};
}

bool CommandRegistry::MiddleEquals(const Command& command, absl::string_view name) {
  return absl::EqualsIgnoreCase(command.full_name, name);
}

const Command* CommandRegistry::FindSubcommand(const Command& container, absl::string_view name) {
  const CommandName wanted(name);
  for (const Command& subcommand : container.subcommands) {
    const absl::string_view own_name = subcommand.spec->name;
    if (CommandName(own_name) == wanted &&
        (!wanted.has_middle() || absl::EqualsIgnoreCase(own_name, name))) {
      return &subcommand;
    }
  }
  return nullptr;
}

const Command* CommandRegistry::FindByFullName(absl::string_view full_name) const {
  const size_t bar = full_name.find('|');
  const Command* command = Find(full_name.substr(0, bar));
  if (command == nullptr || bar == absl::string_view::npos) return command;
  return FindSubcommand(*command, full_name.substr(bar + 1));
}

absl::Status CommandRegistry::Restrict(absl::string_view names) {
  for (absl::string_view name : absl::StrSplit(names, ',')) {
    name = absl::StripAsciiWhitespace(name);
    if (name.empty()) continue;
    bool found = false;
    const auto restrict = [&](Command& command, bool named) {
      if (named) command.flags |= kRestricted;
      SetPlainArguments(&command);
      found = found || named;
    };
    for (Command& command : commands_) {
      const bool whole = absl::EqualsIgnoreCase(command.full_name, name);
      restrict(command, whole);
      for (Command& subcommand : command.subcommands)
        restrict(subcommand, whole || absl::EqualsIgnoreCase(subcommand.full_name, name));
    }
    if (!found) return absl::InvalidArgumentError(absl::StrCat("there is no command '", name, "'"));
  }
  return absl::OkStatus();
}

bool CommandRegistry::FindKeys(const Command& command, absl::Span<const absl::string_view> args,
                               KeyPositions* keys) {
  keys->clear();
  if (command.spec->find_keys != nullptr) {
    command.spec->find_keys(args, [&](int index, uint32_t flags) {
      keys->push_back(KeyPosition{index, flags});
    });
    return true;
  }
  for (const KeySpec& spec : command.spec->keys) {
    if (!AppendKeys(spec, args, keys)) {
      keys->clear();
      return false;
    }
  }
  return true;
}

}  // namespace damselfly
