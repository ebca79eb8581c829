// Sessions that send what a source gives.

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/output_source.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

// Gives what it is told to, at most as much as is asked for at a time.
class TestSource final : public OutputSource {
 public:
  bool Produce(OutputBuffer* output, size_t bytes_max) override {
    EXPECT_GT(bytes_max, 0u);
    EXPECT_EQ(closed_count, 0);
    ++asked_count;
    if (during_produce) during_produce();
    if (ends) return false;
    const std::string piece = waiting.substr(0, bytes_max);
    waiting.erase(0, piece.size());
    output->Append(piece);
    return true;
  }
  void OnSessionClosed() override { ++closed_count; }

  std::string waiting;
  bool ends = false;
  int asked_count = 0;
  int closed_count = 0;
  std::function<void()> during_produce;
};

std::shared_ptr<TestSource>* next_source = nullptr;

void Stream(CommandContext& ctx) {
  ctx.session->StreamFrom(*next_source);
  ctx.reply.Ok();
}
constexpr CommandSpec kMore[] = {
    {.name = "stream", .arity = 1, .flags = kAdmin, .since = "1.0.0", .handler = Stream},
};

class SessionStreamTest : public testing::Test {
 protected:
  SessionStreamTest() { next_source = &source_; }
  ~SessionStreamTest() override { next_source = nullptr; }

  std::shared_ptr<TestSource> source_ = std::make_shared<TestSource>();
  SessionHarness node_{2, "", kMore};
  Client* client_ = node_.Connect();
};

TEST_F(SessionStreamTest, SendsWhatTheSourceGivesBehindTheReply) {
  source_->waiting = "first ";
  EXPECT_EQ(client_->Call("PING|STREAM"), "+PONG|+OK|first ");
  EXPECT_EQ(client_->Run(), "");
  source_->waiting = "second";
  client_->session()->Produce();
  EXPECT_EQ(client_->Take(), "second");
}

TEST_F(SessionStreamTest, WhatThePeerStillSendsIsIgnored) {
  EXPECT_EQ(client_->Call("STREAM|SET a 1|NOSUCH"), "+OK|");
  EXPECT_EQ(client_->Call("SET a 1"), "");
  EXPECT_EQ(client_->SendRaw("*nonsense\r\n"), "");
  EXPECT_TRUE(client_->wire().reading);
  EXPECT_FALSE(client_->closed());
  EXPECT_EQ(node_.store().KeyCount(0), 0u);
}

TEST_F(SessionStreamTest, TheSourceIsAskedOnlyWhileThePeerTakes) {
  client_->wire().room_bytes = 100'000;
  source_->waiting.assign(1'000'000, 'x');
  EXPECT_EQ(client_->Call("STREAM").size(), 100'000u - 1);
  EXPECT_EQ(source_->asked_count, 1);
  EXPECT_EQ(source_->waiting.size(), 1'000'000u - 256 * 1024);
  client_->session()->Produce();
  EXPECT_EQ(source_->asked_count, 1);
  client_->AddRoom(100'000);
  EXPECT_EQ(source_->asked_count, 1);
  size_t received_bytes = 0;
  for (int i = 0; i < 20; ++i) {
    client_->AddRoom(100'000);
    received_bytes += client_->wire().output.size();
    client_->wire().output.clear();
  }
  EXPECT_EQ(received_bytes, 5 + 1'000'000u - 100'000u);
  EXPECT_TRUE(source_->waiting.empty());
}

TEST_F(SessionStreamTest, APeerThatTakesEverythingGetsEverythingAndOthersTheirTurn) {
  source_->waiting.assign(20 << 20, 'x');
  client_->wire().handler->OnData("STREAM\r\n");
  const size_t sent_at_once = client_->wire().output.size();
  EXPECT_LE(sent_at_once, size_t{3} << 20);
  EXPECT_EQ(client_->Run().size(), (size_t{20} << 20) + 4);
}

TEST_F(SessionStreamTest, WhatComesUpWhileTheSourceIsAskedIsNotForgotten) {
  client_->Call("STREAM");
  source_->during_produce = [this] {
    if (source_->asked_count % 2 == 0) client_->session()->Produce();
    if (source_->asked_count == 3) source_->waiting = "late";
  };
  client_->session()->Produce();
  EXPECT_EQ(client_->Take(), "late");
}

TEST_F(SessionStreamTest, ASourceThatEndsClosesTheConnection) {
  client_->Call("STREAM");
  source_->ends = true;
  client_->session()->Produce();
  node_.runtime().RunReady();
  EXPECT_TRUE(client_->wire().destroyed);
  EXPECT_EQ(source_->closed_count, 1);
  EXPECT_EQ(source_.use_count(), 1);
}

TEST_F(SessionStreamTest, TheSourceMayCloseTheSessionItself) {
  client_->Call("STREAM");
  source_->during_produce = [this] { client_->session()->Kill(); };
  client_->session()->Produce();
  node_.runtime().RunReady();
  EXPECT_TRUE(client_->wire().destroyed);
  EXPECT_EQ(source_->closed_count, 1);
}

TEST_F(SessionStreamTest, TheEndIsToldOnceHoweverItComes) {
  client_->Call("STREAM");
  int told = 0;
  client_->session()->SetCloseHandler([&told] { ++told; });
  client_->HangUp();
  EXPECT_EQ(source_->closed_count, 1);
  EXPECT_EQ(told, 1);

  Client* killed = node_.Connect();
  killed->session()->SetCloseHandler([&told] { ++told; });
  killed->session()->Kill();
  node_.runtime().RunReady();
  EXPECT_EQ(told, 2);

  Client* left = node_.Connect();
  left->session()->SetCloseHandler([&told] { ++told; });
  node_.server().CloseSessions();
  EXPECT_EQ(told, 3);
}

TEST_F(SessionStreamTest, WhoIsToldOfTheEndMayLookForOtherSessions) {
  Client* other = node_.Connect();
  const uint64_t id = client_->session()->id();
  const uint64_t other_id = other->session()->id();
  client_->session()->SetCloseHandler([this, id, other_id] {
    EXPECT_EQ(node_.server().worker(0).FindSession(id), nullptr);
    node_.server().KillClient(other_id, 0);
  });
  client_->HangUp();
  EXPECT_TRUE(other->wire().destroyed);
}

TEST_F(SessionStreamTest, WorkForASessionRunsOnItsWorkerWhileItIsThere) {
  Client* other = node_.Connect(1);
  const uint64_t id = other->session()->id();
  int runs = 0;
  const auto count = [&](Session& session) {
    EXPECT_EQ(session.id(), id);
    ++runs;
  };
  node_.server().PostToSession(id, 1, count);
  EXPECT_EQ(runs, 0);
  node_.runtime().RunReady();
  EXPECT_EQ(runs, 1);
  node_.server().PostToSession(id, 1, [&](Session& session) {
    count(session);
    session.Kill();
    node_.server().PostToSession(id, 1, count);
  });
  node_.runtime().RunReady();
  node_.server().PostToSession(id, 1, count);
  node_.runtime().RunReady();
  EXPECT_EQ(runs, 2);
}

TEST_F(SessionStreamTest, MayBeginOutsideACommand) {
  source_->waiting = "bytes";
  node_.server().PostToSession(client_->session()->id(), 0,
                               [this](Session& session) { session.StreamFrom(source_); });
  EXPECT_EQ(client_->Run(), "bytes");
}

TEST_F(SessionStreamTest, BeginsBehindAPauseToo) {
  node_.Connect()->Call("CLIENT PAUSE 1000 ALL");
  EXPECT_EQ(client_->Call("STREAM|PING"), "");
  source_->waiting = "bytes";
  node_.AdvanceMs(1001);
  EXPECT_EQ(client_->Run(), "+OK|bytes");
  EXPECT_EQ(client_->Call("PING"), "");
}

TEST_F(SessionStreamTest, CountsAsAReplica) {
  Client* other = node_.Connect();
  client_->Call("STREAM");
  const std::string line = other->Call("CLIENT LIST TYPE replica");
  EXPECT_TRUE(absl::StrContains(line, " flags=S ")) << line;
  EXPECT_TRUE(absl::StrContains(line, absl::StrCat("id=", client_->session()->id(), " "))) << line;
  EXPECT_EQ(other->Call("CLIENT LIST TYPE slave"), line);
  EXPECT_EQ(other->Call("CLIENT LIST TYPE master"), "$0||");
  EXPECT_FALSE(absl::StrContains(other->Call("CLIENT LIST TYPE normal"), " flags=S "));
  EXPECT_EQ(other->Call("CLIENT KILL TYPE replica"), ":1|");
  EXPECT_TRUE(client_->wire().destroyed);
  EXPECT_EQ(source_->closed_count, 1);
}

TEST_F(SessionStreamTest, HasTheOutputLimitsOfReplicas) {
  node_.Set(Parameter::client_output_buffer_limit, "normal 1000 0 0 slave 500000 0 0");
  client_->wire().room_bytes = 10;
  source_->waiting.assign(400'000, 'x');
  client_->Call("STREAM");
  EXPECT_FALSE(client_->closed());
  node_.Set(Parameter::client_output_buffer_limit, "slave 200000 0 0");
  client_->session()->CheckLimits(node_.runtime().loop(0).pass_wall_ms());
  EXPECT_TRUE(client_->closed());
}

TEST_F(SessionStreamTest, MayBeIdleForEver) {
  node_.Set(Parameter::timeout, "5");
  client_->Call("STREAM");
  node_.server().worker(0).Start();
  for (int i = 0; i < 60; ++i) node_.AdvanceMs(1000);
  EXPECT_FALSE(client_->closed());
}

TEST_F(SessionStreamTest, APeerThatTakesNothingForTooLongIsClosed) {
  node_.Set(Parameter::replication_timeout, "3000");
  client_->Call("STREAM");
  node_.server().worker(0).Start();
  for (int i = 0; i < 10; ++i) node_.AdvanceMs(1000);
  source_->waiting.assign(1000, 'x');
  client_->wire().room_bytes = 10;
  client_->session()->Produce();
  for (int i = 0; i < 8; ++i) {
    node_.AdvanceMs(1000);
    if (i % 2 == 0) client_->AddRoom(1);
    ASSERT_FALSE(client_->closed()) << i;
  }
  for (int i = 0; i < 5; ++i) node_.AdvanceMs(1000);
  EXPECT_TRUE(client_->wire().destroyed);
  EXPECT_EQ(source_->closed_count, 1);
  EXPECT_TRUE(absl::StrContains(node_.runtime().log.back(), "it has taken nothing for"));
}

}  // namespace
}  // namespace damselfly
