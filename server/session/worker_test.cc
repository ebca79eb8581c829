#include "server/session/worker.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

TEST(Worker, TurnsAwayWhoIsTooMany) {
  SessionHarness node(2);
  node.Set(Parameter::maxclients, "2");
  Client* first = node.Connect(0);
  node.Connect(1);
  Client* third = node.Connect(0);
  EXPECT_EQ(third->Take(), "-ERR max number of clients reached|");
  EXPECT_TRUE(third->wire().destroyed);
  EXPECT_EQ(node.server().worker(0).stats().connections_rejected.get(), 1);
  EXPECT_EQ(node.server().worker(0).stats().connections_received.get(), 1);
  first->Call("QUIT");
  EXPECT_EQ(node.Connect(0)->Call("PING"), "+PONG|");
}

TEST(Worker, ProtectedModeTurnsAwayStrangersWhileThereIsNoPassword) {
  SessionHarness node;
  node.Set(Parameter::protected_mode, "yes");
  Client* stranger = node.Connect(0, "10.0.0.1");
  EXPECT_EQ(stranger->Take().substr(0, 8), "-DENIED ");
  EXPECT_TRUE(stranger->closed());
  EXPECT_EQ(node.Connect(0, "127.0.0.1")->Call("PING"), "+PONG|");
  EXPECT_EQ(node.Connect(0, "::1")->Call("PING"), "+PONG|");
  node.Set(Parameter::requirepass, "secret");
  EXPECT_EQ(node.Connect(0, "10.0.0.1")->Call("AUTH secret"), "+OK|");
  node.Set(Parameter::requirepass, "");
  node.Set(Parameter::protected_mode, "no");
  EXPECT_EQ(node.Connect(0, "10.0.0.1")->Call("PING"), "+PONG|");
}

TEST(Worker, FindsItsSessionsByIdUntilTheyAreGone) {
  SessionHarness node;
  Client* client = node.Connect();
  Worker& worker = node.server().worker(0);
  const uint64_t id = client->session()->id();
  EXPECT_EQ(worker.FindSession(id), client->session());
  EXPECT_EQ(worker.FindSession(id + 1), nullptr);
  client->Call("QUIT");
  EXPECT_EQ(worker.FindSession(id), nullptr);
}

TEST(Worker, ClosesIdleSessionsInTheBackground) {
  SessionHarness node;
  node.Set(Parameter::timeout, "5");
  Client* idle = node.Connect();
  Client* blocked = node.Connect();
  Client* monitor = node.Connect();
  blocked->Call("BLOCK 0");
  monitor->Call("MONITOR");
  for (int i = 0; i < 100; ++i) node.Connect();
  Client* busy = node.Connect();
  node.server().worker(0).Start();
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(i < 4 && idle->closed());
    node.AdvanceMs(1000);
    EXPECT_EQ(busy->Call("PING"), "+PONG|");
  }
  EXPECT_TRUE(idle->wire().destroyed);
  EXPECT_FALSE(blocked->closed());
  EXPECT_FALSE(monitor->closed());
  EXPECT_EQ(node.server().clients().size(), 3);
}

TEST(Worker, ExpiresKeysInTheBackground) {
  SessionHarness node;
  node.server().worker(0).Start();
  node.Connect()->Call("SET k v PX 100|SET l v");
  node.AdvanceMs(5000);
  EXPECT_EQ(node.store().KeyCount(0), 1u);
}

TEST(Worker, MemoryGoesBackOnceMostOfItHasBeenFreed) {
  SessionHarness node(2);
  node.server().worker(0).Start();
  Client* client = node.Connect();
  const std::string value(8 << 20, 'x');
  for (int i = 0; i < 8; ++i) client->Call(absl::StrCat("SET k", i, " ", value));
  node.AdvanceMs(1000);
  client->Call("UNLINK k0 k1");
  node.AdvanceMs(1000);
  EXPECT_EQ(node.runtime().memory_releases, 0);
  client->Call("FLUSHALL");
  node.AdvanceMs(1000);
  EXPECT_EQ(node.runtime().memory_releases, 2);  // each worker, once
  node.AdvanceMs(1000);
  EXPECT_EQ(node.runtime().memory_releases, 2);
}

TEST(Worker, KillsClientsOfOtherWorkers) {
  SessionHarness node(2);
  Client* killer = node.Connect(0);
  Client* victim = node.Connect(1);
  EXPECT_EQ(killer->Call(absl::StrCat("CLIENT KILL ID ", victim->session()->id())), ":1|");
  EXPECT_TRUE(victim->wire().destroyed);
  EXPECT_EQ(killer->Call("PING"), "+PONG|");
}

TEST(Worker, UnpauseWakesTheClientsOfAllWorkers) {
  SessionHarness node(2);
  Client* first = node.Connect(0);
  Client* second = node.Connect(1);
  node.server().Pause(ServerState::PauseKind::kAll, node.runtime().loop(0).pass_wall_ms() + 100000);
  EXPECT_EQ(first->Call("PING 1"), "");
  EXPECT_EQ(second->Call("PING 2"), "");
  node.server().Unpause();
  EXPECT_EQ(first->Run(), "$1|1|");
  EXPECT_EQ(second->Run(), "$1|2|");
}

TEST(Worker, APausedClientThatLeavesIsForgotten) {
  SessionHarness node;
  Client* client = node.Connect();
  Client* other = node.Connect();
  node.server().Pause(ServerState::PauseKind::kAll, node.runtime().loop(0).pass_wall_ms() + 100);
  client->Call("PING");
  other->Call("PING");
  client->HangUp();
  EXPECT_TRUE(client->wire().destroyed);
  node.AdvanceMs(100);
  EXPECT_EQ(other->Take(), "+PONG|");
}

TEST(Worker, AMonitorThatIsTooSlowIsClosedWhileOthersGoOn) {
  SessionHarness node(2);
  node.Set(Parameter::client_output_buffer_limit, "normal 1000 0 0");
  Client* slow = node.Connect(1);
  Client* fast = node.Connect(1);
  slow->Call("MONITOR");
  fast->Call("MONITOR");
  slow->wire().room_bytes = 0;
  Client* client = node.Connect(0);
  for (int i = 0; i < 50; ++i) client->Call("ECHO 0123456789");
  EXPECT_TRUE(slow->wire().destroyed);
  EXPECT_FALSE(fast->closed());
  EXPECT_EQ(fast->Take().size(),
            50 * std::string("+1.000000 [0 127.0.0.1:50000] \"ECHO\" \"0123456789\"|").size());
  EXPECT_EQ(node.server().monitor_count.load(), 1);
}

}  // namespace
}  // namespace damselfly
