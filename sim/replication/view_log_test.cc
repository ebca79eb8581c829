#include "sim/replication/view_log.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

NodeView At(int node, uint64_t position) {
  NodeView view;
  view.node = node;
  view.incarnation = 1;
  view.replica = true;
  view.lineage = "A";
  view.positions = {position};
  return view;
}

std::vector<uint64_t> Seen(const ViewLog& log, int64_t begin_ns, int64_t end_ns) {
  std::vector<uint64_t> positions;
  log.ForEach(0, 1, begin_ns, end_ns, [&positions](const NodeView& view) {
    positions.push_back(view.positions[0]);
    return true;
  });
  return positions;
}

TEST(ViewLog, TellsWhatWasThereBeforeAndWhatCame) {
  ViewLog log;
  log.Add(At(0, 1), 10);
  log.Add(At(0, 2), 20);
  log.Add(At(0, 2), 25);
  log.Add(At(0, 3), 30);
  EXPECT_EQ(Seen(log, 15, 15), (std::vector<uint64_t>{1}));
  EXPECT_EQ(Seen(log, 20, 20), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(Seen(log, 25, 30), (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(Seen(log, 5, 9), (std::vector<uint64_t>{}));
  EXPECT_EQ(log.Last(0, 1)->positions[0], 3u);
  EXPECT_EQ(log.Last(0, 2), nullptr);
}

TEST(ViewLog, TellsWhenAProcessBecameSomethingElse) {
  ViewLog log;
  log.Add(At(0, 1), 10);
  log.Add(At(0, 2), 20);
  NodeView promoted = At(0, 2);
  promoted.replica = false;
  log.Add(promoted, 30);
  promoted.positions = {3};
  log.Add(promoted, 40);
  std::vector<int64_t> times;
  log.ForEachChange(0, 1, [&times](const ViewLog::Entry& entry) {
    times.push_back(entry.since_ns);
    return true;
  });
  EXPECT_EQ(times, (std::vector<int64_t>{10, 30}));
}

TEST(ViewLog, KnowsWhoHasAppliedWhatByWhen) {
  ViewLog log;
  log.Add(At(0, 4), 10);
  log.Add(At(1, 5), 20);
  NodeView filling = At(2, 9);
  filling.service = NodeView::Service::kLoading;
  log.Add(filling, 20);
  EXPECT_EQ(log.NodesThatApplied("A", 0, 5, 19), (std::set<int>{}));
  EXPECT_EQ(log.NodesThatApplied("A", 0, 4, 20), (std::set<int>{0, 1}));
  EXPECT_EQ(log.NodesThatApplied("A", 0, 5, 20), (std::set<int>{1}));
  EXPECT_EQ(log.NodesThatApplied("B", 0, 1, 20), (std::set<int>{}));
}

}  // namespace
}  // namespace damselfly::sim
