#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/flow_harness.h"
#include "server/replication/flow_stream.h"
#include "server/replication/journal_harness.h"
#include "server/runtime/random.h"

// Writers, and a thread for each flow, at once: for ThreadSanitizer, and for the order of what the
// flows say.

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

constexpr int kLanes = 3;
constexpr int kWriters = 3;
constexpr int kStepsMin = 3000;  // of each writer

class FlowStreamThreadTest : public ::testing::Test {
 protected:
  class NoWaker final : public Journal::Waker {
   public:
    void OnAppended() override {}
  };

  static Store::Options OptionsOf() {
    Store::Options options;
    options.worker_count = kWriters + 1;
    return options;
  }

  FlowStreamThreadTest() : store_(OptionsOf()), replica_(kLanes) {
    Journal::Options options;
    options.lane_count = kLanes;
    options.worker_count = kWriters + 1;
    options.first = Positions(kLanes, 0);
    options.reader_lag_bytes_max = 0;
    journal_ = std::make_shared<Journal>(options, &clock_);
    store_.set_change_sink(journal_.get());
    FlowStream::Options stream_options;
    stream_options.chunk_bytes = 20000;
    for (stream_options.lane = 0; stream_options.lane < kLanes; ++stream_options.lane) {
      streams_.push_back(
          std::make_unique<FlowStream>(&store_, journal_, stream_options, &waker_, [] {}));
      received_.push_back("");
    }
  }
  ~FlowStreamThreadTest() override { store_.set_change_sink(nullptr); }

  // One command or transaction of a few keys.
  void WriteSome(int worker, Random& random) {
    StoreCounters* const counters = &store_.counters(worker);
    if (random.Chance(1, 1000)) {
      store_.LockAll();
      if (random.Chance(1, 2)) {
        store_.Flush(0, false, counters);
      } else {
        store_.SwapDatabases(0, 1, counters);
      }
      store_.UnlockAll();
      return;
    }
    std::string names[2] = {absl::StrCat("key", random.Below(3000)),
                            absl::StrCat("key", random.Below(3000))};
    const Key keys[2] = {store_.MakeKey(names[0]), store_.MakeKey(names[1])};
    std::vector<uint16_t> slots = {std::min(keys[0].slot, keys[1].slot)};
    if (keys[0].slot != keys[1].slot) slots.push_back(std::max(keys[0].slot, keys[1].slot));
    store_.LockSlots(slots);
    journal_->BeginGroup(worker);
    Database db(&store_, static_cast<int>(random.Below(2)), 1000, counters);
    for (const Key& key : keys) Change(db, key, random);
    journal_->EndGroup(worker);
    store_.UnlockSlots(slots);
  }

  static void Change(Database& db, const Key& key, Random& random) {
    const Entry* const entry = db.Find(key);
    const size_t size = entry == nullptr ? 0 : entry->string_size();
    const std::string value(random.Below(random.Chance(1, 50) ? 50000 : 100), 'v');
    switch (random.Below(5)) {
      case 0:
        db.Delete(key);
        break;
      case 1:
        if (size < 100000) db.WriteRange(key, size + value.size(), size, value);
        break;
      case 2:
        if (entry != nullptr) db.SetExpiry(key, 5000 + static_cast<int64_t>(random.Below(100)));
        break;
      case 3:
        db.SetInteger(key, static_cast<int64_t>(random.Below(1000)), Expiry::None());
        break;
      default:
        db.SetString(key, value, Expiry::None());
    }
  }

  void Write(int worker) {
    Random random(static_cast<uint64_t>(worker) + 1);
    for (int i = 0; i < kStepsMin || !all_synced_.load(); ++i) {
      WriteSome(worker, random);
      if (i > kStepsMin) std::this_thread::yield();
    }
    --writers_;
  }

  void Send(int lane) {
    FlowStream& stream = *streams_[static_cast<size_t>(lane)];
    for (;;) {
      const bool last = writers_.load() == 0;
      OutputBuffer output;
      WalkBudget budget(&clock_);
      const FlowStream::Result result = stream.Produce(&output, 16 << 10, &budget);
      ASSERT_NE(result, FlowStream::Result::kLost);
      received_[static_cast<size_t>(lane)] += output.ToString();
      if (result == FlowStream::Result::kMore) continue;
      if (stream.sync_end_sent() && !synced_[lane].exchange(true) && ++synced_count_ == kLanes)
        all_synced_.store(true);
      if (last) return;
      std::this_thread::yield();
    }
  }

  StillClock clock_;
  NoWaker waker_;
  Store store_;
  std::shared_ptr<Journal> journal_;
  std::vector<std::unique_ptr<FlowStream>> streams_;
  std::vector<std::string> received_;
  ReplicaModel replica_;
  std::atomic<int> writers_{kWriters};
  std::atomic<bool> synced_[kLanes] = {};
  std::atomic<int> synced_count_{0};
  std::atomic<bool> all_synced_{false};
};

TEST_F(FlowStreamThreadTest, AReplicaThatSyncsAmongWritersEndsEqual) {
  Random random(7);
  for (int i = 0; i < 4000; ++i) WriteSome(0, random);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWriters; ++worker)
    threads.emplace_back([this, worker] { Write(worker); });
  store_.LockAll();
  for (const auto& stream : streams_) ASSERT_TRUE(stream->BeginWalk());
  store_.UnlockAll();
  for (int lane = 0; lane < kLanes; ++lane) threads.emplace_back([this, lane] { Send(lane); });
  for (std::thread& thread : threads) thread.join();
  // All lanes' parts of a transaction are there by now, in whatever order the flows are read.
  for (int lane = 0; lane < kLanes; ++lane)
    replica_.Feed(lane, received_[static_cast<size_t>(lane)]);
  EXPECT_TRUE(replica_.all_synced());
  EXPECT_TRUE(replica_.settled());
  EXPECT_EQ(ContentsOf(replica_.store()), ContentsOf(store_));
}

// The link goes down while its walks are under way.
TEST_F(FlowStreamThreadTest, WalksMayBeEndedByOthersAtAnyTime) {
  Random random(7);
  for (int i = 0; i < 4000; ++i) WriteSome(0, random);
  store_.LockAll();
  for (const auto& stream : streams_) ASSERT_TRUE(stream->BeginWalk());
  store_.UnlockAll();
  std::vector<std::thread> threads;
  std::atomic<bool> over{false};
  threads.emplace_back([&] {
    Random more(8);
    while (!over.load()) WriteSome(1, more);
  });
  for (int lane = 0; lane < kLanes; ++lane) {
    threads.emplace_back([this, lane] {
      FlowStream::Result result = FlowStream::Result::kMore;
      while (result == FlowStream::Result::kMore) {
        OutputBuffer output;
        WalkBudget budget(&clock_);
        result = streams_[static_cast<size_t>(lane)]->Produce(&output, 4096, &budget);
      }
    });
  }
  for (int i = 0; i < 100; ++i) std::this_thread::yield();
  store_.LockAll();
  for (const auto& stream : streams_) stream->EndWalk();
  store_.UnlockAll();
  over.store(true);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace damselfly
