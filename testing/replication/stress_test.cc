// Real threads on both sides of a link: a master with four workers and a replica with three,
// writers of pairs that lie in two slots, readers that look for halves, and replicas that come and
// go. Run under --config=tsan it also shows that the locks cover what they must.

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
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

constexpr int kWriters = 6;
constexpr int kReaders = 6;
constexpr int kPairs = 20;
constexpr int kVisits = 6;  // of replicas that come and go
constexpr absl::string_view kLoading = "-LOADING Damselfly is loading the dataset in memory\r\n";

std::string Left(uint64_t pair) { return absl::StrCat("left:", pair); }
std::string Right(uint64_t pair) { return absl::StrCat("right:", pair); }

class ReplicationStress : public ::testing::Test {
 protected:
  void SetUp() override {
    master_ = Start("--threads=4");
    replica_ = Start("--threads=3");
    visitor_ = Start("--threads=2");
    control_ = *Client::Connect(master_->port());
    for (uint64_t pair = 0; pair < kPairs; ++pair)
      ASSERT_EQ(control_->Run({"MSET", Left(pair), "0", Right(pair), "0"}), "+OK\r\n");
    ASSERT_EQ(control_->Run({"DEBUG", "POPULATE", "5000", "filler", "100"}), "+OK\r\n");
  }
  void TearDown() override {
    for (ServerProcess* server : {replica_.get(), visitor_.get(), master_.get()})
      EXPECT_EQ(server->Stop(15), 0) << server->Log();
  }

  static std::unique_ptr<ServerProcess> Start(const std::string& flag) {
    auto server = ServerProcess::StartDamselfly({flag});
    EXPECT_TRUE(server.ok()) << server.status();
    return *std::move(server);
  }

  std::string Follow(Client& replica) const {
    return replica.Run({"REPLICAOF", "127.0.0.1", absl::StrCat(master_->port())});
  }

  static bool IsInStep(Client& replica) {
    const std::string info = replica.Run({"INFO", "replication"});
    return absl::StrContains(info, "master_link_status:up\r\n") &&
           absl::StrContains(info, "master_sync_in_progress:0\r\n");
  }

  static bool WaitInStep(Client& replica) {
    for (int i = 0; i < 2400; ++i) {
      if (IsInStep(replica)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }

  // Writes both halves of a pair, in one of three ways.
  void Write(int number) {
    auto client = *Client::Connect(master_->port());
    Random random(static_cast<uint64_t>(number) + 1);
    for (uint64_t step = 0; !done_; ++step) {
      const uint64_t pair = random.Below(kPairs);
      const std::string value = absl::StrCat(number, ":", step);
      std::string bytes;
      size_t count = 1;
      switch (random.Below(4)) {
        case 0:
          AppendCommand(&bytes, {"MULTI"});
          AppendCommand(&bytes, {"SET", Left(pair), value});
          AppendCommand(&bytes, {"SET", Right(pair), value});
          AppendCommand(&bytes, {"EXEC"});
          count = 4;
          break;
        case 1:
          AppendCommand(&bytes, {"MULTI"});
          AppendCommand(&bytes, {"SET", Right(pair), value, "EX", "1000"});
          AppendCommand(&bytes, {"COPY", Right(pair), Left(pair), "REPLACE"});
          AppendCommand(&bytes, {"INCR", absl::StrCat("count:", random.Below(5))});
          AppendCommand(&bytes, {"EXEC"});
          count = 5;
          break;
        case 2:
          AppendCommand(&bytes, {"SET", absl::StrCat("single:", random.Below(100)), value, "PX",
                                 absl::StrCat(1 + random.Below(50))});
          break;
        default:
          AppendCommand(&bytes, {"MSET", Left(pair), value, Right(pair), value});
      }
      auto replies = client->Exchange(bytes, count);
      ASSERT_TRUE(replies.ok()) << replies.status() << master_->Log();
      ASSERT_NE(replies->back()[0], '-') << replies->back();
      ++written_;
    }
  }

  // Reads pairs, which are whole at any moment at which they are shown.
  void Read(ServerProcess* server, int number) {
    auto client = *Client::Connect(server->port());
    Random random(static_cast<uint64_t>(number) + 100);
    while (!done_) {
      const uint64_t pair = random.Below(kPairs);
      const std::string reply = client->Run({"MGET", Left(pair), Right(pair)});
      if (reply == kLoading) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      const auto elements = SplitElements(reply);
      ASSERT_EQ(elements.size(), 2u) << reply;
      ASSERT_EQ(elements[0], elements[1]);
      ++read_;
    }
  }

  // A second replica that comes for a while: from a full sync, or from where it was.
  void Visit() {
    auto client = *Client::Connect(visitor_->port());
    for (int visit = 0; visit < kVisits; ++visit) {
      EXPECT_EQ(Follow(*client), "+OK\r\n");
      if (visit % 3 == 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // Leaves in the middle of it.
      } else {
        EXPECT_TRUE(WaitInStep(*client)) << visitor_->Log() << master_->Log();
        control_->Run({"CLIENT", "KILL", "TYPE", "replica"});
        EXPECT_TRUE(WaitInStep(*client)) << visitor_->Log() << master_->Log();
      }
      EXPECT_EQ(client->Run({"REPLICAOF", "NO", "ONE"}), "+OK\r\n");
      EXPECT_EQ(client->Run({"SET", "mine", "1"}), "+OK\r\n");
    }
  }

  std::unique_ptr<ServerProcess> master_;
  std::unique_ptr<ServerProcess> replica_;
  std::unique_ptr<ServerProcess> visitor_;
  std::unique_ptr<Client> control_;
  std::atomic<bool> done_{false};
  std::atomic<int64_t> written_{0};
  std::atomic<int64_t> read_{0};
};

TEST_F(ReplicationStress, PairsAreNeverHalfWhileReplicasComeAndGo) {
  auto at_replica = *Client::Connect(replica_->port());
  ASSERT_EQ(Follow(*at_replica), "+OK\r\n");
  ASSERT_TRUE(WaitInStep(*at_replica)) << replica_->Log();
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { Write(i); });
  for (int i = 0; i < kReaders; ++i)
    threads.emplace_back([this, i] { Read(i % 3 == 0 ? master_.get() : replica_.get(), i); });
  Visit();
  done_ = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(written_, 500);
  EXPECT_GT(read_, 500);
  ASSERT_TRUE(WaitInStep(*at_replica)) << replica_->Log();
  std::string ours = "?";
  std::string theirs;
  for (int i = 0; i < 400 && ours != theirs; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    theirs = control_->Run({"DEBUG", "DIGEST"});
    ours = at_replica->Run({"DEBUG", "DIGEST"});
  }
  EXPECT_EQ(ours, theirs) << replica_->Log();
}

TEST_F(ReplicationStress, RolesThatChangeUnderLoadLeaveNothingBehind) {
  auto at_replica = *Client::Connect(replica_->port());
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { Write(i); });
  Visit();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Follow(*at_replica), "+OK\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(i * 3));
    if (i % 2 == 0) {
      EXPECT_EQ(at_replica->Run({"REPLICAOF", "NO", "ONE"}), "+OK\r\n");
    }
  }
  EXPECT_EQ(Follow(*at_replica), "+OK\r\n");
  done_ = true;
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(WaitInStep(*at_replica)) << replica_->Log();
  std::string ours = "?";
  std::string theirs;
  for (int i = 0; i < 400 && ours != theirs; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    theirs = control_->Run({"DEBUG", "DIGEST"});
    ours = at_replica->Run({"DEBUG", "DIGEST"});
  }
  EXPECT_EQ(ours, theirs);
}

}  // namespace
}  // namespace damselfly
