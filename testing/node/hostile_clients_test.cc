// Clients that send garbage, lie about lengths, connect and vanish, or never read: the server stays
// up, answers others promptly, and gives its memory back.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "testing/harness/client.h"
#include "testing/harness/process_memory.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

using std::chrono::steady_clock;

class HostileClients : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly({"--threads=2"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    polite_ = *Client::Connect(server_->port());
  }
  void TearDown() override {
    polite_.reset();
    EXPECT_EQ(server_->Stop(15), 0) << server_->Log();
  }

  // The server must answer a well-behaved client within a second, whatever others do.
  void ExpectPrompt() {
    const auto begin = steady_clock::now();
    ASSERT_EQ(polite_->Run({"PING"}), "+PONG\r\n") << server_->Log();
    EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(1));
  }

  // Waits until the polite client is the only one that the server knows: closed ones go a little
  // later.
  void ExpectAloneSoon() {
    std::string clients;
    for (int i = 0; i < 200; ++i) {
      clients = polite_->Run({"INFO", "clients"});
      if (absl::StrContains(clients, "connected_clients:1\r\n")) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ADD_FAILURE() << clients;
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> polite_;
};

std::string RandomGarbage(Random& random) {
  static constexpr absl::string_view kPieces[] = {"*3\r\n",
                                                  "$3\r\nSET\r\n",
                                                  "$1\r\na\r\n",
                                                  "$5\r\nhello\r\n",
                                                  "\r\n",
                                                  "*",
                                                  "$",
                                                  "$-1\r\n",
                                                  "*-5\r\n",
                                                  "$536870912\r\n",
                                                  "*2147483647\r\n",
                                                  "*1000000\r\n",
                                                  "PING\r\n",
                                                  "\"",
                                                  "'",
                                                  "\\x",
                                                  "$99999999999\r\n",
                                                  "*1\r\n$4\r\nPING\r\n",
                                                  "GET \"a\r\n",
                                                  "$20000000\r\n",
                                                  "*2\r\n$4\r\nECHO\r\n$100000\r\n"};
  std::string bytes;
  for (uint64_t i = random.Below(30); i-- > 0;) {
    if (random.Chance(1, 3)) {
      for (uint64_t j = random.Below(20); j-- > 0;) bytes += static_cast<char>(random.Below(256));
    } else {
      absl::StrAppend(&bytes, kPieces[random.Below(sizeof(kPieces) / sizeof(kPieces[0]))]);
    }
  }
  return bytes;
}

TEST_F(HostileClients, RandomBytesGetProtocolErrorsOrAClosedConnection) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    auto client = Client::Connect(server_->port());
    ASSERT_TRUE(client.ok()) << client.status() << server_->Log();
    (void)(*client)->Send(RandomGarbage(random));
    if (random.Chance(1, 2)) {
      (*client)->ShutdownWrites();
      auto answer = (*client)->ReadToEnd();
      ASSERT_TRUE(answer.ok()) << answer.status() << server_->Log();
    }
    if (i % 100 == 0) ExpectPrompt();
  }
  ExpectPrompt();
}

TEST_F(HostileClients, LyingLengthsCostAddressSpaceNotMemory) {
  const int64_t before_bytes = ResidentBytes(server_->process_id());
  std::vector<std::unique_ptr<Client>> liars;
  for (int i = 0; i < 50; ++i) {
    liars.push_back(*Client::Connect(server_->port()));
    ASSERT_TRUE(liars.back()->Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nonly this").ok());
    liars.push_back(*Client::Connect(server_->port()));
    ASSERT_TRUE(liars.back()->Send("*1000000\r\n$3\r\nSET\r\n").ok());
  }
  ExpectPrompt();
  EXPECT_LT(ResidentBytes(server_->process_id()) - before_bytes, 64 << 20);
}

TEST_F(HostileClients, TenThousandConnectionsOpenedAndDroppedLeaveNothingBehind) {
  Random random(2);
  ExpectPrompt();
  for (int i = 0; i < 10000; ++i) {
    auto client = Client::Connect(server_->port());
    ASSERT_TRUE(client.ok()) << i << client.status();
    if (random.Chance(1, 3)) (void)(*client)->Send("*2\r\n$3\r\nGET\r\n$100\r\nx");
    if (i % 1000 == 0) ExpectPrompt();
  }
  ExpectAloneSoon();
}

TEST_F(HostileClients, AReaderThatNeverReadsIsCutAtItsHardLimitAndStallsNobody) {
  EXPECT_EQ(polite_->Run({"CONFIG", "SET", "client-output-buffer-limit", "normal 20000000 0 0"}),
            "+OK\r\n");
  EXPECT_EQ(polite_->Run({"SET", "big", std::string(1000000, 'x')}), "+OK\r\n");
  auto slow = *Client::Connect(server_->port());
  std::string requests;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&requests, "*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n");
  (void)slow->Send(requests);
  ExpectPrompt();
  ExpectAloneSoon();
  EXPECT_LT(ResidentBytes(server_->process_id()), 400 << 20);
}

TEST_F(HostileClients, ASlowReaderWithoutLimitsIsHeldBackNotBufferedForEver) {
  EXPECT_EQ(polite_->Run({"CONFIG", "SET", "client-output-pause-bytes", "10000000"}), "+OK\r\n");
  EXPECT_EQ(polite_->Run({"SET", "text", std::string(10000, 'x')}), "+OK\r\n");
  auto slow = *Client::Connect(server_->port());
  constexpr int kRequests = 20000;  // 200 MB of replies
  std::thread sender([&slow] {
    std::string requests;
    for (int i = 0; i < kRequests; ++i)
      absl::StrAppend(&requests, "*2\r\n$3\r\nGET\r\n$4\r\ntext\r\n");
    EXPECT_TRUE(slow->Send(requests).ok());
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ExpectPrompt();
  EXPECT_LT(ResidentBytes(server_->process_id()), 150 << 20);
  for (int i = 0; i < kRequests; ++i) {
    auto reply = slow->ReadReply();
    ASSERT_TRUE(reply.ok()) << i << reply.status();
    ASSERT_EQ(reply->size(), 10000u + 10u);
  }
  sender.join();
}

TEST_F(HostileClients, ClientsBeyondMaxclientsAreTurnedAway) {
  ExpectAloneSoon();
  EXPECT_EQ(polite_->Run({"CONFIG", "SET", "maxclients", "3"}), "+OK\r\n");
  auto second = *Client::Connect(server_->port());
  EXPECT_EQ(second->Run({"PING"}), "+PONG\r\n");
  auto third = *Client::Connect(server_->port());
  EXPECT_EQ(third->Run({"PING"}), "+PONG\r\n");
  auto fourth = *Client::Connect(server_->port());
  EXPECT_EQ(*fourth->ReadToEnd(), "-ERR max number of clients reached\r\n");
  third.reset();
  for (int i = 0; i < 100; ++i) {
    auto again = *Client::Connect(server_->port());
    if (again->Run({"PING"}) == "+PONG\r\n") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << "no room after a client has gone";
}

TEST_F(HostileClients, IdleClientsAreClosedAfterTheTimeout) {
  EXPECT_EQ(polite_->Run({"CONFIG", "SET", "timeout", "1"}), "+OK\r\n");
  auto idle = *Client::Connect(server_->port());
  const auto begin = steady_clock::now();
  EXPECT_EQ(*idle->ReadToEnd(), "");
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
  polite_ = *Client::Connect(server_->port());
}

}  // namespace
}  // namespace damselfly
