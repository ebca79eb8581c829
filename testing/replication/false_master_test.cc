// Replicas that are led astray: a master that answers with garbage, stops in the middle, or sends
// frames that are right in form and wrong in what they say. The replica logs it, drops the link,
// and is none the worse.

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/runtime/random.h"
#include "testing/harness/client.h"
#include "testing/harness/process_memory.h"
#include "testing/harness/server_process.h"
#include "testing/replication/false_master.h"

namespace damselfly {
namespace {

using Ending = FalseScript::Ending;

constexpr int kLanes = 3;
constexpr int64_t kMemoryGrowthMax = kKeepsFreedMemory ? 2000 << 20 : 64 << 20;
constexpr absl::string_view kLoading = "-LOADING Damselfly is loading the dataset in memory\r\n";

std::string RandomBytes(Random& random, size_t size_max) {
  std::string bytes(random.Below(size_max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

std::string FrameOf(FrameType type, absl::string_view payload) {
  std::string bytes;
  AppendFrameHeader(type, payload, "", &bytes);
  return absl::StrCat(bytes, payload);
}

std::string KeyOfLane(Random& random, int lane) {
  while (true) {
    std::string key = absl::StrCat("key:", random.Below(100000));
    if (KeySlot(key) % kLanes == lane) return key;
  }
}

// A change in words that the parser takes, most of the time in the right lane.
std::string RandomChange(Random& random, int lane) {
  const std::string key = random.Chance(1, 20) ? RandomBytes(random, 40) : KeyOfLane(random, lane);
  const std::string value = RandomBytes(random, random.Chance(1, 10) ? 5000 : 50);
  Change change;
  change.kind = static_cast<Change::Kind>(random.Between(1, 5));
  change.form = static_cast<Change::Form>(random.Between(1, 3));
  change.database = static_cast<int>(random.Below(16));
  change.other_database = static_cast<int>(random.Below(16));
  change.key = key;
  change.slot = KeySlot(key);
  change.value = value;
  change.integer = static_cast<int64_t>(random.Next());
  change.expiry_ms = random.Chance(1, 2) ? -1 : random.Between(0, INT64_C(1) << 50);
  if (random.Chance(1, 30)) {
    change.kind = Change::Kind::kFlushSlot;
    change.slot = static_cast<uint16_t>(random.Below(16384));
  } else if (random.Chance(1, 30)) {
    change.kind = Change::Kind::kFlushDatabase;
  } else if (random.Chance(1, 30)) {
    change.kind = Change::Kind::kSwapDatabases;
  }
  if (change.kind == Change::Kind::kExpireAt) change.expiry_ms = random.Between(0, 1 << 30);
  change.offset = random.Below(300);
  change.size = change.offset + value.size();
  // A master may make long strings. Only longer ones than there can be are nonsense.
  if (random.Chance(1, 20)) change.size = random.Below(1 << 20);
  if (random.Chance(1, 20)) change.size = random.Next() | uint64_t{1} << 33;
  std::string bytes;
  AppendChange(change, false, &bytes);
  return bytes;
}

void AppendNumber(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

std::string RandomRecord(Random& random, int lane) {
  std::string bytes;
  if (random.Chance(1, 10)) {
    // A transaction, whose other parts may never come.
    AppendNumber(random.Below(5), &bytes);
    AppendNumber(random.Below(kLanes + 2), &bytes);
  } else {
    AppendNumber(0, &bytes);
    AppendNumber(1, &bytes);
  }
  for (uint64_t i = 0; i <= random.Below(4); ++i) bytes += RandomChange(random, lane);
  // Lengths, kinds and databases that nobody would write.
  if (random.Chance(1, 4) && !bytes.empty())
    bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
  if (random.Chance(1, 20)) bytes = RandomBytes(random, 100);
  if (random.Chance(1, 20)) bytes.resize(random.Below(bytes.size() + 1));
  return bytes;
}

std::string EntryOf(absl::string_view key, absl::string_view value, uint64_t promised_bytes) {
  Change change;
  change.kind = Change::Kind::kSet;
  change.key = key;
  change.slot = KeySlot(key);
  const std::string length_only(promised_bytes, '\0');
  change.value = length_only;
  std::string head;
  AppendChange(change, true, &head);
  return FrameOf(FrameType::kEntry, absl::StrCat(head, value));
}

// Frames whose checksums are right, in an order that makes sense or not.
std::string RandomFrames(Random& random, int lane) {
  std::string bytes;
  for (uint64_t count = random.Below(8); count > 0; --count) {
    switch (random.Below(8)) {
      case 0:
        bytes += FrameOf(FrameType::kSyncEnd, "");
        break;
      case 1:
        bytes += FrameOf(FrameType::kChunk, RandomBytes(random, 100));
        break;
      case 2:
        bytes += FrameOf(random.Chance(1, 2) ? FrameType::kAckRequest : FrameType::kKeepAlive, "");
        break;
      case 3: {
        const std::string value = RandomBytes(random, 300);
        bytes += EntryOf(KeyOfLane(random, random.Chance(1, 10) ? 0 : lane), value,
                         random.Chance(1, 3) ? random.Below(100000) : value.size());
        break;
      }
      case 4:
        bytes += FrameOf(FrameType::kEntry, RandomBytes(random, 60));
        break;
      default:
        bytes += FrameOf(FrameType::kRecord, RandomRecord(random, lane));
    }
  }
  return bytes;
}

// Right frames, cut off or with a wrong bit somewhere, or what never was a frame.
std::string DamagedFrames(Random& random, int lane) {
  if (random.Chance(1, 4)) return RandomBytes(random, 3000);
  std::string bytes = EntryOf(KeyOfLane(random, lane), "value", 5);
  bytes += RandomFrames(random, lane);
  if (random.Chance(1, 2)) {
    bytes.resize(random.Below(bytes.size() + 1));
  } else {
    bytes[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
  }
  return bytes;
}

// Replies that are no replies, errors, or replies to something else.
std::string FalseReply(Random& random) {
  static constexpr absl::string_view kReplies[] = {
      "",
      "\r\n",
      "+",
      "-\r\n",
      "-ERR no\r\n",
      "-LOADING Damselfly is loading the dataset in memory\r\n",
      "-NOAUTH Authentication required.\r\n",
      ":\r\n",
      ":99999999999999999999999\r\n",
      "$-2\r\n",
      "$99999999999\r\nx",
      "$4\r\nPONGxx",
      "*-5\r\n",
      "*4000000000\r\n",
      "*4\r\n$4\r\nFULL\r\n$40\r\nshort\r\n",
      "*4\r\n$4\r\nFULL\r\n$3\r\nabc\r\n:1\r\n:2\r\n",
      "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n",
      "*3\r\n:0\r\n:0\r\n:-1\r\n",
      "*3\r\n:0\r\n:0\r\n",
      "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n",
      "*0\r\n",
      "_\r\n",
      "%1\r\n+a\r\n+b\r\n",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
  };
  const uint64_t which = random.Below(std::size(kReplies) + 4);
  if (which < std::size(kReplies)) return std::string(kReplies[which]);
  if (which == std::size(kReplies)) return std::string(200000, 'x');
  return RandomBytes(random, 300);
}

std::string SyncReply(absl::string_view kind, absl::string_view id, int64_t lanes) {
  return absl::StrCat("*4\r\n$", kind.size(), "\r\n", kind, "\r\n$", id.size(), "\r\n", id,
                      "\r\n:7\r\n:", lanes, "\r\n");
}

class FalseMasters : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly({"--threads=2", "--master_connect_timeout_ms=300"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = *Client::Connect(server_->port());
    for (int i = 0; i < 500; ++i)
      client_->Run({"SET", absl::StrCat("mine:", i), absl::StrCat("value ", i)});
    digest_ = Digest();
    ASSERT_EQ(digest_.size(), 43u) << digest_;
    resident_bytes_ = ResidentBytes(server_->process_id());
  }
  void TearDown() override {
    client_.reset();
    EXPECT_EQ(server_->Stop(15), 0) << server_->Log();
  }

  std::string Digest() { return client_->Run({"DEBUG", "DIGEST"}); }

  // Leads the server into the script, and waits for the end of it.
  std::string Play(FalseScript script) {
    script.lane_count = kLanes;
    master_.Play(std::move(script));
    const std::string reply =
        client_->Run({"REPLICAOF", "127.0.0.1", absl::StrCat(master_.port())});
    EXPECT_TRUE(reply == "+OK\r\n" || absl::StartsWith(reply, "-ERR could not ")) << reply;
    if (reply == "+OK\r\n") master_.WaitUntilPlayed(400);
    return reply;
  }

  void ExpectSound(uint64_t seed) {
    ASSERT_TRUE(server_->IsRunning()) << seed << server_->Log();
    const std::string reply = client_->Run({"PING"});
    ASSERT_TRUE(reply == "+PONG\r\n" || reply == kLoading) << seed << reply;
    ASSERT_LT(ResidentBytes(server_->process_id()), resident_bytes_ + kMemoryGrowthMax) << seed;
  }

  // The server becomes the replica of a real master, and gets all that it has.
  void ExpectRealSyncWorks() {
    auto master = *ServerProcess::StartDamselfly({"--threads=4"});
    auto at_master = *Client::Connect(master->port());
    for (int i = 0; i < 1000; ++i) at_master->Run({"SET", absl::StrCat("real:", i), "value"});
    ASSERT_EQ(client_->Run({"REPLICAOF", "127.0.0.1", absl::StrCat(master->port())}), "+OK\r\n");
    const std::string wanted = at_master->Run({"DEBUG", "DIGEST"});
    for (int i = 0; i < 400 && (client_->Run({"PING"}) != "+PONG\r\n" || Digest() != wanted); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(Digest(), wanted) << server_->Log();
    ASSERT_EQ(client_->Run({"REPLICAOF", "NO", "ONE"}), "+OK\r\n");
    EXPECT_EQ(client_->Run({"SET", "key", "value"}), "+OK\r\n");
  }

  FalseMaster master_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
  std::string digest_;
  int64_t resident_bytes_ = 0;
};

Ending RandomEnding(Random& random) {
  return random.Chance(1, 8) ? Ending::kWait
                             : (random.Chance(1, 3) ? Ending::kReset : Ending::kClose);
}

TEST_F(FalseMasters, WhoGreetsFalselyChangesNeitherDataNorRole) {
  for (uint64_t seed = 1; seed <= 800; ++seed) {
    Random random(seed);
    FalseScript script;
    script.replies[random.Chance(1, 2) ? "PING" : "REPLCONF"] = FalseReply(random);
    script.ending = RandomEnding(random);
    Play(std::move(script));
    if (seed % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
      ASSERT_EQ(Digest(), digest_) << seed;
    }
  }
  EXPECT_EQ(client_->Run({"REPLICAOF", "NO", "ONE"}), "+OK\r\n");
  EXPECT_EQ(Digest(), digest_);
  ExpectRealSyncWorks();
}

TEST_F(FalseMasters, BeforeAFullSyncIsAgreedTheDataIsUntouched) {
  for (uint64_t seed = 1; seed <= 800; ++seed) {
    Random random(seed);
    FalseScript script;
    script.replies["DFLY SYNC"] =
        random.Chance(1, 3)
            ? SyncReply(random.Chance(1, 2) ? "PARTIAL" : "SOMETHING", std::string(40, 'a'),
                        random.Between(-1, 5))
            : (random.Chance(1, 3)
                   ? SyncReply("FULL", std::string(40, random.Chance(1, 2) ? 'z' : 'G'), kLanes)
                   : FalseReply(random));
    if (random.Chance(1, 10)) {
      script.replies["DFLY SYNC"] = SyncReply(
          "FULL", std::string(40, 'a'), random.Chance(1, 2) ? random.Between(-9, 0) : 1000000);
    }
    script.ending = RandomEnding(random);
    Play(std::move(script));
    if (seed % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
      ASSERT_EQ(Digest(), digest_) << seed << server_->Log();
    }
  }
  EXPECT_GT(master_.Count("DFLY SYNC"), 400);
  EXPECT_EQ(client_->Run({"REPLICAOF", "NO", "ONE"}), "+OK\r\n");
  EXPECT_EQ(Digest(), digest_);
  ExpectRealSyncWorks();
}

TEST_F(FalseMasters, WhatBreaksAFullSyncLeavesTheReplicaLoading) {
  for (uint64_t seed = 1; seed <= 1200; ++seed) {
    Random random(seed);
    FalseScript script;
    const uint64_t stage = random.Below(10);
    if (stage == 0) {
      script.replies["DFLY FLOW"] = FalseReply(random);
    } else if (stage == 1) {
      script.replies["DFLY START"] = FalseReply(random);
    }
    // One lane at least does not come to its end.
    for (int lane = 0; lane < kLanes; ++lane) {
      script.flows.push_back(DamagedFrames(random, lane));
      if (random.Chance(1, 5)) {
        script.flows.back() = random.Chance(1, 2) ? "" : FrameOf(FrameType::kSyncEnd, "");
      }
    }
    script.flows[random.Below(kLanes)] = RandomBytes(random, 2);
    script.ending = RandomEnding(random);
    Play(std::move(script));
    if (seed % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
      EXPECT_EQ(client_->Run({"GET", "mine:1"}), kLoading) << seed;
    }
  }
  EXPECT_GT(master_.Count("DFLY START"), 800);
  ExpectRealSyncWorks();
}

TEST_F(FalseMasters, RightFramesWithWrongRecordsAreAppliedOrRefusedAndNothingElse) {
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    FalseScript script;
    for (int lane = 0; lane < kLanes; ++lane) {
      std::string flow;
      for (uint64_t i = random.Below(3); i > 0; --i)
        flow += EntryOf(KeyOfLane(random, lane), "value", 5);
      flow += FrameOf(FrameType::kSyncEnd, "");
      script.flows.push_back(flow + RandomFrames(random, lane));
    }
    script.ending = RandomEnding(random);
    Play(std::move(script));
    if (seed % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
    }
  }
  EXPECT_GT(master_.Count("DFLY START"), 1200);
  ExpectRealSyncWorks();
}

TEST_F(FalseMasters, PromisesOfLongValuesCostNoMemory) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    FalseScript script;
    script.ending = Ending::kWait;
    const std::string long_record = FrameOf(FrameType::kRecord, std::string(1000, 'x'));
    for (int lane = 0; lane < kLanes; ++lane) {
      std::string flow;
      switch (random.Below(3)) {
        case 0:  // An entry of 100 MB of which little comes.
          flow = EntryOf(KeyOfLane(random, lane), "begin", 100 << 20);
          break;
        case 1:  // A record of nearly 4 GB.
          flow = std::string("R\xff\xff\xff\xff\x0f\x01\x02\x03\x04", 10) + "begin";
          break;
        default: {  // A range of a string that is longer than any can be.
          Change change;
          const std::string key = KeyOfLane(random, lane);
          change.kind = Change::Kind::kWriteRange;
          change.key = key;
          change.slot = KeySlot(key);
          change.value = "x";
          change.offset = 0;
          change.size = uint64_t{1} << random.Between(30, 63);
          std::string record;
          AppendNumber(0, &record);
          AppendNumber(1, &record);
          AppendChange(change, false, &record);
          flow = FrameOf(FrameType::kSyncEnd, "") + FrameOf(FrameType::kRecord, record);
        }
      }
      script.flows.push_back(flow);
    }
    Play(std::move(script));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
  }
  ExpectRealSyncWorks();
}

}  // namespace
}  // namespace damselfly
