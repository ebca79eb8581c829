// Runs seeds in the simulator: tools/bazel run //sim:run -- --seeds=1..1000

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/cluster/cluster_run.h"
#include "sim/cluster/scenario.h"
#include "sim/picture/page.h"
#include "sim/picture/recorder.h"
#include "sim/replication/replication_run.h"
#include "sim/replication/scenario.h"
#include "sim/sweep/sweep.h"

ABSL_FLAG(std::string, seeds, "1..200", "seeds to run: FIRST..LAST, or one number");
ABSL_FLAG(uint64_t, seed, 0, "one seed; the same as --seeds=N");
ABSL_FLAG(std::string, scenario, "mixed",
          "mixed, exclusive (each client has its own keys) or shared; or the .textproto file of a "
          "scenario of clusters or of replication");
ABSL_FLAG(std::string, mutant, "none",
          "a deliberate bug, which the oracles must find; \"list\" prints their names");
ABSL_FLAG(
    std::string, picture, "",
    "writes a page that shows the first seed that failed, or else the last one, to this file");
ABSL_FLAG(bool, trace, false, "print every event");
ABSL_FLAG(bool, hashes, false, "print a line \"seed hash\" for each seed, and nothing else");
ABSL_FLAG(uint64_t, repeat_every, 16,
          "run one seed of so many twice and compare the hashes; 0: none");
ABSL_FLAG(uint64_t, failures, 1, "go on until so many seeds have failed");

namespace damselfly::sim {
namespace {

bool ParseSeeds(const std::string& text, uint64_t* first, uint64_t* last) {
  const std::vector<std::string> ends = absl::StrSplit(text, "..");
  if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), first) ||
      !absl::SimpleAtoi(ends.back(), last))
    return false;
  return *first <= *last;
}

// Reads the file of a scenario, whichever kind it is, and makes the sweep run it.
absl::Status ReadScenarioFile(const std::string& path, SweepOptions* options) {
  std::ifstream file(path);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream text;
  text << file.rdbuf();
  if (IsReplicationScenario(text.str())) {
    const auto scenario = ParseReplicationScenario(text.str(), path);
    if (scenario.ok()) SweepReplication(*scenario, options);
    return scenario.status();
  }
  const auto scenario = ParseClusterScenario(text.str(), path);
  if (scenario.ok()) SweepClusters(*scenario, options);
  return scenario.status();
}

bool ReadScenarioFlag(SweepOptions* options) {
  const std::string name = absl::GetFlag(FLAGS_scenario);
  if (name != ScenarioName(Scenario::kMixed)) options->scenario_argument = name;
  if (ParseScenario(name, &options->run.scenario)) return true;
  if (!absl::EndsWith(name, ".textproto")) {
    std::fprintf(stderr, "--scenario=%s: want mixed, exclusive, shared or a .textproto file\n",
                 name.c_str());
    return false;
  }
  const absl::Status status = ReadScenarioFile(name, options);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok();
}

// False, with a message, if a flag makes no sense.
bool ReadFlags(SweepOptions* options) {
  if (absl::GetFlag(FLAGS_seed) != 0) {
    options->first_seed = options->last_seed = absl::GetFlag(FLAGS_seed);
  } else if (!ParseSeeds(absl::GetFlag(FLAGS_seeds), &options->first_seed, &options->last_seed)) {
    std::fprintf(stderr, "--seeds=%s: want FIRST..LAST\n", absl::GetFlag(FLAGS_seeds).c_str());
    return false;
  }
  if (!ReadScenarioFlag(options)) return false;
  if (!ParseMutant(absl::GetFlag(FLAGS_mutant), &options->run.mutant)) {
    std::fprintf(stderr, "--mutant=%s: there are\n", absl::GetFlag(FLAGS_mutant).c_str());
    for (int i = 0; i < kMutantCount; ++i) {
      std::fprintf(stderr, "  %s\n", std::string(MutantName(static_cast<Mutant>(i))).c_str());
    }
    return false;
  }
  options->repeat_every = absl::GetFlag(FLAGS_repeat_every);
  options->failures_max = absl::GetFlag(FLAGS_failures);
  if (absl::GetFlag(FLAGS_trace)) {
    options->repeat_every = 0;
    options->run.trace_sink = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  }
  return true;
}

// The one place of the simulator that looks at a real clock: for the progress line.
double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Runs a seed once more, watched, and writes the page that shows it. False, with a message, if it
// cannot be written.
bool WritePicture(const SweepOptions& options, const SweepResult& sweep, const std::string& path) {
  const uint64_t seed = sweep.failures.empty() ? options.first_seed + sweep.seed_count - 1
                                               : sweep.failures.front().seed;
  PictureRecorder recorder;
  RunOptions run = options.run;
  run.trace_sink = nullptr;
  run.observer = &recorder;
  const RunResult result = options.run_seed(seed, run);
  recorder.EndAt(result.event_count);
  PictureHead head;
  const std::string scenario = absl::GetFlag(FLAGS_scenario);
  head.scenario = scenario.substr(scenario.rfind('/') + 1);
  if (options.run.mutant != Mutant::kNone)
    head.mutant = std::string(MutantName(options.run.mutant));
  head.command = absl::StrCat(CommandFor(seed, options), " --picture=", path);
  std::ofstream file(path);
  file << PicturePage(recorder.recording(), result, head);
  file.close();
  if (file.fail()) {
    std::fprintf(stderr, "--picture=%s: cannot be written\n", path.c_str());
    return false;
  }
  std::printf("a picture of seed %llu is in %s\n", (unsigned long long)seed, path.c_str());
  return true;
}

int Main() {
  SweepOptions options;
  if (!ReadFlags(&options)) return 2;
  const bool hashes = absl::GetFlag(FLAGS_hashes);
  const uint64_t total = options.last_seed - options.first_seed + 1;
  const auto begin = std::chrono::steady_clock::now();
  double shown_seconds = 0;
  uint64_t done = 0;
  options.progress = [&](const RunResult& result) {
    ++done;
    if (hashes)
      std::printf("%llu %016llx\n", (unsigned long long)result.seed,
                  (unsigned long long)result.hash);
    const double seconds = SecondsSince(begin);
    if (hashes || seconds - shown_seconds < 1) return;
    shown_seconds = seconds;
    std::fprintf(stderr, "%llu of %llu seeds, %.0f a second\n", (unsigned long long)done,
                 (unsigned long long)total, static_cast<double>(done) / seconds);
  };
  const SweepResult sweep = RunSweep(options);
  const double seconds = SecondsSince(begin);
  if (!hashes) {
    std::printf("%s\n", sweep.Summary().c_str());
    std::printf(
        "%llu seeds (%llu of them twice) in %.1f s: %.1f a second; %.0f virtual seconds, %.0f "
        "events and %.0f "
        "checked replies a second\n",
        (unsigned long long)sweep.seed_count, (unsigned long long)sweep.repeated_count, seconds,
        static_cast<double>(sweep.seed_count) / seconds,
        static_cast<double>(sweep.virtual_ns) / 1e9 / seconds,
        static_cast<double>(sweep.event_count) / seconds,
        static_cast<double>(sweep.reply_count) / seconds);
    if (total == 1) {
      std::printf("trace hash %016llx\n", (unsigned long long)sweep.last_hash);
    }
  }
  for (const RunResult& failure : sweep.failures) {
    std::printf("\n%s", DescribeFailure(failure, options).c_str());
  }
  std::printf("%s", sweep.problems.c_str());
  const std::string picture = absl::GetFlag(FLAGS_picture);
  if (!picture.empty() && !WritePicture(options, sweep, picture)) return 2;
  if (!hashes) std::printf("%s\n", sweep.ok() ? "all passed" : "FAILED");
  return sweep.ok() ? 0 : 1;
}

}  // namespace
}  // namespace damselfly::sim

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Runs simulated worlds, one for each seed, and checks what clients see.");
  absl::ParseCommandLine(argc, argv);
  return damselfly::sim::Main();
}
