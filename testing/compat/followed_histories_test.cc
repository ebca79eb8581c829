// Whatever commands do, of whatever types, is told in full: a store that hears of nothing but the
// changes ends with the same keys, values and deadlines. What replication, and all else that lives
// on changes, rests on.

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "server/commands/bitmap_commands.h"
#include "server/commands/dump_commands.h"
#include "server/commands/expire_commands.h"
#include "server/commands/hash_commands.h"
#include "server/commands/hyperloglog_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/keyspace_commands.h"
#include "server/commands/list_commands.h"
#include "server/commands/set_commands.h"
#include "server/commands/sort_commands.h"
#include "server/commands/sorted_sets/geo_commands.h"
#include "server/commands/sorted_sets/sorted_set_commands.h"
#include "server/commands/streams/stream_commands.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/command_bench.h"
#include "server/store/following_store.h"
#include "testing/compat/generator.h"

namespace damselfly {
namespace {

constexpr int kCommands = 6000;
constexpr int kBetweenComparisons = 250;

// Small ones, so that values change from one form to the other all the time.
void LimitForms(Store& store, uint64_t seed) {
  if (seed % 2 == 0) return;
  ValueContext& context = store.value_context();
  context.hash_max_listpack_entries = 4;
  context.set_max_intset_entries = 4;
  context.zset_max_listpack_entries = 4;
  context.list_max_listpack_size = 3;
  context.stream_node_max_entries = 3;
}

// Without the forms of collections: one that was big once keeps its form, but a copy of it that is
// told whole has the form that its size asks for, as it has in Redis after a full sync.
StoreContents ContentsBesidesForms(Store& store) {
  StoreContents contents = ContentsOf(store);
  for (auto& [key, content] : contents) {
    std::string& form = std::get<1>(content);
    if (!absl::StartsWith(form, "string")) form.resize(form.find(' '));
  }
  return contents;
}

class FollowedHistory : public testing::TestWithParam<uint64_t> {
 protected:
  FollowedHistory()
      : bench_({StringCommands(), BitmapCommands(), KeyCommands(), ExpireCommands(),
                KeyMoveCommands(), KeyspaceCommands(), HashCommands(), SetCommands(),
                ListCommands(), SortedSetCommands(), GeoCommands(), SortCommands(),
                StreamCommands(), HyperLogLogCommands(), DumpCommands()}) {
    LimitForms(bench_.store(), GetParam());
    LimitForms(follower_.store(), GetParam());
    bench_.store().set_change_sink(&follower_);
  }
  ~FollowedHistory() override { bench_.store().set_change_sink(nullptr); }

  // Runs a command a millisecond after the last one.
  void Run(const std::vector<std::string>& args) {
    ++bench_.now_ms;
    bench_.Run(std::vector<absl::string_view>(args.begin(), args.end()));
  }

  CommandBench bench_;
  FollowingStore follower_;
};

TEST_P(FollowedHistory, EndsWithTheSame) {
  CommandGenerator commands(GetParam());
  std::vector<std::string> since;  // the last comparison
  for (int i = 1; i <= kCommands; ++i) {
    const GeneratedCommand command = commands.Next();
    Run(command.args);
    since.push_back(absl::StrJoin(command.args, " "));
    if (i % kBetweenComparisons != 0) continue;
    ASSERT_EQ(ContentsBesidesForms(follower_.store()), ContentsBesidesForms(bench_.store()))
        << "after one of\n"
        << absl::StrJoin(since, "\n");
    since.clear();
  }
  // Few where hardly anything but SORT is played.
  EXPECT_GT(follower_.change_count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FollowedHistory, testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace damselfly
