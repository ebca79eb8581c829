#include "sim/node/sim_node.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/resp/reply_reader.h"
#include "server/resp/request_writer.h"
#include "sim/world/decider.h"
#include "sim/world/sim_network.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// Sends one pipeline and collects the replies.
class Caller final : public StreamHandler {
 public:
  Caller(Host* host, Endpoint server, std::string requests) : requests_(std::move(requests)) {
    SimRuntime& runtime = host->runtime();
    runtime.loop(0).Post([this, &runtime, server] {
      runtime.network().Connect(runtime.loop(0), server,
                                [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
                                  status_ = stream.status();
                                  if (!stream.ok()) return;
                                  stream_ = *std::move(stream);
                                  stream_->Start(this);
                                  OnWritable();
                                });
    });
  }
  void OnData(absl::string_view data) override {
    reader_.Feed(data);
    Reply reply;
    while (reader_.Next(&reply) == ReplyReader::Result::kReply)
      replies_.push_back(DebugString(reply));
  }
  void OnWritable() override {
    const absl::string_view piece = requests_;
    requests_.erase(0, stream_->Write({&piece, 1}));
  }
  void OnClosed(const absl::Status& reason) override {
    closed_ = true;
    status_ = reason;
  }
  const std::vector<std::string>& replies() const { return replies_; }
  const absl::Status& status() const { return status_; }
  bool closed() const { return closed_; }

 private:
  std::string requests_;
  std::unique_ptr<Stream> stream_;
  ReplyReader reader_;
  std::vector<std::string> replies_;
  absl::Status status_;
  bool closed_ = false;
};

class SimNodeTest : public testing::Test {
 protected:
  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  Host& host_ = world_.AddHost("node", 2, 0);
  Host& client_host_ = world_.AddHost("client", 1, 0);
  SimNode node_{&host_, {}};
};

TEST_F(SimNodeTest, AnswersClientsOverTheSimulatedNetwork) {
  node_.Start();
  Caller caller(&client_host_, node_.endpoint(),
                MakeCommand({"SET", "k", "v"}) + MakeCommand({"GET", "k"}) +
                    MakeCommand({"MULTI"}) + MakeCommand({"INCR", "n"}) + MakeCommand({"EXEC"}));
  world_.RunUntil(kSecond);
  EXPECT_EQ(caller.replies(),
            (std::vector<std::string>{"OK", "\"v\"", "OK", "QUEUED", "[(integer) 1]"}));
}

TEST_F(SimNodeTest, ExpiresKeysInVirtualTime) {
  node_.Start();
  Caller first(&client_host_, node_.endpoint(), MakeCommand({"SET", "k", "v", "PX", "100"}));
  world_.RunUntil(50 * kMillisecond);
  Caller second(&client_host_, node_.endpoint(), MakeCommand({"EXISTS", "k"}));
  world_.RunUntil(500 * kMillisecond);
  Caller third(&client_host_, node_.endpoint(), MakeCommand({"EXISTS", "k"}));
  world_.RunUntil(kSecond);
  EXPECT_EQ(second.replies(), (std::vector<std::string>{"(integer) 1"}));
  EXPECT_EQ(third.replies(), (std::vector<std::string>{"(integer) 0"}));
}

// A day of a thousand nodes is mostly such passes.
TEST_F(SimNodeTest, LooksAfterItselfLessOftenWhileThereIsNothingToDo) {
  node_.Start();
  world_.RunUntil(kSecond);
  const auto events_in_a_minute = [this] {
    const uint64_t before = world_.trace().event_count();
    world_.RunUntil(world_.now_ns() + 60 * kSecond);
    return world_.trace().event_count() - before;
  };
  const uint64_t idle = events_in_a_minute();
  EXPECT_LE(idle, 2 * 60 * 10 / 4 + 2);
  Caller caller(&client_host_, node_.endpoint(), MakeCommand({"SET", "k", "v", "EX", "1000"}));
  EXPECT_GE(events_in_a_minute(), 2 * 60 * 10 - 10u);
}

TEST_F(SimNodeTest, DiesAndComesBackEmpty) {
  node_.Start();
  Caller first(&client_host_, node_.endpoint(), MakeCommand({"SET", "k", "v"}));
  world_.RunUntil(kSecond);
  node_.Kill(Host::Death::kReset);
  world_.RunUntil(2 * kSecond);
  EXPECT_TRUE(first.closed());
  Caller refused(&client_host_, node_.endpoint(), MakeCommand({"PING"}));
  world_.RunUntil(3 * kSecond);
  EXPECT_TRUE(absl::IsUnavailable(refused.status()));
  node_.Start();
  Caller second(&client_host_, node_.endpoint(), MakeCommand({"EXISTS", "k"}));
  world_.RunUntil(4 * kSecond);
  EXPECT_EQ(second.replies(), (std::vector<std::string>{"(integer) 0"}));
}

TEST_F(SimNodeTest, StartsOfSeveralNodesAreCountedTogether) {
  uint64_t starts = 0;
  SimNode other(&client_host_, SimNode::Parameters());
  node_.CountStartsIn(&starts);
  other.CountStartsIn(&starts);
  node_.Start();
  other.Start();
  EXPECT_EQ(starts, 2u);
  node_.Kill(Host::Death::kExit);
  EXPECT_EQ(starts, 2u);
  node_.Start();
  EXPECT_EQ(starts, 3u);
}

TEST_F(SimNodeTest, ShutdownEndsTheProcess) {
  int exit_code = -1;
  host_.set_exit_handler([&](int code) {
    exit_code = code;
    node_.Kill(Host::Death::kExit);
  });
  node_.Start();
  Caller caller(&client_host_, node_.endpoint(), MakeCommand({"SHUTDOWN", "NOSAVE"}));
  world_.RunUntil(kSecond);
  EXPECT_EQ(exit_code, 0);
  EXPECT_FALSE(node_.running());
  EXPECT_TRUE(caller.closed());
}

TEST_F(SimNodeTest, AHundredNodesOfDifferentWorkersServe) {
  std::vector<std::unique_ptr<SimNode>> nodes;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 100; ++i) {
    Host& host = world_.AddHost(absl::StrCat("node ", i), 1 + i % 4, 0);
    nodes.push_back(std::make_unique<SimNode>(&host, SimNode::Parameters()));
    nodes.back()->Start();
    const std::string value = absl::StrCat(i);
    callers.push_back(
        std::make_unique<Caller>(&client_host_, nodes.back()->endpoint(),
                                 MakeCommand({"SET", "k", value}) + MakeCommand({"GET", "k"})));
  }
  world_.RunUntil(kSecond);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(callers[static_cast<size_t>(i)]->replies(),
              (std::vector<std::string>{"OK", absl::StrCat("\"", i, "\"")}));
  }
  callers.clear();
}

}  // namespace
}  // namespace damselfly::sim
