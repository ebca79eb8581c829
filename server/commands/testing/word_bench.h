#ifndef DAMSELFLY_SERVER_COMMANDS_TESTING_WORD_BENCH_H_
#define DAMSELFLY_SERVER_COMMANDS_TESTING_WORD_BENCH_H_

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {

// A bench whose commands are words in one string, and whose replies are in the wire's form with a
// space for each line end: Do("LPUSH l a b") is ":2".
class WordBench : public CommandBench {
 public:
  using CommandBench::CommandBench;

  std::string Do(absl::string_view words) {
    const std::vector<absl::string_view> args = absl::StrSplit(words, ' ');
    return InOneLine(Run(absl::MakeConstSpan(args)));
  }

  static std::string InOneLine(const std::string& reply) {
    std::string line = absl::StrReplaceAll(reply, {{"\r\n", " "}});
    if (!line.empty()) line.pop_back();
    return line;
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_TESTING_WORD_BENCH_H_
