#ifndef DAMSELFLY_BENCHMARKS_LOAD_FLAGS_H_
#define DAMSELFLY_BENCHMARKS_LOAD_FLAGS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/load/options.h"

namespace damselfly::load {

// The command line, without the program's name, as options. The error names the word at fault.
//
// Flags are written --name=value or --name value, those that say yes or no also --name and
// --noname.
absl::StatusOr<Options> ParseFlags(const std::vector<std::string>& words);

// Every flag with what it means and its default.
std::string FlagsHelp();

// Every flag and its value after ParseFlags, as JSON would write the value.
std::vector<std::pair<std::string, std::string>> FlagSettings(const Options& options);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_FLAGS_H_
