// What a session is told ahead shows in nothing but time. What can be tested is that it may be
// told anything, and whatever becomes of the bytes afterwards.
#include "server/session/expected_keys.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "server/runtime/random.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

void Tell(Client* client, absl::string_view data) {
  // Dead afterwards, as the loop's buffer is.
  const auto copy = std::make_unique<std::string>(data);
  client->wire().handler->OnDataSoon(*copy);
}

std::string SomeCommand(Random* random) {
  const std::string key = absl::StrCat("key", random->Below(40));
  switch (random->Below(10)) {
    case 0:
      return MakeCommand({"DEL", key});
    case 1:
      return MakeCommand({"MGET", key, absl::StrCat("key", random->Below(40))});
    case 2:
      return MakeCommand({"SELECT", absl::StrCat(random->Below(3))});
    case 3:
      return MakeCommand({"NOSUCHCOMMAND", key});
    case 4:
      return MakeCommand({"PING"});
    case 5:
      return absl::StrCat("GET ", key, "\r\n");
    case 6:
      return absl::StrCat(MakeCommand({"INCR", "count"}), MakeCommand({"GET", key}));
    case 7:
      return MakeCommand({"SET", key, std::string(random->Below(400), 'v')});
    default:
      return MakeCommand({random->Below(2) == 0 ? "GET" : "SCAN", key});
  }
}

void ExpectTheSameRepliesHoweverMuchIsTold(int workers) {
  SessionHarness told(workers);
  SessionHarness plain(workers);
  std::vector<Client*> told_clients;
  std::vector<Client*> plain_clients;
  // More than there is room for.
  for (size_t i = 0; i < ExpectedKeys::kKeysMax + 8; ++i) {
    told_clients.push_back(told.Connect());
    plain_clients.push_back(plain.Connect());
  }
  Random random(1);
  std::vector<std::string> sent(told_clients.size());
  std::vector<std::string> rest(told_clients.size());
  for (int round = 0; round < 200; ++round) {
    for (size_t i = 0; i < sent.size(); ++i) {
      // Cut anywhere: what begins in the middle of a command may be told, too.
      rest[i] += SomeCommand(&random);
      sent[i] = rest[i].substr(0, 1 + random.Below(2 * rest[i].size()));
      rest[i].erase(0, sent[i].size());
    }
    for (size_t i = 0; i < sent.size(); ++i) {
      if (random.Below(4) != 0) Tell(told_clients[i], sent[i]);
    }
    for (size_t i = 0; i < sent.size(); ++i) {
      if (random.Below(16) == 0) {  // paused meanwhile
        rest[i].insert(0, sent[i]);
        continue;
      }
      ASSERT_EQ(told_clients[i]->SendRaw(sent[i]), plain_clients[i]->SendRaw(sent[i])) << sent[i];
    }
  }
  EXPECT_EQ(told.store().KeyCountOfAllDatabases(), plain.store().KeyCountOfAllDatabases());
}

TEST(ExpectedKeys, RepliesAreTheSameHoweverMuchIsToldAhead) {
  ExpectTheSameRepliesHoweverMuchIsTold(1);
}

TEST(ExpectedKeys, RepliesAreTheSameAmongSeveralWorkers) {
  ExpectTheSameRepliesHoweverMuchIsTold(2);
}

TEST(ExpectedKeys, TheKeyOfASingleShortCommandIsExpectedUntilTheFirstClientIsServed) {
  SessionHarness node;
  const ExpectedKeys& expected = node.server().worker(0).expected_keys();
  Client* const first = node.Connect();
  Client* const second = node.Connect();
  Tell(first, MakeCommand({"GET", "a"}));
  EXPECT_EQ(expected.size(), 1u);
  Tell(second, MakeCommand({"SET", "a", "1"}));
  EXPECT_EQ(expected.size(), 2u);
  EXPECT_EQ(first->Call("GET a"), "$-1|");
  EXPECT_EQ(expected.size(), 0u);
}

TEST(ExpectedKeys, WhatHasNoKeyOrIsLongOrBeginsWithinACommandIsNot) {
  SessionHarness node;
  const ExpectedKeys& expected = node.server().worker(0).expected_keys();
  Client* const client = node.Connect();
  Tell(client, MakeCommand({"PING"}));
  Tell(client, MakeCommand({"NOSUCHCOMMAND", "a"}));
  Tell(client, MakeCommand({"SCAN", "0"}));
  Tell(client, MakeCommand({"SET", "a", std::string(300, 'v')}));
  client->SendRaw("*2\r\n$3\r\nG");
  Tell(client, MakeCommand({"GET", "a"}));
  EXPECT_EQ(expected.size(), 0u);
}

TEST(ExpectedKeys, AClientThatIsToldAndGoesLeavesTheOthersAlone) {
  SessionHarness node;
  Client* const gone = node.Connect();
  Client* const other = node.Connect();
  Tell(gone, MakeCommand({"GET", "a"}));
  Tell(other, MakeCommand({"SET", "a", "1"}));
  gone->HangUp();
  EXPECT_EQ(other->Call("SET a 1"), "+OK|");
  EXPECT_EQ(other->Call("GET a"), "$1|1|");
}

}  // namespace
}  // namespace damselfly
