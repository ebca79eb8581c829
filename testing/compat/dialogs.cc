#include "testing/compat/dialogs.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "testing/compat/comparison.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

// One server with the connections of a dialog.
class Stage {
 public:
  Stage(ServerProcess* server, int protocol) : server_(*server), protocol_(protocol) {}

  // Closes all connections, and waits until the server knows: one that another worker has yet to
  // hear of is still subscribed, and would be counted in the next dialog.
  void Clear() {
    clients_.clear();
    const auto observer = *Client::Connect(server_.port());
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!absl::StrContains(observer->Run({"INFO", "clients"}), "connected_clients:1\r\n")) {
      ASSERT_LT(absl::Now(), deadline) << "connections that were closed are still there";
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  void Send(const std::string& name, absl::string_view command) {
    if (command == "MULTI") in_transaction_.insert(name);
    if (command == "EXEC" || command == "RESET") in_transaction_.erase(name);
    std::string line = absl::StrCat(command, "\r\n");
    for (const auto& [each, id] : ids_)
      absl::StrReplaceAll({{absl::StrCat("{", each, "}"), id}}, &line);
    EXPECT_TRUE(client(name).Send(line).ok()) << command;
    holds_next_ = absl::StartsWith(command, "CLIENT CACHING") || command == "CLIENT TRACKINGINFO";
    tells_id_ = command == "CLIENT GETREDIR";
  }

  // What every connection gets until it answers a last PING, the speaker first: when it has been
  // answered, all that its command has sent to others is on the way. Exact on a server of one
  // thread.
  std::map<std::string, std::vector<std::string>> ReceiveAll(const std::string& speaker) {
    std::map<std::string, std::vector<std::string>> received;
    if (clients_.count(speaker) > 0) received[speaker] = ReceiveOfSpeaker(speaker);
    for (const auto& [name, client] : clients_) {
      if (name != speaker)
        received[name] =
            in_transaction_.count(name) > 0 ? std::vector<std::string>() : ReceiveToFence(name);
    }
    return received;
  }

  // So many replies of one connection, fewer if it is closed.
  std::vector<std::string> Receive(const std::string& name, size_t count) {
    std::vector<std::string> replies;
    while (replies.size() < count) {
      auto reply = client(name).ReadReply();
      if (!reply.ok()) break;
      replies.push_back(WithNames(*std::move(reply)));
    }
    return replies;
  }

 private:
  // One reply where a PING would be queued, or be what the last command was said of.
  std::vector<std::string> ReceiveOfSpeaker(const std::string& name) {
    return in_transaction_.count(name) > 0 || holds_next_ ? Receive(name, 1) : ReceiveToFence(name);
  }

  std::vector<std::string> ReceiveToFence(const std::string& name) {
    std::vector<std::string> replies;
    if (!client(name).Send("PING fence\r\n").ok()) return replies;  // it has quit
    while (true) {
      auto reply = client(name).ReadReply();
      if (!reply.ok() || absl::StrContains(*reply, "$5\r\nfence\r\n")) return replies;
      replies.push_back(WithNames(*std::move(reply)));
    }
  }

  Client& client(const std::string& name) {
    std::unique_ptr<Client>& client = clients_[name];
    if (client == nullptr) {
      client = *Client::Connect(server_.port());
      const bool resp3 = name >= "x" || (protocol_ == 3 && name < "u");
      if (resp3) client->Run({"HELLO", "3"});
      const std::string id = client->Run({"CLIENT", "ID"});
      ids_[name] = id.substr(1, id.size() - 3);
    }
    return *client;
  }

  // Ids are the server's own: where a reply tells one, the connection's name stands for it.
  std::string WithNames(std::string reply) const {
    if (!tells_id_ && !absl::StrContains(reply, "redirect") &&
        !absl::StrContains(reply, "tracking-redir")) {
      return reply;
    }
    for (const auto& [name, id] : ids_) {
      absl::StrReplaceAll({{absl::StrCat(":", id, "\r\n"), absl::StrCat(":{", name, "}\r\n")}},
                          &reply);
    }
    return reply;
  }

  ServerProcess& server_;
  const int protocol_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::map<std::string, std::string> ids_;
  std::set<std::string> in_transaction_;
  bool holds_next_ = false;  // what was said holds for the speaker's next command
  bool tells_id_ = false;
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
      auto received = our_stage.Receive(receiver, expected.size());
      const absl::Time deadline = absl::Now() + absl::Seconds(line[1] == '?' ? 10 : 0);
      while (received != expected && absl::Now() < deadline) {
        our_stage.Send(name, line.substr(3));
        received = our_stage.Receive(receiver, expected.size());
      }
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
  their_stage.Clear();
  our_stage.Clear();
}

}  // namespace

void PlayDialogs(absl::Span<const Dialog> dialogs, const std::vector<std::string>& flags) {
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

}  // namespace damselfly
