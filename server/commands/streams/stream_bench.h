#ifndef DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_BENCH_H_
#define DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_BENCH_H_

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/commands/blocker.h"
#include "server/commands/key_commands.h"
#include "server/commands/streams/stream_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {

// A bench for stream commands, whose clients may wait.
class StreamBench : public CommandBench, private Blocker {
 public:
  StreamBench() : CommandBench({KeyCommands(), StreamCommands()}) { blocker = this; }

  // A command, its words separated by single spaces ("''" is an empty one), and its reply in
  // brief: "1-0", "[1-0 [a b]]", "{s [...]}" for a map, "nil" or "nil[]" for no value or array,
  // "-ERR ..." for an error. Empty: it waits.
  std::string Do(absl::string_view command) {
    std::vector<absl::string_view> words;
    while (!command.empty()) {
      const size_t end = std::min(command.find(' '), command.size());
      const absl::string_view word = command.substr(0, end);
      words.push_back(word == "''" ? absl::string_view() : word);
      command.remove_prefix(std::min(end + 1, command.size()));
    }
    return InBrief(Run(words));
  }

  // What the last client that waits is told when its `key_number`th key has changed.
  std::string ServeLast(size_t key_number = 0) {
    const BlockRequest& request = requests.back();
    return InBrief(Serve(request, request.key_indices[key_number]));
  }

  // Clients that wait.
  std::vector<BlockRequest> requests;

 private:
  void Block(BlockRequest request) override { requests.push_back(std::move(request)); }

  static std::string InBrief(absl::string_view wire) {
    std::string brief;
    while (!wire.empty()) absl::StrAppend(&brief, brief.empty() ? "" : " ", TakeOne(&wire));
    return brief;
  }

  static std::string TakeOne(absl::string_view* wire) {
    const size_t end = wire->find("\r\n");
    const char type = (*wire)[0];
    const std::string line(wire->substr(1, end - 1));
    wire->remove_prefix(end + 2);
    if (type == '_' || line == "-1") return type == '*' ? "nil[]" : "nil";
    if (type == '-') return "-" + line;
    if (type == '$') {
      const std::string bulk(wire->substr(0, std::stoul(line)));
      wire->remove_prefix(bulk.size() + 2);
      return bulk.empty() ? "''" : bulk;
    }
    if (type != '*' && type != '%') return line;
    std::string elements;
    for (size_t left = std::stoul(line) * (type == '%' ? 2 : 1); left > 0; --left) {
      absl::StrAppend(&elements, elements.empty() ? "" : " ", TakeOne(wire));
    }
    return type == '%' ? absl::StrCat("{", elements, "}") : absl::StrCat("[", elements, "]");
  }
};

inline constexpr char kSyntaxError[] = "-ERR syntax error";
inline constexpr char kNotAnInteger[] = "-ERR value is not an integer or out of range";
inline constexpr char kInvalidId[] = "-ERR Invalid stream ID specified as stream command argument";
inline constexpr char kWrongType[] =
    "-WRONGTYPE Operation against a key holding the wrong kind of value";

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_STREAMS_STREAM_BENCH_H_
