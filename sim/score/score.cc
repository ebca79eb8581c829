#include "sim/score/score.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "sim/scenario/any_scenario.h"

namespace damselfly::sim {
namespace {

bool Counts(const MutantScore& score) { return score.mutant != Mutant::kCanary; }

std::string Json(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string SurvivorsText(absl::Span<const MutantScore> scores) {
  std::string text;
  for (const MutantScore& score : scores) {
    if (score.found) continue;
    absl::StrAppend(&text, "  ", MutantName(score.mutant), ": ",
                    score.survives.empty() ? "unexplained" : score.survives, "\n");
  }
  return text.empty() ? text : absl::StrCat("\nsurvivors:\n", text);
}

std::string FirstFindersText(absl::Span<const MutantScore> scores) {
  std::string text = "\nfirst found by:\n";
  for (size_t i = 0; i < kOracleCount; ++i) {
    const Oracle oracle = static_cast<Oracle>(i);
    std::vector<absl::string_view> names;
    for (const MutantScore& score : scores) {
      if (score.found && score.oracle == oracle) names.push_back(MutantName(score.mutant));
    }
    absl::StrAppendFormat(&text, "  %-26s %s\n", OracleName(oracle),
                          names.empty() ? "nothing" : absl::StrJoin(names, " "));
  }
  return text;
}

}  // namespace

bool ReadSweep(const std::string& scenario, SweepOptions* options) {
  if (ParseScenario(scenario, &options->run.scenario)) return true;
  const std::string path = absl::StrCat("testing/scenarios/", scenario, ".textproto");
  options->scenario_argument = path;
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  const absl::Status status = text.ok() ? UseScenario(*text, path, options) : text.status();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok();
}

MutantScore ScoreMutant(const MutantRow& row, uint64_t runs_max) {
  MutantScore score;
  score.mutant = row.mutant;
  score.numbers = row.numbers;
  score.survives = row.survives;
  std::vector<SweepOptions> sweeps(row.scenarios.size());
  for (size_t i = 0; i < sweeps.size(); ++i) {
    if (!ReadSweep(row.scenarios[i], &sweeps[i])) return score;
    sweeps[i].run.mutant = row.mutant;
  }
  for (; score.run_count < runs_max; ++score.run_count) {
    const size_t turn = score.run_count % sweeps.size();
    const uint64_t seed = score.run_count / sweeps.size() + 1;
    RunResult result = sweeps[turn].run_seed(seed, sweeps[turn].run);
    if (!result.failed) continue;
    ++score.run_count;
    score.found = true;
    score.scenario = row.scenarios[turn];
    score.seed = seed;
    score.oracle = result.first_oracle;
    score.message = std::move(result.message);
    return score;
  }
  return score;
}

ScoreSummary Summarize(absl::Span<const MutantScore> scores) {
  ScoreSummary summary;
  std::vector<uint64_t> runs;
  for (const MutantScore& score : scores) {
    if (!Counts(score)) continue;
    ++summary.mutant_count;
    summary.found_count += score.found;
    runs.push_back(score.found ? score.run_count : UINT64_MAX);
  }
  if (runs.empty()) return summary;
  std::sort(runs.begin(), runs.end());
  summary.median_runs = runs[(runs.size() - 1) / 2];
  return summary;
}

std::string ScoreText(absl::Span<const MutantScore> scores) {
  std::string text = absl::StrFormat("%-27s %-8s %-6s %6s %8s  %-24s %s\n", "mutant", "number",
                                     "found", "seeds", "seconds", "first oracle", "scenario");
  for (const MutantScore& score : scores) {
    absl::StrAppendFormat(&text, "%-27s %-8s %-6s %6d %8.2f  %-24s %s\n", MutantName(score.mutant),
                          score.numbers, score.found ? "yes" : "NO", score.run_count, score.seconds,
                          score.found ? OracleName(score.oracle) : "", score.scenario);
  }
  absl::StrAppend(&text, SurvivorsText(scores), FirstFindersText(scores));
  const ScoreSummary summary = Summarize(scores);
  absl::StrAppendFormat(&text, "\n%d of %d mutants found: %.1f %%; median %d seeds\n",
                        summary.found_count, summary.mutant_count,
                        100.0 * static_cast<double>(summary.found_count) /
                            static_cast<double>(std::max<size_t>(1, summary.mutant_count)),
                        summary.median_runs);
  return text;
}

std::string ScoreJson(absl::Span<const MutantScore> scores) {
  std::vector<std::string> mutants;
  for (const MutantScore& score : scores) {
    std::string object = absl::StrCat(
        "{\"mutant\":", Json(MutantName(score.mutant)), ",\"numbers\":", Json(score.numbers),
        ",\"found\":", score.found ? "true" : "false", ",\"seeds\":", score.run_count,
        ",\"seconds\":", absl::StrFormat("%.3f", score.seconds));
    if (score.found) {
      absl::StrAppend(&object, ",\"oracle\":", Json(OracleName(score.oracle)),
                      ",\"scenario\":", Json(score.scenario), ",\"seed\":", score.seed);
    } else {
      absl::StrAppend(&object, ",\"survives\":", Json(score.survives));
    }
    mutants.push_back(object + "}");
  }
  const ScoreSummary summary = Summarize(scores);
  return absl::StrCat("{\"mutants\":[", absl::StrJoin(mutants, ",\n"),
                      "],\"count\":", summary.mutant_count, ",\"found\":", summary.found_count,
                      ",\"median_seeds\":", summary.median_runs, "}\n");
}

}  // namespace damselfly::sim
