// The same random commands to our server and to a real redis-server: subscribers to all key events
// get the same ones, in the same order.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "testing/compat/comparison.h"
#include "testing/compat/generator.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kRounds = 10;
constexpr int kCommandsPerRound = 2000;
constexpr int kDifferencesMax = 20;
constexpr absl::string_view kAllEvents = "KEAmn";

// Events are lost, and none tells of it, where many keys go at once.
bool IsLeftOut(const GeneratedCommand& command) {
  const std::string name = absl::AsciiStrToLower(command.args[0]);
  return name == "flushall" || name == "flushdb" || name == "swapdb" || name == "client" ||
         name == "hello";
}

// One server: who gives the commands, who hears of the events, and who says that these are all.
class Listener {
 public:
  explicit Listener(ServerProcess* server)
      : commander_(*Client::Connect(server->port())),
        subscriber_(*Client::Connect(server->port())),
        fencer_(*Client::Connect(server->port())) {
    // The subscriber of a round before may have hung up, and not be gone yet.
    for (int tries = 0; tries < 1000 && commander_->Run({"PUBSUB", "NUMPAT"}) != ":0\r\n"; ++tries)
      absl::SleepFor(absl::Milliseconds(10));
    EXPECT_EQ(commander_->Run({"FLUSHALL"}), "+OK\r\n");
    EXPECT_EQ(commander_->Run({"CONFIG", "SET", "notify-keyspace-events", kAllEvents}), "+OK\r\n");
    EXPECT_TRUE(absl::StartsWith(subscriber_->Run({"PSUBSCRIBE", "__key*__:*"}), "*3\r\n"));
  }

  // The events of a command, as channel and payload in wire form.
  std::vector<std::string> Play(const std::vector<std::string>& args) {
    commander_->Run(args);
    // Behind them on the same way.
    EXPECT_EQ(fencer_->Run({"PUBLISH", "__keyfence__:", "fence"}), ":1\r\n");
    std::vector<std::string> events;
    while (true) {
      auto message = subscriber_->ReadReply();
      if (!message.ok()) {
        ADD_FAILURE() << message.status();
        return events;
      }
      const std::vector<absl::string_view> parts = SplitElements(*message);
      std::string event = absl::StrCat(parts[2], parts[3]);
      if (absl::StrContains(event, "__keyfence__")) return events;
      events.push_back(std::move(event));
    }
  }

 private:
  std::unique_ptr<Client> commander_;
  std::unique_ptr<Client> subscriber_;
  std::unique_ptr<Client> fencer_;
};

bool IsExpiry(const std::string& event) {
  return absl::StrContains(event, "$7\r\nexpired\r\n") ||
         absl::StrContains(event, "__:expired\r\n");
}

// Redis deletes what has expired when it meets it, we often before: the order among keys may
// differ.
std::vector<std::string> WithoutExpiries(std::vector<std::string> events) {
  events.erase(std::remove_if(events.begin(), events.end(), IsExpiry), events.end());
  return events;
}

// SORT looks up what it sorts by in the order of the set's elements, which nobody promises.
bool MaySort(const std::vector<std::string>& args) {
  const std::string name = absl::AsciiStrToLower(args[0]);
  return name == "sort" || name == "sort_ro" || name == "exec";
}

bool AreEqual(std::vector<std::string> ours, std::vector<std::string> theirs, bool ordered) {
  ours = WithoutExpiries(std::move(ours));
  theirs = WithoutExpiries(std::move(theirs));
  if (!ordered) {
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
  }
  return ours == theirs;
}

// What happened to each key by itself, by its keyspace channel.
std::map<std::string, std::vector<std::string>> ByKey(const std::vector<std::string>& events) {
  std::map<std::string, std::vector<std::string>> by_key;
  for (const std::string& event : events) {
    const size_t channel = event.find("\r\n") + 2;
    if (!absl::StartsWith(event.substr(channel), "__keyspace@")) continue;
    const size_t end = channel + static_cast<size_t>(std::stoul(event.substr(1)));
    by_key[event.substr(channel, end - channel)].push_back(event.substr(end));
  }
  return by_key;
}

std::string Show(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& event : events) absl::StrAppend(&text, "\n    ", Printable(event));
  return text;
}

// Ends a transaction that may be open, and has every key looked at, so that what has expired goes.
std::vector<std::vector<std::string>> LookAtAllKeys() {
  std::vector<std::vector<std::string>> commands = {{"discard"}};
  for (const char* database : {"0", "1", "2", "15"}) {
    commands.push_back({"select", database});
    commands.push_back({"exists", ""});
    commands.push_back({"exists", std::string("bin\0\r\nkey", 9)});
    for (int i = 0; i < 24; ++i) {
      for (const char* kind :
           {"key:", "{tag}", "list:", "set:", "zset:", "hash:", "stream:", "geo:"})
        commands.push_back({"exists", absl::StrCat(kind, i)});
    }
  }
  return commands;
}

void PlayRound(uint64_t seed, ServerProcess* our_server, ServerProcess* their_server) {
  CommandGenerator generator(seed);
  Listener ours(our_server);
  Listener theirs(their_server);
  std::vector<std::string> our_events;
  std::vector<std::string> their_events;
  int differences = 0;
  const auto play = [&](const std::vector<std::string>& args) {
    const std::vector<std::string> our_new = ours.Play(args);
    const std::vector<std::string> their_new = theirs.Play(args);
    our_events.insert(our_events.end(), our_new.begin(), our_new.end());
    their_events.insert(their_events.end(), their_new.begin(), their_new.end());
    if (AreEqual(our_new, their_new, /*ordered=*/!MaySort(args))) return;
    ++differences;
    ADD_FAILURE() << "round " << seed << ": " << Printable(args) << "\n  ours:" << Show(our_new)
                  << "\n  theirs:" << Show(their_new);
  };
  for (int done = 0; done < kCommandsPerRound && differences < kDifferencesMax; ++done) {
    const GeneratedCommand command = generator.Next();
    if (!IsLeftOut(command)) play(command.args);
  }
  for (const std::vector<std::string>& args : LookAtAllKeys()) play(args);
  EXPECT_GT(our_events.size(), 500u);
  const auto our_keys = ByKey(our_events);
  for (const auto& [key, their_words] : ByKey(their_events)) {
    const auto found = our_keys.find(key);
    ASSERT_TRUE(found != our_keys.end()) << key;
    EXPECT_EQ(found->second, their_words) << "round " << seed << ", " << key;
  }
}

void PlayRounds(const std::vector<std::string>& flags) {
  auto ours = ServerProcess::StartDamselfly(flags);
  ASSERT_TRUE(ours.ok()) << ours.status();
  auto theirs = ServerProcess::StartRedis({});
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  for (uint64_t seed = 1; seed <= kRounds; ++seed) PlayRound(seed, ours->get(), theirs->get());
  EXPECT_EQ((*ours)->Stop(15), 0) << (*ours)->Log();
}

TEST(KeyEvents, AreRedisServersOnOneWorker) { PlayRounds({"--threads=1"}); }
TEST(KeyEvents, AreRedisServersOnSeveralWorkers) { PlayRounds({"--threads=3"}); }

}  // namespace
}  // namespace damselfly
