// Scripted dialogs of clients that wait for keys, played to our server and to a real redis-server:
// who is served what, in which order.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

// Lines of a dialog:
//   "a> command"  and its reply; "a> command;command" in one go, and their replies
//   "a: command"  which waits
//   "a<"          the reply to a command that has waited
//   "a|"          all that comes until the connection is closed
//   "a."          hangs up
// "@a" stands for the id of connection a.
struct Dialog {
  absl::string_view title;
  std::vector<absl::string_view> lines;
};

const Dialog kDialogs[] = {
    {"one list", {"a: BLPOP k 0", "b> RPUSH k x y", "a<", "b> LRANGE k 0 -1"}},
    {"the other end", {"a: BRPOP k 0", "b> RPUSH k x y", "a<", "b> LRANGE k 0 -1"}},
    {"what is there already", {"b> RPUSH k2 x", "a> BLPOP k k2 0", "a> EXISTS k2"}},
    {"the first of several keys that has something",
     {"a: BLPOP k1 k2 k3 0", "b> RPUSH k3 x", "a<", "b> RPUSH k1 y", "b> LRANGE k1 0 -1"}},
    {"who has waited longest",
     {"a: BLPOP k 0", "b: BLPOP k2 k 0", "c: BRPOP k 0", "d> RPUSH k 1 2 3 4", "a<", "b<", "c<",
      "d> LRANGE k 0 -1"}},
    {"one after the other",
     {"a: BLPOP k 0", "b: BLPOP k 0", "c: BLPOP k 0", "d> RPUSH k 1", "a<", "d> RPUSH k 2", "b<",
      "a: BLPOP k 0", "d> RPUSH k 3", "c<", "d> RPUSH k 4", "a<"}},
    {"what stands behind the change sees what is left",
     {"a: BLPOP k 0", "b> RPUSH k x y;LLEN k;LLEN k", "a<"}},
    {"what stands behind the command that waits",
     {"a: BLPOP k 0;PING;LLEN k", "b> RPUSH k x y z", "a<", "a<", "a<"}},
    {"a transaction is served at its end",
     {"a: BLPOP k1 k2 0", "b> MULTI", "b> RPUSH k2 x", "b> RPUSH k1 y", "b> LLEN k2", "b> EXEC",
      "a<", "b> EXISTS k1 k2"}},
    {"what is gone at its end is nothing",
     {"a: BLPOP k 0", "b> MULTI;RPUSH k x;DEL k;EXEC", "b> RPUSH k y", "a<"}},
    {"in a transaction nobody waits",
     {"a> MULTI;BLPOP k 0;BRPOPLPUSH k l 0;BLMOVE k l LEFT LEFT 0;BLMPOP 0 1 k LEFT;BZPOPMIN z 0;"
      "BZMPOP 0 1 z MIN;XREAD BLOCK 0 STREAMS s $;EXEC"}},
    {"moves make others ready",
     {"a: BLMOVE k1 k2 LEFT RIGHT 0", "b: BLMOVE k2 k3 LEFT RIGHT 0", "c: BLPOP k3 0",
      "d> RPUSH k1 x y", "a<", "b<", "c<", "d> LRANGE k1 0 -1", "d> EXISTS k2 k3"}},
    {"a move that need not wait serves others",
     {"a: BLPOP k2 0", "b> RPUSH k1 x", "b> BLMOVE k1 k2 LEFT LEFT 0", "a<", "b> EXISTS k1 k2"}},
    {"circles",
     {"a: BLMOVE k l LEFT LEFT 0", "b: BLMOVE l k LEFT LEFT 0", "c> RPUSH k x", "a<", "b<",
      "c> LRANGE k 0 -1", "c> LRANGE l 0 -1", "a> BLMOVE k k LEFT RIGHT 0"}},
    {"a destination of another type",
     {"c> SET l text", "a: BLMOVE k l LEFT LEFT 0", "b: BLPOP k 0", "c> RPUSH k x", "a<", "b<",
      "c> EXISTS k"}},
    {"BRPOPLPUSH", {"a: BRPOPLPUSH k l 0", "b> RPUSH k x y", "a<", "b> LRANGE l 0 -1"}},
    {"BLMPOP",
     {"a: BLMPOP 0 2 k1 k2 RIGHT COUNT 2", "b> RPUSH k2 1 2 3", "a<", "b> LRANGE k2 0 -1"}},
    {"timeouts",
     {"a> BLPOP k 0.05", "a> BRPOP k 0.05", "a> BLMOVE k l LEFT LEFT 0.05",
      "a> BRPOPLPUSH k l 0.05", "a> BLMPOP 0.05 1 k LEFT", "a> BZPOPMIN z 0.05",
      "a> BZPOPMAX z 0.05", "a> BZMPOP 0.05 1 z MIN", "a> XREAD BLOCK 50 STREAMS s 0",
      "b> RPUSH k x", "b> LLEN k"}},
    {"what is no timeout",
     {"a> BLPOP k", "a> BLPOP k x", "a> BLPOP k -1", "a> BLPOP k inf", "a> BLPOP k nan",
      "a> BLPOP k 1e300", "a> BLMPOP x 1 k LEFT", "a> BLMOVE k l LEFT LEFT -0.5",
      "a> XREAD BLOCK x STREAMS s 0", "a> XREAD BLOCK -1 STREAMS s 0",
      "a> XREAD BLOCK 0.5 STREAMS s 0", "a> BZPOPMIN z zz"}},
    {"a key of another type",
     {"b> SET k text", "a> BLPOP k 0", "a> BLPOP k2 k 0", "a: BLPOP k2 0", "b> SET k2 text",
      "b> DEL k2", "b> ZADD k2 1 x", "b> DEL k2", "b> RPUSH k2 x", "a<"}},
    {"lists and sorted sets of one name",
     {"a: BZPOPMIN k 0", "b: BLPOP k 0", "c> RPUSH k x", "b<", "c> ZADD k 1 y", "a<",
      "c> EXISTS k"}},
    {"sorted sets",
     {"a: BZPOPMIN z1 z2 0", "b: BZPOPMAX z2 0", "c: BZMPOP 0 1 z2 MAX COUNT 2",
      "d> ZADD z2 1 a 2 b 3 c 4 d 5 e", "a<", "b<", "c<", "d> ZRANGE z2 0 -1 WITHSCORES"}},
    {"keys that come by other ways",
     {"a: BLPOP k 0", "b> RPUSH l x", "b> RENAME l k", "a<", "a: BLPOP k 0", "b> RPUSH l y",
      "b> COPY l k", "a<", "a: BLPOP k 0", "b> SORT l STORE k ALPHA", "a<", "a: BZPOPMIN z 0",
      "b> SADD t y", "b> ZUNIONSTORE z 1 t", "a<"}},
    {"other databases",
     {"a> SELECT 3", "a: BLPOP k 0", "b> RPUSH k x", "b> SELECT 3", "b> RPUSH k y", "a<",
      "b> SELECT 0", "b> LRANGE k 0 -1", "a: BLPOP k 0", "b> MOVE k 3", "a<"}},
    {"databases that change places", {"a: BLPOP k 0", "b> SELECT 3;RPUSH k x;SWAPDB 0 3", "a<"}},
    {"UNBLOCK",
     {"a: BLPOP k 0", "b> CLIENT UNBLOCK @a", "a<", "a: BLPOP k 0", "b> CLIENT UNBLOCK @a TIMEOUT",
      "a<", "a: BLPOP k 0", "b> CLIENT UNBLOCK @a ERROR", "a<", "b> CLIENT UNBLOCK @a",
      "b> CLIENT UNBLOCK @b", "b> CLIENT UNBLOCK @a FOO", "b> CLIENT UNBLOCK x",
      "b> CLIENT UNBLOCK", "a: BLPOP k 0", "b> MULTI;CLIENT UNBLOCK @a;RPUSH k x;EXEC", "a<",
      "b> LLEN k"}},
    {"KILL", {"a: BLPOP k 0", "b> CLIENT KILL ID @a", "a|", "b> RPUSH k x", "b> LLEN k"}},
    {"who has hung up is not served",
     {"a: BLPOP k 0;PING", "b: BLPOP k 0", "a.", "c> RPUSH k x", "b<", "c> EXISTS k"}},
    {"streams",
     {"a: XREAD BLOCK 0 STREAMS s t $ $", "b: XREAD BLOCK 0 STREAMS s 0", "c> XADD s 1-1 f v", "a<",
      "b<", "a: XREAD COUNT 1 BLOCK 0 STREAMS s 1-1",
      "c> MULTI;XADD s 2-1 f v;XADD s 3-1 f v;"
      "EXEC",
      "a<"}},
    {"streams in one pipeline",
     {"c> XADD s 1-1 f v;XADD STREAMS 2-1 f v;SET k text",
      "a> XREAD STREAMS s 0;XREAD COUNT 1 STREAMS STREAMS 0;XREAD STREAMS s 9;XREAD STREAMS k 0",
      "a> XREAD STREAMS s none 0;XREAD COUNT 1 s;DEL s;XREAD STREAMS s 0",
      "a: XREAD STREAMS STREAMS 1;XREAD BLOCK 0 STREAMS s $;XREAD STREAMS STREAMS 0", "a<",
      "c> XADD STREAMS 3-1 f v;XADD s 4-1 f v", "a<", "a<"}},
    {"groups",
     {"d> XGROUP CREATE s g $ MKSTREAM", "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "b: XREADGROUP GROUP g you BLOCK 0 STREAMS s >", "d> XADD s 1-1 f v", "a<",
      "d> XADD s 2-1 f v", "b<", "d> XPENDING s g"}},
    {"a group that is set back",
     {"d> XADD s 1-1 f v", "d> XGROUP CREATE s g $", "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "d> XGROUP SETID s g 0", "d> XPENDING s g", "d> XADD s 2-1 f v", "a<", "d> XPENDING s g"}},
    {"what is done to groups goes unnoticed by who watches",
     {"d> XADD s 1-1 f v", "d> XGROUP CREATE s g $", "a> WATCH s", "d> XGROUP SETID s g 0",
      "d> XREADGROUP GROUP g me STREAMS s >", "d> XACK s g 1-1", "d> XSETID s 3-1",
      "d> XGROUP DESTROY s g", "a> MULTI;PING;EXEC", "a> WATCH s", "d> XDEL s 1-1",
      "a> MULTI;PING;EXEC"}},
    {"groups and streams that go",
     {"d> XGROUP CREATE s g $ MKSTREAM",
      "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "b: XREAD BLOCK 0 STREAMS s $",
      "d> XGROUP DESTROY s g",
      "a<",
      "d> XGROUP CREATE s g $",
      "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "d> DEL s",
      "a<",
      "d> XGROUP CREATE s g $ MKSTREAM",
      "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "d> SET s text",
      "a<",
      "d> DEL s",
      "d> XGROUP CREATE s g $ MKSTREAM",
      "a: XREADGROUP GROUP g me BLOCK 0 STREAMS s >",
      "d> FLUSHALL",
      "a<",
      "d> XADD s 9-1 f v",
      "b<"}},
    {"without replies",
     {"a> CLIENT REPLY ON", "a: CLIENT REPLY SKIP;BLPOP k 0;PING", "b> RPUSH k x", "a<",
      "b> EXISTS k"}},
    {"CLIENT NO-EVICT and REPLY",
     {"a> CLIENT NO-EVICT ON", "a> CLIENT NO-EVICT off", "a> CLIENT NO-EVICT x",
      "a> CLIENT NO-EVICT", "a> CLIENT REPLY x", "a> CLIENT REPLY", "a> CLIENT PAUSE",
      "a> CLIENT PAUSE x", "a> CLIENT PAUSE -1", "a> CLIENT PAUSE 1 x", "a> CLIENT PAUSE 1 ALL x",
      "a> CLIENT UNPAUSE x", "a> CLIENT UNPAUSE"}},
    {"a pause of writes",
     {"a> SET k v", "b> CLIENT PAUSE 60000 WRITE", "c> PING", "c> GET k", "a: BLPOP l 0",
      "d: XREAD BLOCK 0 STREAMS s $", "b> CLIENT UNPAUSE", "b> RPUSH l x", "a<",
      "b> XADD s 1-1 f v", "d<"}},
    {"a count that is kept waits as writes do",
     {"a> PFADD h x y", "b> CLIENT PAUSE 60000 WRITE", "a: PFCOUNT h", "b> CLIENT UNPAUSE", "a<"}},
};

// One server with the connections of a dialog, opened when they first speak.
class Stage {
 public:
  Stage(ServerProcess* server, int protocol)
      : server_(*server), protocol_(protocol), observer_(*Client::Connect(server->port())) {
    observer_->Run({"FLUSHALL"});
    observer_->Run({"CLIENT", "UNPAUSE"});
  }
  ~Stage() {
    clients_.clear();
    AwaitBlocked(0);
  }

  // What comes for one line.
  std::string Play(absl::string_view line) {
    const std::string name(line.substr(0, 1));
    Client& client = ClientOf(name);
    switch (line[1]) {
      case '>':
        return Exchange(client, line.substr(3));
      case ':': {
        const int blocked = BlockedCount();
        Send(client, line.substr(3));
        AwaitBlocked(blocked + 1);
        return "";
      }
      case '<':
        return ReplyOf(client);
      case '|':
        return *client.ReadToEnd();
      default: {
        const int blocked = BlockedCount();
        clients_.erase(name);
        AwaitBlocked(blocked - 1);
        return "";
      }
    }
  }

 private:
  Client& ClientOf(const std::string& name) {
    std::unique_ptr<Client>& client = clients_[name];
    if (client == nullptr) {
      client = *Client::Connect(server_.port());
      if (protocol_ == 3) client->Run({"HELLO", "3"});
      const std::string id = client->Run({"CLIENT", "ID"});
      ids_["@" + name] = id.substr(1, id.size() - 3);
    }
    return *client;
  }

  std::string Exchange(Client& client, absl::string_view commands) {
    Send(client, commands);
    std::string replies;
    for (size_t i = 0; i <= static_cast<size_t>(std::count(commands.begin(), commands.end(), ';'));
         ++i) {
      replies += ReplyOf(client);
    }
    return replies;
  }
  void Send(Client& client, absl::string_view commands) {
    std::string bytes = absl::StrReplaceAll(commands, {{";", "\r\n"}});
    bytes = absl::StrReplaceAll(bytes, ids_);
    EXPECT_TRUE(client.Send(bytes + "\r\n").ok());
  }
  static std::string ReplyOf(Client& client) {
    const auto reply = client.ReadReply();
    return reply.ok() ? *reply : absl::StrCat("!", reply.status().ToString());
  }

  int BlockedCount() {
    const std::string info = observer_->Run({"INFO", "clients"});
    constexpr absl::string_view kField = "blocked_clients:";
    const size_t begin = info.find(std::string(kField)) + kField.size();
    int count = -1;
    EXPECT_TRUE(absl::SimpleAtoi(info.substr(begin, info.find('\r', begin) - begin), &count));
    return count;
  }
  void AwaitBlocked(int count) {
    for (int i = 0; BlockedCount() != count; ++i) {
      ASSERT_LT(i, 5000) << "not so many blocked clients: " << count;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  ServerProcess& server_;
  const int protocol_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::map<std::string, std::string> ids_;
  std::unique_ptr<Client> observer_;
};

void Play(const Dialog& dialog, int protocol, ServerProcess* ours, ServerProcess* theirs) {
  SCOPED_TRACE(absl::StrCat("RESP", protocol, ": ", dialog.title));
  Stage our_stage(ours, protocol);
  Stage their_stage(theirs, protocol);
  for (const absl::string_view line : dialog.lines) {
    const std::string expected = their_stage.Play(line);
    const std::string received = our_stage.Play(line);
    EXPECT_EQ(Printable(received), Printable(expected)) << line;
    if (received != expected || testing::Test::HasFatalFailure()) return;
  }
}

void PlayAll(const char* threads) {
  auto theirs = ServerProcess::StartRedis({});
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  auto ours = ServerProcess::StartDamselfly({threads});
  ASSERT_TRUE(ours.ok()) << ours.status();
  for (int protocol : {2, 3}) {
    for (const Dialog& dialog : kDialogs) Play(dialog, protocol, ours->get(), theirs->get());
  }
  EXPECT_EQ((*ours)->Stop(15), 0) << (*ours)->Log();
}

TEST(BlockingDialogs, RunAsWithRedisOnOneThread) { PlayAll("--threads=1"); }

TEST(BlockingDialogs, RunAsWithRedisOnFourThreads) { PlayAll("--threads=4"); }

// Workers that push, pop and move on the same few lists: each element is popped once.
TEST(BlockingDialogs, EachElementIsPoppedOnceByOneOfManyClients) {
  constexpr int kElements = 3000;
  auto ours = ServerProcess::StartDamselfly({"--threads=4"});
  ASSERT_TRUE(ours.ok()) << ours.status();
  const int port = (*ours)->port();
  std::vector<std::thread> threads;
  std::vector<std::vector<std::string>> popped(6);
  for (size_t i = 0; i < popped.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto client = *Client::Connect(port);
      while (true) {
        const std::string reply = client->Run({"BLPOP", i % 2 == 0 ? "c" : "d", "e", "0"});
        if (absl::StrContains(reply, "end")) return;
        popped[i].push_back(reply.substr(reply.find('v')));
      }
    });
  }
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([port, i] {
      const auto client = *Client::Connect(port);
      while (true) {
        const std::string reply = client->Run(
            {"BLMOVE", i % 2 == 0 ? "a" : "b", i < 2 ? "c" : "d", "LEFT", "RIGHT", "0"});
        if (absl::StrContains(reply, "end")) return;
      }
    });
  }
  const auto pusher = *Client::Connect(port);
  for (int i = 0; i < kElements; ++i)
    pusher->Run({"RPUSH", i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "e", absl::StrCat("v", i)});
  while (pusher->Run({"EXISTS", "a", "b", "c", "d", "e"}) != ":0\r\n") {
  }
  // One for each that waits: what the movers get goes on to the others.
  for (int i = 0; i < 2; ++i) pusher->Run({"RPUSH", "a", "end", "end"});
  for (int i = 0; i < 2; ++i) pusher->Run({"RPUSH", "b", "end", "end"});
  for (int i = 0; i < 6; ++i) pusher->Run({"RPUSH", i % 2 == 0 ? "c" : "d", "end"});
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int> counts;
  for (const auto& of_one : popped) {
    for (const std::string& element : of_one) ++counts[element];
  }
  EXPECT_EQ(counts.size(), static_cast<size_t>(kElements));
  for (const auto& [element, count] : counts) EXPECT_EQ(count, 1) << element;
}

}  // namespace
}  // namespace damselfly
