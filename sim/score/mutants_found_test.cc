// Each deliberate bug is found, and by an oracle that is about it.

#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "sim/score/score.h"

namespace damselfly::sim {
namespace {

constexpr uint64_t kRunsMax = 600;

class MutantsFound : public testing::TestWithParam<MutantRow> {};

TEST_P(MutantsFound, WithinSomeHundredSeedsByTheirOracle) {
  const MutantRow& row = GetParam();
  const MutantScore score = ScoreMutant(row, kRunsMax);
  ASSERT_TRUE(score.found);
  if (row.oracles.empty()) return;
  EXPECT_NE(std::find(row.oracles.begin(), row.oracles.end(), score.oracle), row.oracles.end())
      << score.scenario << ", seed " << score.seed << ": " << OracleName(score.oracle) << "\n"
      << score.message;
}

// All but those of which the table says that nobody finds them, and why.
std::vector<MutantRow> ToBeFound() {
  std::vector<MutantRow> rows;
  for (const MutantRow& row : MutantTable()) {
    if (row.survives.empty()) rows.push_back(row);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Each, MutantsFound, testing::ValuesIn(ToBeFound()),
                         [](const testing::TestParamInfo<MutantRow>& info) {
                           std::string name;
                           for (char c : MutantName(info.param.mutant)) {
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace damselfly::sim
