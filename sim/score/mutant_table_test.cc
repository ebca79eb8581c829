#include "sim/score/mutant_table.h"

#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "sim/score/score.h"

namespace damselfly::sim {
namespace {

TEST(MutantTable, HasARowForEachMutantInTheirOrder) {
  const std::vector<MutantRow> table = MutantTable();
  ASSERT_EQ(table.size(), static_cast<size_t>(kMutantCount - 1));
  for (size_t i = 0; i < table.size(); ++i)
    EXPECT_EQ(table[i].mutant, static_cast<Mutant>(i + 1)) << MutantName(table[i].mutant);
}

TEST(MutantTable, NumbersAreThoseOfTheSpecification) {
  for (const MutantRow& row : MutantTable()) {
    if (row.numbers.empty()) continue;
    for (const absl::string_view number : absl::StrSplit(row.numbers, ' ')) {
      int value = -1;
      EXPECT_TRUE(number[0] == 'M' && absl::SimpleAtoi(number.substr(1), &value)) << number;
      EXPECT_TRUE(value >= 0 && value <= 60) << number;
    }
  }
}

TEST(MutantTable, NamesScenariosThatThereAre) {
  std::set<std::string> names;
  for (const MutantRow& row : MutantTable()) {
    EXPECT_FALSE(row.scenarios.empty()) << MutantName(row.mutant);
    names.insert(row.scenarios.begin(), row.scenarios.end());
  }
  for (const std::string& name : names) {
    SweepOptions options;
    EXPECT_TRUE(ReadSweep(name, &options)) << name;
  }
}

}  // namespace
}  // namespace damselfly::sim
