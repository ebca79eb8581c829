// maxmemory: memory stays bounded under every policy, errors are redis-server's, and what is kept
// is worth as much as what redis-server keeps.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "server/runtime/random.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr absl::string_view kOom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

// A number of INFO.
int64_t Info(Client& client, absl::string_view field) {
  const std::string text = client.Run({"INFO", "everything"});
  const std::string begin = absl::StrCat("\n", field, ":");
  const size_t at = text.find(begin);
  if (at == text.npos) return -1;
  const size_t from = at + begin.size();
  int64_t value = -1;
  EXPECT_TRUE(absl::SimpleAtoi(text.substr(from, text.find('\r', from) - from), &value));
  return value;
}

int64_t KeyCount(Client& client) {
  int64_t count = -1;
  const std::string reply = client.Run({"DBSIZE"});
  EXPECT_TRUE(absl::SimpleAtoi(absl::string_view(reply).substr(1), &count)) << reply;
  return count;
}

void Configure(Client& client, absl::string_view name, absl::string_view value) {
  EXPECT_EQ(client.Run({"CONFIG", "SET", name, value}), "+OK\r\n");
}

// Commands that are sent together.
class Batch {
 public:
  void Add(std::initializer_list<absl::string_view> args) {
    AppendCommand(&bytes_, args);
    ++count_;
  }
  size_t size() const { return count_; }
  std::vector<std::string> Run(Client& client) {
    auto replies = client.Exchange(std::exchange(bytes_, {}), std::exchange(count_, 0));
    EXPECT_TRUE(replies.ok()) << replies.status();
    return replies.ok() ? *std::move(replies) : std::vector<std::string>();
  }

 private:
  std::string bytes_;
  size_t count_ = 0;
};

// ---- Bounds ----

// Sets `count` keys with values of 200 bytes, every second one with a deadline. Returns how many
// were taken; all others must have met with the error.
int Fill(Client& client, int count) {
  int taken = 0;
  const std::string value(200, 'v');
  Batch batch;
  for (int i = 0; i < count; ++i) {
    if (i % 2 == 0) {
      batch.Add({"SET", absl::StrCat("key:", i), value});
    } else {
      batch.Add({"SET", absl::StrCat("key:", i), value, "EX", "1000"});
    }
    if (batch.size() < 100 && i + 1 < count) continue;
    for (const std::string& reply : batch.Run(client)) {
      if (reply == "+OK\r\n") {
        ++taken;
      } else {
        EXPECT_EQ(reply, kOom);
      }
    }
  }
  return taken;
}

TEST(Eviction, MemoryStaysBoundedUnderEveryPolicy) {
  constexpr int64_t kLimit = 8 * kMiB;
  constexpr int kKeys = 100000;  // some 25 MiB
  for (const absl::string_view policy :
       {"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru",
        "volatile-lfu", "volatile-random", "volatile-ttl"}) {
    auto server = *ServerProcess::StartDamselfly(
        {"--threads=2", "--maxmemory=8mb", absl::StrCat("--maxmemory_policy=", policy)});
    auto client = *Client::Connect(server->port());
    const int taken = Fill(*client, kKeys);
    const int64_t used = Info(*client, "used_memory");
    EXPECT_LT(used, kLimit + 256 * 1024) << policy;
    EXPECT_GT(used, kLimit - kMiB) << policy;
    const int64_t evicted = Info(*client, "evicted_keys");
    EXPECT_EQ(KeyCount(*client), taken - evicted) << policy;
    if (policy == "noeviction") {
      EXPECT_LT(taken, 40000);
      EXPECT_EQ(evicted, 0);
    } else if (policy.substr(0, 7) == "allkeys") {
      EXPECT_EQ(taken, kKeys) << policy;
    } else {
      // In the end there are only keys without deadlines, and they fill the memory.
      EXPECT_EQ(Info(*client, "total_error_replies"), kKeys - taken) << policy;
      EXPECT_EQ(evicted, Info(*client, "evicted_keys"));
      EXPECT_GT(evicted, 1000) << policy;
    }
    EXPECT_EQ(Info(*client, "maxmemory"), kLimit);
    EXPECT_EQ(server->Stop(15), 0) << server->Log();
  }
}

// ---- Errors ----

TEST(Eviction, RefusesWhatRedisRefuses) {
  auto ours = *ServerProcess::StartDamselfly({"--threads=2"});
  auto theirs = *ServerProcess::StartRedis({});
  auto our_client = *Client::Connect(ours->port());
  auto their_client = *Client::Connect(theirs->port());
  const auto expect_same = [&](const std::vector<std::string>& args) {
    const std::string expected = their_client->Run(args);
    EXPECT_EQ(our_client->Run(args), expected) << args[0] << " " << args[1 % args.size()];
  };
  using Args = std::vector<std::string>;
  for (const Args& args : std::vector<Args>{{"SET", "string", "10"},
                                            {"SET", "other", "x"},
                                            {"MULTI"},
                                            {"SET", "queued", "before"},
                                            {"CONFIG", "SET", "maxmemory", "1"},
                                            {"EXEC"},
                                            {"GET", "queued"}}) {
    expect_same(args);
  }
  for (const Args& args : std::vector<Args>{{"SET", "string", "11"},
                                            {"SET", "string"},
                                            {"SETEX", "string", "0", "x"},
                                            {"APPEND", "string", "1"},
                                            {"INCR", "string"},
                                            {"INCR", "other"},
                                            {"SETRANGE", "string", "1", "0"},
                                            {"SETBIT", "string", "1", "0"},
                                            {"MSET", "a", "1", "b", "2"},
                                            {"BITOP", "NOT", "a", "string"},
                                            {"COPY", "string", "copied"},
                                            {"GETSET", "string", "12"},
                                            {"GET", "string"},
                                            {"STRLEN", "string"},
                                            {"GETDEL", "other"},
                                            {"EXPIRE", "string", "1000"},
                                            {"PERSIST", "string"},
                                            {"RENAME", "string", "renamed"},
                                            {"RENAME", "renamed", "string"},
                                            {"EXISTS", "string", "copied"},
                                            {"PUBLISH", "channel", "message"},
                                            {"MULTI"},
                                            {"GET", "string"},
                                            {"SET", "string", "1"},
                                            {"EXEC"},
                                            {"MULTI"},
                                            {"DISCARD"},
                                            {"MULTI"},
                                            {"EXEC"},
                                            {"NOSUCHCOMMAND"},
                                            {"DEL", "string"},
                                            {"CONFIG", "SET", "maxmemory", "0"},
                                            {"SET", "string", "13"},
                                            {"MULTI"},
                                            {"GET", "string"},
                                            {"CONFIG", "SET", "maxmemory", "1"},
                                            {"SET", "string", "14"},
                                            {"EXEC"},
                                            {"CONFIG", "SET", "maxmemory", "0"},
                                            {"GET", "string"}}) {
    expect_same(args);
  }
  EXPECT_EQ(ours->Stop(15), 0) << ours->Log();
}

// ---- What is kept ----

// The same sequence of Zipf-distributed keys for all.
class ZipfKeys {
 public:
  ZipfKeys(int count, double exponent) : random_(3) {
    double sum = 0;
    for (int i = 1; i <= count; ++i) sums_.push_back(sum += std::pow(i, -exponent));
  }
  std::string Next() {
    const double at = static_cast<double>(random_.Next() >> 11) * 0x1p-53 * sums_.back();
    const auto found = std::lower_bound(sums_.begin(), sums_.end(), at);
    return absl::StrCat("key:", found - sums_.begin());
  }

 private:
  Random random_;
  std::vector<double> sums_;
};

struct CacheResult {
  double hit_rate = 0;  // percent
  int64_t keys = 0;
};

// Uses the server as a cache of about `capacity` keys: reads, and sets what it has not found. The
// first fifth of the accesses does not count.
CacheResult UseAsCache(ServerProcess& server, absl::string_view policy, int capacity,
                       int accesses) {
  auto client = *Client::Connect(server.port());
  Configure(*client, "maxmemory", "0");
  Configure(*client, "maxmemory-policy", policy);
  client->Run({"FLUSHALL", "SYNC"});
  const std::string value(100, 'v');
  Batch batch;
  for (int i = 0; i < capacity; ++i) {
    batch.Add({"SET", absl::StrCat("fill:", i), value});
    if (batch.size() == 100) batch.Run(*client);
  }
  batch.Run(*client);
  Configure(*client, "maxmemory", absl::StrCat(Info(*client, "used_memory")));

  ZipfKeys keys(5 * capacity, 0.9);
  int hits = 0;
  int counted = 0;
  for (int done = 0; done < accesses;) {
    std::vector<std::string> asked;
    for (; asked.size() < 16; ++done) {
      asked.push_back(keys.Next());
      batch.Add({"GET", asked.back()});
    }
    const std::vector<std::string> replies = batch.Run(*client);
    for (size_t i = 0; i < replies.size(); ++i) {
      const bool hit = replies[i] != "$-1\r\n";
      if (done > accesses / 5) {
        ++counted;
        hits += hit ? 1 : 0;
      }
      if (!hit) batch.Add({"SET", asked[i], value});
    }
    if (batch.size() > 0) batch.Run(*client);
  }
  return {100.0 * hits / std::max(counted, 1), KeyCount(*client)};
}

TEST(Eviction, KeepsWhatIsWorthAsMuchAsWhatRedisKeeps) {
  constexpr int kCapacity = 10000;
  constexpr int kAccesses = 200000;
  auto ours = *ServerProcess::StartDamselfly({"--threads=1"});
  auto theirs = *ServerProcess::StartRedis({});
  const auto measure = [&](ServerProcess& server, absl::string_view policy) {
    const CacheResult result = UseAsCache(server, policy, kCapacity, kAccesses);
    std::printf("%s %s: %.2f%% hits, %d keys\n", &server == ours.get() ? "damselfly" : "redis",
                std::string(policy).c_str(), result.hit_rate, static_cast<int>(result.keys));
    EXPECT_NEAR(static_cast<double>(result.keys), kCapacity, 0.05 * kCapacity) << policy;
    return result.hit_rate;
  };
  const double random = measure(*ours, "allkeys-random");
  measure(*theirs, "allkeys-random");
  const double lru = measure(*ours, "allkeys-lru");
  const double their_lru = measure(*theirs, "allkeys-lru");
  const double lfu = measure(*ours, "allkeys-lfu");
  const double their_lfu = measure(*theirs, "allkeys-lfu");
  EXPECT_GT(lru, random + 2);
  EXPECT_GT(lfu, random + 3);
  EXPECT_GT(lru, their_lru - 1);
  EXPECT_GT(lfu, their_lfu - 1);
  EXPECT_EQ(ours->Stop(15), 0) << ours->Log();
}

}  // namespace
}  // namespace damselfly
