// Publish/subscribe with real threads: 4 workers, publishers and subscribers on all of them, and
// others that come and go meanwhile. Run under --config=tsan it also shows that the indexes' locks
// cover what they must.

#include <atomic>
#include <map>
#include <memory>
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
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kPublishers = 12;
constexpr int kMessages = 300;  // of each publisher
constexpr int kBatch = 10;      // sent together
constexpr int kSteady = 12;     // subscribers that stay
constexpr int kRestless = 6;    // ... and that do not

std::string BulkText(absl::string_view bulk) {
  const size_t begin = bulk.find("\r\n") + 2;
  return std::string(bulk.substr(begin, bulk.size() - begin - 2));
}

// What one subscriber has got from each publisher: numbers that ascend.
class Received {
 public:
  // Takes a message "publisher:number:…", or returns false if `reply` is none.
  bool Take(absl::string_view reply) {
    const std::vector<absl::string_view> elements = SplitElements(reply);
    const std::string kind = elements.empty() ? "" : BulkText(elements[0]);
    if (kind != "message" && kind != "pmessage" && kind != "smessage") return false;
    const std::vector<std::string> words = absl::StrSplit(BulkText(elements.back()), ':');
    int publisher = -1, number = -1;
    EXPECT_TRUE(absl::SimpleAtoi(words[0], &publisher)) << words[0];
    EXPECT_TRUE(absl::SimpleAtoi(words[1], &number)) << words[1];
    EXPECT_GT(number, last_[publisher]) << "from publisher " << publisher;
    if (number != last_[publisher] + 1) gaps_ = true;
    last_[publisher] = number;
    ++count_;
    return true;
  }
  int count() const { return count_; }
  bool gaps() const { return gaps_; }

 private:
  std::map<int, int> last_;
  int count_ = 0;
  bool gaps_ = false;
};

class PubSubConcurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartDamselfly({"--threads=4"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void TearDown() override { EXPECT_EQ(server_->Stop(15), 0) << server_->Log(); }

  std::unique_ptr<Client> Connect() {
    auto client = Client::Connect(server_->port());
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  // Every message goes to a channel and to a shard channel. Now and then one is big enough to
  // travel in a blob.
  void Publish(int publisher) {
    auto client = Connect();
    const std::string channel = absl::StrCat("c", publisher % 4);
    const std::string shard_channel = absl::StrCat("s", publisher % 4);
    for (int number = 1; number <= kMessages;) {
      std::string bytes;
      for (int i = 0; i < kBatch; ++i, ++number) {
        const size_t padding = number % 100 == 0 ? 40000 : 0;
        const std::string message =
            absl::StrCat(publisher, ":", number, ":", std::string(padding, 'x'));
        AppendCommand(&bytes, {"PUBLISH", channel, message});
        AppendCommand(&bytes, {"SPUBLISH", shard_channel, message});
      }
      auto replies = client->Exchange(bytes, 2 * kBatch);
      ASSERT_TRUE(replies.ok()) << replies.status() << server_->Log();
      for (int i = 0; i < kBatch; ++i) {
        int64_t receivers = 0;
        const std::string& reply = (*replies)[static_cast<size_t>(2 * i)];
        ASSERT_TRUE(absl::SimpleAtoi(reply.substr(1, reply.size() - 3), &receivers)) << reply;
        EXPECT_GE(receivers, kSteady / 3 * 2);
        EXPECT_LE(receivers, kSteady / 3 * 2 + kRestless);
      }
    }
  }

  // Subscribes and leaves over and over, in every way there is.
  void ComeAndGo(uint64_t seed) {
    Random random(seed);
    auto client = Connect();
    Received received;
    while (!done_) {
      ASSERT_TRUE(client->Send("SUBSCRIBE c0 c1 c2 c3\r\n").ok());
      const uint64_t messages = random.Below(50);
      for (uint64_t i = 0; i < messages && !done_; ++i) {
        auto reply = client->ReadReply();
        ASSERT_TRUE(reply.ok()) << reply.status() << server_->Log();
        received.Take(*reply);
      }
      const uint64_t way = random.Below(3);
      if (way == 0) {
        // Until the server has noticed, which its end of the connection tells, it counts this one.
        client->ShutdownWrites();
        ASSERT_TRUE(client->ReadToEnd().ok());
        client = Connect();
        received = Received();
        continue;
      }
      // Behind the last confirmation nothing comes but what is asked for.
      const int confirmations = way == 1 ? 4 : 1;
      ASSERT_TRUE(client->Send(way == 1 ? "UNSUBSCRIBE\r\n" : "RESET\r\n").ok());
      for (int i = 0; i < confirmations;) {
        auto reply = client->ReadReply();
        ASSERT_TRUE(reply.ok()) << reply.status() << server_->Log();
        received.Take(*reply);
        if (absl::StrContains(*reply, way == 1 ? "\r\nunsubscribe\r\n" : "+RESET")) ++i;
      }
      ASSERT_EQ(client->Run({"PING"}), "+PONG\r\n");
    }
  }

  std::unique_ptr<ServerProcess> server_;
  std::atomic<bool> done_{false};
};

TEST_F(PubSubConcurrency, EverySubscriberThatStaysGetsEachPublishersMessagesInOrderAndAllOfThem) {
  std::vector<std::thread> steady, restless, publishers;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kSteady; ++i) {
    clients.push_back(Connect());
    static constexpr absl::string_view kCommands[] = {
        "SUBSCRIBE c0 c1 c2 c3\r\n", "PSUBSCRIBE c?\r\n", "SSUBSCRIBE s0 s1 s2 s3\r\n"};
    const int confirmations = i % 3 == 1 ? 1 : 4;
    ASSERT_TRUE(clients.back()->Exchange(kCommands[i % 3], confirmations).ok());
  }
  for (const auto& client : clients) {
    steady.emplace_back([this, &client] {
      Received received;
      while (received.count() < kPublishers * kMessages) {
        auto reply = client->ReadReply();
        ASSERT_TRUE(reply.ok()) << reply.status() << server_->Log();
        ASSERT_TRUE(received.Take(*reply)) << *reply;
      }
      EXPECT_FALSE(received.gaps());
    });
  }
  for (uint64_t i = 0; i < kRestless; ++i) restless.emplace_back([this, i] { ComeAndGo(i + 1); });
  for (int i = 0; i < kPublishers; ++i) publishers.emplace_back([this, i] { Publish(i); });
  for (std::thread& thread : publishers) thread.join();
  for (std::thread& thread : steady) thread.join();
  done_ = true;
  // Who waits for a message gets one.
  auto client = Connect();
  std::atomic<bool> joined{false};
  std::thread waker([&] {
    for (int number = kMessages + 1; !joined; ++number) {
      const std::string reply =
          client->Run({"PUBLISH", "c0", absl::StrCat(kPublishers, ":", number, ":")});
      ASSERT_EQ(reply[0], ':') << reply << server_->Log();
    }
  });
  for (std::thread& thread : restless) thread.join();
  joined = true;
  waker.join();
  clients.clear();
  std::string channels, patterns;
  do {
    channels = client->Run({"PUBSUB", "CHANNELS"});
    patterns = client->Run({"PUBSUB", "NUMPAT"});
    ASSERT_EQ(channels[0], '*') << channels << server_->Log();
    ASSERT_EQ(patterns[0], ':') << patterns << server_->Log();
  } while (channels != "*0\r\n" || patterns != ":0\r\n");
}

}  // namespace
}  // namespace damselfly
