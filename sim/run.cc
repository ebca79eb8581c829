// Runs seeds in the simulator: tools/bazel run //sim:run -- --seeds=1..1000

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/picture/page.h"
#include "sim/picture/recorder.h"
#include "sim/scenario/any_scenario.h"
#include "sim/shrink/case_run.h"
#include "sim/shrink/shrinker.h"
#include "sim/sweep/sweep.h"

ABSL_FLAG(std::string, seeds, "1..200", "seeds to run: FIRST..LAST, or one number");
ABSL_FLAG(uint64_t, seed, 0, "one seed; the same as --seeds=N");
ABSL_FLAG(std::string, scenario, "mixed",
          "mixed, exclusive (each client has its own keys), shared or queues; or the .textproto "
          "file of a scenario of clusters or of replication, or of a script");
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
ABSL_FLAG(std::string, shrink, "", "make the first failure as small as can be, and write it there");
ABSL_FLAG(uint64_t, shrink_runs, 20000, "... by so many runs at most");
ABSL_FLAG(double, shrink_seconds, 60, "... in so much time at most");
ABSL_FLAG(std::string, replay, "",
          "run a file that --shrink has written; fails if it does not fail as it says");
ABSL_FLAG(bool, kept, false,
          "with --replay: the case is kept as a test. Without a mutant nothing is violated; with "
          "the case's own, if there is one, its oracle is");

namespace damselfly::sim {
namespace {

bool ParseSeeds(const std::string& text, uint64_t* first, uint64_t* last) {
  const std::vector<std::string> ends = absl::StrSplit(text, "..");
  if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), first) ||
      !absl::SimpleAtoi(ends.back(), last))
    return false;
  return *first <= *last;
}

int Complain(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 2;
}

bool ReadScenarioFlag(SweepOptions* options) {
  const std::string name = absl::GetFlag(FLAGS_scenario);
  if (name != ScenarioName(Scenario::kMixed)) options->scenario_argument = name;
  if (ParseScenario(name, &options->run.scenario)) return true;
  if (!absl::EndsWith(name, ".textproto")) {
    std::fprintf(stderr,
                 "--scenario=%s: want mixed, exclusive, shared, caching, queues or a .textproto file\n",
                 name.c_str());
    return false;
  }
  const absl::StatusOr<std::string> text = ReadTextFile(name);
  const absl::Status status = text.ok() ? UseScenario(*text, name, options) : text.status();
  if (!status.ok()) Complain(status);
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

// Makes a failure small and writes it into the file of --shrink.
int ShrinkFailure(const SweepOptions& options, uint64_t seed) {
  const auto begin = std::chrono::steady_clock::now();
  ShrinkOptions budget;
  budget.runs_max = absl::GetFlag(FLAGS_shrink_runs);
  budget.out_of_time = [begin] {
    return SecondsSince(begin) > absl::GetFlag(FLAGS_shrink_seconds);
  };
  const ShrinkResult small = Shrinker(options, seed, budget).Shrink();
  std::printf("\nseed %llu %s", (unsigned long long)seed, small.ToString().c_str());
  if (!small.replayed) return 1;
  Case kept;
  const std::string argument = absl::GetFlag(FLAGS_scenario);
  kept.scenario = argument;
  if (absl::EndsWith(argument, ".textproto")) {
    const absl::StatusOr<std::string> text = ReadTextFile(argument);
    if (!text.ok()) return Complain(text.status());
    kept.scenario = *text;
  }
  kept.seed = seed;
  kept.mutant = options.run.mutant;
  kept.oracle = small.run.first_oracle;
  kept.hash = small.run.hash;
  kept.decisions = small.decisions;
  kept.description = absl::StrCat(OracleName(kept.oracle), ": ", small.run.message);
  const std::string path = absl::GetFlag(FLAGS_shrink);
  std::ofstream file(path);
  file << WriteCase(kept);
  if (!file.flush()) return Complain(absl::UnknownError(absl::StrCat(path, ": cannot be written")));
  std::printf("  in %.1f s; %s\n\n%s\n\nlast events:\n%s\nwritten to %s\n", SecondsSince(begin),
              kept.description.c_str(), small.run.plan.c_str(), small.run.last_events.c_str(),
              path.c_str());
  return 1;
}

// Runs the case of --replay. 0 if it does what it must.
int Replay(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return Complain(text.status());
  const absl::StatusOr<Case> kept = ReadCase(*text, path);
  if (!kept.ok()) return Complain(kept.status());
  if (absl::GetFlag(FLAGS_kept)) {
    const std::string wrong = JudgeKeptCase(*kept, path);
    std::printf("%s\n", wrong.empty() ? "passed" : wrong.c_str());
    return wrong.empty() ? 0 : 1;
  }
  std::function<void(const std::string&)> sink;
  if (absl::GetFlag(FLAGS_trace))
    sink = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const absl::StatusOr<RunResult> run = RunCase(*kept, path, kept->mutant, sink);
  if (!run.ok()) return Complain(run.status());
  std::printf("%s\n", kept->description.c_str());
  if (run->failed) {
    std::printf("violated: %s\n%s\n\n%s\n\nlast events:\n%s\n",
                std::string(OracleName(run->first_oracle)).c_str(), run->message.c_str(),
                run->plan.c_str(), run->last_events.c_str());
  }
  std::printf("%llu external events on %zu nodes, trace hash %016llx%s\n",
              (unsigned long long)run->external_event_count, run->node_count,
              (unsigned long long)run->hash,
              run->hash == kept->hash ? "" : ", which is not the case's: the code has changed");
  const std::string wrong = WhyNotAsExpected(*kept, /*must_fail=*/true, *run);
  std::printf("%s\n", wrong.empty() ? "fails as it says" : absl::StrCat("it ", wrong).c_str());
  return wrong.empty() ? 0 : 1;
}

// What a sweep has found.
void PrintFailures(const SweepResult& sweep, const SweepOptions& options) {
  if (sweep.failures.size() > 1) std::printf("\n%s", sweep.FailureGroups().c_str());
  for (const RunResult* failure : sweep.FailureExamples())
    std::printf("\n%s", DescribeFailure(*failure, options).c_str());
  std::printf("%s", sweep.problems.c_str());
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
  const std::string replay = absl::GetFlag(FLAGS_replay);
  if (!replay.empty()) return Replay(replay);
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
        "%llu seeds (%llu of them twice) in %.1f s: %.1f a second; %.1f virtual seconds, %.0f "
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
  PrintFailures(sweep, options);
  const std::string picture = absl::GetFlag(FLAGS_picture);
  if (!picture.empty() && !WritePicture(options, sweep, picture)) return 2;
  if (!absl::GetFlag(FLAGS_shrink).empty() && !sweep.failures.empty())
    return ShrinkFailure(options, sweep.failures[0].seed);
  if (!hashes) std::printf("%s\n", sweep.ok() ? "all passed" : "FAILED");
  return sweep.ok() ? 0 : 1;
}

}  // namespace
}  // namespace damselfly::sim

// A world is made and destroyed for each seed: what it has held stays with the process for the next
// one, and is not given back to the kernel each time. Nodes' tables of slots are larger, and come
// from the kernel as pages of zeros, of which those that nobody touches cost nothing.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 384 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 256 << 10);
}

int main(int argc, char** argv) {
  KeepFreedMemory();
  absl::SetProgramUsageMessage(
      "Runs simulated worlds, one for each seed, and checks what clients see.");
  absl::ParseCommandLine(argc, argv);
  return damselfly::sim::Main();
}
