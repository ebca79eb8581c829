// Replicas that are none: commands of the link in any order and with any arguments, flows that are
// never read, acknowledgements of what has not happened. The master goes on serving, gives up no
// data, keeps no memory, and a real replica is served as ever.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "server/runtime/random.h"
#include "testing/harness/client.h"
#include "testing/harness/process_memory.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

using std::chrono::steady_clock;

constexpr int kWorkers = 3;
constexpr int64_t kMemoryGrowthMax = kKeepsFreedMemory ? 2000 << 20 : 64 << 20;

std::string InfoField(Client& client, absl::string_view name) {
  const std::string info = client.Run({"INFO", "replication"});
  for (absl::string_view line : absl::StrSplit(info, "\r\n")) {
    if (absl::StartsWith(line, absl::StrCat(name, ":")))
      return std::string(line.substr(name.size() + 1));
  }
  return "";
}

void AppendWords(std::string* out, const std::vector<std::string>& words) {
  AppendCommand(out, std::vector<absl::string_view>(words.begin(), words.end()));
}

// The numbers in a reply.
std::vector<int64_t> NumbersOf(absl::string_view reply) {
  std::vector<int64_t> numbers;
  for (absl::string_view line : absl::StrSplit(reply, "\r\n")) {
    int64_t number = 0;
    if (absl::StartsWith(line, ":") && absl::SimpleAtoi(line.substr(1), &number))
      numbers.push_back(number);
  }
  return numbers;
}

class FalseReplicas : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly(
        {absl::StrCat("--threads=", kWorkers), "--replication_timeout=1000"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = *Client::Connect(server_->port());
    for (int i = 0; i < 2000; ++i)
      client_->Run({"SET", absl::StrCat("key:", i), absl::StrCat("value ", i)});
    digest_ = Digest();
    ASSERT_EQ(digest_.size(), 43u) << digest_;
    resident_bytes_ = ResidentBytes(server_->process_id());
  }
  void TearDown() override {
    client_.reset();
    EXPECT_EQ(server_->Stop(15), 0) << server_->Log();
  }

  std::string Digest() { return client_->Run({"DEBUG", "DIGEST"}); }
  std::unique_ptr<Client> Connect() { return *Client::Connect(server_->port()); }

  void ExpectSound(uint64_t seed) {
    ASSERT_TRUE(server_->IsRunning()) << seed << server_->Log();
    const auto begin = steady_clock::now();
    ASSERT_EQ(client_->Run({"SET", "other", "1"}), "+OK\r\n") << seed;
    ASSERT_EQ(client_->Run({"DEL", "other"}), ":1\r\n") << seed;
    ASSERT_LT(steady_clock::now() - begin, std::chrono::seconds(2)) << seed;
    ASSERT_LT(ResidentBytes(server_->process_id()), resident_bytes_ + kMemoryGrowthMax) << seed;
  }

  void ExpectNoReplicaSoon() {
    std::string count;
    for (int i = 0; i < 400; ++i) {
      count = InfoField(*client_, "connected_slaves");
      if (count == "0") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    ADD_FAILURE() << count << " replicas are left\n" << server_->Log();
  }

  void ExpectRealReplicaWorks() {
    auto replica = *ServerProcess::StartDamselfly({"--threads=2"});
    auto at_replica = *Client::Connect(replica->port());
    ASSERT_EQ(at_replica->Run({"REPLICAOF", "127.0.0.1", absl::StrCat(server_->port())}),
              "+OK\r\n");
    const std::string wanted = Digest();
    for (int i = 0; i < 400 && at_replica->Run({"DEBUG", "DIGEST"}) != wanted; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(at_replica->Run({"DEBUG", "DIGEST"}), wanted) << server_->Log();
    client_->Run({"SET", "streamed", "1"});
    EXPECT_EQ(client_->Run({"WAIT", "1", "10000"}), ":1\r\n");
    client_->Run({"DEL", "streamed"});
    EXPECT_EQ(replica->Stop(15), 0);
    ExpectNoReplicaSoon();
  }

  // Greets and asks for a full sync; returns its number, or -1.
  int64_t AgreeOnFullSync(Client& control) {
    control.Run({"PING"});
    control.Run({"REPLCONF", "listening-port", "4321", "client-id", "nobody", "capa", "damselfly",
                 "version", "1"});
    const std::vector<int64_t> numbers = NumbersOf(control.Run({"DFLY", "SYNC", "?"}));
    if (numbers.size() != 2) return -1;
    lanes_ = numbers[1];
    return numbers[0];
  }

  // The flow of one lane; null if it is refused.
  std::unique_ptr<Client> OpenFlow(int64_t sync, int64_t lane) {
    auto flow = Connect();
    const std::string reply = flow->Run({"DFLY", "FLOW", absl::StrCat(sync), absl::StrCat(lane)});
    if (reply != "+OK\r\n") return nullptr;
    return flow;
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
  std::string digest_;
  int64_t resident_bytes_ = 0;
  int64_t lanes_ = 0;
};

std::string RandomWord(Random& random) {
  static constexpr absl::string_view kWords[] = {"?",
                                                 "0",
                                                 "1",
                                                 "-1",
                                                 "7",
                                                 "18446744073709551615",
                                                 "99999999999999999999",
                                                 "FULL",
                                                 "x",
                                                 "",
                                                 "listening-port",
                                                 "ip-address",
                                                 "client-id",
                                                 "capa",
                                                 "damselfly",
                                                 "version",
                                                 "ACK",
                                                 "65536",
                                                 "127.0.0.1",
                                                 "SYNC",
                                                 "FLOW",
                                                 "START",
                                                 "TAKEOVER",
                                                 "HELP",
                                                 "0123456789012345678901234567890123456789"};
  const uint64_t which = random.Below(std::size(kWords) + 2);
  if (which < std::size(kWords)) return std::string(kWords[which]);
  if (which == std::size(kWords)) return std::string(random.Below(70000), 'w');
  std::string bytes(random.Below(50), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

// Without a right number of a link nothing of it is a takeover.
std::vector<std::string> RandomCommand(Random& random) {
  static constexpr absl::string_view kHeads[][2] = {
      {"REPLCONF", "ACK"}, {"REPLCONF", "listening-port"},
      {"REPLCONF", ""},    {"DFLY", "SYNC"},
      {"DFLY", "FLOW"},    {"DFLY", "START"},
      {"DFLY", ""},        {"PING", ""},
      {"PSYNC", "?"},      {"SYNC", ""},
      {"WAIT", "1"}};
  const auto& head = kHeads[random.Below(std::size(kHeads))];
  std::vector<std::string> words = {std::string(head[0])};
  if (!head[1].empty()) words.emplace_back(head[1]);
  if (head[0] == "WAIT") return {"WAIT", "1", "1"};
  for (uint64_t count = random.Below(5); count > 0; --count) words.push_back(RandomWord(random));
  return words;
}

TEST_F(FalseReplicas, CommandsOfTheLinkInAnyOrderAreAnsweredOrEndIt) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Random random(seed);
    auto peer = Connect();
    std::string bytes;
    for (uint64_t count = 1 + random.Below(10); count > 0; --count)
      AppendWords(&bytes, RandomCommand(random));
    if (random.Chance(1, 3)) bytes.resize(random.Below(bytes.size() + 1));
    (void)peer->Send(bytes);
    if (random.Chance(1, 2)) {
      peer->ShutdownWrites();
      if (random.Chance(1, 2)) (void)peer->ReadReply();
    }
    if (seed % 50 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
    }
  }
  ExpectNoReplicaSoon();
  EXPECT_EQ(Digest(), digest_);
  ExpectRealReplicaWorks();
}

TEST_F(FalseReplicas, ErrorsHaveTheirWords) {
  auto control = Connect();
  EXPECT_EQ(control->Run({"DFLY", "FLOW", "12345", "0"}), "-ERR syncid not found\r\n");
  const int64_t sync = AgreeOnFullSync(*control);
  ASSERT_GE(sync, 0);
  ASSERT_EQ(lanes_, kWorkers);
  EXPECT_EQ(control->Run({"DFLY", "START", absl::StrCat(sync)}), "-ERR invalid state\r\n");
}

TEST_F(FalseReplicas, LinksThatGoWrongAtAnyStepAreDropped) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed);
    auto control = Connect();
    const int64_t sync = AgreeOnFullSync(*control);
    ASSERT_GE(sync, 0) << seed;
    std::vector<std::unique_ptr<Client>> flows;
    // Too few, the same twice, of lanes that there are not; or all of them.
    const bool complete = random.Chance(1, 2);
    for (int64_t lane = 0; lane < lanes_; ++lane) {
      if (!complete && random.Chance(1, 3)) continue;
      flows.push_back(OpenFlow(sync, complete ? lane : random.Between(-2, lanes_ + 1)));
    }
    if (random.Chance(1, 6)) flows.push_back(OpenFlow(sync + random.Between(-3, 3), 0));
    const std::string begun = control->Run({"DFLY", "START", absl::StrCat(sync)});
    std::vector<std::string> words;
    switch (random.Below(6)) {
      case 0:  // What has not happened yet.
        words = {"REPLCONF", "ACK", "999999999", "999999999", "999999999"};
        break;
      case 1:
        words = {"REPLCONF", "ACK", "1"};
        break;
      case 2:
        words = {"REPLCONF", "ACK", "-1", "x", "18446744073709551615"};
        break;
      case 3:
        words = {"DFLY", "START", absl::StrCat(sync)};
        break;
      case 4:
        words = {"DFLY", "SYNC", "?"};
        break;
      default:
        // Words on a flow's connection, which has none to say.
        for (const auto& flow : flows) {
          if (flow != nullptr) (void)flow->Send("*1\r\n$4\r\nPING\r\n");
        }
    }
    if (!words.empty()) {
      std::string bytes;
      AppendWords(&bytes, words);
      (void)control->Send(bytes);
    }
    if (random.Chance(1, 3)) client_->Run({"SET", "other", "x"});
    // One that ends, takes the others with it.
    if (!flows.empty() && random.Chance(1, 2)) {
      flows[random.Below(flows.size())].reset();
    } else if (random.Chance(1, 2)) {
      control.reset();
    }
    if (seed % 25 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
    }
  }
  client_->Run({"DEL", "other"});
  ExpectNoReplicaSoon();
  EXPECT_EQ(Digest(), digest_);
  ExpectRealReplicaWorks();
}

TEST_F(FalseReplicas, FlowsThatAreNeverReadCostBoundedMemoryAndEnd) {
  // More than the sockets' buffers take.
  const std::string value(20000, 'v');
  for (int i = 0; i < 3000; ++i) client_->Run({"SET", absl::StrCat("long:", i), value});
  digest_ = Digest();
  resident_bytes_ = ResidentBytes(server_->process_id());
  ASSERT_EQ(client_->Run({"CONFIG", "SET", "client-output-buffer-limit", "slave 16mb 0 0"}),
            "+OK\r\n");
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Client>> connections;
    for (int peer = 0; peer < 4; ++peer) {
      auto control = Connect();
      const int64_t sync = AgreeOnFullSync(*control);
      ASSERT_GE(sync, 0);
      for (int64_t lane = 0; lane < lanes_; ++lane) {
        connections.push_back(OpenFlow(sync, lane));
        ASSERT_NE(connections.back(), nullptr);
      }
      EXPECT_EQ(control->Run({"DFLY", "START", absl::StrCat(sync)})[0], '*');
      connections.push_back(std::move(control));
    }
    // What is overwritten has to be sent first, as it was: that is what could pile up.
    for (int i = 0; i < 3000; ++i) {
      ASSERT_EQ(client_->Run({"SET", absl::StrCat("long:", i), value}), "+OK\r\n");
      if (i % 100 == 0) {
        ASSERT_LT(ResidentBytes(server_->process_id()), resident_bytes_ + 4 * kMemoryGrowthMax);
      }
    }
    ExpectNoReplicaSoon();
  }
  EXPECT_EQ(Digest(), digest_);
  ASSERT_EQ(client_->Run({"CONFIG", "SET", "client-output-buffer-limit", "slave 256mb 64mb 60"}),
            "+OK\r\n");
  ExpectRealReplicaWorks();
}

TEST_F(FalseReplicas, ATakeoverByWhoHasNotSyncedIsRefused) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    auto control = Connect();
    const int64_t sync = AgreeOnFullSync(*control);
    ASSERT_GE(sync, 0);
    std::vector<std::unique_ptr<Client>> flows;
    if (random.Chance(1, 2)) flows.push_back(OpenFlow(sync, 0));
    const int64_t claimed = random.Chance(1, 2) ? sync : sync + random.Between(-5, 5);
    const std::string reply =
        control->Run({"DFLY", "TAKEOVER", random.Chance(1, 2) ? "0" : "1", absl::StrCat(claimed)});
    ASSERT_TRUE(absl::StartsWith(reply, "-ERR ")) << seed << reply;
    ASSERT_NO_FATAL_FAILURE(ExpectSound(seed));
  }
  ExpectNoReplicaSoon();
  EXPECT_EQ(Digest(), digest_);
  ExpectRealReplicaWorks();
}

}  // namespace
}  // namespace damselfly
