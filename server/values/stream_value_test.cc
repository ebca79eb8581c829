#include "server/values/stream_value.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/values/stream_radix_nodes.h"
#include "server/values/stream_range.h"

namespace damselfly {
namespace {

using Texts = std::vector<absl::string_view>;

std::string IdText(const StreamId& id) {
  char text[StreamId::kTextBytesMax];
  return std::string(id.Text(text));
}

std::vector<StreamId> IdsOf(const StreamValue& stream, const StreamId& first = StreamId::Min(),
                            const StreamId& last = StreamId::Max(),
                            StreamRange::Direction direction = StreamRange::Direction::kForward) {
  std::vector<StreamId> ids;
  StreamRange range(stream, first, last, direction);
  while (range.Next()) ids.push_back(range.id());
  return ids;
}

std::vector<StreamId> Ids(uint64_t first_ms, uint64_t last_ms) {
  std::vector<StreamId> ids;
  for (uint64_t ms = first_ms; ms <= last_ms; ++ms) ids.push_back({ms, 0});
  return ids;
}

class StreamValueTest : public testing::Test {
 protected:
  StreamValueTest() { context_.stream_node_max_entries = 10; }

  // Entries 1-0 to n-0.
  void Fill(uint64_t n) {
    for (uint64_t ms = 1; ms <= n; ++ms) stream_.Append({ms, 0}, Texts{"field", "v"}, context_);
  }
  uint64_t TrimToLength(uint64_t length, bool whole_blocks = false, uint64_t limit = 0) {
    StreamTrim trim;
    trim.length_max = length;
    trim.whole_blocks = whole_blocks;
    trim.limit = limit;
    const StreamTrimPlan plan = stream_.PlanTrim(trim);
    stream_.Trim(plan);
    return plan.count;
  }
  uint64_t TrimToId(const StreamId& id, bool whole_blocks = false, uint64_t limit = 0) {
    StreamTrim trim;
    trim.by = StreamTrim::By::kId;
    trim.id_min = id;
    trim.whole_blocks = whole_blocks;
    trim.limit = limit;
    const StreamTrimPlan plan = stream_.PlanTrim(trim);
    stream_.Trim(plan);
    return plan.count;
  }

  ValueContext context_;
  StreamValue stream_;
};

TEST_F(StreamValueTest, HasNoMemoryAtFirst) {
  EXPECT_EQ(stream_.size(), 0u);
  EXPECT_EQ(stream_.memory_bytes(), 0u);
  EXPECT_TRUE(stream_.last_id().is_zero());
  EXPECT_EQ(stream_.FindGroup("g"), nullptr);
  EXPECT_FALSE(stream_.Contains({1, 0}));
  EXPECT_EQ(IdsOf(stream_).size(), 0u);
  EXPECT_EQ(TrimToLength(0), 0u);
  EXPECT_FALSE(stream_.Delete({1, 0}));
}

TEST_F(StreamValueTest, FindsRangesFromBothEnds) {
  Fill(35);
  EXPECT_EQ(stream_.blocks()->size(), 4u);
  EXPECT_EQ(IdsOf(stream_), Ids(1, 35));
  EXPECT_EQ(IdsOf(stream_, {9, 1}, {31, 0}), Ids(10, 31));
  EXPECT_EQ(IdsOf(stream_, {40, 0}), Ids(1, 0));
  EXPECT_EQ(IdsOf(stream_, {5, 1}, {5, 9}), Ids(1, 0));
  EXPECT_EQ(IdsOf(stream_, {9, 0}, {2, 0}), Ids(1, 0));
  std::vector<StreamId> backward = Ids(10, 31);
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(IdsOf(stream_, {9, 1}, {31, 0}, StreamRange::Direction::kBackward), backward);
  EXPECT_EQ(stream_.first_id(), (StreamId{1, 0}));
  EXPECT_EQ(stream_.LastEntryId(), (StreamId{35, 0}));
}

TEST_F(StreamValueTest, DropsABlockWithItsLastEntry) {
  Fill(30);
  for (const StreamId& id : Ids(11, 20)) EXPECT_TRUE(stream_.Delete(id));
  EXPECT_FALSE(stream_.Delete({11, 0}));
  EXPECT_FALSE(stream_.Delete({30, 1}));
  EXPECT_EQ(stream_.blocks()->size(), 2u);
  EXPECT_EQ(stream_.size(), 20u);
  EXPECT_EQ(stream_.max_deleted_id(), (StreamId{20, 0}));
  EXPECT_TRUE(stream_.Delete({1, 0}));
  EXPECT_EQ(stream_.first_id(), (StreamId{2, 0}));
  EXPECT_EQ(stream_.entries_added(), 30u);
}

TEST_F(StreamValueTest, TrimsToALengthExactlyOrByBlocks) {
  Fill(35);
  EXPECT_EQ(TrimToLength(35), 0u);
  EXPECT_EQ(TrimToLength(20, /*whole_blocks=*/true), 10u);
  EXPECT_EQ(TrimToLength(20), 5u);
  EXPECT_EQ(IdsOf(stream_), Ids(16, 35));
  EXPECT_EQ(stream_.first_id(), (StreamId{16, 0}));
  EXPECT_EQ(TrimToLength(0, /*whole_blocks=*/true, /*limit=*/6), 5u);
  EXPECT_EQ(TrimToLength(0), 15u);
  EXPECT_EQ(stream_.size(), 0u);
  EXPECT_TRUE(stream_.first_id().is_zero());
  EXPECT_EQ(stream_.last_id(), (StreamId{35, 0}));
  EXPECT_TRUE(stream_.max_deleted_id().is_zero());
}

TEST_F(StreamValueTest, TrimsToAnIdExactlyOrByBlocks) {
  Fill(35);
  EXPECT_EQ(TrimToId({1, 0}), 0u);
  EXPECT_EQ(TrimToId({25, 0}, /*whole_blocks=*/true, /*limit=*/19), 10u);
  EXPECT_EQ(TrimToId({25, 0}, /*whole_blocks=*/true), 10u);
  EXPECT_EQ(TrimToId({25, 0}), 4u);
  EXPECT_EQ(IdsOf(stream_), Ids(25, 35));
  EXPECT_EQ(TrimToId(StreamId::Max()), 11u);
  EXPECT_EQ(stream_.blocks()->size(), 0u);
}

// As Redis does, which XINFO shows.
TEST_F(StreamValueTest, KeepsABlockOfWhichATrimByIdTakesTheLastEntries) {
  Fill(25);
  stream_.Delete({10, 0});
  EXPECT_EQ(TrimToId({10, 0}), 9u);
  EXPECT_EQ(stream_.blocks()->size(), 3u);
  EXPECT_EQ(stream_.first_id(), (StreamId{11, 0}));
  EXPECT_EQ(IdsOf(stream_), Ids(11, 25));
  EXPECT_EQ(TrimToLength(15), 0u);
  EXPECT_EQ(stream_.blocks()->size(), 3u);
  EXPECT_EQ(TrimToLength(14, /*whole_blocks=*/true), 0u);
  EXPECT_EQ(stream_.blocks()->size(), 2u);
}

TEST_F(StreamValueTest, DropsABlockOfTheHighestIdAlone) {
  stream_.Append(StreamId::Max(), Texts{"field", "v"}, context_);
  EXPECT_EQ(TrimToLength(0), 1u);
  EXPECT_TRUE(stream_.blocks()->empty());
  EXPECT_EQ(stream_.last_id(), StreamId::Max());
}

TEST_F(StreamValueTest, GoesOnInALastBlockWithoutEntries) {
  Fill(3);
  stream_.Delete({3, 0});
  EXPECT_EQ(TrimToId({3, 0}), 2u);
  EXPECT_EQ(stream_.blocks()->size(), 1u);
  stream_.Append({3, 1}, Texts{"field", "v"}, context_);
  EXPECT_EQ(stream_.blocks()->begin()->first, (StreamId{1, 0}));
  EXPECT_EQ(IdsOf(stream_), (std::vector<StreamId>{{3, 1}}));
}

TEST_F(StreamValueTest, DropsALastBlockWithoutEntriesThatLiesBehindTheNextEntry) {
  stream_.Append({7, 0}, Texts{"field", "v"}, context_);
  stream_.Append({8, 0}, Texts{"field", "v"}, context_);
  stream_.Delete({8, 0});
  EXPECT_EQ(TrimToId({8, 0}), 1u);
  stream_.SetIds({1, 0}, 2, {8, 0});
  stream_.Append({2, 0}, Texts{"field", "v"}, context_);
  EXPECT_EQ(stream_.blocks()->size(), 1u);
  EXPECT_EQ(IdsOf(stream_), (std::vector<StreamId>{{2, 0}}));
  EXPECT_EQ(stream_.first_id(), (StreamId{2, 0}));
}

// A plan from where blocks lie otherwise.
TEST_F(StreamValueTest, TrimsTheSameEntriesWhateverTheBlocks) {
  Fill(35);
  stream_.Trim({13, {8, 0}});
  EXPECT_EQ(IdsOf(stream_), Ids(14, 35));
  stream_.Trim({7, {11, 0}});
  EXPECT_EQ(IdsOf(stream_), Ids(21, 35));
  stream_.Trim({1, {31, 0}});
  EXPECT_EQ(IdsOf(stream_), Ids(22, 35));
}

TEST_F(StreamValueTest, FindsEntriesBehindDeletedOnesOfLargerIds) {
  Fill(3);
  stream_.Delete({3, 0});
  stream_.SetIds({2, 5}, 3, {3, 0});
  stream_.Append({2, 6}, Texts{"field", "v"}, context_);
  EXPECT_EQ(stream_.blocks()->size(), 1u);
  EXPECT_TRUE(stream_.Contains({2, 6}));
  EXPECT_FALSE(stream_.Contains({3, 0}));
  EXPECT_EQ(stream_.LastEntryId(), (StreamId{2, 6}));
  EXPECT_TRUE(stream_.Delete({2, 6}));
}

TEST_F(StreamValueTest, MovesPendingEntriesBetweenConsumers) {
  StreamGroup* const group = stream_.CreateGroup("g", {0, 0}, 0);
  EXPECT_EQ(stream_.CreateGroup("g", {0, 0}, 0), nullptr);
  StreamConsumer* const alice = group->AddConsumer("alice", 5);
  StreamConsumer* const bob = group->AddConsumer("bob", 6);
  group->SetPending({1, 0}, {alice, 10, 1});
  group->SetPending({2, 0}, {alice, 10, 1});
  group->SetPending({1, 0}, {bob, 20, 2});
  EXPECT_EQ(alice->pending().size(), 1u);
  EXPECT_EQ(bob->pending().size(), 1u);
  EXPECT_EQ(group->FindPending({1, 0})->deliveries, 2u);
  EXPECT_TRUE(group->DropPending({1, 0}));
  EXPECT_FALSE(group->DropPending({1, 0}));
  EXPECT_EQ(bob->pending().size(), 0u);
  group->RemoveConsumer(alice);
  EXPECT_EQ(group->pending().size(), 0u);
  EXPECT_EQ(group->FindConsumer("alice"), nullptr);
  EXPECT_EQ(group->FindConsumer("bob"), bob);
}

TEST_F(StreamValueTest, CountsItsMemoryBackToNothing) {
  stream_.Create();
  const size_t empty = stream_.memory_bytes();
  Fill(500);
  StreamGroup* const group = stream_.CreateGroup("a group with a long name", {0, 0}, 0);
  StreamConsumer* const consumer = group->AddConsumer("a consumer with a long name", 5);
  for (const StreamId& id : Ids(1, 500)) group->SetPending(id, {consumer, 1, 1});
  EXPECT_GT(stream_.memory_bytes(), empty + 500 * (9 + 16 + 16));
  EXPECT_TRUE(stream_.DestroyGroup("a group with a long name"));
  TrimToLength(100);
  for (const StreamId& id : Ids(401, 500)) stream_.Delete(id);
  EXPECT_EQ(stream_.memory_bytes(), empty);
}

TEST_F(StreamValueTest, TakesLessMemoryThanRedis) {
  // MEMORY USAGE of redis-server 7.0.15 without key and object.
  context_.stream_node_max_entries = 100;
  stream_.Append({1, 1}, Texts{"f", "v"}, context_);
  EXPECT_LT(stream_.memory_bytes(), 4700u / 10);
  stream_ = StreamValue();
  for (uint64_t i = 0; i < 1000; ++i) {
    const std::string value = absl::StrCat("value-", i);
    stream_.Append({1700000000000 + i * 37, 1}, Texts{"field", value}, context_);
  }
  EXPECT_LT(stream_.memory_bytes(), 28'000u);
}

TEST_F(StreamValueTest, IsFreedInSteps) {
  Fill(100);
  StreamGroup* const group = stream_.CreateGroup("g", {0, 0}, 0);
  StreamConsumer* const consumer = group->AddConsumer("c", 5);
  for (const StreamId& id : Ids(1, 100)) group->SetPending(id, {consumer, 1, 1});
  int steps = 1;
  while (!stream_.FreeSome(20)) ++steps;
  EXPECT_GT(steps, 10);
  EXPECT_LT(steps, 30);
  EXPECT_TRUE(stream_.FreeSome(20));
}

TEST_F(StreamValueTest, EstimatesHowFarAnIdIs) {
  EXPECT_EQ(stream_.EstimateEntriesRead({5, 0}), 0);
  Fill(10);
  TrimToLength(6);
  EXPECT_EQ(stream_.EstimateEntriesRead({1, 0}), 4);
  EXPECT_EQ(stream_.EstimateEntriesRead({5, 0}), 5);
  EXPECT_EQ(stream_.EstimateEntriesRead({10, 0}), 10);
  EXPECT_EQ(stream_.EstimateEntriesRead({7, 0}), StreamGroup::kUnknownEntriesRead);
  EXPECT_EQ(stream_.EstimateEntriesRead({11, 0}), StreamGroup::kUnknownEntriesRead);
  stream_.Delete({7, 0});
  EXPECT_EQ(stream_.EstimateEntriesRead({1, 0}), StreamGroup::kUnknownEntriesRead);
  TrimToLength(0);
  EXPECT_EQ(stream_.EstimateEntriesRead({7, 0}), 10);
}

TEST_F(StreamValueTest, KnowsHowFarAGroupLagsUnlessEntriesAreMissingAhead) {
  const StreamGroup& group = *stream_.CreateGroup("g", {2, 0}, 2);
  int64_t lag;
  EXPECT_TRUE(stream_.FindLag(group, &lag));
  EXPECT_EQ(lag, 0);
  Fill(10);
  EXPECT_TRUE(stream_.FindLag(group, &lag));
  EXPECT_EQ(lag, 8);
  stream_.Delete({1, 0});
  EXPECT_TRUE(stream_.FindLag(group, &lag));
  EXPECT_EQ(lag, 8);
  stream_.Delete({7, 0});
  EXPECT_FALSE(stream_.FindLag(group, &lag));
}

// ---- Against a simple model ----

std::string RdbOf(const StreamValue& stream) {
  std::string bytes;
  stream.AppendRdb(&bytes);
  return bytes;
}

TEST_F(StreamValueTest, AgreesWithAModelWhateverIsDone) {
  Random random(11);
  context_.stream_node_max_bytes = 300;
  std::map<StreamId, std::string> model;
  StreamId last = {0, 0};
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t choice = random.Below(20);
    if (choice < 12) {
      last = random.Below(2) == 0 ? StreamId{last.ms, last.seq + 1 + random.Below(3)}
                                  : StreamId{last.ms + 1 + random.Below(300), random.Below(3)};
      const std::string value(random.Below(40), 'x');
      const Texts fields =
          random.Below(3) == 0 ? Texts{"other", value, "more", "7"} : Texts{"field", value};
      stream_.Append(last, fields, context_);
      model[last] = value;
    } else if (choice < 18 && !model.empty()) {
      auto at = model.lower_bound({random.Below(last.ms + 1), random.Below(3)});
      const StreamId id = at != model.end() ? at->first : last;
      EXPECT_EQ(stream_.Delete(id), model.erase(id) == 1);
    } else if (choice == 18 && random.Below(20) == 0) {
      const uint64_t length = random.Below(model.size() + 1);
      EXPECT_EQ(TrimToLength(length), model.size() - length);
      while (model.size() > length) model.erase(model.begin());
    } else {
      const StreamId id = {random.Below(last.ms / 8 + 1), 0};
      const size_t before = model.size();
      while (!model.empty() && model.begin()->first < id) model.erase(model.begin());
      EXPECT_EQ(TrimToId(id), before - model.size());
    }
    ASSERT_EQ(stream_.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(stream_.first_id(), model.begin()->first);
      ASSERT_EQ(stream_.LastEntryId(), model.rbegin()->first);
    }
    if (i % 500 != 0) continue;
    auto expected = model.begin();
    StreamRange range(stream_, StreamId::Min(), StreamId::Max());
    for (; range.Next(); ++expected) {
      PackElement field, value;
      ASSERT_TRUE(range.NextField(&field, &value));
      ASSERT_EQ(range.id(), expected->first);
      ASSERT_EQ(value.bytes, expected->second) << IdText(range.id());
    }
    ASSERT_TRUE(expected == model.end());
    const std::string bytes = RdbOf(stream_);
    ASSERT_EQ(RdbOf(stream_.Clone()), bytes);
    StreamValue loaded;
    RdbReader reader(absl::string_view(bytes).substr(1));
    ASSERT_TRUE(loaded.LoadRdb(19, &reader, context_));
    ASSERT_EQ(reader.remaining(), 0u);
    ASSERT_EQ(RdbOf(loaded), bytes);
  }
}

TEST_F(StreamValueTest, TheNodesOfTheRadixTreeAreKnownWhateverBlocksComeAndGo) {
  const auto counted = [&] {
    StreamRadixNodes nodes;
    for (const auto& block : *stream_.blocks()) nodes.Add(block.first);
    return nodes.Count();
  };
  EXPECT_EQ(stream_.CountRadixNodes(), StreamRadixNodes().Count());
  Fill(5000);
  EXPECT_EQ(stream_.CountRadixNodes(), counted());
  TrimToLength(1234);
  EXPECT_EQ(stream_.CountRadixNodes(), counted());
  for (uint64_t ms = 5001; ms <= 9000; ++ms) {
    stream_.Append({ms * 1000, 0}, Texts{"field", "v"}, context_);
    if (ms % 500 == 0) TrimToLength(700 + ms % 13);
    if (ms % 777 != 0) continue;
    EXPECT_EQ(stream_.CountRadixNodes(), counted());
  }
  EXPECT_EQ(stream_.Clone().CountRadixNodes(), counted());
}

}  // namespace
}  // namespace damselfly
