#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/replication/journal.h"
#include "server/replication/journal_harness.h"
#include "server/runtime/random.h"

// Meant for ThreadSanitizer above all: writers, readers and limits at once.

namespace damselfly {
namespace {

constexpr int kLanes = 3;
constexpr int kWriters = 4;
constexpr int kGroups = 3000;

class JournalThreadTest : public ::testing::Test {
 protected:
  JournalThreadTest() {
    for (int lane = 0; lane < kLanes; ++lane) keys_.push_back(KeyInLane(lane, kLanes));
    journal_.SetLimits(0, 1 << 20, 0);
  }

  // Values are "writer:number": numbers of a writer ascend, and so they must in each lane.
  void Write(int worker) {
    Random random(static_cast<uint64_t>(worker) + 1);
    for (int number = 0; number < kGroups; ++number) {
      std::string value = absl::StrCat(worker, ":", number, ":");
      if (random.Chance(1, 50)) value.append(random.Below(40000), 'x');
      if (random.Chance(1, 200)) {
        journal_.OnChange(worker, FlushAllChange());
        continue;
      }
      journal_.BeginGroup(worker);
      for (uint64_t count = random.Below(3) + 1; count > 0; --count) {
        const std::string& key = keys_[random.Below(kLanes)];
        if (random.Chance(1, 2)) {
          journal_.OnChange(worker, BlobChange(key, Blob::Copy(value)));
        } else {
          journal_.OnChange(worker, SetChange(key, value));
        }
      }
      journal_.EndGroup(worker);
      if (random.Chance(1, 100)) journal_.Trim();
    }
  }

  struct LaneHistory {
    uint64_t records = 0;
    std::vector<uint64_t> transactions;
    std::map<uint64_t, uint64_t> lane_counts;
  };

  static void Check(const ReadRecord& record, std::vector<int>* last, LaneHistory* history) {
    ++history->records;
    if (record.transaction_id != 0) {
      history->transactions.push_back(record.transaction_id);
      history->lane_counts[record.transaction_id] = record.lane_count;
    }
    for (const std::string& text : record.texts) {
      if (text == "7") continue;
      const std::vector<std::string> parts =
          absl::StrSplit(text.substr(text.find('=') + 1), absl::MaxSplits(':', 2));
      int writer = -1, number = -1;
      ASSERT_TRUE(absl::SimpleAtoi(parts.at(0), &writer));
      ASSERT_TRUE(absl::SimpleAtoi(parts.at(1), &number));
      ASSERT_LE(last->at(static_cast<size_t>(writer)), number);
      last->at(static_cast<size_t>(writer)) = number;
    }
  }

  // Reads when it has been woken, and only then: who is never woken hangs.
  void Follow(int lane, Journal::Reader* reader, CountingWaker* waker, LaneHistory* history) {
    std::vector<int> last(kWriters, -1);
    Random random(static_cast<uint64_t>(lane) + 100);
    OutputBuffer output;
    FrameParser parser;
    int woken = 0;
    for (;;) {
      const bool done = writers_done_.load(std::memory_order_acquire);
      uint64_t before;
      do {
        before = reader->position();
        ASSERT_TRUE(reader->Read(&output, random.Below(100000)));
        for (const ReadRecord& record : TakeRecords(&output, &parser)) {
          Check(record, &last, history);
        }
        ASSERT_EQ(parser.pending_bytes(), 0u);
        ASSERT_EQ(history->records, reader->position());
      } while (reader->position() > before);
      if (done) return;
      while (waker->count.load(std::memory_order_acquire) == woken &&
             !writers_done_.load(std::memory_order_acquire)) {
        std::this_thread::yield();
      }
      woken = waker->count.load(std::memory_order_acquire);
    }
  }

  StillClock clock_;
  Journal journal_{JournalOptions(kLanes, kWriters), &clock_};
  std::vector<std::string> keys_;
  std::atomic<bool> writers_done_{false};
};

// The transactions of `a` that `b` has a part in, in the order of `a`.
std::vector<uint64_t> Shared(const std::vector<uint64_t>& a,
                             const std::map<uint64_t, uint64_t>& b) {
  std::vector<uint64_t> shared;
  for (uint64_t id : a) {
    if (b.count(id) > 0) shared.push_back(id);
  }
  return shared;
}

TEST_F(JournalThreadTest, LanesAreCompleteAndAgreeOnTheOrderOfWhatTheyShare) {
  std::vector<LaneHistory> lanes(kLanes);
  std::vector<CountingWaker> wakers(kLanes);
  std::vector<std::unique_ptr<Journal::Reader>> readers;
  for (int lane = 0; lane < kLanes; ++lane) {
    readers.push_back(journal_.OpenReader(lane, 0, &wakers[static_cast<size_t>(lane)]));
  }
  std::vector<std::thread> writing, reading;
  for (int lane = 0; lane < kLanes; ++lane) {
    const size_t i = static_cast<size_t>(lane);
    reading.emplace_back([&, lane, i] { Follow(lane, readers[i].get(), &wakers[i], &lanes[i]); });
  }
  for (int worker = 0; worker < kWriters; ++worker) {
    writing.emplace_back([this, worker] { Write(worker); });
  }
  for (std::thread& thread : writing) thread.join();
  writers_done_.store(true, std::memory_order_release);
  for (std::thread& thread : reading) thread.join();

  std::map<uint64_t, uint64_t> parts;
  for (int a = 0; a < kLanes; ++a) {
    const LaneHistory& lane = lanes[static_cast<size_t>(a)];
    EXPECT_EQ(lane.records, journal_.End(a));
    EXPECT_EQ(lane.lane_counts.size(), lane.transactions.size()) << "no id comes twice";
    for (uint64_t id : lane.transactions) ++parts[id];
    for (int b = 0; b < a; ++b) {
      const LaneHistory& other = lanes[static_cast<size_t>(b)];
      EXPECT_EQ(Shared(lane.transactions, other.lane_counts),
                Shared(other.transactions, lane.lane_counts));
    }
  }
  for (const LaneHistory& lane : lanes) {
    for (const auto& [id, lane_count] : lane.lane_counts) ASSERT_EQ(parts[id], lane_count);
  }
  EXPECT_GT(parts.size(), 100u);
}

// Readers come, lag, get lost and go while there is writing.
TEST_F(JournalThreadTest, ReadersMayComeAndGoAtAnyTime) {
  journal_.SetLimits(1, 200000, 100000);
  std::vector<std::thread> writing;
  for (int worker = 0; worker < kWriters; ++worker) {
    writing.emplace_back([this, worker] { Write(worker); });
  }
  std::vector<std::thread> reading;
  for (int thread = 0; thread < 2; ++thread) {
    reading.emplace_back([this, thread] {
      Random random(static_cast<uint64_t>(thread));
      CountingWaker waker;
      while (!writers_done_.load(std::memory_order_acquire)) {
        const int lane = static_cast<int>(random.Below(kLanes));
        const uint64_t position = journal_.End(lane) - random.Below(20);
        const auto reader = journal_.OpenReader(lane, position, &waker);
        OutputBuffer output;
        FrameParser parser;
        for (uint64_t i = random.Below(30); reader != nullptr && i > 0; --i) {
          if (!reader->Read(&output, random.Below(20000))) break;
          const uint64_t read = TakeRecords(&output, &parser).size();
          ASSERT_EQ(parser.pending_bytes(), 0u);
          ASSERT_LE(read, reader->position() - position);
        }
        clock_.AdvanceMs(1);
        std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : writing) thread.join();
  writers_done_.store(true, std::memory_order_release);
  for (std::thread& thread : reading) thread.join();
  journal_.SetLimits(0, 0, 0);
  EXPECT_EQ(journal_.backlog_bytes(), 0u);
}

}  // namespace
}  // namespace damselfly
