#ifndef DAMSELFLY_SIM_SCRIPT_SCRIPT_H_
#define DAMSELFLY_SIM_SCRIPT_SCRIPT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/script/script.pb.h"

namespace damselfly::sim {

// Whether a scenario file says that it is a script: "# proto-message: Script".
bool IsScript(absl::string_view text);

// Reads a script. The error says where in `name` it is wrong: a script that is returned names only
// nodes that there are, and every step of it says what to do.
absl::StatusOr<scenario::Script> ParseScript(absl::string_view text, absl::string_view name);

// "GET  x" as its words.
std::vector<std::string> WordsOf(absl::string_view text);
// "0-8191 12000" as ranges; false if it is none.
bool ParseSlots(absl::string_view text, std::vector<std::pair<int, int>>* out);
// "name=value" of a node's flag. Requires that it has been judged.
std::pair<std::string, std::string> ParseFlag(absl::string_view text);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_SCRIPT_H_
