#include "server/session/config.h"

#include <algorithm>
#include <limits>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/session/key_event_flags.h"
#include "server/store/eviction_policy.h"

namespace damselfly {
namespace {

constexpr ParameterSpec kParameters[] = {
#define PARAMETER(name, kind, default_text, lowest, highest, change, help) \
  {Parameter::name,                                                        \
   #name,                                                                  \
   default_text,                                                           \
   ParameterKind::kind,                                                    \
   int64_t{lowest},                                                        \
   int64_t{highest},                                                       \
   ParameterChange::change,                                                \
   help},
#include "server/session/parameters.inc"
#undef PARAMETER
};

// The names that Redis had for some parameters before, and still takes.
constexpr ParameterAlias kAliases[] = {
    {"hash-max-ziplist-entries", Parameter::hash_max_listpack_entries},
    {"hash-max-ziplist-value", Parameter::hash_max_listpack_value},
    {"zset-max-ziplist-entries", Parameter::zset_max_listpack_entries},
    {"zset-max-ziplist-value", Parameter::zset_max_listpack_value},
    {"list-max-ziplist-size", Parameter::list_max_listpack_size},
    {"slave-announce-ip", Parameter::replica_announce_ip},
    {"slave-ignore-maxmemory", Parameter::replica_ignore_maxmemory},
    {"slave-priority", Parameter::replica_priority},
};

constexpr absl::string_view kClassNames[kClientClassCount] = {"normal", "slave", "pubsub"};

absl::Status Invalid(absl::string_view message) { return absl::InvalidArgumentError(message); }

absl::Status InRange(const ParameterSpec& spec, int64_t value) {
  if (value >= spec.lowest && value <= spec.highest) return absl::OkStatus();
  return Invalid(
      absl::StrCat("argument must be between ", spec.lowest, " and ", spec.highest, " inclusive"));
}

absl::Status ParseNumber(const ParameterSpec& spec, absl::string_view text, int64_t* value) {
  int64_t number = 0;
  switch (spec.kind) {
    case ParameterKind::kInteger:
      if (!ParseInt64(text, &number)) return Invalid("argument couldn't be parsed into an integer");
      break;
    case ParameterKind::kMemory: {
      uint64_t bytes = 0;
      const bool too_large =
          text.size() >= 20 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
      if (!too_large && !ParseMemoryBytes(text, &bytes))
        return Invalid("argument must be a memory value");
      if (too_large || bytes > static_cast<uint64_t>(spec.highest))
        return InRange(spec, spec.lowest - 1);
      number = static_cast<int64_t>(bytes);
      break;
    }
    case ParameterKind::kBoolean:
      if (!absl::EqualsIgnoreCase(text, "yes") && !absl::EqualsIgnoreCase(text, "no")) {
        return Invalid("argument must be 'yes' or 'no'");
      }
      *value = absl::EqualsIgnoreCase(text, "yes") ? 1 : 0;
      return absl::OkStatus();
    case ParameterKind::kText:
      DFLY_UNREACHABLE();
  }
  absl::Status in_range = InRange(spec, number);
  if (in_range.ok()) *value = number;
  return in_range;
}

using AllOutputLimits = std::array<OutputLimits, kClientClassCount>;

// Reads "class hard soft seconds" groups; classes that are not named keep what is in *limits.
absl::Status ParseOutputLimits(absl::string_view text, AllOutputLimits* limits) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (words.size() % 4 != 0)
    return Invalid("Wrong number of arguments in buffer limit configuration.");
  for (size_t i = 0; i < words.size(); i += 4) {
    int found = -1;
    for (int c = 0; c < kClientClassCount; ++c) {
      if (absl::EqualsIgnoreCase(words[i], kClassNames[c])) found = c;
    }
    if (absl::EqualsIgnoreCase(words[i], "replica"))
      found = static_cast<int>(ClientClass::kReplica);
    if (found < 0) return Invalid("Invalid client class specified in buffer limit configuration.");

    constexpr uint64_t kBytesMax = std::numeric_limits<int64_t>::max();
    uint64_t hard_bytes = 0;
    uint64_t soft_bytes = 0;
    int64_t soft_seconds = 0;
    if (!ParseMemoryBytes(words[i + 1], &hard_bytes) || hard_bytes > kBytesMax ||
        !ParseMemoryBytes(words[i + 2], &soft_bytes) || soft_bytes > kBytesMax ||
        !ParseInt64(words[i + 3], &soft_seconds) || soft_seconds < 0) {
      return Invalid("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    (*limits)[static_cast<size_t>(found)] = {static_cast<int64_t>(hard_bytes),
                                             static_cast<int64_t>(soft_bytes), soft_seconds};
  }
  return absl::OkStatus();
}

absl::Status CheckText(Parameter parameter, absl::string_view value) {
  switch (parameter) {
    case Parameter::client_output_buffer_limit: {
      AllOutputLimits unused;
      return ParseOutputLimits(value, &unused);
    }
    case Parameter::notify_keyspace_events: {
      uint32_t unused;
      return ParseKeyEventFlags(value, &unused)
                 ? absl::OkStatus()
                 : Invalid("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
    case Parameter::enable_debug_command:
      if (absl::EqualsIgnoreCase(value, "no") || absl::EqualsIgnoreCase(value, "yes") ||
          absl::EqualsIgnoreCase(value, "local")) {
        return absl::OkStatus();
      }
      return Invalid("argument must be one of the following: no, yes, local");
    case Parameter::huge_pages:
      if (value == "no" || value == "yes" || value == "auto") return absl::OkStatus();
      return Invalid("argument must be one of the following: no, yes, auto");
    case Parameter::maxmemory_policy:
      if (EvictionPolicyOf(value).has_value()) return absl::OkStatus();
      return Invalid(absl::StrCat("argument(s) must be one of the following: ",
                                  absl::StrJoin(kEvictionPolicyNames, ", ")));
    case Parameter::unixsocketperm:
      if (!value.empty() && value.size() <= 4 &&
          value.find_first_not_of("01234567") == value.npos) {
        return absl::OkStatus();
      }
      return Invalid("argument couldn't be parsed as an octal number");
    case Parameter::cluster_mode:
      if (value.empty() || value == "emulated" || value == "yes") return absl::OkStatus();
      return Invalid("argument must be emulated or yes, or empty for no cluster");
    case Parameter::cluster_node_id:
      return absl::c_any_of(value, absl::ascii_iscntrl)
                 ? Invalid("argument must not have control characters")
                 : absl::OkStatus();
    case Parameter::save:
      return value.empty() ? absl::OkStatus()
                           : Invalid("this server writes no snapshots by itself");
    default:
      return absl::OkStatus();
  }
}

}  // namespace

std::string ParameterSpec::config_name() const {
  return absl::StrReplaceAll(flag_name, {{"_", "-"}});
}

absl::Span<const ParameterSpec> AllParameters() { return kParameters; }

absl::Span<const ParameterAlias> AllParameterAliases() { return kAliases; }

Config::Config() {
  for (const ParameterSpec& spec : kParameters) {
    const absl::Status status = Set(spec.id, spec.default_text);
    DFLY_CHECK(status.ok());
  }
}

const ParameterSpec* Config::Find(absl::string_view name) {
  const std::string flag_name = absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"-", "_"}});
  for (const ParameterSpec& spec : kParameters) {
    if (spec.flag_name == flag_name) return &spec;
  }
  for (const ParameterAlias& alias : kAliases) {
    if (absl::EqualsIgnoreCase(alias.config_name, name))
      return &kParameters[static_cast<size_t>(alias.parameter)];
  }
  return nullptr;
}

std::string Config::text(Parameter parameter) const {
  const ParameterSpec& spec = kParameters[static_cast<size_t>(parameter)];
  switch (spec.kind) {
    case ParameterKind::kInteger:
    case ParameterKind::kMemory:
      return absl::StrCat(integer(parameter));
    case ParameterKind::kBoolean:
      return boolean(parameter) ? "yes" : "no";
    case ParameterKind::kText:
      break;
  }
  if (parameter == Parameter::client_output_buffer_limit) {
    std::vector<std::string> classes;
    for (int c = 0; c < kClientClassCount; ++c) {
      const OutputLimits limits = output_limits(static_cast<ClientClass>(c));
      classes.push_back(absl::StrCat(kClassNames[c], " ", limits.hard_bytes, " ", limits.soft_bytes,
                                     " ", limits.soft_seconds));
    }
    return absl::StrJoin(classes, " ");
  }
  if (parameter == Parameter::notify_keyspace_events) return KeyEventLetters(key_event_flags());
  std::lock_guard<std::mutex> guard(mutex_);
  return texts_[static_cast<size_t>(parameter)];
}

OutputLimits Config::output_limits(ClientClass client_class) const {
  const auto& limits = output_limits_[static_cast<size_t>(client_class)];
  return {limits[0].load(std::memory_order_relaxed), limits[1].load(std::memory_order_relaxed),
          limits[2].load(std::memory_order_relaxed)};
}

bool Config::PasswordIs(absl::string_view candidate) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const std::string& password = texts_[static_cast<size_t>(Parameter::requirepass)];
  // Every byte of the candidate is compared, against the password repeated for ever: time tells the
  // candidate's length only, which its sender knows.
  unsigned difference = password.size() == candidate.size() ? 0 : 1;
  for (size_t i = 0; i < candidate.size(); ++i) {
    const char expected = password.empty() ? '\0' : password[i % password.size()];
    difference |= static_cast<unsigned char>(expected ^ candidate[i]);
  }
  return difference == 0;
}

absl::Status Config::Check(Parameter parameter, absl::string_view value) const {
  const ParameterSpec& spec = kParameters[static_cast<size_t>(parameter)];
  if (spec.kind == ParameterKind::kText) return CheckText(parameter, value);
  int64_t number = 0;
  absl::Status status = ParseNumber(spec, value, &number);
  if (!status.ok()) return status;
  if (parameter == Parameter::appendonly && number != 0) {
    return Invalid("this server has no append-only file");
  }
  if (parameter == Parameter::replica_ignore_maxmemory && number == 0) {
    return Invalid("replicas of this server never evict by themselves");
  }
  return absl::OkStatus();
}

absl::Status Config::Set(Parameter parameter, absl::string_view value) {
  absl::Status checked = Check(parameter, value);
  if (!checked.ok()) return checked;
  const ParameterSpec& spec = kParameters[static_cast<size_t>(parameter)];
  const size_t index = static_cast<size_t>(parameter);
  if (spec.kind != ParameterKind::kText) {
    int64_t number = 0;
    DFLY_CHECK(ParseNumber(spec, value, &number).ok());
    // Redis takes any frequency and brings it into the range that it can keep.
    if (parameter == Parameter::hz)
      number = std::min<int64_t>(std::max<int64_t>(number, kHzMin), kHzMax);
    integers_[index].store(number, std::memory_order_relaxed);
    return absl::OkStatus();
  }

  std::lock_guard<std::mutex> guard(mutex_);
  if (parameter == Parameter::client_output_buffer_limit) {
    AllOutputLimits limits;
    for (int c = 0; c < kClientClassCount; ++c)
      limits[static_cast<size_t>(c)] = output_limits(static_cast<ClientClass>(c));
    DFLY_CHECK(ParseOutputLimits(value, &limits).ok());
    for (size_t c = 0; c < limits.size(); ++c) {
      output_limits_[c][0].store(limits[c].hard_bytes, std::memory_order_relaxed);
      output_limits_[c][1].store(limits[c].soft_bytes, std::memory_order_relaxed);
      output_limits_[c][2].store(limits[c].soft_seconds, std::memory_order_relaxed);
    }
    return absl::OkStatus();
  }
  texts_[index] = std::string(value);
  if (parameter == Parameter::notify_keyspace_events) {
    uint32_t flags = 0;
    DFLY_CHECK(ParseKeyEventFlags(value, &flags));
    key_event_flags_.store(flags, std::memory_order_relaxed);
  }
  if (parameter == Parameter::enable_debug_command || parameter == Parameter::maxmemory_policy)
    absl::AsciiStrToLower(&texts_[index]);
  if (parameter == Parameter::requirepass)
    has_password_.store(!value.empty(), std::memory_order_relaxed);
  return absl::OkStatus();
}

}  // namespace damselfly
