#include "sim/sweep/sweep.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace damselfly::sim {
namespace {

// A fault that so many seeds have drawn must have had an effect in one of them.
constexpr uint64_t kSeedsUntilAFaultShows = 100;

void Add(const RunResult& run, SweepResult* sweep) {
  ++sweep->seed_count;
  sweep->last_hash = run.hash;
  sweep->event_count += run.event_count;
  sweep->reply_count += run.reply_count;
  sweep->virtual_ns += run.virtual_ns;
  for (size_t i = 0; i < kOracleCount; ++i) sweep->checks[i] += run.checks[i];
  for (size_t i = 0; i < kFaultCount; ++i) {
    sweep->faults_drawn[i] += run.faults_drawn[i];
    sweep->faults_struck[i] += run.fault_effects[i] > 0;
    sweep->fault_effects[i] += run.fault_effects[i];
  }
  for (const auto& [what, count] : run.counters) sweep->counters[what] += count;
}

// The events around number `index` of a seed's run, as text.
std::string EventsAround(uint64_t seed, const SweepOptions& sweep, size_t index) {
  RunOptions options = sweep.run;
  std::string text;
  size_t count = 0;
  options.trace_sink = [&](const std::string& line) {
    if (count + 5 >= index && count <= index + 1)
      absl::StrAppend(&text, count == index ? "> " : "  ", line, "\n");
    ++count;
  };
  sweep.run_seed(seed, options);
  return text;
}

}  // namespace

std::string CompareRuns(uint64_t seed, const SweepOptions& options) {
  RunOptions keeping = options.run;
  keeping.keep_hashes = true;
  const RunResult first = options.run_seed(seed, keeping);
  const RunResult second = options.run_seed(seed, keeping);
  const size_t shorter = std::min(first.hashes.size(), second.hashes.size());
  size_t index = 0;
  while (index < shorter && first.hashes[index] == second.hashes[index]) ++index;
  if (index == shorter && first.hashes.size() == second.hashes.size()) return "";
  return absl::StrCat("seed ", seed, ": two runs differ from event ", index,
                      " on. A third one has there:\n", EventsAround(seed, options, index));
}

SweepResult RunSweep(const SweepOptions& options) {
  SweepResult sweep;
  sweep.oracles = options.oracles;
  for (uint64_t seed = options.first_seed; seed <= options.last_seed; ++seed) {
    RunResult run = options.run_seed(seed, options.run);
    Add(run, &sweep);
    options.progress(run);
    if (options.repeat_every > 0 && seed % options.repeat_every == 0) {
      ++sweep.repeated_count;
      if (options.run_seed(seed, options.run).hash != run.hash) {
        const std::string difference = CompareRuns(seed, options);
        absl::StrAppend(&sweep.problems,
                        difference.empty()
                            ? absl::StrCat("seed ", seed, ": two runs differed, two more did not\n")
                            : difference);
      }
    }
    if (run.failed) sweep.failures.push_back(std::move(run));
    if (sweep.failures.size() >= options.failures_max) break;
  }
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (sweep.faults_drawn[i] < kSeedsUntilAFaultShows || sweep.fault_effects[i] > 0) continue;
    absl::StrAppend(&sweep.problems, "the fault ", FaultName(static_cast<Fault>(i)),
                    " was drawn by ", sweep.faults_drawn[i], " seeds and had no effect in any\n");
  }
  if (sweep.seed_count < kSeedsUntilCountersShow) return sweep;
  for (const auto& [what, min] : options.counters_min) {
    const auto found = sweep.counters.find(what);
    const uint64_t count = found == sweep.counters.end() ? 0 : found->second;
    if (count >= min) continue;
    absl::StrAppend(&sweep.problems, "in ", sweep.seed_count, " seeds there were ", count, " ",
                    what, ", where ", min, " are expected\n");
  }
  return sweep;
}

std::string SweepResult::Summary() const {
  std::string text = absl::StrFormat("%-22s %12s\n", "oracle", "checks");
  for (size_t i = 0; i < kOracleCount; ++i) {
    const Oracle oracle = static_cast<Oracle>(i);
    // Of a kind of run that this is not.
    if (checks[i] == 0 && std::find(oracles.begin(), oracles.end(), oracle) == oracles.end())
      continue;
    absl::StrAppendFormat(&text, "%-22s %12d\n", OracleName(oracle), checks[i]);
  }
  absl::StrAppendFormat(&text, "\n%-22s %12s %12s %12s\n", "fault", "seeds drew", "seeds struck",
                        "effects");
  for (size_t i = 0; i < kFaultCount; ++i) {
    absl::StrAppendFormat(&text, "%-22s %12d %12d %12d\n", FaultName(static_cast<Fault>(i)),
                          faults_drawn[i], faults_struck[i], fault_effects[i]);
  }
  if (!counters.empty()) text += "\n";
  for (const auto& [what, count] : counters)
    absl::StrAppendFormat(&text, "%-48s %12d\n", what, count);
  return text;
}

namespace {

constexpr size_t kSeedsShown = 5;

// Groups of failures, the largest first.
std::vector<std::vector<const RunResult*>> GroupsOf(const std::vector<RunResult>& failures) {
  std::map<std::pair<Oracle, std::string>, std::vector<const RunResult*>> by_kind;
  for (const RunResult& failure : failures)
    by_kind[{failure.first_oracle, failure.last_kinds}].push_back(&failure);
  std::vector<std::vector<const RunResult*>> groups;
  for (auto& [kind, group] : by_kind) groups.push_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return groups;
}

}  // namespace

std::string SweepResult::FailureGroups() const {
  std::string text;
  for (const std::vector<const RunResult*>& group : GroupsOf(failures)) {
    absl::StrAppend(&text, group.size(), group.size() == 1 ? " seed  " : " seeds  ",
                    OracleName(group[0]->first_oracle), ", after ", group[0]->last_kinds, ":");
    for (size_t i = 0; i < std::min(group.size(), kSeedsShown); ++i)
      absl::StrAppend(&text, " ", group[i]->seed);
    absl::StrAppend(&text, group.size() > kSeedsShown ? " ...\n" : "\n");
  }
  return text;
}

std::vector<const RunResult*> SweepResult::FailureExamples() const {
  std::vector<const RunResult*> examples;
  for (const std::vector<const RunResult*>& group : GroupsOf(failures))
    examples.push_back(group[0]);
  return examples;
}

std::string CommandFor(uint64_t seed, const SweepOptions& options) {
  std::string command = absl::StrCat("tools/bazel run //sim:run -- --seed=", seed);
  if (!options.scenario_argument.empty()) {
    // `bazel run` starts elsewhere, and tests name files from the repository's root.
    const bool from_root = absl::EndsWith(options.scenario_argument, ".textproto") &&
                           !absl::StartsWith(options.scenario_argument, "/");
    absl::StrAppend(&command, " --scenario=", from_root ? "$PWD/" : "", options.scenario_argument);
  }
  if (options.run.mutant != Mutant::kNone)
    absl::StrAppend(&command, " --mutant=", MutantName(options.run.mutant));
  return command;
}

std::string DescribeFailure(const RunResult& result, const SweepOptions& options) {
  const std::string again = CommandFor(result.seed, options);
  return absl::StrCat("seed ", result.seed, " FAILED after ", result.virtual_ns / kMillisecond,
                      " ms of virtual time\n", "violated: ", OracleName(result.first_oracle), "\n",
                      result.message, "\n\n", result.plan, "\n\nlast events:\n", result.last_events,
                      result.log.empty() ? "" : "\nlogs:\n", result.log,
                      "\nto see it again: ", again, " --trace\nto make it small: ", again,
                      " --shrink=$PWD/case.textproto\nand then:         "
                      "tools/bazel run //sim:run -- --replay=$PWD/case.textproto --trace\n");
}

}  // namespace damselfly::sim
