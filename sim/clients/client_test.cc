#include "sim/clients/client.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/node/sim_node.h"

namespace damselfly::sim {
namespace {

// Sends INCR again and again and remembers everything.
class Script final : public Workload {
 public:
  void OnConnected(int incarnation) override { incarnations_.push_back(incarnation); }
  void NextCalls(std::vector<Args>* calls) override { *calls = calls_; }
  void OnReply(const Args&, Reply reply, const Moment& moment) override {
    replies_.push_back(reply.integer);
    EXPECT_LE(moment.begin_ns, moment.end_ns);
    EXPECT_GE(moment.begin_ns, last_begin_ns_);
    last_begin_ns_ = moment.begin_ns;
    if (on_reply_) on_reply_();
  }
  void OnMuted(const Args&, const Moment& moment) override {
    ++muted_count_;
    EXPECT_LE(moment.begin_ns, moment.end_ns);
  }
  void OnLost(const LostCalls& lost) override {
    EXPECT_LE(lost.executed_max, lost.calls.size());
    lost_.push_back(lost);
  }

  std::vector<Args> calls_ = std::vector<Args>(3, Args{"INCR", "n"});
  std::function<void()> on_reply_;
  std::vector<int> incarnations_;
  std::vector<int64_t> replies_;
  std::vector<LostCalls> lost_;
  int64_t last_begin_ns_ = 0;
  int64_t muted_count_ = 0;
};

class ClientTest : public testing::Test {
 protected:
  void Start(const std::string& password = "", int protocol = 2) {
    SimNode::Parameters parameters;
    if (!password.empty()) parameters.emplace_back("requirepass", password);
    node_ = std::make_unique<SimNode>(&node_host_, parameters);
    node_->Start();
    ClientOptions options;
    options.server = node_->endpoint();
    options.password = password;
    options.protocol = protocol;
    client_ = std::make_unique<Client>(&world_, &host_, &node_host_, options, &script_, &board_);
    client_->Start();
  }

  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  Host& node_host_ = world_.AddHost("node", 2, 0);
  Host& host_ = world_.AddHost("client", 1, 0);
  OracleBoard board_;
  Script script_;
  std::unique_ptr<SimNode> node_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, EveryRequestGetsItsReplyInOrder) {
  Start("secret", 3);
  world_.RunUntil(kSecond);
  client_->Finish();
  world_.RunUntil(2 * kSecond);
  EXPECT_TRUE(client_->finished());
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  ASSERT_GT(script_.replies_.size(), 100u);
  for (size_t i = 0; i < script_.replies_.size(); ++i)
    ASSERT_EQ(script_.replies_[i], static_cast<int64_t>(i) + 1);
}

TEST_F(ClientTest, ComesBackToANodeThatDiedAndTellsWhatWasLost) {
  Start();
  world_.At(kSecond, [&] { node_->Kill(Host::Death::kReset); });
  world_.At(2 * kSecond, [&] { node_->Start(); });
  world_.RunUntil(3 * kSecond);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  EXPECT_EQ(script_.incarnations_, (std::vector<int>{1, 2}));
  ASSERT_EQ(script_.lost_.size(), 1u);
  EXPECT_EQ(script_.lost_[0].fate, Fate::kFinished);
}

TEST_F(ClientTest, ABreakLeavesOpenOnlyWhatTheNodeWasGiven) {
  world_.faults().Draw(Fault::kReset, 2000);
  Start();
  world_.RunUntil(10 * kSecond);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  ASSERT_GT(script_.lost_.size(), 5u);
  // The counter has moved at most by what may have been executed.
  int64_t executed_max = static_cast<int64_t>(script_.replies_.size());
  for (const LostCalls& lost : script_.lost_)
    executed_max += static_cast<int64_t>(lost.executed_max);
  EXPECT_LE(script_.replies_.back(), executed_max);
  EXPECT_GE(script_.replies_.back(), static_cast<int64_t>(script_.replies_.size()));
}

TEST_F(ClientTest, ANodeThatForgetsToAnswerIsReportedOnceAllIsHealed) {
  world_.set_mutant(Mutant::kBytesDropped);
  world_.faults().Heal();
  Start();
  world_.RunUntil(200 * kSecond);
  EXPECT_TRUE(board_.violated());
}

TEST_F(ClientTest, RequestsThatAreMutedAreExecutedAndReplacedByNoOthersReply) {
  script_.calls_ = {{"CLIENT", "REPLY", "SKIP"}, {"INCR", "n"}, {"INCR", "n"},
                    {"CLIENT", "REPLY", "OFF"},  {"INCR", "n"}, {"CLIENT", "REPLY", "ON"}};
  Start("secret", 3);
  world_.RunUntil(kSecond);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  ASSERT_GT(script_.replies_.size(), 20u);
  // The second of three increments, and ON, which is no number.
  for (size_t i = 0; i + 1 < script_.replies_.size(); i += 2) {
    ASSERT_EQ(script_.replies_[i], static_cast<int64_t>(i / 2) * 3 + 2);
    ASSERT_EQ(script_.replies_[i + 1], 0);
  }
  EXPECT_GE(script_.muted_count_, static_cast<int64_t>(script_.replies_.size()) / 2 * 4 - 4);
}

TEST_F(ClientTest, AfterResetItSaysAgainWhoItIs) {
  script_.calls_ = {{"INCR", "n"}, {"RESET"}};
  Start("secret", 3);
  world_.RunUntil(kSecond);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  ASSERT_GT(script_.replies_.size(), 20u);
  for (size_t i = 0; i + 1 < script_.replies_.size(); i += 2)
    ASSERT_EQ(script_.replies_[i], static_cast<int64_t>(i / 2) + 1);
}

TEST_F(ClientTest, QuitEndsTheConnectionAndNothingBehindItCountsAsExecuted) {
  script_.calls_ = {{"INCR", "n"}, {"QUIT"}, {"INCR", "n"}};
  Start();
  world_.RunUntil(2 * kSecond);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  ASSERT_GT(script_.lost_.size(), 2u);
  for (const LostCalls& lost : script_.lost_) {
    EXPECT_EQ(lost.calls.size(), 1u);
    EXPECT_EQ(lost.executed_max, 0u);
  }
  // One increment a connection, each followed by the answer to QUIT.
  for (size_t i = 0; i + 1 < script_.replies_.size(); i += 2)
    EXPECT_EQ(script_.replies_[i], static_cast<int64_t>(i / 2 + 1));
}

}  // namespace
}  // namespace damselfly::sim
