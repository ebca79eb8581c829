#ifndef DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_BENCH_H_
#define DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_BENCH_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/commands/blocker.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/sorted_sets/geo_commands.h"
#include "server/commands/sorted_sets/sorted_set_commands.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/command_bench.h"
#include "server/store/set_edit.h"

namespace damselfly {

// A bench for the commands of sorted sets, whose replies are shown in a line: "[a 1 b 2]", "nil",
// "-ERR syntax error". It keeps what a command would wait for.
class SortedSetBench : public CommandBench, public Blocker {
 public:
  SortedSetBench()
      : CommandBench({SortedSetCommands(), GeoCommands(), StringCommands(), ObjectCommands(),
                      KeyMoveCommands()}) {
    CommandBench::blocker = this;
  }

  // Runs a command given as words with single spaces between them.
  std::string Do(absl::string_view words) {
    const std::vector<absl::string_view> args = absl::StrSplit(words, ' ');
    return Show(Run(args));
  }

  void AddToSet(absl::string_view key, std::initializer_list<absl::string_view> members) {
    const Key made = store().MakeKey(key);
    Database db = database();
    store().Lock(made.slot);
    {
      SetEdit edit(&db, made);
      for (const absl::string_view member : members) edit.Add(member);
    }
    store().Unlock(made.slot);
  }

  // Tries the command that waits again, from the key in this place.
  std::string Serve(size_t key_index) {
    return Show(CommandBench::Serve(waiting.at(0), key_index));
  }

  void Block(BlockRequest request) override { waiting.push_back(std::move(request)); }

  static std::string Show(absl::string_view reply) {
    std::string shown;
    if (!reply.empty()) ShowOne(&reply, &shown);
    return reply.empty() ? shown : absl::StrCat(shown, " and more: ", reply);
  }

  std::vector<BlockRequest> waiting;

 private:
  static void ShowOne(absl::string_view* reply, std::string* shown) {
    const size_t end = reply->find("\r\n");
    const char kind = reply->front();
    const absl::string_view line = reply->substr(1, end - 1);
    reply->remove_prefix(end + 2);
    int count = 0;
    switch (kind) {
      case '*':
        if (!absl::SimpleAtoi(line, &count) || count < 0) return Append(shown, "nil-array");
        shown->push_back('[');
        for (int i = 0; i < count; ++i) {
          if (i > 0) shown->push_back(' ');
          ShowOne(reply, shown);
        }
        return shown->push_back(']');
      case '$':
        if (!absl::SimpleAtoi(line, &count) || count < 0) return Append(shown, "nil");
        Append(shown, reply->substr(0, static_cast<size_t>(count)));
        return reply->remove_prefix(static_cast<size_t>(count) + 2);
      case '_':
        return Append(shown, "nil");
      case '-':
      case ',':
        return absl::StrAppend(shown, absl::string_view(&kind, 1), line);
      default:
        return Append(shown, line);
    }
  }
  static void Append(std::string* shown, absl::string_view text) {
    shown->append(text.data(), text.size());
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORTED_SETS_SORTED_SET_BENCH_H_
