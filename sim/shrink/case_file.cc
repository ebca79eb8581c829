#include "sim/shrink/case_file.h"

#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "sim/cluster/scenario_judge.h"
#include "sim/shrink/case.pb.h"
#include "sim/sweep/plan.h"

namespace damselfly::sim {
namespace {

bool IsBuiltIn(const std::string& scenario) {
  Scenario parsed;
  return ParseScenario(scenario, &parsed);
}

// Reads what one message says, and stops at the first thing that makes no sense.
class Reader {
 public:
  Reader(absl::string_view name, const shrink::SimulatedCase& message)
      : name_(name), message_(message) {}

  absl::StatusOr<Case> Read() {
    kept_.description = message_.description();
    kept_.seed = message_.seed();
    ReadScenario();
    ReadNames();
    for (int i = 0; i < message_.unit_size() && status_.ok(); ++i)
      ReadUnit(absl::StrCat("unit[", i, "]"), message_.unit(i));
    if (!status_.ok()) return status_;
    return std::move(kept_);
  }

 private:
  void Expect(bool condition, absl::string_view path, absl::string_view reason) {
    if (!condition && status_.ok())
      status_ = absl::InvalidArgumentError(absl::StrCat(name_, ": ", path, ": ", reason));
  }

  void ReadScenario() {
    Expect(message_.has_scenario_name() != message_.has_scenario_text(), "scenario_name",
           "either this or scenario_text must be given");
    kept_.scenario =
        message_.has_scenario_name() ? message_.scenario_name() : message_.scenario_text();
    Expect(IsBuiltIn(kept_.scenario) == message_.has_scenario_name(), "scenario_name",
           "want mixed, exclusive or shared");
  }

  void ReadNames() {
    if (message_.has_mutant()) {
      Expect(ParseMutant(message_.mutant(), &kept_.mutant), "mutant",
             absl::StrCat("there is no mutant \"", message_.mutant(), "\""));
    }
    Expect(ParseOracle(message_.oracle(), &kept_.oracle), "oracle",
           absl::StrCat("there is no oracle \"", message_.oracle(), "\""));
    Expect(absl::SimpleHexAtoi(message_.trace_hash(), &kept_.hash), "trace_hash",
           absl::StrCat("\"", message_.trace_hash(), "\" is no hexadecimal number"));
  }

  void ReadUnit(const std::string& path, const shrink::Unit& unit) {
    Expect(!unit.purpose().empty(), absl::StrCat(path, ".purpose"), "it has none");
    std::vector<Decision>& decisions =
        kept_.decisions[UnitName{unit.purpose(), unit.instance(), unit.number()}];
    Expect(decisions.empty(), path, "this unit has been there before");
    const std::string list_path = absl::StrCat(path, ".decisions");
    for (absl::string_view word : absl::StrSplit(unit.decisions(), ' ', absl::SkipEmpty())) {
      const std::vector<absl::string_view> sides = absl::StrSplit(word, '=');
      Decision decision{0, 0};
      const bool numbers = sides.size() == 2 && absl::SimpleAtoi(sides[0], &decision.index) &&
                           absl::SimpleAtoi(sides[1], &decision.value);
      Expect(numbers, list_path, absl::StrCat("\"", word, "\" is not INDEX=VALUE"));
      Expect(decision.value > 0 || !numbers, list_path, "a value of 0 is not written down");
      Expect(decisions.empty() || decisions.back().index < decision.index, list_path,
             absl::StrCat("index ", decision.index, " does not come after the one before it"));
      if (!status_.ok()) return;
      decisions.push_back(decision);
    }
    Expect(!decisions.empty(), list_path, "a unit without decisions is not written down");
  }

  const absl::string_view name_;
  const shrink::SimulatedCase& message_;
  Case kept_;
  absl::Status status_;
};

// CEscape escapes single quotes too, and nobody needs that between double ones.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(absl::CEscape(text), {{"\\'", "'"}}), "\"");
}

// Of a text of many lines, one literal a line: the parser puts them together.
std::string QuotedLines(absl::string_view text) {
  std::string quoted;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool last = line.data() + line.size() == text.data() + text.size();
    if (last && line.empty()) break;
    absl::StrAppend(&quoted, "\n  ", Quoted(absl::StrCat(line, last ? "" : "\n")));
  }
  return quoted;
}

}  // namespace

bool ParseOracle(absl::string_view name, Oracle* out) {
  for (size_t i = 0; i < kOracleCount; ++i) {
    if (OracleName(static_cast<Oracle>(i)) != name) continue;
    *out = static_cast<Oracle>(i);
    return true;
  }
  return false;
}

absl::StatusOr<Case> ReadCase(absl::string_view text, absl::string_view name) {
  shrink::SimulatedCase message;
  const absl::Status parsed = ParseScenarioText(text, name, &message);
  if (!parsed.ok()) return parsed;
  return Reader(name, message).Read();
}

std::string WriteCase(const Case& kept) {
  std::string text = "# proto-file: sim/shrink/case.proto\n# proto-message: SimulatedCase\n";
  absl::StrAppend(&text, "description: ", Quoted(kept.description), "\n");
  if (IsBuiltIn(kept.scenario)) {
    absl::StrAppend(&text, "scenario_name: ", Quoted(kept.scenario), "\n");
  } else {
    absl::StrAppend(&text, "scenario_text:", QuotedLines(kept.scenario), "\n");
  }
  absl::StrAppend(&text, "seed: ", kept.seed, "\n");
  if (kept.mutant != Mutant::kNone)
    absl::StrAppend(&text, "mutant: ", Quoted(MutantName(kept.mutant)), "\n");
  absl::StrAppend(&text, "oracle: ", Quoted(OracleName(kept.oracle)), "\n");
  absl::StrAppendFormat(&text, "trace_hash: \"%016x\"\n", kept.hash);
  for (const auto& [unit, decisions] : kept.decisions) {
    absl::StrAppend(&text, "unit { purpose: ", Quoted(unit.purpose));
    if (unit.instance != 0) absl::StrAppend(&text, " instance: ", unit.instance);
    if (unit.unit != 0) absl::StrAppend(&text, " number: ", unit.unit);
    absl::StrAppend(&text, " decisions: \"");
    for (size_t i = 0; i < decisions.size(); ++i)
      absl::StrAppend(&text, i > 0 ? " " : "", decisions[i].index, "=", decisions[i].value);
    absl::StrAppend(&text, "\" }\n");
  }
  return text;
}

}  // namespace damselfly::sim
