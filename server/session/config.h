#ifndef DAMSELFLY_SERVER_SESSION_CONFIG_H_
#define DAMSELFLY_SERVER_SESSION_CONFIG_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// The parameters of parameters.inc: Parameter::port, Parameter::maxclients, …
enum class Parameter : int {
#define PARAMETER(name, kind, default_text, lowest, highest, change, help) name,
#include "server/session/parameters.inc"
#undef PARAMETER
};

enum class ParameterKind : uint8_t { kInteger, kMemory, kBoolean, kText };
enum class ParameterChange : uint8_t { kFixed, kMutable };

// One row of parameters.inc.
struct ParameterSpec {
  Parameter id;
  absl::string_view flag_name;  // "slowlog_max_len"
  absl::string_view default_text;
  ParameterKind kind;
  int64_t lowest;
  int64_t highest;
  ParameterChange change;
  absl::string_view help;

  // "slowlog-max-len"
  std::string config_name() const;
};

absl::Span<const ParameterSpec> AllParameters();

// Another name that CONFIG and parameter files know a parameter by.
struct ParameterAlias {
  absl::string_view config_name;  // with dashes
  Parameter parameter;
};

absl::Span<const ParameterAlias> AllParameterAliases();

// The limits of client-output-buffer-limit for one class of clients; 0 = none.
struct OutputLimits {
  int64_t hard_bytes = 0;
  int64_t soft_bytes = 0;
  int64_t soft_seconds = 0;

  // Whether the soft limit may not be exceeded for so long; soft_seconds may be any number.
  bool IsOverSoftTime(int64_t elapsed_ms) const { return (elapsed_ms + 999) / 1000 > soft_seconds; }
};
enum class ClientClass : int { kNormal, kReplica, kPubSub };
inline constexpr int kClientClassCount = 3;

// What hz is brought into when it is set to less or more.
inline constexpr int64_t kHzMin = 1;
inline constexpr int64_t kHzMax = 500;

// The parameters' values. Numbers are read without a lock on the hot path. All methods may be
// called on any thread.
class Config {
 public:
  Config();
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  // Numeric and boolean kinds.
  int64_t integer(Parameter parameter) const {
    return integers_[static_cast<size_t>(parameter)].load(std::memory_order_relaxed);
  }
  bool boolean(Parameter parameter) const { return integer(parameter) != 0; }
  // Any kind, as CONFIG GET shows it.
  std::string text(Parameter parameter) const;

  OutputLimits output_limits(ClientClass client_class) const;
  // What notify-keyspace-events chooses: see key_event_flags.h.
  uint32_t key_event_flags() const { return key_event_flags_.load(std::memory_order_relaxed); }
  // Whether requirepass is set: read on every connection and command.
  bool has_password() const { return has_password_.load(std::memory_order_relaxed); }
  // Compares in time that does not depend on where the two differ.
  bool PasswordIs(absl::string_view candidate) const;

  // By flag name, config name or alias, case-insensitive; null if there is none.
  static const ParameterSpec* Find(absl::string_view name);

  // Checks and sets. The error says what the value must be, in the words of Redis's CONFIG SET
  // where it has them: "argument must be between 1 and 10 inclusive". Does not care whether the
  // parameter is mutable.
  absl::Status Set(Parameter parameter, absl::string_view value);
  // As Set, without setting.
  absl::Status Check(Parameter parameter, absl::string_view value) const;

  // Reads a parameter file's text: "name value" lines, '#' comments, quotes as in inline commands.
  // The error names the line.
  absl::Status Parse(absl::string_view file_text);

  // The text of the file after CONFIG REWRITE: keeps comments and order of `old_text`, changes
  // values that differ, appends what is set but not in it.
  std::string Rewrite(absl::string_view old_text) const;

  // Held from reading the parameter file until its new text is in place: workers that rewrite it at
  // the same time would write into each other's file.
  std::mutex& file_mutex() { return file_mutex_; }

 private:
  static constexpr size_t kCount = 0
#define PARAMETER(name, kind, default_text, lowest, highest, change, help) +1
#include "server/session/parameters.inc"
#undef PARAMETER
      ;

  std::array<std::atomic<int64_t>, kCount> integers_{};
  std::atomic<bool> has_password_{false};
  std::atomic<uint32_t> key_event_flags_{0};
  std::array<std::array<std::atomic<int64_t>, 3>, kClientClassCount> output_limits_{};
  std::mutex file_mutex_;
  mutable std::mutex mutex_;
  std::array<std::string, kCount> texts_;  // guarded by mutex_; kText only
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CONFIG_H_
