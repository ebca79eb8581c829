// Configurations pushed at a node under load, with real threads: four workers, and slots that come
// and go. Run under --config=tsan it also shows that the slot locks cover what they must.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/runtime/random.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kConnections = 24;
// Pushes go on, two at a time, until the connections have seen what a test is about; at most so
// many.
constexpr int kPushesMin = 400;
constexpr int kPushesMax = 40000;

std::string ShardJson(absl::string_view id, int start, int end) {
  return absl::StrCat(R"({"slot_ranges":[{"start":)", start, R"(,"end":)", end,
                      R"(}],"master":{"id":")", id,
                      R"(","ip":"10.0.0.9","port":1},"replicas":[]})");
}

// "me" has the slots up to 8191, and the rest too if `all`, where "other" has a single one.
std::string Config(bool all) {
  const int last = all ? 16382 : 8191;
  return absl::StrCat("[", ShardJson("me", 0, last), ",", ShardJson("other", last + 1, 16383), "]");
}

class PushConcurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly(
        {"--threads=4", "--cluster_mode=yes", "--cluster_node_id=me"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    control_ = *Client::Connect(server_->port());
    ASSERT_EQ(Push(true), "+OK\r\n");
  }
  void TearDown() override { EXPECT_EQ(server_->Stop(15), 0) << server_->Log(); }

  std::string Push(bool all) { return control_->Run({"DFLYCLUSTER", "CONFIG", Config(all)}); }

  // Whether slots over 8191 were owned: even from the answer to one push to the sending of the
  // next; odd while a push is under way.
  bool OwnedIn(int phase) const { return phase % 4 == 0; }

  // Pushes configurations that take the upper half away and give it back, until `enough` says so.
  template <typename Enough>
  void PushBackAndForth(const Enough& enough) {
    for (int i = 0; i < kPushesMax && (i < kPushesMin || i % 2 != 0 || !enough()); ++i) {
      phase_.fetch_add(1);
      EXPECT_EQ(Push(i % 2 == 1), "+OK\r\n");
      phase_.fetch_add(1);
      // Some phases last long enough to be seen from their beginning to their end.
      if (i % 4 < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    done_ = true;
  }

  // Calls `work` on many connections while configurations are pushed, until `enough` of it is done.
  template <typename Work, typename Enough>
  void OnAllConnections(const Work& work, const Enough& enough) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kConnections; ++i) {
      threads.emplace_back([this, i, &work] {
        auto client = Client::Connect(server_->port());
        ASSERT_TRUE(client.ok()) << client.status();
        Random random(static_cast<uint64_t>(i) + 1);
        while (!done_) work(i, **client, random);
      });
    }
    PushBackAndForth(enough);
    for (std::thread& thread : threads) thread.join();
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> control_;
  std::atomic<int> phase_{0};
  std::atomic<bool> done_{false};
};

TEST_F(PushConcurrency, NoCommandActsOnAnAnswerThatAPushHasPassed) {
  std::atomic<int> served{0};
  std::atomic<int> redirected{0};
  const auto work = [&](int, Client& client, Random& random) {
    const std::string key = absl::StrCat("key:", random.Below(1000));
    const bool upper = KeySlot(key) > 8191;
    const int before = phase_.load();
    const std::string reply = client.Run({"SET", key, "1"});
    if (phase_.load() != before || before % 2 != 0) return;
    if (!upper || OwnedIn(before)) {
      EXPECT_EQ(reply, "+OK\r\n") << key;
      ++served;
    } else {
      EXPECT_EQ(reply, absl::StrCat("-MOVED ", KeySlot(key), " 10.0.0.9:1\r\n")) << key;
      ++redirected;
    }
  };
  OnAllConnections(work, [&] { return served > 1000 && redirected > 200; });
  EXPECT_GT(served, 1000);
  EXPECT_GT(redirected, 200);
}

TEST_F(PushConcurrency, RedirectionsNeverNameTheNodeThatGivesThemEvenWhileAPushIsUnderWay) {
  std::atomic<int> redirected{0};
  const auto work = [&](int, Client& client, Random& random) {
    const std::string key = absl::StrCat("key:", random.Below(1000));
    const std::string reply = client.Run({"GET", key});
    if (!absl::StartsWith(reply, "-")) return;
    EXPECT_EQ(reply, absl::StrCat("-MOVED ", KeySlot(key), " 10.0.0.9:1\r\n"));
    ++redirected;
  };
  OnAllConnections(work, [&] { return redirected > 1000; });
  EXPECT_GT(redirected, 1000);
}

// Each connection counts in a slot of its own that never goes, and in one that does; with a
// transaction over two keys of that slot, which must always agree.
TEST_F(PushConcurrency, KeptSlotsLoseNothingAndTransactionsAreWholeOrRedirected) {
  ASSERT_LT(KeySlot("{06S}kept"), 8192);
  ASSERT_GT(KeySlot("{x}going"), 8191);
  std::vector<int64_t> counts(kConnections, 0);
  std::atomic<int> executed{0};
  std::atomic<int> redirected_when_run{0};
  const auto work = [&](int number, Client& client, Random&) {
    const std::string kept = absl::StrCat("{06S}kept:", number);
    const std::string going = absl::StrCat("{x}going:", number, ":");
    ASSERT_EQ(client.Run({"INCR", kept}),
              absl::StrCat(":", ++counts[static_cast<size_t>(number)], "\r\n"));
    ASSERT_EQ(client.Run({"MULTI"}), "+OK\r\n");
    const std::string first = client.Run({"INCR", going + "a"});
    const std::string second = client.Run({"INCR", going + "b"});
    const std::string exec = client.Run({"EXEC"});
    if (absl::StartsWith(exec, "*2")) {
      const size_t half = (exec.size() - 4) / 2;
      EXPECT_EQ(exec.substr(4, half), exec.substr(4 + half)) << exec;
      ++executed;
    } else if (absl::StartsWith(exec, "-MOVED 16287")) {
      ++redirected_when_run;
    } else {
      EXPECT_TRUE(absl::StartsWith(exec, "-EXECABORT")) << first << second << exec;
    }
  };
  OnAllConnections(work, [&] { return executed > 500 && redirected_when_run > 0; });
  EXPECT_GT(executed, 500);
  EXPECT_GT(redirected_when_run, 0);
  for (int i = 0; i < kConnections; ++i) {
    const std::string count = absl::StrCat(counts[static_cast<size_t>(i)]);
    EXPECT_EQ(control_->Run({"GET", absl::StrCat("{06S}kept:", i)}),
              absl::StrCat("$", count.size(), "\r\n", count, "\r\n"));
  }
}

// Each connection writes the number of the term in which it writes. Who reads within one term finds
// nothing older.
TEST_F(PushConcurrency, WhatALostSlotHeldIsNeverSeenAgain) {
  std::atomic<int> seen{0};
  const auto work = [&](int number, Client& client, Random&) {
    const std::string key = absl::StrCat("{x}once:", number);
    const int before = phase_.load();
    client.Run({"SET", key, absl::StrCat(before)});
    const std::string reply = client.Run({"GET", key});
    if (phase_.load() != before || before % 2 != 0 || !OwnedIn(before)) return;
    const std::string term = absl::StrCat(before);
    EXPECT_EQ(reply, absl::StrCat("$", term.size(), "\r\n", term, "\r\n"));
    ++seen;
  };
  OnAllConnections(work, [&] { return seen > 500; });
  EXPECT_GT(seen, 500);
  // Nobody writes now: what the last term held is gone with the slot.
  ASSERT_EQ(Push(false), "+OK\r\n");
  EXPECT_EQ(control_->Run({"CLUSTER", "COUNTKEYSINSLOT", "16287"}), ":0\r\n");
  ASSERT_EQ(Push(true), "+OK\r\n");
  for (int i = 0; i < kConnections; ++i)
    EXPECT_EQ(control_->Run({"GET", absl::StrCat("{x}once:", i)}), "$-1\r\n");
}

}  // namespace
}  // namespace damselfly
