#include "server/replication/lane_applier.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/base/varint.h"
#include "server/runtime/fake_loop.h"
#include "server/runtime/random.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

constexpr int kLanes = 2;
constexpr uint64_t kStringBytesMax = 1 << 20;

std::string KeyOfLane(int lane, int index = 0) {
  for (int i = 0;; ++i) {
    std::string key = absl::StrCat("key:", i);
    if (KeySlot(key) % kLanes == lane && index-- == 0) return key;
  }
}

Change Set(const std::string& key, absl::string_view value) {
  Change change;
  change.kind = Change::Kind::kSet;
  change.key = key;
  change.slot = KeySlot(key);
  change.value = value;
  return change;
}

Change Delete(const std::string& key) {
  Change change;
  change.kind = Change::Kind::kDelete;
  change.key = key;
  change.slot = KeySlot(key);
  return change;
}

Change FlushAll() {
  Change change;
  change.kind = Change::Kind::kFlushDatabase;
  change.database = Change::kAllDatabases;
  return change;
}

void AppendNumber(uint64_t number, std::string* out) {
  char bytes[kVarintBytesMax];
  out->append(bytes, static_cast<size_t>(WriteVarint(number, bytes) - bytes));
}

std::string RecordOf(const std::vector<Change>& changes, uint64_t transaction = 0,
                     uint64_t lanes = 1) {
  std::string bytes;
  AppendNumber(transaction, &bytes);
  AppendNumber(lanes, &bytes);
  for (const Change& change : changes) AppendChange(change, false, &bytes);
  return bytes;
}

std::string FrameOf(FrameType type, absl::string_view payload) {
  std::string frame;
  AppendFrameHeader(type, payload, {}, &frame);
  frame.append(payload.data(), payload.size());
  return frame;
}

// The head of an entry, whose value follows.
std::string EntryOf(const Change& change) {
  std::string bytes;
  AppendChange(change, /*value_elsewhere=*/true, &bytes);
  return bytes;
}

// A replica with two lanes.
class Lanes {
 public:
  explicit Lanes(bool full_sync = false) {
    Store::Options options;
    store_ = std::make_unique<Store>(options);
    Journal::Options journal_options;
    journal_options.lane_count = kLanes;
    journal_options.first = {0, 0};
    journal_ = std::make_shared<Journal>(journal_options, &clock_);
    gate_ = std::make_shared<TransactionGate>(kLanes);
    for (int lane = 0; lane < kLanes; ++lane) {
      LaneApplier::Options applier;
      applier.lane = lane;
      applier.full_sync = full_sync;
      applier.string_bytes_max = kStringBytesMax;
      applier.store = store_.get();
      applier.counters = &store_->counters(0);
      applier.resume = [this, lane](absl::Status status) {
        resumed_.emplace_back(lane, std::move(status));
      };
      appliers_.push_back(std::make_unique<LaneApplier>(applier, journal_, gate_));
    }
  }

  // To be followed by as many of Take(lane).
  void Prepare(int lane, const std::vector<std::pair<FrameType, std::string>>& frames) {
    std::string stream;
    for (const auto& [type, payload] : frames) stream += FrameOf(type, payload);
    FrameParser& parser = parsers_[lane];
    parser.Append(std::move(stream));
    std::vector<Frame> made(frames.size());
    for (Frame& frame : made) EXPECT_TRUE(*parser.Next(&frame));
    appliers_[static_cast<size_t>(lane)]->Prepare(made);
  }

  // "applied", "waits", "sync end", "ack", or the error.
  std::string Take(int lane, FrameType type, absl::string_view payload = {}) {
    Prepare(lane, {{type, std::string(payload)}});
    return Take(lane);
  }
  std::string Take(int lane) {
    const absl::StatusOr<LaneApplier::Step> step = appliers_[static_cast<size_t>(lane)]->Take();
    if (!step.ok()) return std::string(step.status().message());
    switch (*step) {
      case LaneApplier::Step::kApplied:
        return "applied";
      case LaneApplier::Step::kWaits:
        return "waits";
      case LaneApplier::Step::kSyncEnded:
        return "sync end";
      case LaneApplier::Step::kAckWanted:
        return "ack";
    }
    return "";
  }

  std::string Get(const std::string& key) {
    const Key found = store_->MakeKey(key);
    SlotLocks locks(store_.get());
    locks.LockOne(found.slot);
    Database db(store_.get(), 0, 0, &store_->counters(0));
    Entry* const entry = db.Find(found);
    if (entry == nullptr) return "(none)";
    char scratch[Entry::kIntegerTextBytesMax];
    return std::string(entry->StringValue(scratch));
  }

  Journal& journal() { return *journal_; }
  Store& store() { return *store_; }
  std::vector<std::pair<int, absl::Status>>& resumed() { return resumed_; }

 private:
  FakeLoop loop_;
  FakeClock clock_{&loop_};
  std::unique_ptr<Store> store_;
  std::shared_ptr<Journal> journal_;
  std::shared_ptr<TransactionGate> gate_;
  std::vector<std::pair<int, absl::Status>> resumed_;
  std::vector<std::unique_ptr<LaneApplier>> appliers_;
  FrameParser parsers_[kLanes];  // have the bytes of the frames that were prepared last
};

TEST(LaneApplier, ARecordIsAppliedAndTheJournalKeepsStep) {
  Lanes lanes;
  const std::string key = KeyOfLane(1);
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(key, "a")})), "applied");
  EXPECT_EQ(lanes.Get(key), "a");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 1}));
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(key, "b"), Delete(key)})), "applied");
  EXPECT_EQ(lanes.Get(key), "(none)");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 2}));
}

TEST(LaneApplier, FramesWithoutDataAreToldApart) {
  Lanes lanes;
  EXPECT_EQ(lanes.Take(0, FrameType::kKeepAlive), "applied");
  EXPECT_EQ(lanes.Take(0, FrameType::kAckRequest), "ack");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 0}));
}

TEST(LaneApplier, FramesThatArePreparedTogetherDoWhatTheyWouldDoAlone) {
  Random random(28);
  for (int round = 0; round < 200; ++round) {
    Lanes together;
    Lanes alone;
    std::vector<std::pair<FrameType, std::string>> frames;
    for (size_t i = 0; i < LaneApplier::kFramesMax; ++i) {
      // Few keys: what is found while preparing is often gone, or new, when its turn comes.
      const std::string key = KeyOfLane(0, static_cast<int>(random.Below(4)));
      const std::string value = absl::StrCat("value ", i);
      Change set = Set(key, value);
      if (random.Chance(1, 8)) set.database = 1;
      if (random.Chance(1, 8)) set.expiry_ms = 7;
      std::string payload = RecordOf({random.Chance(1, 4) ? Delete(key) : set});
      frames.emplace_back(FrameType::kRecord, payload);
      if (random.Chance(1, 10)) frames.back() = {FrameType::kKeepAlive, ""};
    }
    together.Prepare(0, frames);
    for (const auto& [type, payload] : frames) {
      EXPECT_EQ(together.Take(0), "applied");
      EXPECT_EQ(alone.Take(0, type, payload), "applied");
    }
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(together.Get(KeyOfLane(0, i)), alone.Get(KeyOfLane(0, i)));
    }
    EXPECT_EQ(together.journal().Ends(), alone.journal().Ends());
    EXPECT_EQ(together.journal().backlog_bytes(), alone.journal().backlog_bytes());
  }
}

TEST(LaneApplier, WhatWasPreparedGoesOnAfterAWaitInWhichTheTablesChanged) {
  Lanes lanes;
  const std::string first = KeyOfLane(0);
  const std::string second = KeyOfLane(1);
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(first, "old")})), "applied");
  lanes.Prepare(0, {{FrameType::kRecord, RecordOf({Set(first, "a")}, 7, 2)},
                    {FrameType::kRecord, RecordOf({Set(first, "b")})}});
  EXPECT_EQ(lanes.Take(0), "waits");
  {
    SlotLocks locks(&lanes.store());
    locks.LockAll();
    lanes.store().Flush(Change::kAllDatabases, /*wait=*/true, &lanes.store().counters(0));
  }
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(second, "c")}, 7, 2)), "applied");
  EXPECT_EQ(lanes.Take(0), "applied");
  EXPECT_EQ(lanes.Get(first), "b");
  EXPECT_EQ(lanes.Get(second), "c");
}

TEST(LaneApplier, EntriesAreNotJournaled) {
  Lanes lanes(/*full_sync=*/true);
  const std::string key = KeyOfLane(0);
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, EntryOf(Set(key, "value")) + "value"), "applied");
  EXPECT_EQ(lanes.Get(key), "value");
  EXPECT_EQ(lanes.Take(0, FrameType::kSyncEnd), "sync end");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 0}));
}

TEST(LaneApplier, ABigValueComesInPieces) {
  Lanes lanes(/*full_sync=*/true);
  const std::string key = KeyOfLane(0);
  const std::string value(300'000, 'v');
  std::string entry = EntryOf(Set(key, value));
  entry.append(value, 0, 1000);
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, entry), "applied");
  entry.assign(entry.size(), '?');  // what was in the frame is gone
  EXPECT_EQ(lanes.Get(key), "(none)");
  for (size_t at = 1000; at < value.size(); at += 65'000) {
    const std::string piece = value.substr(at, 65'000);
    EXPECT_EQ(lanes.Take(0, FrameType::kChunk, piece), "applied");
    EXPECT_EQ(lanes.Take(0, FrameType::kKeepAlive), "applied");
  }
  EXPECT_EQ(lanes.Get(key), value);
}

TEST(LaneApplier, APromiseAllocatesNothing) {
  Lanes lanes(/*full_sync=*/true);
  const std::string key = KeyOfLane(0);
  std::string entry;
  // A value of half a terabyte.
  AppendChange(Set(key, ""), /*value_elsewhere=*/true, &entry);
  entry.pop_back();
  AppendNumber(uint64_t{1} << 39, &entry);
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, entry + "abc"), "applied");
  EXPECT_EQ(lanes.Take(0, FrameType::kChunk, "def"), "applied");
  EXPECT_EQ(lanes.Take(0, FrameType::kSyncEnd), "a full sync that ends within an entry");
}

TEST(LaneApplier, WhatDoesNotBelongInAFullSyncIsAnError) {
  const std::string key = KeyOfLane(0);
  const std::string head = EntryOf(Set(key, "value"));
  EXPECT_EQ(Lanes(false).Take(0, FrameType::kEntry, head + "value"),
            "an entry outside of a full sync");
  EXPECT_EQ(Lanes(false).Take(0, FrameType::kSyncEnd), "the end of a full sync outside of one");
  Lanes lanes(true);
  EXPECT_EQ(lanes.Take(1, FrameType::kEntry, head + "value"),
            absl::StrCat("an entry of slot ", KeySlot(key)));
  EXPECT_EQ(lanes.Take(0, FrameType::kChunk, "x"), "a piece of a value without its entry");
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, head + "values"), "a value longer than promised");
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, head + "v"), "applied");
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, head + "value"), "an entry within an entry");
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Delete(key)})), "a record within an entry");
  EXPECT_EQ(lanes.Take(0, FrameType::kChunk, ""), "an empty piece of a value");
  EXPECT_EQ(lanes.Take(0, FrameType::kChunk, "alues"), "a value longer than promised");
  EXPECT_EQ(lanes.Take(0, FrameType::kChunk, "alue"), "applied");
  EXPECT_EQ(lanes.Get(key), "value");
  EXPECT_EQ(lanes.Take(0, FrameType::kSyncEnd), "sync end");
  EXPECT_EQ(lanes.Take(0, FrameType::kEntry, head + "value"), "an entry outside of a full sync");
}

TEST(LaneApplier, ARecordOfAnotherLaneIsAnError) {
  Lanes lanes;
  const std::string key = KeyOfLane(1);
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(key, "a")})),
            absl::StrCat("a change of slot ", KeySlot(key)));
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({FlushAll()})),
            "a change of all slots that is not in all lanes");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 0}));
}

TEST(LaneApplier, AStringThatFewBytesMakeHugeIsAnError) {
  Lanes lanes;
  const std::string key = KeyOfLane(0);
  Change change;
  change.kind = Change::Kind::kWriteRange;
  change.key = key;
  change.slot = KeySlot(key);
  change.size = kStringBytesMax + 1;
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({change})),
            "a string of 1048577 bytes, where 1048576 are allowed (proto_max_bulk_len)");
  change.size = kStringBytesMax;
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({change})), "applied");
  EXPECT_EQ(lanes.Get(key).size(), kStringBytesMax);
}

TEST(LaneApplier, NothingOfATransactionIsSeenBeforeAllOfIt) {
  Lanes lanes;
  const std::string first = KeyOfLane(0);
  const std::string second = KeyOfLane(1);
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(second, "b")}, 7, 2)), "waits");
  EXPECT_EQ(lanes.Get(second), "(none)");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{0, 0}));
  EXPECT_TRUE(lanes.resumed().empty());
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(first, "a")}, 7, 2)), "applied");
  EXPECT_EQ(lanes.Get(first), "a");
  EXPECT_EQ(lanes.Get(second), "b");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{1, 1}));
  ASSERT_EQ(lanes.resumed().size(), 1u);
  EXPECT_EQ(lanes.resumed()[0].first, 1);
  EXPECT_TRUE(lanes.resumed()[0].second.ok());
}

TEST(LaneApplier, AFlushIsDoneOnceAndInItsPlace) {
  Lanes lanes;
  const std::string old_key = KeyOfLane(1);
  const std::string kept = KeyOfLane(1, 1);
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(old_key, "old")})), "applied");
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord,
                       RecordOf({Set(old_key, "x"), FlushAll(), Set(kept, "new")}, 9, 2)),
            "waits");
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({}, 9, 2)), "applied");
  EXPECT_EQ(lanes.Get(old_key), "(none)");
  EXPECT_EQ(lanes.Get(kept), "new");
  EXPECT_EQ(lanes.journal().Ends(), (Positions{1, 2}));
}

TEST(LaneApplier, PartsThatDoNotFitTogetherAreErrors) {
  const std::string first = KeyOfLane(0);
  const std::string second = KeyOfLane(1);
  {
    Lanes lanes;
    EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(first, "a")}, 7, 3)),
              "transaction 7 in 3 of 2 lanes");
    EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(first, "a")}, 7, 2)), "waits");
    EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({Set(first, "a")}, 7, 2)),
              "transaction 7 does not fit together");
  }
  Lanes lanes;
  EXPECT_EQ(lanes.Take(0, FrameType::kRecord, RecordOf({FlushAll()}, 7, 2)), "waits");
  EXPECT_EQ(lanes.Take(1, FrameType::kRecord, RecordOf({Set(second, "b")}, 7, 2)),
            "changes beside a change of all slots");
  ASSERT_EQ(lanes.resumed().size(), 1u);
  EXPECT_FALSE(lanes.resumed()[0].second.ok());
}

// A stream as an honest master sends it, with a few bytes of its payloads changed, frames left out,
// doubled or exchanged; checksums are right, so that all of it gets past the parser.
class NonsenseStream {
 public:
  explicit NonsenseStream(Random* random) : random_(*random) {}

  std::string Payload(int lane) {
    const std::string key = KeyOfLane(lane, static_cast<int>(random_.Below(3)));
    const std::string value(random_.Below(40), 'v');
    switch (random_.Below(6)) {
      case 0:
        type_ = FrameType::kEntry;
        return EntryOf(Set(key, value)) + value.substr(0, random_.Below(value.size() + 1));
      case 1:
        type_ = FrameType::kChunk;
        return value;
      case 2:
        type_ = random_.Chance(1, 4) ? FrameType::kSyncEnd : FrameType::kKeepAlive;
        return "";
      case 3:
        type_ = FrameType::kRecord;
        return RecordOf({Set(key, value)}, 1 + random_.Below(3), 2);
      case 4:
        type_ = FrameType::kRecord;
        return RecordOf({FlushAll()}, 1 + random_.Below(3), 2);
      default:
        type_ = FrameType::kRecord;
        return RecordOf({Set(key, value), Delete(key)});
    }
  }

  std::string Next(int lane) {
    std::string payload = Payload(lane);
    for (uint64_t left = random_.Below(3); left > 0 && !payload.empty(); --left)
      payload[random_.Below(payload.size())] = static_cast<char>(random_.Next());
    std::string frame = FrameOf(type_, payload);
    // Now and then not even that is right.
    if (random_.Chance(1, 20)) frame[random_.Below(frame.size())] ^= 1;
    return frame;
  }

 private:
  Random& random_;
  FrameType type_ = FrameType::kKeepAlive;
};

TEST(LaneApplier, AFalseMasterGetsAnErrorOrItsWillAndNeverACrash) {
  Random random(20240607);
  NonsenseStream stream(&random);
  int errors = 0;
  int applied = 0;
  for (int round = 0; round < 100; ++round) {
    Lanes lanes(/*full_sync=*/round % 2 == 0);
    for (int link = 0; link < 1000; ++link) {
      const int lane = static_cast<int>(random.Below(kLanes));
      FrameParser parser;
      for (int frames = 0; frames < 4; ++frames) {
        parser.Append(stream.Next(lane));
        Frame frame{};
        const absl::StatusOr<bool> more = parser.Next(&frame);
        if (!more.ok() || !*more) break;
        const std::string outcome = lanes.Take(lane, frame.type, frame.payload);
        if (outcome == "waits") break;
        ++(outcome == "applied" ? applied : errors);
      }
    }
  }
  EXPECT_GT(errors, 10'000);
  EXPECT_GT(applied, 10'000);
}

}  // namespace
}  // namespace damselfly
