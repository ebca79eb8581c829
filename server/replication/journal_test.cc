#include "server/replication/journal.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/varint.h"
#include "server/replication/frame.h"
#include "server/replication/journal_harness.h"
#include "server/replication/record.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Texts = std::vector<std::string>;

class JournalTest : public ::testing::Test {
 protected:
  static constexpr int kLanes = 3;

  void Set(absl::string_view key, absl::string_view value) {
    journal_.OnChange(0, SetChange(key, value));
  }
  std::unique_ptr<Journal::Reader> Open(int lane, uint64_t position = 0) {
    return journal_.OpenReader(lane, position, &waker_);
  }
  std::vector<ReadRecord> AllOf(int lane) { return ReadAll(Open(lane).get()); }

  StillClock clock_;
  CountingWaker waker_;
  Journal journal_{JournalOptions(kLanes), &clock_};
  // One key a lane.
  const std::string a_ = KeyInLane(0, kLanes);
  const std::string b_ = KeyInLane(1, kLanes);
  const std::string c_ = KeyInLane(2, kLanes);
};

TEST_F(JournalTest, ChangeOutsideAGroupIsARecordOfItsOwnInItsLane) {
  Set(b_, "1");
  Set(b_, "2");
  EXPECT_EQ(journal_.Ends(), (Positions{0, 2, 0}));
  EXPECT_EQ(journal_.record_count(), 2u);
  const std::vector<ReadRecord> records = AllOf(1);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].texts, Texts{b_ + "=1"});
  EXPECT_EQ(records[1].texts, Texts{b_ + "=2"});
  EXPECT_EQ(records[1].transaction_id, 0u);
  EXPECT_EQ(records[1].lane_count, 1u);
}

TEST_F(JournalTest, GroupOfOneLaneIsOneRecordWithoutTransaction) {
  journal_.BeginGroup(0);
  Set(b_, "1");
  Set(KeyInLane(1, kLanes, 1), "2");
  EXPECT_EQ(journal_.End(1), 0u) << "nothing before the end of the group";
  journal_.EndGroup(0);
  const std::vector<ReadRecord> records = AllOf(1);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].texts, (Texts{b_ + "=1", KeyInLane(1, kLanes, 1) + "=2"}));
  EXPECT_EQ(records[0].transaction_id, 0u);
}

// Of short ones and of long ones, which are written in different ways, and however they are read.
TEST_F(JournalTest, LoneChangeIsAFrameOfThatChangeAlone) {
  Journal journal(JournalOptions(1), &clock_);
  const std::string text(2000, 'v');
  Random random(3);
  std::string expected;
  uint64_t changes = 0;
  const auto append = [&](const Change& change) {
    const bool in_group = random.Chance(1, 3);
    if (in_group) journal.BeginGroup(0);
    journal.OnChange(0, change);
    if (in_group) journal.EndGroup(0);
    std::string record("\0\1", 2);  // no transaction, one lane
    AppendChange(change, /*value_elsewhere=*/false, &record);
    AppendFrameHeader(FrameType::kRecord, record, {}, &expected);
    expected += record;
    ++changes;
  };
  for (size_t bytes = 0; bytes < text.size(); ++bytes) {
    const std::string key(random.Below(130), 'k');
    Change change = SetChange(key, absl::string_view(text).substr(0, bytes));
    change.database = static_cast<int>(random.Below(16));
    if (random.Chance(1, 2)) change.expiry_ms = static_cast<int64_t>(random.Next() >> 20);
    append(change);
    change.kind = Change::Kind::kDelete;
    append(change);
    change.kind = Change::Kind::kFlushSlot;
    append(change);
  }
  std::string read;
  const auto reader = journal.OpenReader(0, 0, &waker_);
  while (reader->position() < changes) {
    OutputBuffer piece;
    ASSERT_TRUE(
        reader->Read(&piece, random.Below(200000), reader->position() + 1 + random.Below(2000)));
    read += piece.ToString();
  }
  EXPECT_EQ(read, expected);
}

TEST_F(JournalTest, EmptyGroupLeavesNoTrace) {
  journal_.BeginGroup(0);
  journal_.EndGroup(0);
  EXPECT_EQ(journal_.record_count(), 0u);
}

TEST_F(JournalTest, GroupOverLanesHasAPartInEachThatItTouches) {
  journal_.BeginGroup(0);
  Set(c_, "1");
  Set(a_, "2");
  Set(c_, "3");
  journal_.EndGroup(0);
  EXPECT_EQ(journal_.Ends(), (Positions{1, 0, 1}));
  const ReadRecord first = AllOf(0).at(0);
  const ReadRecord third = AllOf(2).at(0);
  EXPECT_EQ(first.texts, Texts{a_ + "=2"});
  EXPECT_EQ(third.texts, (Texts{c_ + "=1", c_ + "=3"}));
  EXPECT_NE(first.transaction_id, 0u);
  EXPECT_EQ(first.transaction_id, third.transaction_id);
  EXPECT_EQ(first.lane_count, 2u);
  EXPECT_EQ(third.lane_count, 2u);
}

TEST_F(JournalTest, WorkersGroupsDoNotMix) {
  Journal journal(JournalOptions(1, 2), &clock_);
  journal.BeginGroup(0);
  journal.BeginGroup(1);
  journal.OnChange(0, SetChange("x", "0"));
  journal.OnChange(1, SetChange("x", "1"));
  journal.OnChange(0, SetChange("y", "0"));
  journal.EndGroup(1);
  journal.EndGroup(0);
  const auto records = ReadAll(journal.OpenReader(0, 0, &waker_).get());
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].texts, Texts{"x=1"});
  EXPECT_EQ(records[1].texts, (Texts{"x=0", "y=0"}));
}

TEST_F(JournalTest, GlobalChangeIsATransactionOfAllLanes) {
  journal_.OnChange(0, FlushAllChange());
  EXPECT_EQ(journal_.Ends(), (Positions{1, 1, 1}));
  const uint64_t id = AllOf(0).at(0).transaction_id;
  EXPECT_NE(id, 0u);
  EXPECT_EQ(AllOf(0).at(0).texts, Texts{"7"});
  for (int lane = 1; lane < kLanes; ++lane) {
    const ReadRecord part = AllOf(lane).at(0);
    EXPECT_EQ(part.transaction_id, id);
    EXPECT_EQ(part.lane_count, 3u);
    EXPECT_TRUE(part.texts.empty());
  }
}

TEST_F(JournalTest, GroupWithAGlobalChangeKeepsTheOrderOfAllItsChanges) {
  const BlobRef blob = Blob::Copy(std::string(20000, 'b'));
  journal_.BeginGroup(0);
  journal_.OnChange(0, BlobChange(b_, blob));
  Set(b_, "before");
  journal_.OnChange(0, FlushAllChange());
  Set(c_, "after");
  journal_.OnChange(0, FlushAllChange());
  Set(a_, "last");
  journal_.EndGroup(0);
  EXPECT_EQ(AllOf(0).at(0).texts, (Texts{b_ + "=" + std::string(20000, 'b'), b_ + "=before", "7",
                                         c_ + "=after", "7", a_ + "=last"}));
  EXPECT_TRUE(AllOf(1).at(0).texts.empty());
  EXPECT_TRUE(AllOf(2).at(0).texts.empty());

  Set(c_, "next");
  EXPECT_EQ(journal_.Ends(), (Positions{1, 1, 2})) << "the next group is an ordinary one";
}

TEST_F(JournalTest, GlobalChangeOfASingleLaneNeedsNoTransaction) {
  Journal journal(JournalOptions(1), &clock_);
  journal.OnChange(0, FlushAllChange());
  const ReadRecord record = ReadAll(journal.OpenReader(0, 0, &waker_).get()).at(0);
  EXPECT_EQ(record.transaction_id, 0u);
  EXPECT_EQ(record.lane_count, 1u);
  EXPECT_EQ(record.texts, Texts{"7"});
}

TEST_F(JournalTest, AppliedRecordsAreKeptAsTheyCame) {
  std::string small, big;
  for (std::string* record : {&small, &big}) {
    record->assign("\x2a\x02", 2);
    AppendChange(SetChange(a_, std::string(record == &big ? 100000 : 3, 'v')), false, record);
  }
  journal_.AppendApplied(0, small);
  journal_.AppendApplied(0, big);
  EXPECT_EQ(journal_.End(0), 2u);
  const std::vector<ReadRecord> records = AllOf(0);
  EXPECT_EQ(records.at(0).texts, Texts{a_ + "=vvv"});
  EXPECT_EQ(records.at(1).texts, Texts{a_ + "=" + std::string(100000, 'v')});
  EXPECT_EQ(records.at(1).transaction_id, 42u);

  journal_.OnChange(0, FlushAllChange());
  EXPECT_GT(AllOf(1).at(0).transaction_id, 42u) << "after a promotion";
}

TEST_F(JournalTest, AppliedFramesAreReadAsTheyCame) {
  OutputBuffer output;
  Set(a_, "short");
  Set(a_, std::string(3000, 'v'));
  Set(a_, std::string(30000, 'w'));
  ASSERT_TRUE(journal_.OpenReader(0, 0, &waker_)->Read(&output, SIZE_MAX));
  const std::string came = output.ToString();
  FrameParser parser;
  parser.Append(came);
  Journal replica(JournalOptions(1), &clock_);
  const auto reader = replica.OpenReader(0, 0, &waker_);
  std::string read;
  // Into new pieces and into such as have room; with the reader at the end of it and behind.
  for (int round = 0; round < 100; ++round) {
    parser.Append(came);
    for (Frame frame; *parser.Next(&frame);) replica.AppendAppliedFrame(0, frame);
    if (round % 3 != 0) continue;
    output.Clear();
    ASSERT_TRUE(reader->Read(&output, SIZE_MAX));
    read += output.ToString();
  }
  EXPECT_EQ(replica.End(0), 303u);
  std::string wanted;
  for (int round = 0; round < 101; ++round) wanted += came;
  EXPECT_EQ(read, wanted);
}

TEST_F(JournalTest, PositionsGoOnFromWhereTheJournalBegins) {
  Journal::Options options = JournalOptions(2);
  options.first = {100, 7};
  Journal journal(options, &clock_);
  EXPECT_EQ(journal.Ends(), (Positions{100, 7}));
  EXPECT_TRUE(journal.Retains({100, 7}));
  EXPECT_FALSE(journal.Retains({99, 7}));
  EXPECT_FALSE(journal.Retains({100, 8})) << "in the future";
  EXPECT_FALSE(journal.Retains({100})) << "another number of lanes";
  EXPECT_EQ(journal.OpenReader(0, 99, &waker_), nullptr);
  EXPECT_EQ(journal.OpenReader(0, 101, &waker_), nullptr);
  const auto reader = journal.OpenReader(0, 100, &waker_);
  ASSERT_NE(reader, nullptr);
  const std::string key = KeyInLane(0, 2);
  journal.OnChange(0, SetChange(key, "1"));
  EXPECT_EQ(ReadAll(reader.get()).size(), 1u);
  EXPECT_EQ(reader->position(), 101u);
}

TEST_F(JournalTest, ReadStopsAtTheEndPositionAndAtEnoughBytes) {
  for (int i = 0; i < 10; ++i) Set(a_, std::to_string(i));
  const auto reader = Open(0);
  OutputBuffer output;
  FrameParser parser;
  ASSERT_TRUE(reader->Read(&output, SIZE_MAX, 0));
  EXPECT_TRUE(output.empty());
  ASSERT_TRUE(reader->Read(&output, SIZE_MAX, 4));
  EXPECT_EQ(reader->position(), 4u);
  EXPECT_EQ(TakeRecords(&output, &parser).size(), 4u);
  ASSERT_TRUE(reader->Read(&output, 0));
  EXPECT_EQ(reader->position(), 5u) << "one at least";
  const size_t record_bytes = output.size();
  ASSERT_TRUE(reader->Read(&output, record_bytes + 1));
  EXPECT_EQ(reader->position(), 7u) << "until there is enough";
  EXPECT_EQ(reader->lag_bytes(), 3 * record_bytes);
  EXPECT_EQ(TakeRecords(&output, &parser).size(), 3u);
  EXPECT_EQ(ReadAll(reader.get()).at(0).texts, Texts{a_ + "=7"});
  EXPECT_EQ(reader->lag_bytes(), 0u);
}

TEST_F(JournalTest, WakerIsCalledOnceEachTimeTheReaderHasRunDry) {
  const auto reader = Open(0);
  Set(a_, "1");
  EXPECT_EQ(waker_.count, 0) << "nobody has asked yet";
  EXPECT_EQ(ReadAll(reader.get()).size(), 1u);
  Set(b_, "of another lane");
  EXPECT_EQ(waker_.count, 0);
  Set(a_, "2");
  Set(a_, "3");
  EXPECT_EQ(waker_.count, 1);
  OutputBuffer output;
  ASSERT_TRUE(reader->Read(&output, 1));
  Set(a_, "4");
  EXPECT_EQ(waker_.count, 1) << "there was more to read";
  EXPECT_EQ(ReadAll(reader.get()).size(), 2u);
  EXPECT_TRUE(ReadAll(reader.get()).empty());
  Set(a_, "5");
  EXPECT_EQ(waker_.count, 2);
}

TEST_F(JournalTest, ReadersOpenAtAnyRetainedPosition) {
  Random random(1);
  constexpr int kRecords = 3000;
  for (int i = 0; i < kRecords; ++i) {
    std::string value = std::to_string(i) + "|";
    if (random.Chance(1, 20)) value.append(random.Below(60000), 'x');
    if (random.Chance(1, 2) && value.size() > 1000) {
      journal_.OnChange(0, BlobChange(a_, Blob::Copy(value)));
    } else {
      Set(a_, value);
    }
  }
  for (int round = 0; round < 200; ++round) {
    const uint64_t position = random.Below(kRecords + 1);
    const auto reader = Open(0, position);
    ASSERT_NE(reader, nullptr);
    const std::vector<ReadRecord> records = ReadAll(reader.get(), random.Below(200000));
    if (position == kRecords) {
      ASSERT_TRUE(records.empty());
      continue;
    }
    for (size_t i = 0; i < records.size(); ++i) {
      const std::string begin = a_ + "=" + std::to_string(position + i) + "|";
      ASSERT_EQ(records[i].texts.at(0).substr(0, begin.size()), begin);
    }
    ASSERT_FALSE(records.empty());
    ASSERT_EQ(reader->position(), position + records.size());
  }
}

// Every way in which a record can lie in blocks and blobs.
TEST_F(JournalTest, GroupsOfAnySizeComeBackWhole) {
  Random random(2);
  const auto reader = Open(0);
  for (int round = 0; round < 300; ++round) {
    Texts expected;
    journal_.BeginGroup(0);
    for (uint64_t count = random.Below(random.Chance(1, 10) ? 300 : 4) + 1; count > 0; --count) {
      const std::string value(random.Below(random.Chance(1, 8) ? 70000 : 300),
                              static_cast<char>('a' + random.Below(26)));
      const BlobRef blob = Blob::Copy(value);
      journal_.OnChange(0, random.Chance(1, 2) ? BlobChange(a_, blob) : SetChange(a_, value));
      expected.push_back(a_ + "=" + value);
    }
    journal_.EndGroup(0);
    const std::vector<ReadRecord> records = ReadAll(reader.get(), 1);
    ASSERT_EQ(records.size(), 1u);
    ASSERT_TRUE(records[0].texts == expected) << round;
  }
}

TEST_F(JournalTest, BigValuesAreSharedNotCopied) {
  const auto reader = Open(0);
  BlobRef blob = Blob::Copy(std::string(1 << 20, 'v'));
  journal_.OnChange(0, BlobChange(a_, blob));
  EXPECT_FALSE(blob->unique()) << "the journal holds it";
  OutputBuffer output;
  ASSERT_TRUE(reader->Read(&output, SIZE_MAX));
  absl::string_view pieces[8];
  const size_t count = output.Gather(absl::MakeSpan(pieces));
  bool sent_in_place = false;
  for (size_t i = 0; i < count; ++i) sent_in_place |= pieces[i].data() == blob->data();
  EXPECT_TRUE(sent_in_place);

  output.Clear();
  journal_.SetLimits(0, 0, 0);
  EXPECT_TRUE(blob->unique()) << "everybody has let go";
}

TEST_F(JournalTest, SmallBlobsAreCopied) {
  const BlobRef blob = Blob::Copy(std::string(1000, 'v'));
  journal_.OnChange(0, BlobChange(a_, blob));
  EXPECT_TRUE(blob->unique());
}

}  // namespace
}  // namespace damselfly
