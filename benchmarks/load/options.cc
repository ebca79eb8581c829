#include "benchmarks/load/options.h"

#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/base/numbers.h"

namespace damselfly::load {
namespace {

constexpr int64_t kValueBytesMax = int64_t{512} << 20;
constexpr int kKeyBytesMax = 64 * 1024;
constexpr int kThreadsMax = 1024;
constexpr int kPipelineMax = 1000000;
constexpr int64_t kWork_nsMax = 1000000000;

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

// A finite number; absl::SimpleAtod takes "inf" and "nan" too.
bool ParseFinite(absl::string_view text, double* out) {
  return absl::SimpleAtod(text, out) && std::isfinite(*out);
}

}  // namespace

absl::StatusOr<int64_t> ParseDuration_ns(absl::string_view text) {
  double seconds;
  absl::Duration duration;
  if (ParseFinite(text, &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return Bad(absl::StrCat("'", text, "' is no duration such as 10s, 500ms or 2m"));
  }
  if (duration < absl::ZeroDuration() || duration > absl::Hours(24 * 365)) {
    return Bad(absl::StrCat("'", text, "' is not between 0 and a year"));
  }
  return absl::ToInt64Nanoseconds(duration);
}

absl::StatusOr<SizeRange> ParseSizeRange(absl::string_view text) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, absl::MaxSplits("..", 1));
  SizeRange range;
  if (!ParseInt64(ends.front(), &range.low) || !ParseInt64(ends.back(), &range.high)) {
    return Bad(absl::StrCat("'", text, "' is neither a number nor a range such as 16..512"));
  }
  if (range.low < 0 || range.low > range.high || range.high > kValueBytesMax) {
    return Bad(absl::StrCat("'", text, "' is no range within 0..", kValueBytesMax));
  }
  return range;
}

absl::StatusOr<KeyDistribution> ParseKeyDistribution(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  KeyDistribution result;
  if (text == "uniform") return result;
  if (text == "sequential") {
    result.kind = KeyDistribution::Kind::kSequential;
    return result;
  }
  if (parts[0] == "zipf" && parts.size() == 2) {
    result.kind = KeyDistribution::Kind::kZipf;
    if (ParseFinite(parts[1], &result.exponent) && result.exponent > 0 && result.exponent <= 20)
      return result;
    return Bad(absl::StrCat("'", text, "': the exponent must be above 0 and at most 20"));
  }
  if (parts[0] == "hot" && parts.size() == 3) {
    result.kind = KeyDistribution::Kind::kHot;
    if (ParseFinite(parts[1], &result.share_of_keys) && result.share_of_keys > 0 &&
        result.share_of_keys < 1 && ParseFinite(parts[2], &result.share_of_requests) &&
        result.share_of_requests >= 0 && result.share_of_requests <= 1) {
      return result;
    }
    return Bad(absl::StrCat("'", text, "': both shares must lie between 0 and 1"));
  }
  return Bad(absl::StrCat("'", text,
                          "' is none of uniform, sequential, zipf:EXPONENT and "
                          "hot:SHARE_OF_KEYS:SHARE_OF_REQUESTS"));
}

absl::StatusOr<WeightedCommand> ParseCommand(absl::string_view text) {
  WeightedCommand result;
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos && colon > 0 &&
      text.substr(0, colon).find_first_not_of("0123456789") == absl::string_view::npos) {
    if (!ParseInt64(text.substr(0, colon), &result.weight) || result.weight <= 0 ||
        result.weight > std::numeric_limits<int32_t>::max()) {
      return Bad(absl::StrCat("'", text, "': the weight must be a positive number"));
    }
    text.remove_prefix(colon + 1);
  }
  result.text = std::string(text);
  if (text.find_first_not_of(" \t") == absl::string_view::npos) return Bad("an empty command");
  return result;
}

absl::StatusOr<Arrivals> ParseArrivals(absl::string_view text) {
  if (text == "even") return Arrivals::kEven;
  if (text == "poisson") return Arrivals::kPoisson;
  return Bad(absl::StrCat("'", text, "' is neither even nor poisson"));
}

absl::StatusOr<std::vector<int>> ParseCpus(absl::string_view text) {
  std::vector<int> cpus;
  if (text.empty()) return cpus;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    int64_t cpu;
    if (!ParseInt64(part, &cpu) || cpu < 0 || cpu >= 1024) {
      return Bad(absl::StrCat("'", text, "' is no list of cores such as 1,2"));
    }
    cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

absl::Status Validate(const Options& options) {
  if (options.port < 1 || options.port > 65535) return Bad("--port must be from 1 to 65535");
  if (options.protocol != 2 && options.protocol != 3) return Bad("--protocol must be 2 or 3");
  if (options.database < 0) return Bad("--database must not be negative");
  if (!options.user.empty() && options.password.empty()) return Bad("--user needs --password");
  if (options.threads < 1 || options.threads > kThreadsMax)
    return Bad(absl::StrCat("--threads must be from 1 to ", kThreadsMax));
  if (options.connections < options.threads)
    return Bad("--connections must be at least --threads: every thread has one");
  if (options.pipeline < 1 || options.pipeline > kPipelineMax)
    return Bad(absl::StrCat("--pipeline must be from 1 to ", kPipelineMax));
  if (!std::isfinite(options.rate) || options.rate < 0 || options.rate > 1e9)
    return Bad("--rate must be from 0 to 1000000000");
  if (options.work_ns > kWork_nsMax) return Bad("--work must be at most 1s");
  if (options.requests < 0) return Bad("--requests must not be negative");
  if (options.keys < 1 || options.keys > int64_t{1} << 40) return Bad("--keys must be at least 1");
  if (options.key_bytes < 1 || options.key_bytes > kKeyBytesMax)
    return Bad(absl::StrCat("--key_bytes must be from 1 to ", kKeyBytesMax));
  const size_t digits = DecimalDigits(static_cast<uint64_t>(options.keys - 1));
  if (options.key_prefix.size() + digits > static_cast<size_t>(options.key_bytes)) {
    return Bad(absl::StrCat("--key_bytes=", options.key_bytes, " has no room for '",
                            options.key_prefix, "' and the ", digits, " digits of the number ",
                            options.keys - 1));
  }
  if (options.cluster && !options.unix_path.empty())
    return Bad("--cluster needs --host and --port, not --unix");
  if (options.cluster && options.database != 0) return Bad("--cluster has no --database");
  if (options.arrivals != Arrivals::kEven && options.rate == 0)
    return Bad("--arrivals=poisson needs --rate: in a closed loop the server says when to send");
  if (!options.samples.empty() && options.rate == 0)
    return Bad("--samples needs --rate: a closed loop has no intended moments");
  if (!options.server_cpus.empty() && (options.server_pid == 0 || options.cpus.empty()))
    return Bad("--server_cpus needs --server_pid and --cpus: it says where both may run");
  for (int core : options.server_cpus) {
    if (std::find(options.cpus.begin(), options.cpus.end(), core) != options.cpus.end())
      return Bad(absl::StrCat("--server_cpus and --cpus share core ", core));
  }
  if (options.verify && options.keys > int64_t{1} << 33)
    return Bad("--verify keeps a bit a key: at most 2^33 keys");
  if (options.fill_only && options.requests > 0)
    return Bad("--fill_only sends no requests beyond its keys: leave --requests out");
  return absl::OkStatus();
}

}  // namespace damselfly::load
