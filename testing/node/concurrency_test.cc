// Real threads: 4 workers, 64 connections of single- and multi-slot commands and transactions. Run
// under
// --config=tsan it also shows that the slot locks cover what they must.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "server/runtime/random.h"
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kConnections = 64;
constexpr int kAccounts = 40;
constexpr int kOpening = 1000;

std::string Account(uint64_t i) { return absl::StrCat("account:", i); }

int64_t SumOf(absl::string_view array_of_bulks) {
  int64_t sum = 0;
  for (absl::string_view element : SplitElements(array_of_bulks)) {
    const size_t begin = element.find("\r\n") + 2;
    int64_t value = 0;
    EXPECT_TRUE(absl::SimpleAtoi(element.substr(begin, element.size() - begin - 2), &value))
        << element;
    sum += value;
  }
  return sum;
}

class Concurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly({"--threads=4"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void TearDown() override { EXPECT_EQ(server_->Stop(15), 0) << server_->Log(); }

  // Runs `work` on kConnections connections at once.
  void OnAllConnections(const std::function<void(Client&, Random&)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kConnections; ++i) {
      threads.emplace_back([this, i, &work] {
        auto client = Client::Connect(server_->port());
        ASSERT_TRUE(client.ok()) << client.status();
        Random random(static_cast<uint64_t>(i) + 1);
        work(**client, random);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Concurrency, TransfersInTransactionsOverSeveralSlotsKeepTheSumAtEveryMoment) {
  auto client = *Client::Connect(server_->port());
  for (int i = 0; i < kAccounts; ++i)
    client->Run({"SET", Account(static_cast<uint64_t>(i)), absl::StrCat(kOpening)});
  std::vector<std::string> read_all = {"MGET"};
  for (int i = 0; i < kAccounts; ++i) read_all.push_back(Account(static_cast<uint64_t>(i)));
  OnAllConnections([&](Client& connection, Random& random) {
    for (int step = 0; step < 60; ++step) {
      if (random.Chance(1, 4)) {
        EXPECT_EQ(SumOf(connection.Run(read_all)), kAccounts * kOpening);
        continue;
      }
      const std::string from = Account(random.Below(kAccounts));
      const std::string to = Account(random.Below(kAccounts));
      const std::string amount = absl::StrCat(random.Below(50));
      std::string bytes;
      AppendCommand(&bytes, {"MULTI"});
      AppendCommand(&bytes, {"DECRBY", from, amount});
      AppendCommand(&bytes, {"INCRBY", to, amount});
      AppendCommand(&bytes, {"EXEC"});
      auto replies = connection.Exchange(bytes, 4);
      ASSERT_TRUE(replies.ok()) << replies.status() << server_->Log();
      EXPECT_TRUE(absl::StartsWith((*replies)[3], "*2\r\n:")) << (*replies)[3];
    }
  });
  EXPECT_EQ(SumOf(client->Run(read_all)), kAccounts * kOpening);
}

TEST_F(Concurrency, WatchedCountersLoseNoIncrement) {
  std::atomic<int64_t> committed{0};
  OnAllConnections([&](Client& connection, Random& random) {
    for (int step = 0; step < 40; ++step) {
      const std::string key = absl::StrCat("counter:", random.Below(4));
      connection.Run({"WATCH", key, "another"});
      const std::string value = connection.Run({"GET", key});
      int64_t number = 0;
      const size_t begin = value.find("\r\n") + 2;
      if (value != "$-1\r\n") {
        ASSERT_TRUE(absl::SimpleAtoi(value.substr(begin, value.size() - begin - 2), &number));
      }
      connection.Run({"MULTI"});
      connection.Run({"SET", key, absl::StrCat(number + 1)});
      const std::string result = connection.Run({"EXEC"});
      if (result == "*1\r\n+OK\r\n") ++committed;
    }
  });
  auto client = *Client::Connect(server_->port());
  int64_t total = 0;
  for (int i = 0; i < 4; ++i)
    total += SumOf(absl::StrCat("*1\r\n", client->Run({"GET", absl::StrCat("counter:", i)})));
  EXPECT_EQ(total, committed.load());
  EXPECT_GT(committed.load(), 0);
}

TEST_F(Concurrency, MixedCommandsOverSharedKeysAndWholeDatabasesRunCleanly) {
  OnAllConnections([&](Client& connection, Random& random) {
    const auto key = [&random] { return absl::StrCat("key:", random.Below(50)); };
    for (int step = 0; step < 80; ++step) {
      std::string bytes;
      size_t count = 0;
      const auto add = [&](std::initializer_list<absl::string_view> args) {
        AppendCommand(&bytes, args);
        ++count;
      };
      for (int i = 0; i < 10; ++i) {
        switch (random.Below(16)) {
          case 0:
            add({"SET", key(), "value"});
            break;
          case 1:
            add({"GET", key()});
            break;
          case 2:
            add({"INCR", absl::StrCat("n:", random.Below(5))});
            break;
          case 3:
            add({"MSET", key(), "1", key(), "2", key(), "3"});
            break;
          case 4:
            add({"MGET", key(), key(), key()});
            break;
          case 5:
            add({"DEL", key(), key()});
            break;
          case 6:
            add({"RENAME", key(), key()});
            break;
          case 7:
            add({"SET", key(), "short lived", "PX", "5"});
            break;
          case 8:
            add({"APPEND", key(), std::string(random.Below(3000), 'a')});
            break;
          case 9:
            add({"BITOP", "XOR", key(), key(), key()});
            break;
          case 10:
            add({"SCAN", "0", "COUNT", "50"});
            break;
          case 11:
            add({"COPY", key(), key(), "REPLACE"});
            break;
          case 12:
            add({"EXPIRE", key(), "100"});
            break;
          case 13:
            add({"RANDOMKEY"});
            break;
          case 14:
            random.Chance(1, 20) ? add({"FLUSHALL", "ASYNC"}) : add({"DBSIZE"});
            break;
          default:
            random.Chance(1, 10) ? add({"CLIENT", "LIST"}) : add({"INFO"});
        }
      }
      auto replies = connection.Exchange(bytes, count);
      ASSERT_TRUE(replies.ok()) << replies.status() << server_->Log();
    }
  });
}

TEST_F(Concurrency, ConfigChangesPausesAndKillsAmongOtherClientsRunCleanly) {
  std::atomic<int> killed{0};
  OnAllConnections([&](Client& connection, Random& random) {
    for (int step = 0; step < 30; ++step) {
      std::string reply;
      switch (random.Below(8)) {
        case 0:
          reply = connection.Run(
              {"CONFIG", "SET", "slowlog-log-slower-than", absl::StrCat(random.Below(1000))});
          break;
        case 1:
          reply = connection.Run({"CLIENT", "PAUSE", "3", "WRITE"});
          break;
        case 2:
          reply = connection.Run({"CLIENT", "UNPAUSE"});
          break;
        case 3:
          reply = connection.Run({"CLIENT", "SETNAME", absl::StrCat("name", random.Below(100))});
          break;
        case 4:
          reply = connection.Run({"CLIENT", "KILL", "ID", absl::StrCat(random.Below(200))});
          break;
        case 5:
          reply = connection.Run({"SLOWLOG", "GET"});
          break;
        case 6:
          reply = connection.Run({"CONFIG", "RESETSTAT"});
          break;
        default:
          reply = connection.Run({"SET", "k", "v"});
      }
      if (reply[0] == '!') {
        ++killed;
        return;
      }
    }
  });
  auto client = *Client::Connect(server_->port());
  EXPECT_EQ(client->Run({"CLIENT", "UNPAUSE"}), "+OK\r\n");
  EXPECT_EQ(client->Run({"SET", "k", "v"}), "+OK\r\n");
}

}  // namespace
}  // namespace damselfly
