#include "benchmarks/load/flags.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

ABSL_FLAG(std::string, host, "127.0.0.1", "the server, or any node of a cluster");
ABSL_FLAG(int, port, 6379, "its port");
ABSL_FLAG(std::string, unix, "", "a Unix socket instead");
ABSL_FLAG(std::string, user, "", "for AUTH, with --password");
ABSL_FLAG(std::string, password, "", "for AUTH");
ABSL_FLAG(int, protocol, 2, "2 or 3: the version of RESP");
ABSL_FLAG(int, database, 0, "for SELECT");
ABSL_FLAG(int, threads, 1, "of the driver");
ABSL_FLAG(int, connections, 50,
          "in all, spread over the threads; with --cluster so many for each node");
ABSL_FLAG(int, pipeline, 1,
          "closed loop: requests that leave together once all earlier ones of the connection are "
          "answered; with --rate: that leave together on one connection");
ABSL_FLAG(double, rate, 0,
          "above 0: requests a second in all, sent at their moments whether earlier ones are "
          "answered or not; latencies count from those moments");
ABSL_FLAG(std::string, arrivals, "even",
          "with --rate: even (at one distance), or poisson (at random, as many clients that know "
          "nothing of each other)");
ABSL_FLAG(int64_t, requests, 0, "ends after so many; 0: no limit");
ABSL_FLAG(std::string, duration, "10s",
          "ends after this time, if --requests does not come first; with --requests alone there is "
          "no limit");
ABSL_FLAG(std::string, warmup, "0s", "load before that, which is not counted");
ABSL_FLAG(int64_t, keys, 1000000, "keys have the numbers from 0 to this less one");
ABSL_FLAG(std::string, key_prefix, "key:", "before the number");
ABSL_FLAG(int, key_bytes, 16, "size of a key: zeros stand before the number");
ABSL_FLAG(std::string, key_distribution, "uniform",
          "uniform, sequential, zipf:EXPONENT or hot:SHARE_OF_KEYS:SHARE_OF_REQUESTS");
ABSL_FLAG(std::string, value_bytes, "32", "size of a value, or a range such as 16..512");
ABSL_FLAG(int64_t, writes, 1, "weight of SET, without --command");
ABSL_FLAG(int64_t, reads, 0, "weight of GET, without --command");
ABSL_FLAG(
    std::string, command, "",
    "a command with __key__, __int__ or __data__ anywhere in its words; may be repeated, each "
    "with a weight in front (\"3:GET __key__\"); every placeholder draws for itself");
ABSL_FLAG(bool, fill, false, "first writes each key once, which is not counted");
ABSL_FLAG(bool, fill_only, false, "writes each key once and ends");
ABSL_FLAG(bool, cluster, false, "learns the slots, sends to their owners, follows redirections");
ABSL_FLAG(bool, verify, false,
          "each key has one value that it may have; a GET that gives another one, or nothing for a "
          "key that this run has written, is a failure");
ABSL_FLAG(bool, errors_allowed, false, "error replies do not fail the run");
ABSL_FLAG(int, server_pid, 0, "of a server on this machine: adds what it has used");
ABSL_FLAG(std::string, cpus, "", "cores of the driver's threads, such as 1,2");
ABSL_FLAG(
    std::string, server_cpus, "",
    "with --server_pid and --cpus: the server's cores; these and the driver's are watched for "
    "time that a virtual machine's host takes away, and latencies are given less that, too; "
    "needs the permission for SCHED_FIFO, keeps 24 bytes a batch of replies");
ABSL_FLAG(std::string, json, "",
          "a file for the results; - for standard output, without the table");
ABSL_FLAG(bool, progress, false,
          "a line a second on standard error; by default where that is a terminal");
ABSL_FLAG(
    std::string, samples, "",
    "with --rate: a file that gets two doubles a request, its intended moment (CLOCK_MONOTONIC) "
    "and its latency, in seconds");
ABSL_FLAG(bool, realtime, false, "asks for SCHED_FIFO");
ABSL_FLAG(
    std::string, spin, "0s",
    "with --rate: polls instead of sleeping when the next request is due this soon, and for a "
    "millisecond at most while a reply is awaited; takes a core of its own");
ABSL_FLAG(std::string, work, "0s",
          "computes for so long over each reply before it takes the next one, as an application "
          "would; at most 1s");
ABSL_FLAG(uint64_t, seed, 1, "of everything that is random");

namespace damselfly::load {
namespace {

constexpr const char* kNames[] = {
    "host",     "port",        "unix",           "user",        "password",
    "protocol", "database",    "threads",        "connections", "pipeline",
    "rate",     "arrivals",    "requests",       "duration",    "warmup",
    "keys",     "key_prefix",  "key_bytes",      "value_bytes", "key_distribution",
    "writes",   "reads",       "command",        "fill",        "fill_only",
    "cluster",  "verify",      "errors_allowed", "server_pid",  "cpus",
    "json",     "progress",    "samples",        "realtime",    "spin",
    "seed",     "server_cpus", "work",
};

bool IsOurs(absl::string_view name) {
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [name](const char* one) { return name == one; });
}

bool IsBoolean(absl::string_view name) {
  return IsOurs(name) && absl::FindCommandLineFlag(name)->IsOfType<bool>();
}

absl::Status Bad(absl::string_view name, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat("--", name, ": ", status.message()));
}

struct Word {
  std::string name;
  std::string value;
};

absl::StatusOr<std::vector<Word>> SplitWords(const std::vector<std::string>& words) {
  std::vector<Word> result;
  for (size_t i = 0; i < words.size(); ++i) {
    absl::string_view word = words[i];
    if (!absl::ConsumePrefix(&word, "--") || word.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", words[i], "' is no flag: flags are given as --name=value"));
    }
    const size_t equals = word.find('=');
    const absl::string_view name = word.substr(0, equals);
    if (equals != absl::string_view::npos && IsOurs(name)) {
      result.push_back({std::string(name), std::string(word.substr(equals + 1))});
    } else if (IsBoolean(name)) {
      result.push_back({std::string(name), "true"});
    } else if (absl::StartsWith(name, "no") && IsBoolean(name.substr(2))) {
      result.push_back({std::string(name.substr(2)), "false"});
    } else if (!IsOurs(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no flag --", name, "; --help lists them"));
    } else if (i + 1 == words.size()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value"));
    } else {
      result.push_back({std::string(name), words[++i]});
    }
  }
  return result;
}

// Copies the outcome of a parser to its option; false if it failed.
template <typename T>
bool Take(absl::string_view name, absl::StatusOr<T> parsed, T* out, absl::Status* status) {
  if (!parsed.ok()) {
    *status = Bad(name, parsed.status());
    return false;
  }
  *out = *std::move(parsed);
  return true;
}

absl::Status ReadFlags(const std::vector<Word>& given, Options* options) {
  options->host = absl::GetFlag(FLAGS_host);
  options->port = absl::GetFlag(FLAGS_port);
  options->unix_path = absl::GetFlag(FLAGS_unix);
  options->user = absl::GetFlag(FLAGS_user);
  options->password = absl::GetFlag(FLAGS_password);
  options->protocol = absl::GetFlag(FLAGS_protocol);
  options->database = absl::GetFlag(FLAGS_database);
  options->threads = absl::GetFlag(FLAGS_threads);
  options->connections = absl::GetFlag(FLAGS_connections);
  options->pipeline = absl::GetFlag(FLAGS_pipeline);
  options->rate = absl::GetFlag(FLAGS_rate);
  options->requests = absl::GetFlag(FLAGS_requests);
  options->keys = absl::GetFlag(FLAGS_keys);
  options->key_prefix = absl::GetFlag(FLAGS_key_prefix);
  options->key_bytes = absl::GetFlag(FLAGS_key_bytes);
  options->fill_only = absl::GetFlag(FLAGS_fill_only);
  options->fill = absl::GetFlag(FLAGS_fill) || options->fill_only;
  options->cluster = absl::GetFlag(FLAGS_cluster);
  options->verify = absl::GetFlag(FLAGS_verify);
  options->errors_allowed = absl::GetFlag(FLAGS_errors_allowed);
  options->server_pid = absl::GetFlag(FLAGS_server_pid);
  options->json = absl::GetFlag(FLAGS_json);
  options->progress = absl::GetFlag(FLAGS_progress);
  options->samples = absl::GetFlag(FLAGS_samples);
  options->realtime = absl::GetFlag(FLAGS_realtime);
  options->seed = absl::GetFlag(FLAGS_seed);
  absl::Status status;
  if (!Take("duration", ParseDuration_ns(absl::GetFlag(FLAGS_duration)), &options->duration_ns,
            &status) ||
      !Take("warmup", ParseDuration_ns(absl::GetFlag(FLAGS_warmup)), &options->warmup_ns,
            &status) ||
      !Take("work", ParseDuration_ns(absl::GetFlag(FLAGS_work)), &options->work_ns, &status) ||
      !Take("spin", ParseDuration_ns(absl::GetFlag(FLAGS_spin)), &options->spin_ns, &status) ||
      !Take("arrivals", ParseArrivals(absl::GetFlag(FLAGS_arrivals)), &options->arrivals,
            &status) ||
      !Take("key_distribution", ParseKeyDistribution(absl::GetFlag(FLAGS_key_distribution)),
            &options->key_distribution, &status) ||
      !Take("value_bytes", ParseSizeRange(absl::GetFlag(FLAGS_value_bytes)), &options->value_bytes,
            &status) ||
      !Take("cpus", ParseCpus(absl::GetFlag(FLAGS_cpus)), &options->cpus, &status) ||
      !Take("server_cpus", ParseCpus(absl::GetFlag(FLAGS_server_cpus)), &options->server_cpus,
            &status)) {
    return status;
  }
  for (const Word& word : given) {
    if (word.name != "command") continue;
    WeightedCommand command;
    if (!Take("command", ParseCommand(word.value), &command, &status)) return status;
    options->commands.push_back(command);
  }
  return status;
}

bool IsGiven(const std::vector<Word>& given, absl::string_view name) {
  return std::any_of(given.begin(), given.end(),
                     [name](const Word& word) { return word.name == name; });
}

}  // namespace

absl::StatusOr<Options> ParseFlags(const std::vector<std::string>& words) {
  absl::StatusOr<std::vector<Word>> given = SplitWords(words);
  if (!given.ok()) return given.status();
  for (const Word& word : *given) {
    std::string error;
    if (!absl::FindCommandLineFlag(word.name)->ParseFrom(word.value, &error)) {
      return absl::InvalidArgumentError(absl::StrCat("--", word.name, "=", word.value,
                                                     " is no value for this flag",
                                                     error.empty() ? "" : ": ", error));
    }
  }
  Options options;
  absl::Status status = ReadFlags(*given, &options);
  if (!status.ok()) return status;
  if (!IsGiven(*given, "progress")) options.progress = isatty(STDERR_FILENO) == 1;
  if (IsGiven(*given, "requests") && !IsGiven(*given, "duration")) options.duration_ns = 0;
  const int64_t writes = absl::GetFlag(FLAGS_writes);
  const int64_t reads = absl::GetFlag(FLAGS_reads);
  if (options.commands.empty()) {
    if (writes < 0 || reads < 0 || writes + reads == 0)
      return absl::InvalidArgumentError("--writes and --reads must be weights, not both 0");
    if (writes > 0) options.commands.push_back({writes, "SET __key__ __data__"});
    if (reads > 0) options.commands.push_back({reads, "GET __key__"});
  } else if (IsGiven(*given, "writes") || IsGiven(*given, "reads")) {
    return absl::InvalidArgumentError(
        "--writes and --reads are weights of SET and GET: leave them out with --command");
  }
  status = Validate(options);
  if (!status.ok()) return status;
  return options;
}

std::string FlagsHelp() {
  std::string text;
  for (const char* name : kNames) {
    const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
    const std::string value = flag->DefaultValue();
    absl::StrAppend(&text, "  --", name, value.empty() ? "" : "=", value, "\n      ", flag->Help(),
                    "\n");
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> FlagSettings(const Options& options) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const char* name : kNames) {
    const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
    const std::string value = flag->CurrentValue();
    nlohmann::json json;
    if (absl::string_view(name) == "command") {
      json = nlohmann::json::array();
      for (const WeightedCommand& command : options.commands)
        json.push_back(absl::StrCat(command.weight, ":", command.text));
    } else if (absl::string_view(name) == "password") {
      json = value.empty() ? "" : "(given)";
    } else if (flag->IsOfType<bool>()) {
      json = value == "true";
    } else if (flag->IsOfType<std::string>()) {
      json = value;
    } else {
      json = nlohmann::json::parse(value);
    }
    settings.emplace_back(name,
                          json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return settings;
}

}  // namespace damselfly::load
