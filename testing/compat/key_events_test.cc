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
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "testing/compat/comparison.h"
#include "testing/compat/generator.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

constexpr int kRounds = 20;
constexpr int kCommandsPerRound = 2000;
constexpr size_t kBatch = 50;
constexpr absl::string_view kAllEvents = "KEAmn";

// Events are lost, and none tells of it, where many keys go at once.
bool IsLeftOut(const GeneratedCommand& command) {
  const std::string name = absl::AsciiStrToLower(command.args[0]);
  return name == "flushall" || name == "flushdb" || name == "swapdb" || name == "client" ||
         name == "hello";
}

// One server: who gives the commands, and who hears of the events.
class Listener {
 public:
  explicit Listener(ServerProcess* server)
      : commander_(*Client::Connect(server->port())),
        subscriber_(*Client::Connect(server->port())) {
    EXPECT_EQ(commander_->Run({"FLUSHALL"}), "+OK\r\n");
    EXPECT_EQ(commander_->Run({"CONFIG", "SET", "notify-keyspace-events", kAllEvents}), "+OK\r\n");
    EXPECT_TRUE(absl::StartsWith(subscriber_->Run({"PSUBSCRIBE", "__key*__:*"}), "*3\r\n"));
  }

  // The events of these commands, as "channel payload".
  std::vector<std::string> Play(const std::vector<GeneratedCommand>& commands) {
    std::string bytes;
    for (const GeneratedCommand& command : commands) {
      AppendCommand(&bytes,
                    std::vector<absl::string_view>(command.args.begin(), command.args.end()));
    }
    EXPECT_TRUE(commander_->Exchange(bytes, commands.size()).ok());
    std::vector<std::string> events;
    // A message on the same way behind them all, unless a transaction is open, which keeps it.
    if (commander_->Run({"PUBLISH", "__keyfence__:", "fence"}) == "+QUEUED\r\n") return events;
    while (true) {
      auto message = subscriber_->ReadReply();
      if (!message.ok()) {
        ADD_FAILURE() << message.status();
        return events;
      }
      const std::vector<absl::string_view> parts = SplitElements(*message);
      const std::string event = absl::StrCat(parts[2], parts[3]);
      if (absl::StrContains(event, "__keyfence__")) return events;
      events.push_back(event);
    }
  }

 private:
  std::unique_ptr<Client> commander_;
  std::unique_ptr<Client> subscriber_;
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

std::string ShowDifference(const std::vector<std::string>& ours,
                           const std::vector<std::string>& theirs) {
  const auto at = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  std::string text = absl::StrCat("ours ", ours.size(), " events, theirs ", theirs.size(), "\n");
  const auto show = [&text](const char* whose, auto begin, auto from, auto end) {
    absl::StrAppend(&text, "  ", whose, ":");
    for (auto each = from - std::min<long>(4, from - begin); each != end && each - from < 4; ++each)
      absl::StrAppend(&text, each == from ? "\n   >" : "\n    ", Printable(*each));
    absl::StrAppend(&text, "\n");
  };
  show("ours", ours.begin(), at.first, ours.end());
  show("theirs", theirs.begin(), at.second, theirs.end());
  return text;
}

// Ends a transaction that may be open, and has every key looked at, so that what has expired goes.
std::vector<GeneratedCommand> LookAtAllKeys() {
  std::vector<GeneratedCommand> commands = {{{"discard"}, Comparison::kExact}};
  for (const char* database : {"0", "1", "2", "15"}) {
    commands.push_back({{"select", database}, Comparison::kExact});
    std::vector<std::string> keys = {"", std::string("bin\0\r\nkey", 9)};
    for (int i = 0; i < 24; ++i) keys.push_back(absl::StrCat("key:", i));
    for (int i = 0; i < 4; ++i) keys.push_back(absl::StrCat("{tag}", i));
    for (const std::string& key : keys) commands.push_back({{"exists", key}, Comparison::kExact});
  }
  return commands;
}

void PlayRound(uint64_t seed, ServerProcess* our_server, ServerProcess* their_server) {
  CommandGenerator generator(seed);
  Listener ours(our_server);
  Listener theirs(their_server);
  std::vector<std::string> our_events;
  std::vector<std::string> their_events;
  const auto play = [&](const std::vector<GeneratedCommand>& commands) {
    for (std::string& event : ours.Play(commands)) our_events.push_back(std::move(event));
    for (std::string& event : theirs.Play(commands)) their_events.push_back(std::move(event));
  };
  std::string before;
  for (int done = 0; done < kCommandsPerRound; done += static_cast<int>(kBatch)) {
    std::vector<GeneratedCommand> commands;
    while (commands.size() < kBatch) {
      GeneratedCommand command = generator.Next();
      if (!IsLeftOut(command)) commands.push_back(std::move(command));
    }
    play(commands);
    const std::vector<std::string> our_others = WithoutExpiries(our_events);
    const std::vector<std::string> their_others = WithoutExpiries(their_events);
    if (our_others == their_others) continue;
    for (const GeneratedCommand& command : commands)
      absl::StrAppend(&before, "\n    ", Printable(command.args));
    FAIL() << "round " << seed << ": " << ShowDifference(our_others, their_others)
           << "  commands:" << before;
  }
  play(LookAtAllKeys());
  EXPECT_GT(our_events.size(), 1000u);
  const auto our_keys = ByKey(our_events);
  for (const auto& [key, their_words] : ByKey(their_events)) {
    const auto found = our_keys.find(key);
    ASSERT_TRUE(found != our_keys.end()) << key;
    if (found->second != their_words)
      FAIL() << "round " << seed << ", " << key << ": "
             << ShowDifference(found->second, their_words);
  }
}

void PlayRounds(const std::vector<std::string>& flags) {
  auto ours = ServerProcess::StartDamselfly(flags);
  ASSERT_TRUE(ours.ok()) << ours.status();
  auto theirs = ServerProcess::StartRedis({});
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  for (uint64_t seed = 1; seed <= kRounds && !testing::Test::HasFailure(); ++seed)
    PlayRound(seed, ours->get(), theirs->get());
  EXPECT_EQ((*ours)->Stop(15), 0) << (*ours)->Log();
}

TEST(KeyEvents, AreRedisServersOnOneWorker) { PlayRounds({"--threads=1"}); }
TEST(KeyEvents, AreRedisServersOnSeveralWorkers) { PlayRounds({"--threads=3"}); }

}  // namespace
}  // namespace damselfly
