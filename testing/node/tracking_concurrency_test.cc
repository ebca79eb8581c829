// Client-side caching and key events with real threads: 4 workers, clients on all of them that keep
// what they read until they are told to forget it. Who is told key by key reads nothing new of a
// key before it is told, and at rest no cache holds what is not so any more. Run under
// --config=tsan it also shows that the locks cover what they must.

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "server/runtime/random.h"
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kKeys = 60;
constexpr int kWriters = 4;
constexpr int kWrites = 1500;  // of each writer
constexpr int kBatch = 8;      // reads sent together
constexpr int kRestless = 4;

std::string KeyName(uint64_t number) { return absl::StrCat("k", number); }

// A client of RESP3 with a cache of what it has read.
class CachingClient {
 public:
  // `is_told_first`: before it can read what is newer than what it keeps. Broadcasts come later.
  CachingClient(std::unique_ptr<Client> client, bool is_told_first)
      : client_(std::move(client)), is_told_first_(is_told_first) {}

  Client& client() { return *client_; }
  // Values in wire form.
  const std::map<std::string, std::string>& cache() const { return cache_; }

  void Read(Random& random) {
    const bool at_once = random.Below(2) == 0;
    std::string bytes;
    std::vector<std::string> keys;
    if (at_once) AppendCommand(&bytes, {"MULTI"});
    for (int i = 0; i < kBatch; ++i) {
      keys.push_back(KeyName(random.Below(kKeys)));
      AppendCommand(&bytes, {"GET", keys.back()});
    }
    if (at_once) AppendCommand(&bytes, {"EXEC"});
    ASSERT_TRUE(client_->Send(bytes).ok());
    if (!at_once) {
      for (const std::string& key : keys) Keep(key, NextReply());
      return;
    }
    for (int i = 0; i <= kBatch; ++i) NextReply();  // OK, and what is queued
    const std::string replies = NextReply();
    const std::vector<absl::string_view> values = SplitElements(replies);
    ASSERT_EQ(values.size(), keys.size()) << replies;
    for (size_t i = 0; i < keys.size(); ++i) Keep(keys[i], std::string(values[i]));
  }

  // Whatever was on its way has been heard of.
  void Ping() {
    ASSERT_TRUE(client_->Send("PING\r\n").ok());
    EXPECT_EQ(NextReply(), "+PONG\r\n");
  }

 private:
  // A key that is found to have expired may go by this very read, and be told of behind it.
  void Keep(const std::string& key, std::string value) {
    const auto [entry, is_new] = cache_.try_emplace(key, value);
    if (is_new) return;
    if (is_told_first_ && value != "_\r\n") {
      EXPECT_EQ(value, entry->second) << "of " << key << " without having been told";
    }
    entry->second = std::move(value);
  }

  // The next reply, after the invalidations that stand before it.
  std::string NextReply() {
    while (true) {
      auto reply = client_->ReadReply();
      if (!reply.ok()) {
        ADD_FAILURE() << reply.status();
        return "";
      }
      if ((*reply)[0] != '>') return *std::move(reply);
      Forget(*reply);
    }
  }

  void Forget(absl::string_view push) {
    const std::vector<absl::string_view> parts = SplitElements(push);
    ASSERT_EQ(parts[0], "$10\r\ninvalidate\r\n");
    if (parts[1] == "_\r\n") return cache_.clear();
    for (absl::string_view key : SplitElements(parts[1])) {
      const size_t begin = key.find("\r\n") + 2;
      cache_.erase(std::string(key.substr(begin, key.size() - begin - 2)));
    }
  }

  std::unique_ptr<Client> client_;
  const bool is_told_first_;
  std::map<std::string, std::string> cache_;
};

class TrackingConcurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly(
        {"--threads=4", "--notify_keyspace_events=KEA", "--tracking_table_max_keys=40"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void TearDown() override { EXPECT_EQ(server_->Stop(15), 0) << server_->Log(); }

  std::unique_ptr<Client> Connect(bool resp3 = false) {
    auto client = Client::Connect(server_->port());
    EXPECT_TRUE(client.ok()) << client.status();
    if (resp3) {
      EXPECT_EQ((*client)->Run({"HELLO", "3"})[0], '%');
    }
    return *std::move(client);
  }

  void Write(uint64_t seed) {
    Random random(seed);
    auto client = Connect();
    for (int i = 0; i < kWrites; ++i) {
      const std::string key = KeyName(random.Below(kKeys));
      const std::string other = KeyName(random.Below(kKeys));
      const std::string value = absl::StrCat(seed, ":", i);
      std::string reply;
      switch (random.Below(8)) {
        case 0:
          reply = client->Run({"DEL", key, other});
          break;
        case 1:
          reply = client->Run({"SET", key, value, "PX", "30"});
          break;
        case 2:
          reply = client->Run({"MSET", key, value, other, value});
          break;
        case 3:
          reply = i % 200 == 0 ? client->Run({"FLUSHALL"}) : client->Run({"APPEND", key, "x"});
          break;
        default:
          reply = client->Run({"SET", key, value});
      }
      ASSERT_NE(reply[0], '-') << reply;
    }
  }

  // Tracks in changing ways, and leaves.
  void ComeAndGo(uint64_t seed) {
    static constexpr absl::string_view kWays[] = {
        "CLIENT TRACKING ON BCAST PREFIX k1 PREFIX k2\r\n", "CLIENT TRACKING ON\r\n",
        "CLIENT TRACKING ON NOLOOP\r\n"};
    Random random(seed);
    while (!done_) {
      const uint64_t way = random.Below(3);
      CachingClient client(Connect(/*resp3=*/true), /*is_told_first=*/way > 0);
      ASSERT_EQ((*client.client().Exchange(kWays[way], 1))[0], "+OK\r\n");
      for (uint64_t reads = random.Below(20); reads > 0 && !done_; --reads) client.Read(random);
    }
  }

  // Until no cache holds anything that is not so, which must come to pass.
  void ExpectCoherent(std::vector<std::unique_ptr<CachingClient>>& readers) {
    auto client = Connect();
    std::string stale;
    for (int attempt = 0; attempt < 100; ++attempt) {
      stale.clear();
      for (size_t i = 0; i < readers.size(); ++i) {
        readers[i]->Ping();
        for (const auto& [key, value] : readers[i]->cache()) {
          std::string now = client->Run({"GET", key});
          if (now == "$-1\r\n") now = "_\r\n";
          if (now != value) absl::StrAppend(&stale, i, " has ", key, " ", value, " not ", now);
        }
      }
      if (stale.empty()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    FAIL() << stale;
  }

  std::unique_ptr<ServerProcess> server_;
  std::atomic<bool> done_{false};
};

TEST_F(TrackingConcurrency, NoCacheIsStaleAtRest) {
  auto subscriber = Connect();
  ASSERT_TRUE(subscriber->Exchange("PSUBSCRIBE __key*\r\n", 1).ok());
  std::thread listening([&] {
    while (true) {
      auto message = subscriber->ReadReply();
      ASSERT_TRUE(message.ok()) << message.status() << server_->Log();
      if (absl::StrContains(*message, "__keyfence__")) return;
    }
  });

  static constexpr absl::string_view kWays[] = {
      "CLIENT TRACKING ON\r\n", "CLIENT TRACKING ON NOLOOP\r\n", "CLIENT TRACKING ON BCAST\r\n"};
  std::vector<std::unique_ptr<CachingClient>> readers;
  for (size_t i = 0; i < 9; ++i) {
    readers.push_back(
        std::make_unique<CachingClient>(Connect(/*resp3=*/true), /*is_told_first=*/i % 3 < 2));
    ASSERT_EQ((*readers.back()->client().Exchange(kWays[i % 3], 1))[0], "+OK\r\n");
  }
  std::vector<std::thread> reading, writing, restless;
  for (size_t i = 0; i < readers.size(); ++i) {
    reading.emplace_back([this, i, &readers] {
      Random random(100 + i);
      while (!done_) readers[i]->Read(random);
    });
  }
  for (uint64_t i = 0; i < kRestless; ++i) restless.emplace_back([this, i] { ComeAndGo(i + 1); });
  for (uint64_t i = 0; i < kWriters; ++i) writing.emplace_back([this, i] { Write(i + 1); });
  for (std::thread& thread : writing) thread.join();
  done_ = true;
  for (std::thread& thread : reading) thread.join();
  for (std::thread& thread : restless) thread.join();
  ExpectCoherent(readers);
  EXPECT_EQ(Connect()->Run({"PUBLISH", "__keyfence__", ""}), ":1\r\n");
  listening.join();
}

}  // namespace
}  // namespace damselfly
