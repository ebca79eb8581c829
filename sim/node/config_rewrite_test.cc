// CONFIG REWRITE on disks that fail: what the server says, and what a machine finds when it comes
// back.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/resp/reply_reader.h"
#include "server/resp/request_writer.h"
#include "sim/node/sim_node.h"
#include "sim/world/decider.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

constexpr char kPath[] = "damselfly.conf";

// Sends commands one behind the other on a connection of their own, and keeps the last reply.
class Caller final : public StreamHandler {
 public:
  Caller(Host* host, Endpoint server, std::string requests) : unsent_(std::move(requests)) {
    SimRuntime& runtime = host->runtime();
    runtime.loop(0).Post([this, &runtime, server] {
      runtime.network().Connect(runtime.loop(0), server,
                                [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
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
    while (reader_.Next(&reply) == ReplyReader::Result::kReply) last_ = DebugString(reply);
  }
  void OnWritable() override {
    const absl::string_view piece = unsent_;
    unsent_.erase(0, stream_->Write({&piece, 1}));
  }
  void OnClosed(const absl::Status&) override {}
  const std::string& last() const { return last_; }

 private:
  std::string unsent_;
  std::unique_ptr<Stream> stream_;
  ReplyReader reader_;
  std::string last_;
};

class ConfigRewrite : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    auto file = host_.disk().Create(kPath);
    ASSERT_TRUE((*file)->Append("slowlog-max-len 1\n").ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE(host_.disk().SyncDirectory(".").ok());
    node_.Start();
  }

  std::string Call(const std::string& requests) {
    const Caller caller(&client_host_, node_.endpoint(), requests);
    world_.RunUntil(world_.now_ns() + kSecond);
    return caller.last();
  }
  // Of the process that runs.
  std::string MaxLen() { return Call(MakeCommand({"CONFIG", "GET", "slowlog-max-len"})); }
  std::string Rewrite(const std::string& value) {
    return Call(MakeCommand({"CONFIG", "SET", "slowlog-max-len", value}) +
                MakeCommand({"CONFIG", "REWRITE"}));
  }
  // The machine dies, and what is found on its disk is what the next process begins with.
  void Die() {
    node_.Kill(Host::Death::kSilent);
    node_.Start();
  }

  SeededDecider decider_{GetParam()};
  World world_{&decider_, GetParam(), WorldKnobs()};
  Host& host_ = world_.AddHost("node", 2, 0);
  Host& client_host_ = world_.AddHost("client", 1, 0);
  SimNode node_{&host_, {{"config_file", kPath}}};
};

TEST_P(ConfigRewrite, WhatWasAcknowledgedIsThereWhenTheMachineComesBack) {
  world_.faults().Draw(Fault::kLostRename, 65536);
  world_.faults().Draw(Fault::kUnsyncedLost, 65536);
  EXPECT_EQ(MaxLen(), "[\"slowlog-max-len\", \"1\"]");
  EXPECT_EQ(Rewrite("77"), "OK");
  Die();
  EXPECT_EQ(MaxLen(), "[\"slowlog-max-len\", \"77\"]");
}

TEST_P(ConfigRewrite, WithAFullDiskTheFileStaysAsItWas) {
  world_.faults().Draw(Fault::kDiskFull, 65536);
  EXPECT_TRUE(absl::StartsWith(Rewrite("77"), "(error) ERR Rewriting config file: "));
  EXPECT_GT(world_.faults().effects(Fault::kDiskFull), 0u);
  EXPECT_EQ(*host_.disk().ReadAll(kPath), "slowlog-max-len 1\n");
  Die();
  EXPECT_EQ(MaxLen(), "[\"slowlog-max-len\", \"1\"]");
  // Nothing of the attempt is left, and it can be made again.
  EXPECT_EQ(host_.disk().List(".")->size(), 1u);
  world_.faults().Heal();
  EXPECT_EQ(Rewrite("78"), "OK");
}

// Each write, sync, rename may fail or not: then the file is the old one or the new one, never a
// part of one, and after OK it is the new one.
TEST_P(ConfigRewrite, AfterErrorsTheFileIsWholeAndAsOldAsTheAnswerAllows) {
  world_.faults().Draw(Fault::kDiskError, 20'000);
  world_.faults().Draw(Fault::kDiskFull, 10'000);
  world_.faults().Draw(Fault::kLostRename, 40'000);
  world_.faults().Draw(Fault::kUnsyncedLost, 40'000);
  int acknowledged = 1;
  for (int value = 2; value < 30; ++value) {
    if (Rewrite(absl::StrCat(value)) == "OK") acknowledged = value;
    if (value % 3 == 0) Die();
    const std::string content = *host_.disk().ReadAll(kPath);
    int found = 0;
    for (int i = acknowledged; i <= value; ++i)
      found += absl::StrContains(absl::StrCat("\n", content),
                                 absl::StrCat("\nslowlog-max-len ", i, "\n"));
    EXPECT_EQ(found, 1) << acknowledged << ".." << value << ": " << content;
  }
  EXPECT_GT(world_.faults().effects(Fault::kDiskError), 0u);
}

TEST_P(ConfigRewrite, AnOldDiskBringsBackOldParametersAndAnEmptyOneNone) {
  const auto old = host_.disk().MakeCopy();
  EXPECT_EQ(Rewrite("77"), "OK");
  node_.Kill(Host::Death::kReset);
  EXPECT_TRUE(host_.disk().Restore(old.get()));
  node_.Start();
  EXPECT_EQ(MaxLen(), "[\"slowlog-max-len\", \"1\"]");
  node_.Kill(Host::Death::kReset);
  EXPECT_TRUE(host_.disk().Restore(nullptr));
  node_.Start();
  EXPECT_EQ(MaxLen(), "[\"slowlog-max-len\", \"128\"]");
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConfigRewrite, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace damselfly::sim
