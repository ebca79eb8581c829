#ifndef DAMSELFLY_SIM_SHRINK_CASE_FILE_H_
#define DAMSELFLY_SIM_SHRINK_CASE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/mutants/mutants.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/decision_list.h"

namespace damselfly::sim {

// A run that violates an oracle, kept: what case.proto documents.
struct Case {
  std::string description;
  std::string scenario;  // "mixed", "exclusive", "shared", or the text of a scenario file
  uint64_t seed = 0;
  Mutant mutant = Mutant::kNone;
  Oracle oracle = Oracle::kCanary;
  uint64_t hash = 0;
  DecisionList decisions;
};

// Reads a case from protobuf text. An error names the place: "x.textproto:12:3: ..." where the text
// makes no sense, "x.textproto: unit[3].decisions: ..." where a value does not. `name` is the
// text's name in messages.
absl::StatusOr<Case> ReadCase(absl::string_view text, absl::string_view name);

// As protobuf text, a line for each unit; ReadCase reads it back.
std::string WriteCase(const Case& kept);

// False if no oracle has this name.
bool ParseOracle(absl::string_view name, Oracle* out);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SHRINK_CASE_FILE_H_
