// The long differential run: tools/bazel run -c opt //testing/compat:differential --
// --commands=10000000

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "testing/compat/differential.h"

ABSL_FLAG(int64_t, commands, 10000000, "commands to play, half of them in RESP2 and half in RESP3");
ABSL_FLAG(uint64_t, seed, 1, "first seed");
ABSL_FLAG(std::vector<std::string>, families, {},
          "families of templates.h to play, separated by commas; all if empty");
ABSL_FLAG(int, differences, 10, "how many differences to show");
ABSL_FLAG(std::string, record, "",
          "file for the commands that led to a difference, for redis-cli --pipe");
ABSL_FLAG(int, threads, 1, "workers of our server");
ABSL_FLAG(bool, small_limits, false, "compact forms end after a few elements");

namespace damselfly {
namespace {

int Main() {
  auto servers = StartServers(absl::GetFlag(FLAGS_threads), absl::GetFlag(FLAGS_small_limits));
  if (!servers.ok()) {
    std::fprintf(stderr, "%s\n", servers.status().ToString().c_str());
    return 1;
  }
  constexpr int64_t kPortion = 100000;
  int64_t played = 0;
  int64_t known = 0;
  for (uint64_t seed = absl::GetFlag(FLAGS_seed); played < absl::GetFlag(FLAGS_commands); ++seed) {
    DifferentialOptions options;
    options.seed = seed;
    options.commands = kPortion;
    options.families = absl::GetFlag(FLAGS_families);
    options.record_path = absl::GetFlag(FLAGS_record);
    options.differences_max = absl::GetFlag(FLAGS_differences);
    options.protocol = seed % 2 == 0 ? 2 : 3;
    auto result = RunDifferential(*servers->ours, *servers->theirs, options);
    if (!result.ok()) {
      std::fprintf(stderr, "\n%s\n%s\n", result.status().ToString().c_str(),
                   servers->ours->Log().c_str());
      return 1;
    }
    for (const std::string& difference : result->differences)
      std::fprintf(stderr, "\n%s", difference.c_str());
    if (!result->differences.empty()) return 1;
    played += result->commands;
    known += result->known_differences;
    std::fprintf(stderr, "\r%lld commands, %lld known differences", static_cast<long long>(played),
                 static_cast<long long>(known));
  }
  std::printf(
      "\n%lld commands played to both servers: no unexplained difference, %lld known ones\n",
      static_cast<long long>(played), static_cast<long long>(known));
  return 0;
}

}  // namespace
}  // namespace damselfly

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return damselfly::Main();
}
