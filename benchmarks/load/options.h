#ifndef DAMSELFLY_BENCHMARKS_LOAD_OPTIONS_H_
#define DAMSELFLY_BENCHMARKS_LOAD_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly::load {

// Which of the keys 0 .. N-1 a request names.
struct KeyDistribution {
  enum class Kind { kUniform, kSequential, kZipf, kHot };
  Kind kind = Kind::kUniform;
  double exponent = 0;           // kZipf: key k comes in proportion to 1 / (k + 1)^exponent
  double share_of_keys = 0;      // kHot: so many of the keys, the lowest numbers,
  double share_of_requests = 0;  // get so many of the requests
};

// Both ends belong to it.
struct SizeRange {
  int64_t low = 0;
  int64_t high = 0;
};

// A command template and how often it is taken, against the weights of the others.
struct WeightedCommand {
  int64_t weight = 1;
  std::string text;
};

// When the groups of an open loop leave: see Schedule.
enum class Arrivals { kEven, kPoisson };

// What one run does. The flags of flags.cc, with their texts understood.
struct Options {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string unix_path;  // not empty: instead of host and port
  std::string user;
  std::string password;
  int protocol = 2;
  int database = 0;

  int threads = 1;
  int connections = 50;  // in all, or with `cluster` for each node
  int pipeline = 1;
  double rate = 0;  // requests a second in all; 0: closed loop
  Arrivals arrivals = Arrivals::kEven;
  int64_t requests = 0;  // 0: no limit
  int64_t duration_ns = 0;
  int64_t warmup_ns = 0;
  int64_t spin_ns = 0;
  int64_t work_ns = 0;  // over each reply

  int64_t keys = 1000000;
  std::string key_prefix = "key:";
  int key_bytes = 16;
  KeyDistribution key_distribution;
  SizeRange value_bytes{32, 32};
  std::vector<WeightedCommand> commands;  // never empty

  bool fill = false;
  bool fill_only = false;
  bool cluster = false;
  bool verify = false;
  bool errors_allowed = false;

  int server_pid = 0;
  std::vector<int> cpus;
  std::vector<int> server_cpus;  // not empty: they and `cpus` are watched for disturbances
  std::string json;
  std::string samples;
  bool progress = false;
  bool realtime = false;
  uint64_t seed = 1;

  bool watches_cores() const { return !server_cpus.empty(); }
  bool keeps_replies() const { return !samples.empty() || watches_cores(); }
};

// "10s", "500ms", "2m", "1h", or seconds without a unit.
absl::StatusOr<int64_t> ParseDuration_ns(absl::string_view text);
// "32" or "16..512".
absl::StatusOr<SizeRange> ParseSizeRange(absl::string_view text);
// "uniform", "sequential", "zipf:EXPONENT", "hot:SHARE_OF_KEYS:SHARE_OF_REQUESTS".
absl::StatusOr<KeyDistribution> ParseKeyDistribution(absl::string_view text);
// "SET __key__ __data__", or with a weight: "3:SET __key__ __data__".
absl::StatusOr<WeightedCommand> ParseCommand(absl::string_view text);
// "even" or "poisson".
absl::StatusOr<Arrivals> ParseArrivals(absl::string_view text);
// "1,2"; nothing is no list.
absl::StatusOr<std::vector<int>> ParseCpus(absl::string_view text);

// Whether the parts go together; the error says which flag is at fault.
absl::Status Validate(const Options& options);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_OPTIONS_H_
