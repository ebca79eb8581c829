// Scripted dialogs of several connections, played to our server and to a real redis-server: every
// connection gets the same replies and messages, in the same order, after every line.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

// Lines "connection> command"; "connection~ command" compares what comes without its order.
struct Dialog {
  absl::string_view title;
  std::vector<absl::string_view> lines;
};

const Dialog kDialogs[] = {
    {"leaving what one is not subscribed to",
     {"a> UNSUBSCRIBE", "a> PUNSUBSCRIBE", "a> UNSUBSCRIBE x y", "a> PUNSUBSCRIBE x*", "a> GET k",
      "a> SUBSCRIBE c", "a> UNSUBSCRIBE x", "a> PUNSUBSCRIBE"}},
    {"counts of channels and patterns together",
     {"a> SUBSCRIBE c1 c2 c1", "a> PSUBSCRIBE c* c*", "a> UNSUBSCRIBE c1", "a> PUNSUBSCRIBE",
      "a> UNSUBSCRIBE", "a> GET k"}},
    {"leaving several at once",
     {"a> SUBSCRIBE c1 c2 c3", "a> PSUBSCRIBE p1* p2*", "b> PUBSUB NUMPAT", "b~ PUBSUB CHANNELS",
      "b> PUBSUB NUMSUB c1 c2 p1", "a> UNSUBSCRIBE c1 c2 c3", "b> PUBSUB CHANNELS",
      "a> PUNSUBSCRIBE p1* p2*", "b> PUBSUB NUMPAT"}},
    {"a message to channels and patterns of several clients",
     {"a> SUBSCRIBE news", "b> PSUBSCRIBE n*s", "c> SUBSCRIBE news other", "c> PSUBSCRIBE ne*",
      "d> PUBLISH news hello", "d> PUBLISH other hello", "d> PUBLISH nobody hello",
      "c> UNSUBSCRIBE news", "d> PUBLISH news again", "a> RESET", "d> PUBLISH news once-more"}},
    {"patterns",
     {"a> PSUBSCRIBE h?llo", "b> PSUBSCRIBE h[ae]llo", "c> PSUBSCRIBE h\\?llo *",
      "d> PUBLISH hello 1", "d> PUBLISH hallo 2", "d> PUBLISH hxllo 3", "d> PUBSUB NUMPAT",
      "c> PUNSUBSCRIBE *", "d> PUBLISH h?llo 4"}},
    {"what a subscriber may do",
     {"a> SUBSCRIBE c", "a> PING",     "a> PING x",        "a> PING x y",    "a> GET k",
      "a> GET",         "a> NOSUCH",   "a> CLIENT",        "a> CLIENT FOO",  "a> CLIENT GETNAME",
      "a> MULTI",       "a> EXEC",     "a> DISCARD",       "a> PUBLISH c m", "a> PUBSUB NUMPAT",
      "a> ECHO x",      "a> SELECT 1", "a> UNSUBSCRIBE c", "a> GET k",       "a> PING"}},
    {"to oneself",
     {"a> SUBSCRIBE c", "a> PUBLISH c m", "a> PSUBSCRIBE c", "a> PUBLISH c m", "a> PUBLISH d m"}},
    {"in a transaction",
     {"a> MULTI", "a> SUBSCRIBE c", "a> PUBLISH c m1", "a> PING", "a> GET k", "a> UNSUBSCRIBE",
      "a> PSUBSCRIBE d*", "a> PUBLISH d1 m2", "a> EXEC", "a> GET k", "b> PUBLISH d2 m3",
      "a> PUNSUBSCRIBE", "a> GET k"}},
    {"a transaction that publishes",
     {"a> SUBSCRIBE c", "b> MULTI", "b> PUBLISH c 1", "b> SET k v", "b> PUBLISH c 2", "b> GET k",
      "b> EXEC", "b> DEL k"}},
    {"a transaction before and after subscribing",
     {"a> MULTI", "a> SUBSCRIBE", "a> EXEC", "a> MULTI", "a> SUBSCRIBE c", "a> EXEC", "a> EXEC",
      "a> RESET", "a> EXEC"}},
    {"reset", {"a> SUBSCRIBE c", "a> PSUBSCRIBE c*", "a> RESET", "b> PUBLISH c m", "a> GET k"}},
    {"quit", {"a> PING", "b> SUBSCRIBE c", "b> QUIT", "a> PUBLISH c m"}},
    {"arguments",
     {"a> SUBSCRIBE", "a> PSUBSCRIBE", "a> PUBLISH", "a> PUBLISH c", "a> PUBLISH c m x",
      "a> SSUBSCRIBE", "a> SPUBLISH c", "a> PUBSUB", "a> PUBSUB NOSUCH", "a> PUBSUB NUMPAT x",
      "a> PUBSUB CHANNELS a b", "a> PUBSUB NUMSUB", "a> PUBSUB CHANNELS"}},
    {"what COMMAND says",
     {"a> COMMAND INFO subscribe unsubscribe psubscribe punsubscribe publish",
      "a> COMMAND INFO ssubscribe sunsubscribe spublish", "a> COMMAND INFO pubsub|channels",
      "a> COMMAND INFO pubsub|numsub", "a> COMMAND INFO pubsub|numpat",
      "a> COMMAND INFO pubsub|help", "a> COMMAND INFO pubsub|shardchannels",
      "a> COMMAND INFO pubsub|shardnumsub", "a> COMMAND GETKEYS spublish c m",
      "a> COMMAND GETKEYS publish c m"}},
};

// For one slot: a cluster refuses to look at several at once.
const Dialog kShardDialogs[] = {
    {"shard channels have a count of their own",
     {"a> SUNSUBSCRIBE", "a> SUNSUBSCRIBE {s}x", "a> SSUBSCRIBE {s}1 {s}2 {s}1", "a> SUBSCRIBE c",
      "a> PSUBSCRIBE {s}*", "a> GET k", "a> PING", "a> SUNSUBSCRIBE {s}1", "a> UNSUBSCRIBE",
      "a> PUNSUBSCRIBE", "a> GET k", "a> SUNSUBSCRIBE", "a> GET k"}},
    {"messages of shard channels",
     {"a> SSUBSCRIBE {s}1", "b> SUBSCRIBE {s}1", "b> PSUBSCRIBE *", "c> SPUBLISH {s}1 m",
      "c> PUBLISH {s}1 m", "c> SPUBLISH {s}2 m", "c> PUBSUB SHARDCHANNELS",
      "c> PUBSUB SHARDNUMSUB {s}1 {s}2", "c> PUBSUB SHARDCHANNELS x*", "c> PUBSUB SHARDNUMSUB",
      "c> PUBSUB CHANNELS", "c> PUBSUB SHARDCHANNELS a b", "a> RESET", "c> SPUBLISH {s}1 m",
      "c> PUBSUB SHARDCHANNELS"}},
    {"shard channels to oneself and in a transaction",
     {"a> SSUBSCRIBE {s}", "a> SPUBLISH {s} m", "b> MULTI", "b> SPUBLISH {s} 1",
      "b> SSUBSCRIBE {s}", "b> SUNSUBSCRIBE", "b> SPUBLISH {s} 2", "b> EXEC", "b> GET {s}"}},
};

// One server with the connections of a dialog, opened when they first speak.
class Stage {
 public:
  Stage(ServerProcess* server, int protocol) : server_(*server), protocol_(protocol) {}

  Client& client(const std::string& name) {
    std::unique_ptr<Client>& client = clients_[name];
    if (client == nullptr) {
      client = *Client::Connect(server_.port());
      if (protocol_ == 3) client->Run({"HELLO", "3"});
    }
    return *client;
  }

  void Send(const std::string& name, absl::string_view command) {
    if (command == "MULTI") in_transaction_.insert(name);
    if (command == "EXEC" || command == "RESET") in_transaction_.erase(name);
    EXPECT_TRUE(client(name).Send(absl::StrCat(command, "\r\n")).ok()) << command;
  }

  // What every connection gets until it answers a last PING; in a transaction, which would queue
  // that, `speaker` gets one reply and all others none. Exact on a server of one thread.
  std::map<std::string, std::vector<std::string>> ReceiveAll(const std::string& speaker) {
    std::map<std::string, std::vector<std::string>> received;
    for (auto& [name, client] : clients_) {
      std::vector<std::string>& replies = received[name];
      if (in_transaction_.count(name) > 0) {
        if (name == speaker) replies = Receive(name, 1);
        continue;
      }
      if (!client->Send("PING fence\r\n").ok()) continue;  // it has quit
      while (true) {
        auto reply = client->ReadReply();
        if (!reply.ok() || absl::StrContains(*reply, "$5\r\nfence\r\n")) break;
        replies.push_back(*std::move(reply));
      }
    }
    return received;
  }

  // So many replies of one connection, fewer if it is closed.
  std::vector<std::string> Receive(const std::string& name, size_t count) {
    std::vector<std::string> replies;
    while (replies.size() < count) {
      auto reply = client(name).ReadReply();
      if (!reply.ok()) break;
      replies.push_back(*std::move(reply));
    }
    return replies;
  }

 private:
  ServerProcess& server_;
  const int protocol_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::set<std::string> in_transaction_;
};

std::string Shown(std::vector<std::string> replies) {
  for (std::string& reply : replies) reply = Printable(reply);
  return absl::StrJoin(replies, " ");
}

// Without the order of the elements of each reply.
std::vector<std::string> Sorted(const std::vector<std::string>& replies) {
  std::vector<std::string> sorted;
  for (const std::string& reply : replies) {
    std::vector<absl::string_view> elements = SplitElements(reply);
    std::sort(elements.begin(), elements.end());
    sorted.push_back(absl::StrJoin(elements, ""));
  }
  return sorted;
}

void Play(const Dialog& dialog, int protocol, ServerProcess* ours, ServerProcess* theirs) {
  SCOPED_TRACE(absl::StrCat("RESP", protocol, ": ", dialog.title));
  Stage our_stage(ours, protocol);
  Stage their_stage(theirs, protocol);
  for (absl::string_view line : dialog.lines) {
    const std::string name(line.substr(0, 1));
    their_stage.Send(name, line.substr(3));
    our_stage.Send(name, line.substr(3));
    for (const auto& [receiver, expected] : their_stage.ReceiveAll(name)) {
      const auto received = our_stage.Receive(receiver, expected.size());
      const bool equal =
          line[1] == '~' ? Sorted(received) == Sorted(expected) : received == expected;
      EXPECT_TRUE(equal) << line << "\n  '" << receiver << "' got   " << Shown(received)
                         << "\n  with Redis " << Shown(expected);
      if (!equal) return;
    }
  }
  // Nothing more has come: the next reply of each connection is that to a PING.
  for (const auto& [receiver, extra] : our_stage.ReceiveAll(""))
    EXPECT_EQ(Shown(extra), "") << "'" << receiver << "' got more than with Redis";
}

void PlayAll(absl::Span<const Dialog> dialogs, const std::vector<std::string>& flags) {
  auto theirs = ServerProcess::StartRedis({});
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  for (const char* threads : {"--threads=1", "--threads=3"}) {
    std::vector<std::string> our_flags = flags;
    our_flags.push_back(threads);
    auto ours = ServerProcess::StartDamselfly(our_flags);
    ASSERT_TRUE(ours.ok()) << ours.status();
    for (int protocol : {2, 3}) {
      for (const Dialog& dialog : dialogs) Play(dialog, protocol, ours->get(), theirs->get());
    }
    EXPECT_EQ((*ours)->Stop(15), 0) << (*ours)->Log();
  }
}

TEST(PubSubDialogs, RunAsWithRedis) { PlayAll(kDialogs, {}); }

// A redis-server outside a cluster knows shard channels too, and answers as one in a cluster does.
TEST(PubSubDialogs, OfShardChannelsRunAsWithRedis) {
  PlayAll(kShardDialogs, {"--cluster_mode=emulated"});
}

}  // namespace
}  // namespace damselfly
