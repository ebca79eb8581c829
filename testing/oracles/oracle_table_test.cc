// The table of oracles says what there is: testing/oracles/README.md against the enum Oracle and
// the table of mutants.

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "sim/oracles/oracle_board.h"
#include "sim/score/mutant_table.h"

namespace damselfly::sim {
namespace {

constexpr int kSafetyCount = 41;
constexpr int kLivenessCount = 10;

struct Row {
  std::string statement;
  std::string where;
  std::string finds;
};

// By the oracle's number. Each number has one row.
std::map<std::string, Row> ReadTable() {
  std::ifstream file("testing/oracles/README.md");
  EXPECT_TRUE(file.is_open());
  std::map<std::string, Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() != 6 || !absl::StartsWith(line, "| ") || absl::StartsWith(line, "| id"))
      continue;
    for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
    EXPECT_TRUE(rows.emplace(cells[1], Row{cells[2], cells[3], cells[4]}).second) << line;
  }
  return rows;
}

// But for what scripts say themselves.
constexpr size_t kNumberedCount = static_cast<size_t>(Oracle::kScript);
static_assert(kNumberedCount + 1 == kOracleCount);

std::string NumberOf(Oracle oracle) {
  const std::string name(OracleName(oracle));
  return name.substr(0, name.find(' '));
}

// What stands between backquotes.
std::vector<std::string> Quoted(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '`');
  std::vector<std::string> quoted;
  for (size_t i = 1; i < parts.size(); i += 2) quoted.push_back(parts[i]);
  return quoted;
}

TEST(OracleTable, HasARowForEachNumberOfTheSpecification) {
  const std::map<std::string, Row> rows = ReadTable();
  for (int i = 1; i <= kSafetyCount; ++i) EXPECT_EQ(rows.count(absl::StrCat("S", i)), 1u) << i;
  for (int i = 1; i <= kLivenessCount; ++i) EXPECT_EQ(rows.count(absl::StrCat("L", i)), 1u) << i;
}

TEST(OracleTable, SaysOfEachOracleWhereItIsAndWhatItFinds) {
  const std::map<std::string, Row> rows = ReadTable();
  for (size_t i = 0; i < kNumberedCount; ++i) {
    const std::string number = NumberOf(static_cast<Oracle>(i));
    const auto row = rows.find(number);
    ASSERT_NE(row, rows.end()) << number;
    EXPECT_FALSE(row->second.statement.empty()) << number;
    EXPECT_TRUE(absl::StartsWith(row->second.where, "`")) << number;
    EXPECT_FALSE(absl::StartsWith(row->second.finds, "waits for")) << number;
    EXPECT_FALSE(row->second.finds.empty()) << number;
  }
}

TEST(OracleTable, SaysOfTheOthersWhatTheyWaitForOrWhoChecksThem) {
  std::set<std::string> numbers;
  for (size_t i = 0; i < kNumberedCount; ++i) numbers.insert(NumberOf(static_cast<Oracle>(i)));
  for (const auto& [number, row] : ReadTable()) {
    if (numbers.count(number) == 1) continue;
    EXPECT_TRUE(absl::StartsWith(row.finds, "waits for ") || absl::StartsWith(row.finds, "as "))
        << number;
  }
}

TEST(OracleTable, NamesMutantsThatTheOracleIsToFind) {
  const std::map<std::string, Row> rows = ReadTable();
  const std::vector<MutantRow> mutants = MutantTable();
  for (size_t i = 0; i < kNumberedCount; ++i) {
    const Oracle oracle = static_cast<Oracle>(i);
    const auto row = rows.find(NumberOf(oracle));
    ASSERT_NE(row, rows.end());
    for (const std::string& name : Quoted(row->second.finds)) {
      Mutant mutant;
      ASSERT_TRUE(ParseMutant(name, &mutant)) << name;
      const auto of_mutant =
          std::find_if(mutants.begin(), mutants.end(),
                       [&](const MutantRow& each) { return each.mutant == mutant; });
      ASSERT_NE(of_mutant, mutants.end()) << name;
      const std::vector<Oracle>& oracles = of_mutant->oracles;
      EXPECT_TRUE(of_mutant->survives.empty()) << name;
      EXPECT_NE(std::find(oracles.begin(), oracles.end(), oracle), oracles.end())
          << OracleName(oracle) << " is not to be the first to find " << name;
    }
  }
}

}  // namespace
}  // namespace damselfly::sim
