#include "server/replication/flow_stream.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/flow_harness.h"
#include "server/replication/journal_harness.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

// A store with its journal, the streams of one replica, and that replica.
class FlowStreamTest : public ::testing::Test, public Journal::Waker {
 protected:
  static constexpr int kLanes = 3;

  FlowStreamTest() { Begin({}); }
  ~FlowStreamTest() override {
    store_->LockAll();
    for (const auto& stream : streams_) stream->EndWalk();
    store_->set_change_sink(nullptr);
    store_->UnlockAll();
  }

  void Begin(FlowStream::Options options, int64_t reader_lag_bytes_max = 0) {
    streams_.clear();
    replica_ = std::make_unique<ReplicaModel>(kLanes);
    store_ = std::make_unique<Store>(Store::Options());
    Journal::Options journal_options;
    journal_options.lane_count = kLanes;
    journal_options.first = Positions(kLanes, 0);
    journal_options.reader_lag_bytes_max = reader_lag_bytes_max;
    journal_ = std::make_shared<Journal>(journal_options, &clock_);
    store_->set_change_sink(journal_.get());
    for (options.lane = 0; options.lane < kLanes; ++options.lane) {
      streams_.push_back(std::make_unique<FlowStream>(store_.get(), journal_, options, this,
                                                      [this] { ++overflows_; }));
    }
  }

  void OnAppended() override { ++wakes_; }

  Database Db(int index = 0) { return Database(store_.get(), index, 1000, &store_->counters(0)); }
  void Set(absl::string_view key, absl::string_view value, int database = 0) {
    Db(database).SetString(store_->MakeKey(key), value, Expiry::None());
  }
  void BeginWalks() {
    store_->LockAll();
    for (const auto& stream : streams_) ASSERT_TRUE(stream->BeginWalk());
    store_->UnlockAll();
  }

  // Has one stream say up to about so much, which the replica applies.
  FlowStream::Result Pull(int lane, size_t bytes_max) {
    OutputBuffer output;
    WalkBudget budget(&clock_);
    const FlowStream::Result result =
        streams_[static_cast<size_t>(lane)]->Produce(&output, bytes_max, &budget);
    produced_bytes_max_ = std::max(produced_bytes_max_, output.size());
    replica_->Feed(lane, output.ToString());
    return result;
  }
  void PullAll() {
    for (int lane = 0; lane < kLanes; ++lane) {
      while (Pull(lane, 64 << 10) == FlowStream::Result::kMore) {
      }
    }
  }
  void ExpectEqual() {
    EXPECT_TRUE(replica_->settled());
    EXPECT_EQ(ContentsOf(replica_->store()), ContentsOf(*store_));
  }

  StillClock clock_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<Journal> journal_;
  std::vector<std::unique_ptr<FlowStream>> streams_;
  std::unique_ptr<ReplicaModel> replica_;
  int wakes_ = 0;
  int overflows_ = 0;
  size_t produced_bytes_max_ = 0;
};

TEST_F(FlowStreamTest, AFullSyncGivesEverythingThereIs) {
  for (int i = 0; i < 3000; ++i) Set(absl::StrCat("key", i), absl::StrCat("value", i), i % 16);
  Set("number", "123");
  Set("big", std::string(200000, 'b'));
  BeginWalks();
  PullAll();
  EXPECT_TRUE(replica_->all_synced());
  ExpectEqual();
}

TEST_F(FlowStreamTest, AnEmptyStoreIsSyncedToo) {
  BeginWalks();
  PullAll();
  EXPECT_TRUE(replica_->all_synced());
  EXPECT_EQ(replica_->count(FrameType::kEntry), 0u);
}

TEST_F(FlowStreamTest, RecordsFollowOnceTheReplicaIsInSync) {
  Set("a", "1");
  BeginWalks();
  PullAll();
  wakes_ = 0;
  Set("b", "2");
  Set("b", "3");
  EXPECT_EQ(wakes_, 1);
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kRecord), 2u);
  ExpectEqual();
}

TEST_F(FlowStreamTest, WhatWasBeforeTheCutComesAsAnEntryOnly) {
  for (int i = 0; i < 50; ++i) Set("counter", absl::StrCat(i));
  BeginWalks();
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kEntry), 1u);
  EXPECT_EQ(replica_->count(FrameType::kRecord), 0u);
  ExpectEqual();
}

TEST_F(FlowStreamTest, AKeyThatIsChangedBeforeTheWalkComesIsSentAsItWasAndThenChanged) {
  Set("k", std::string(100, 'x'));
  BeginWalks();
  const Key key = store_->MakeKey("k");
  Db().WriteRange(key, 103, 100, "end");
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kEntry), 1u);
  EXPECT_EQ(replica_->count(FrameType::kRecord), 1u);
  ExpectEqual();
}

TEST_F(FlowStreamTest, BigValuesComeInChunksAndAreNotCopied) {
  FlowStream::Options options;
  options.chunk_bytes = 10000;
  options.queue_bytes_max = 1 << 20;
  Begin(options);
  for (int i = 0; i < 20; ++i) Set(absl::StrCat("key", i), std::string(300000, 'a'));
  BeginWalks();
  PullAll();
  EXPECT_EQ(overflows_, 0);
  EXPECT_EQ(replica_->longest_piece(), 10000u);
  EXPECT_EQ(replica_->count(FrameType::kEntry), 20u);
  EXPECT_EQ(replica_->count(FrameType::kChunk), 20u * 29);
  EXPECT_LE(produced_bytes_max_, (64u << 10) + 20000);
  ExpectEqual();
}

TEST_F(FlowStreamTest, KeysMayBeLong) {
  Set(std::string(3 << 20, 'k'), "v");
  Set(std::string(2 << 20, 'k'), std::string(2 << 20, 'v'));
  BeginWalks();
  PullAll();
  ExpectEqual();
}

TEST_F(FlowStreamTest, ABigValueThatIsOverwrittenWhileItIsSentArrivesAsItWas) {
  const std::string before(1 << 20, 'a');
  Set("k", before);
  BeginWalks();
  const int lane = store_->MakeKey("k").slot % kLanes;
  while (replica_->count(FrameType::kChunk) == 0) Pull(lane, 1);
  Db().WriteRange(store_->MakeKey("k"), before.size(), 0, "new");
  Set("other", "x");
  PullAll();
  ExpectEqual();
}

TEST_F(FlowStreamTest, FlushingWhileTheWalkGoesOnSparesTheRestOfIt) {
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), "value");
  Set("elsewhere", "stays", 3);
  BeginWalks();
  for (int lane = 0; lane < kLanes; ++lane) Pull(lane, 1000);
  store_->LockAll();
  store_->Flush(0, false, &store_->counters(0));
  store_->UnlockAll();
  Set("key1", "again");
  PullAll();
  EXPECT_LT(replica_->count(FrameType::kEntry), 20000u);
  EXPECT_EQ(ContentsOf(*store_).size(), 2u);
  ExpectEqual();
}

// What the flush has dropped is never sent: without the flush the replica would be in a state that
// its master never was in.
TEST_F(FlowStreamTest, AFullSyncDoesNotEndBeforeTheFlushThatSparedItTheRest) {
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), "value");
  BeginWalks();
  Pull(0, 1000);
  store_->LockAll();
  store_->Flush(0, false, &store_->counters(0));
  store_->UnlockAll();
  while (!streams_[0]->sync_end_sent()) Pull(0, 1000);
  EXPECT_EQ(streams_[0]->position(), journal_->End(0));
  PullAll();
  ExpectEqual();
}

TEST_F(FlowStreamTest, DatabasesMayChangePlacesInBetween) {
  for (int i = 0; i < 2000; ++i) Set(absl::StrCat("key", i), "value", i % 3);
  BeginWalks();
  for (int lane = 0; lane < kLanes; ++lane) Pull(lane, 1000);
  store_->LockAll();
  store_->SwapDatabases(0, 2, &store_->counters(0));
  store_->UnlockAll();
  Set("key1", "x", 2);
  PullAll();
  ExpectEqual();
}

TEST_F(FlowStreamTest, AReplicaThatComesBackGetsOnlyWhatItMissed) {
  for (int i = 0; i < 100; ++i) Set(absl::StrCat("key", i), "old");
  BeginWalks();
  PullAll();
  const Positions positions = journal_->Ends();
  for (int i = 0; i < 10; ++i) Set(absl::StrCat("key", i), "new");
  streams_.clear();
  for (int lane = 0; lane < kLanes; ++lane) {
    FlowStream::Options options;
    options.lane = lane;
    streams_.push_back(std::make_unique<FlowStream>(store_.get(), journal_, options, this, [] {}));
    ASSERT_TRUE(streams_.back()->OpenReader(positions[static_cast<size_t>(lane)]));
    EXPECT_TRUE(streams_.back()->sync_end_sent());
  }
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kEntry), 100u);
  EXPECT_EQ(replica_->count(FrameType::kRecord), 10u);
  ExpectEqual();
}

TEST_F(FlowStreamTest, AnAckRequestComesBehindAllThatWasThereWhenItWasMade) {
  BeginWalks();
  PullAll();
  const int lane = store_->MakeKey("k").slot % kLanes;
  for (int i = 0; i < 10; ++i) Set("k", absl::StrCat(i));
  streams_[static_cast<size_t>(lane)]->RequestAck();
  for (int pulls = 0; replica_->count(FrameType::kAckRequest) == 0; ++pulls) {
    ASSERT_LT(pulls, 100);
    Pull(lane, 1);
    Set("k", "more");
  }
  EXPECT_GE(replica_->records(lane), 10u);
  EXPECT_LE(replica_->records(lane), 11u);
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kAckRequest), 1u);
  ExpectEqual();
}

TEST_F(FlowStreamTest, AnAckRequestedDuringAFullSyncComesBehindItsEnd) {
  Set("k", "v");
  BeginWalks();
  for (const auto& stream : streams_) stream->RequestAck();
  PullAll();
  EXPECT_EQ(replica_->count(FrameType::kAckRequest), static_cast<uint64_t>(kLanes));
}

TEST_F(FlowStreamTest, AWriterWhoNeverStopsDoesNotKeepTheWalkFromItsEnd) {
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), "value");
  BeginWalks();
  int pulls = 0;
  for (; !replica_->all_synced(); ++pulls) {
    ASSERT_LT(pulls, 20000);
    for (int i = 0; i < 20; ++i) Set(absl::StrCat("new", pulls % 1000, "-", i), "value");
    for (int lane = 0; lane < kLanes; ++lane) Pull(lane, 4000);
  }
  PullAll();
  ExpectEqual();
}

TEST_F(FlowStreamTest, AReplicaThatTakesNothingCostsABoundedAmountOfMemory) {
  FlowStream::Options options;
  options.queue_bytes_max = 100000;
  Begin(options, /*reader_lag_bytes_max=*/100000);
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), std::string(50, 'v'));
  BeginWalks();
  // Every change brings the old entries of its bucket.
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), std::string(50, 'w'));
  EXPECT_EQ(overflows_, kLanes);
  for (int lane = 0; lane < kLanes; ++lane) {
    const FlowStream& stream = *streams_[static_cast<size_t>(lane)];
    EXPECT_EQ(stream.waiting_bytes(), stream.lag_bytes());
    EXPECT_EQ(Pull(lane, 1000), FlowStream::Result::kLost);
  }
}

TEST_F(FlowStreamTest, ValuesThatTheStoreHoldsAsWellDoNotCount) {
  FlowStream::Options options;
  options.queue_bytes_max = 1 << 20;
  Begin(options);
  // All in one segment, so that one step queues them all.
  for (int i = 0; i < 20; ++i) Set(absl::StrCat("{tag}", i), std::string(1 << 20, 'v'));
  BeginWalks();
  const int lane = store_->MakeKey("{tag}").slot % kLanes;
  Pull(lane, 1);
  EXPECT_EQ(overflows_, 0);
  // Now only the queue has them: each write covers the next bucket.
  for (int i = 0; i < 20; ++i) Set(absl::StrCat("{tag}", i), "small");
  for (int i = 0; i < 100; ++i) Set(absl::StrCat("{tag}more", i), "small");
  PullAll();
}

TEST_F(FlowStreamTest, AReplicaThatLagsTooFarIsLost) {
  Begin({}, /*reader_lag_bytes_max=*/10000);
  BeginWalks();
  PullAll();
  for (int i = 0; i < 1000; ++i) Set("k", std::string(1000, 'x'));
  EXPECT_EQ(Pull(store_->MakeKey("k").slot % kLanes, 1 << 20), FlowStream::Result::kLost);
}

TEST_F(FlowStreamTest, AWalkThatIsEndedTooEarlyNeverLooksComplete) {
  for (int i = 0; i < 20000; ++i) Set(absl::StrCat("key", i), "value");
  BeginWalks();
  Pull(0, 1000);
  store_->LockAll();
  for (const auto& stream : streams_) stream->EndWalk();
  store_->UnlockAll();
  FlowStream::Result result = FlowStream::Result::kMore;
  for (int i = 0; i < 10000 && result == FlowStream::Result::kMore; ++i) result = Pull(0, 100000);
  EXPECT_EQ(result, FlowStream::Result::kLost);
  EXPECT_FALSE(replica_->synced(0));
}

// Random changes between random pulls.
class FlowStreamRandomTest : public FlowStreamTest, public ::testing::WithParamInterface<int> {
 protected:
  std::string Name() {
    return absl::StrCat(random_.Chance(1, 2) ? "{tag}" : "", random_.Below(400));
  }
  std::string Value() {
    if (random_.Chance(1, 4)) return absl::StrCat(random_.Next() >> random_.Below(64));
    const uint64_t bytes_max = random_.Chance(1, 20) ? 60000 : 2000;
    return std::string(random_.Below(bytes_max), static_cast<char>('a' + random_.Below(26)));
  }
  void Change() {
    const std::string name = Name();
    const Key key = store_->MakeKey(name);
    const int database = random_.Chance(1, 2) ? 0 : static_cast<int>(random_.Below(4));
    Database db = Db(database);
    const Entry* const entry = db.Find(key);
    switch (random_.Below(8)) {
      case 0:
      case 1:
        Set(name, Value(), database);
        break;
      case 2: {
        const size_t size = entry == nullptr ? 0 : entry->string_size();
        const std::string bytes = Value();
        db.WriteRange(key, size + bytes.size(), size, bytes);
        break;
      }
      case 3:
        if (entry != nullptr) db.SetExpiry(key, 2000 + static_cast<int64_t>(random_.Below(100)));
        break;
      case 4:
        db.Persist(key);
        break;
      case 5:
        db.Delete(key);
        break;
      default: {
        const std::string to = Name();
        if (entry != nullptr && to != name) db.MoveFrom(db, key, store_->MakeKey(to));
      }
    }
  }
  void Step() {
    if (random_.Chance(1, 500)) {
      store_->LockAll();
      if (random_.Chance(1, 2)) {
        store_->SwapDatabases(0, static_cast<int>(random_.Below(3)) + 1, &store_->counters(0));
      } else {
        store_->Flush(random_.Chance(1, 2) ? -1 : 0, false, &store_->counters(0));
      }
      store_->UnlockAll();
      return;
    }
    journal_->BeginGroup(0);
    for (uint64_t count = random_.Chance(1, 4) ? 3 : 1; count > 0; --count) Change();
    journal_->EndGroup(0);
  }

  Random random_{static_cast<uint64_t>(GetParam()) + 1};
};

TEST_P(FlowStreamRandomTest, EndsEqualWhateverHappensWhileItSyncs) {
  FlowStream::Options options;
  options.chunk_bytes = 5000;
  Begin(options);
  for (int i = 0; i < 1000; ++i) Change();
  BeginWalks();
  for (int i = 0; i < 3000; ++i) {
    for (uint64_t count = random_.Below(4); count > 0; --count) Step();
    Pull(static_cast<int>(random_.Below(kLanes)), random_.Chance(1, 4) ? 20000 : 200);
  }
  PullAll();
  EXPECT_TRUE(replica_->all_synced());
  ExpectEqual();
  for (int i = 0; i < 100; ++i) Step();
  PullAll();
  ExpectEqual();
}

INSTANTIATE_TEST_SUITE_P(Seeds, FlowStreamRandomTest, ::testing::Range(0, 12));

}  // namespace
}  // namespace damselfly
