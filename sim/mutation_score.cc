// Which deliberate bugs the simulator finds: tools/bazel run //sim:mutation_score

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "sim/score/score.h"

ABSL_FLAG(uint64_t, seeds, 600, "most seeds for one mutant, in all of its scenarios together");
ABSL_FLAG(std::string, mutant, "", "only this one");
ABSL_FLAG(bool, json, false, "print JSON instead of a table");

namespace damselfly::sim {
namespace {

int Main() {
  const std::string only = absl::GetFlag(FLAGS_mutant);
  std::vector<MutantScore> scores;
  for (const MutantRow& row : MutantTable()) {
    if (!only.empty() && MutantName(row.mutant) != only) continue;
    const auto begin = std::chrono::steady_clock::now();
    scores.push_back(ScoreMutant(row, absl::GetFlag(FLAGS_seeds)));
    MutantScore& score = scores.back();
    score.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fprintf(stderr, "%s: %s\n", std::string(MutantName(row.mutant)).c_str(),
                 score.found ? score.message.c_str() : "not found");
  }
  if (scores.empty()) {
    std::fprintf(stderr, "--mutant=%s: there is none\n", only.c_str());
    return 2;
  }
  const std::string text = absl::GetFlag(FLAGS_json) ? ScoreJson(scores) : ScoreText(scores);
  std::printf("%s", text.c_str());
  return Summarize(scores).passes() ? 0 : 1;
}

}  // namespace
}  // namespace damselfly::sim

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Tries every deliberate bug and prints which the oracles find.");
  absl::ParseCommandLine(argc, argv);
  return damselfly::sim::Main();
}
