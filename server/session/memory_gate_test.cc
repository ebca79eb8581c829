#include "server/session/memory_gate.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

constexpr absl::string_view kOom = "-OOM command not allowed when used memory > 'maxmemory'.|";

class MemoryGateTest : public testing::Test {
 protected:
  explicit MemoryGateTest(int workers = 1) : node_(workers), client_(node_.Connect()) {}

  // As CONFIG SET does.
  void Limit(int64_t bytes, absl::string_view policy = "noeviction") {
    node_.Set(Parameter::maxmemory, absl::StrCat(bytes));
    node_.Set(Parameter::maxmemory_policy, policy);
    node_.server().ApplyParameters();
  }
  int64_t Counted() {
    const MemoryUse use = MeasureMemory(node_.server());
    return use.total() - use.not_counted();
  }
  // Sets keys of some hundred bytes; returns how many were taken.
  int Fill(int count, Client* client = nullptr) {
    int taken = 0;
    const std::string value(200, 'v');
    for (int i = 0; i < count; ++i) {
      const std::string reply = (client == nullptr ? client_ : client)
                                    ->Call(absl::StrCat("SET key:", next_++, " ", value));
      if (reply == "+OK|") ++taken;
    }
    return taken;
  }
  MemoryGate& gate(int worker = 0) { return node_.server().worker(worker).memory_gate(); }
  int64_t evicted() { return node_.store().TotalCounters().evicted_keys; }

  SessionHarness node_;
  Client* client_;
  int next_ = 0;
};

TEST_F(MemoryGateTest, WithoutALimitItIsNeverDueAgain) {
  EXPECT_EQ(Fill(1), 1);
  EXPECT_FALSE(gate().IsDue());
  EXPECT_EQ(Fill(1000), 1000);
  EXPECT_FALSE(gate().IsDue());
}

TEST_F(MemoryGateTest, WithRoomItIsDueAfterAShareOfIt) {
  Limit(Counted() + (1 << 20));
  EXPECT_TRUE(gate().IsDue());
  EXPECT_EQ(Fill(1), 1);
  EXPECT_FALSE(gate().IsDue());
  int commands = 0;
  while (!gate().IsDue()) commands += Fill(1);
  EXPECT_GE(commands, 200);  // 64 KiB
  EXPECT_EQ(Fill(1000), 1000);
  EXPECT_EQ(evicted(), 0);
}

TEST_F(MemoryGateTest, AboveTheLimitCommandsThatNeedMemoryAreRefused) {
  Limit(Counted() + 100000);
  const int taken = Fill(1000);
  EXPECT_GT(taken, 200);
  EXPECT_LT(taken, 420);
  EXPECT_EQ(client_->Call("SET a b"), kOom);
  EXPECT_EQ(client_->Call("APPEND key:0 b"), kOom);
  EXPECT_EQ(client_->Call("STRLEN key:0"), ":200|");
  EXPECT_EQ(client_->Call("EXPIRE key:0 100"), ":1|");
  EXPECT_EQ(node_.Stats("set").rejected_calls.get(), 1000 - taken + 1);
  // Arguments are judged first, and what there is no such command for.
  EXPECT_TRUE(absl::StartsWith(client_->Call("SET a"), "-ERR wrong number"));
  // Deleting helps.
  for (int i = 0; i < 100; ++i) client_->Call(absl::StrCat("DEL key:", i));
  EXPECT_EQ(client_->Call("SET a b"), "+OK|");
}

TEST_F(MemoryGateTest, InATransactionEverythingIsRefused) {
  Fill(100);
  Limit(1);
  EXPECT_EQ(client_->Call("MULTI"), "+OK|");
  EXPECT_EQ(client_->Call("GET key:0"), kOom);
  EXPECT_EQ(client_->Call("EXEC"), "-EXECABORT Transaction discarded because of previous errors.|");
  EXPECT_EQ(client_->Call("MULTI|DISCARD"), "+OK|+OK|");
}

TEST_F(MemoryGateTest, ExecIsRefusedWithWhatWasQueuedBefore) {
  Fill(100);
  EXPECT_EQ(client_->Call("MULTI|SET a b"), "+OK|+QUEUED|");
  Limit(1);
  EXPECT_EQ(client_->Call("EXEC"),
            absl::StrCat("-EXECABORT Transaction discarded because of: ", kOom.substr(1)));
  EXPECT_EQ(client_->Call("GET a"), "$-1|");
  Limit(0);
  EXPECT_EQ(client_->Call("MULTI|GET a"), "+OK|+QUEUED|");
  Limit(1);
  EXPECT_EQ(client_->Call("EXEC"), "*1|$-1|");
}

TEST_F(MemoryGateTest, KeysAreEvictedInsteadWhereThePolicyAllowsIt) {
  Limit(Counted() + 200000, "allkeys-lru");
  EXPECT_EQ(Fill(3000), 3000);
  EXPECT_GT(evicted(), 1500);
  EXPECT_LE(Counted(), node_.config().integer(Parameter::maxmemory) + 5000);
  EXPECT_GE(Counted(), node_.config().integer(Parameter::maxmemory) - 5000);
  EXPECT_EQ(client_->Call(absl::StrCat("EXISTS key:", next_ - 1)), ":1|");
}

TEST_F(MemoryGateTest, VolatilePoliciesRefuseWhenNoKeyHasADeadline) {
  Fill(100);
  client_->Call("SET volatile x EX 1000");
  Limit(1, "volatile-ttl");
  EXPECT_EQ(client_->Call("SET a b"), kOom);
  EXPECT_EQ(evicted(), 1);
  EXPECT_EQ(node_.store().KeyCount(0), 100u);
}

TEST_F(MemoryGateTest, AFewAreEvictedForOneCommandAndTheRestInTheBackground) {
  Fill(5000);
  node_.Set(Parameter::maxmemory_eviction_tenacity, "1");
  Limit(1, "allkeys-random");
  // There is more to evict, so nothing is refused.
  EXPECT_EQ(node_.server().worker(0).memory_gate().IsShort(node_.runtime().loop(0).pass_wall_ms()),
            false);
  EXPECT_EQ(evicted(), 50);
  node_.server().worker(0).Start();
  node_.AdvanceMs(1000);
  EXPECT_EQ(node_.store().KeyCount(0), 0u);
}

TEST_F(MemoryGateTest, NothingIsEvictedWhileClientsArePaused) {
  Fill(100);
  client_->Call("CLIENT PAUSE 1000 WRITE");
  Limit(1, "allkeys-lru");
  EXPECT_EQ(client_->Call("PING"), "+PONG|");
  EXPECT_FALSE(gate().EvictMore(node_.runtime().loop(0).pass_wall_ms()));
  EXPECT_EQ(evicted(), 0);
  client_->Call("CLIENT UNPAUSE");
  gate().EvictMore(node_.runtime().loop(0).pass_wall_ms());
  EXPECT_GT(evicted(), 0);
}

TEST_F(MemoryGateTest, ReplicasNeitherEvictNorRefuse) {
  Fill(100);
  node_.server().is_replica.store(true);
  node_.store().set_owns_expiry(false);
  Limit(1, "allkeys-lru");
  EXPECT_EQ(Fill(10), 10);
  EXPECT_EQ(evicted(), 0);
  EXPECT_FALSE(gate().IsDue());
}

TEST_F(MemoryGateTest, TheTimeAboveTheLimitIsCounted) {
  ServerState& server = node_.server();
  Fill(100);
  Limit(1);
  const int64_t now_ms = server.exceeded_since_ms.load();
  EXPECT_GT(now_ms, 0);
  server.NoteMemory(now_ms + 300);
  EXPECT_EQ(server.exceeded_ms.load(), 0);
  node_.Set(Parameter::maxmemory, "1gb");
  server.NoteMemory(now_ms + 500);
  EXPECT_EQ(server.exceeded_ms.load(), 500);
  EXPECT_EQ(server.exceeded_since_ms.load(), 0);
}

class MemoryGateOfTwoTest : public MemoryGateTest {
 protected:
  MemoryGateOfTwoTest() : MemoryGateTest(2) {}
};

// At the latest when it has used up the share that it has been given before.
TEST_F(MemoryGateOfTwoTest, EachWorkerSeesWhatTheOtherHasFilled) {
  Client* other = node_.Connect(1);
  Fill(1, other);
  Limit(Counted() + 300000);
  const int taken = Fill(1000) + Fill(1000, other) + Fill(1000);
  EXPECT_LT(taken, 1500);
  EXPECT_EQ(client_->Call("SET a b"), kOom);
  EXPECT_EQ(other->Call("SET a b"), kOom);
  Limit(0);
  EXPECT_EQ(other->Call("SET a b"), "+OK|");
}

}  // namespace
}  // namespace damselfly
