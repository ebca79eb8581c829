#include "testing/compat/differential.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/resp/request_writer.h"
#include "testing/compat/comparison.h"
#include "testing/compat/generator.h"
#include "testing/harness/client.h"

namespace damselfly {
namespace {

// One round: its own connections and history, from an empty data set.
class Round {
 public:
  Round(Client* ours, Client* theirs, const DifferentialOptions& options, uint64_t seed,
        DifferentialResult* result)
      : ours_(*ours),
        theirs_(*theirs),
        options_(options),
        seed_(seed),
        generator_(seed, options.families),
        result_(*result) {}

  absl::Status Play(int64_t count) {
    for (int64_t done = 0; done < count && !TooMany();) {
      const size_t batch = static_cast<size_t>(
          std::min<int64_t>(count - done, static_cast<int64_t>(options_.batch)));
      std::vector<GeneratedCommand> commands;
      while (commands.size() < batch || generator_.must_go_on())
        commands.push_back(generator_.Next());
      absl::Status status = Exchange(commands);
      if (!status.ok()) return status;
      done += static_cast<int64_t>(commands.size());
    }
    return TooMany() ? absl::OkStatus() : CompareContents();
  }

 private:
  bool TooMany() const {
    return static_cast<int>(result_.differences.size()) >= options_.differences_max;
  }

  static std::string Wire(const std::vector<std::string>& args) {
    std::string bytes;
    AppendCommand(&bytes, std::vector<absl::string_view>(args.begin(), args.end()));
    return bytes;
  }

  using Replies = std::vector<std::string>;

  absl::StatusOr<std::pair<Replies, Replies>> ExchangeBoth(
      const std::vector<GeneratedCommand>& commands) {
    std::string bytes;
    for (const GeneratedCommand& command : commands) bytes += Wire(command.args);
    auto ours = ours_.Exchange(bytes, commands.size());
    if (!ours.ok())
      return absl::InternalError(absl::StrCat("our server: ", ours.status().message(), Where()));
    auto theirs = theirs_.Exchange(bytes, commands.size());
    if (!theirs.ok())
      return absl::InternalError(
          absl::StrCat("redis-server: ", theirs.status().message(), Where()));
    return std::pair(*std::move(ours), *std::move(theirs));
  }

  absl::Status Exchange(const std::vector<GeneratedCommand>& commands) {
    auto replies = ExchangeBoth(commands);
    if (!replies.ok()) return replies.status();
    for (size_t i = 0; i < commands.size(); ++i)
      Compare(commands[i], replies->first[i], replies->second[i]);
    return absl::OkStatus();
  }

  void Compare(const GeneratedCommand& command, const std::string& ours,
               const std::string& theirs) {
    ++result_.commands;
    history_.push_back(command);
    std::vector<GeneratedCommand> transaction;
    if (absl::EqualsIgnoreCase(command.args[0], "exec") ||
        absl::EqualsIgnoreCase(command.args[0], "discard")) {
      transaction.swap(queued_);
    }
    if (theirs == "+QUEUED\r\n") queued_.push_back(command);
    const std::vector<absl::string_view> our_elements = SplitElements(ours);
    const std::vector<absl::string_view> their_elements = SplitElements(theirs);
    if (transaction.empty() || our_elements.size() != transaction.size() ||
        their_elements.size() != transaction.size()) {
      Judge(command, ours, theirs);
      return;
    }
    for (size_t i = 0; i < transaction.size(); ++i)
      Judge(transaction[i], our_elements[i], their_elements[i]);
  }

  void Judge(const GeneratedCommand& command, absl::string_view ours, absl::string_view theirs) {
    const std::string before = std::exchange(before_, std::string(ours));
    if (RepliesAgree(ours, theirs, command.comparison, before, command.args)) return;
    if (IsKnownDifference(command.args, ours, theirs)) {
      ++result_.known_differences;
      return;
    }
    Report(command, ours, theirs, before);
  }

  std::string Where() const {
    return absl::StrCat(" (RESP", options_.protocol, ", round seed ", seed_, ", command ",
                        history_.size(), ")");
  }

  void Report(const GeneratedCommand& command, absl::string_view ours, absl::string_view theirs,
              absl::string_view before_that) {
    if (result_.differences.empty() && !options_.record_path.empty()) Record();
    std::string text =
        absl::StrCat("command  ", Printable(command.args), Where(), "\n  ours   ", Printable(ours),
                     "\n  theirs ", Printable(theirs), "\n  to the command before ",
                     Printable(before_that), "\n  before:\n");
    // An EXEC may depend on everything since its WATCH.
    const bool is_exec = absl::EqualsIgnoreCase(command.args[0], "exec");
    const size_t shown_max = is_exec ? 60 : 400;
    std::vector<std::string> before;
    std::set<std::string> words(command.args.begin() + 1, command.args.end());
    for (size_t i = history_.size() - 1; i-- > 0 && before.size() < shown_max;) {
      const std::vector<std::string>& earlier = history_[i].args;
      if (!is_exec && !ConcernsAllKeys(earlier) && !NamesOneOf(earlier, words)) continue;
      before.push_back(Printable(earlier));
      if (!ConcernsAllKeys(earlier)) AddKeys(earlier, &words);
    }
    for (size_t i = before.size(); i-- > 0;) absl::StrAppend(&text, "    ", before[i], "\n");
    result_.differences.push_back(std::move(text));
  }

  void Record() const {
    std::ofstream file(options_.record_path, std::ios::binary);
    for (const GeneratedCommand& command : history_) file << Wire(command.args);
  }

  static bool ConcernsAllKeys(const std::vector<std::string>& args) {
    const std::string name = absl::AsciiStrToLower(args[0]);
    return name == "multi" || name == "select" || name == "swapdb" || name == "exec" ||
           name == "flushall" || name == "flushdb";
  }

  static bool NamesOneOf(const std::vector<std::string>& args, const std::set<std::string>& words) {
    return std::any_of(args.begin() + 1, args.end(),
                       [&](const std::string& arg) { return words.count(arg) > 0; });
  }

  // What other keys held before may matter as well where a command has several (RENAME, SMOVE, …).
  static void AddKeys(const std::vector<std::string>& args, std::set<std::string>* words) {
    const std::string name = absl::AsciiStrToLower(args[0]);
    if (name == "del" || name == "unlink" || name == "exists" || name == "touch") return;
    for (size_t i = 1; i < args.size() && i < 4; ++i) {
      if (absl::StrContains(args[i], ":") && args[i].size() < 10) words->insert(args[i]);
    }
  }

  // One command to both. Returns both replies; what differs is reported.
  absl::StatusOr<std::pair<std::string, std::string>> Play(const GeneratedCommand& command) {
    auto replies = ExchangeBoth({command});
    if (!replies.ok()) return replies.status();
    Compare(command, replies->first[0], replies->second[0]);
    return std::pair(replies->first[0], replies->second[0]);
  }

  // Everything that both servers hold, key by key.
  absl::Status CompareContents() {
    absl::Status status = Exchange({{{"discard"}, Comparison::kExact}});
    for (const char* database : {"0", "1", "2", "15"}) {
      if (!status.ok()) return status;
      status = Exchange({{{"select", database}, Comparison::kExact},
                         {{"scan", "0", "count", "100000"}, Comparison::kAnyOrderScan},
                         {{"dbsize"}, Comparison::kExact}});
      if (!status.ok()) return status;
      auto keys = Play({{"keys", "*"}, Comparison::kUnordered});
      if (!keys.ok()) return keys.status();
      for (absl::string_view key : SplitElements(keys->second)) {
        if (TooMany()) return absl::OkStatus();
        status = CompareKey(std::string(BulkBytes(key)));
        if (!status.ok()) return status;
      }
    }
    return status;
  }

  absl::Status CompareKey(const std::string& key) {
    auto type = Play({{"type", key}, Comparison::kExact});
    if (!type.ok()) return type.status();
    std::vector<GeneratedCommand> commands = ReadAll(key, type->second);
    commands.push_back({{"object", "encoding", key}, Comparison::kExact});
    commands.push_back({{"pexpiretime", key}, Comparison::kAboutNow});
    commands.push_back({{"dump", key}, Comparison::kDump});
    absl::Status status = Exchange(commands);
    return status.ok() ? ExchangeValue(key, type->second) : status;
  }

  // Hands the value of each server to the other, as DUMP writes it, and reads it there.
  absl::Status ExchangeValue(const std::string& key, absl::string_view type) {
    constexpr char kCopy[] = "copy of a key";
    auto ours = ours_.Exchange(Wire({"dump", key}), 1);
    auto theirs = theirs_.Exchange(Wire({"dump", key}), 1);
    if (!ours.ok() || !theirs.ok()) return absl::InternalError("DUMP: no reply");
    const std::string our_payload(BulkBytes((*ours)[0]));
    const std::string their_payload(BulkBytes((*theirs)[0]));
    ours = ours_.Exchange(Wire({"restore", kCopy, "0", their_payload, "replace"}), 1);
    theirs = theirs_.Exchange(Wire({"restore", kCopy, "0", our_payload, "replace"}), 1);
    if (!ours.ok() || !theirs.ok()) return absl::InternalError("RESTORE: no reply");
    Compare({{"restore", kCopy, "0", key}, Comparison::kExact}, (*ours)[0], (*theirs)[0]);
    std::vector<GeneratedCommand> commands = ReadAll(kCopy, type);
    commands.push_back({{"object", "encoding", kCopy}, Comparison::kExact});
    commands.push_back({{"del", kCopy}, Comparison::kExact});
    return Exchange(commands);
  }

  // What reads everything under a key, by TYPE's reply.
  static std::vector<GeneratedCommand> ReadAll(const std::string& key, absl::string_view type) {
    if (type == "+string\r\n") return {{{"get", key}, Comparison::kExact}};
    if (type == "+hash\r\n") return {{{"hgetall", key}, Comparison::kUnorderedPairs}};
    if (type == "+set\r\n") return {{{"smembers", key}, Comparison::kUnordered}};
    if (type == "+list\r\n") return {{{"lrange", key, "0", "-1"}, Comparison::kExact}};
    if (type == "+zset\r\n")
      return {{{"zrange", key, "0", "-1", "withscores"}, Comparison::kExact}};
    if (type == "+stream\r\n") {
      return {{{"xrange", key, "-", "+"}, Comparison::kExact},
              {{"xinfo", "groups", key}, Comparison::kExact},
              {{"xinfo", "stream", key, "full", "count", "0"}, Comparison::kTimes}};
    }
    return {};
  }

  Client& ours_;
  Client& theirs_;
  const DifferentialOptions& options_;
  const uint64_t seed_;
  CommandGenerator generator_;
  DifferentialResult& result_;
  std::vector<GeneratedCommand> history_;
  std::vector<GeneratedCommand> queued_;  // by MULTI
  std::string before_;                    // our reply to the command before
};

absl::StatusOr<std::unique_ptr<Client>> FreshClient(ServerProcess& server, int protocol) {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(server.port());
  if (!client.ok()) return client;
  const std::string greeting = (*client)->Run({"hello", protocol == 3 ? "3" : "2"});
  if (greeting.empty() || (greeting[0] != '*' && greeting[0] != '%'))
    return absl::InternalError("HELLO: " + greeting);
  const std::string flushed = (*client)->Run({"flushall"});
  if (flushed != "+OK\r\n") return absl::InternalError("FLUSHALL: " + flushed);
  return client;
}

}  // namespace

absl::StatusOr<DifferentialServers> StartServers(int threads, bool small_limits) {
  // Not of list nodes: Redis makes the lists that SORT stores by the default whatever is set.
  constexpr struct {
    const char* name;
    const char* value;
  } kSmallLimits[] = {
      {"hash-max-listpack-entries", "6"}, {"hash-max-listpack-value", "10"},
      {"set-max-intset-entries", "6"},    {"zset-max-listpack-entries", "6"},
      {"zset-max-listpack-value", "10"},  {"stream-node-max-entries", "4"},
      {"hll-sparse-max-bytes", "200"},
  };
  // So low that the generated commands reach it.
  std::vector<std::string> our_flags = {absl::StrCat("--threads=", threads),
                                        "--result_bytes_max=1mb"};
  std::vector<std::string> their_flags;
  for (const auto& limit : kSmallLimits) {
    if (!small_limits) break;
    our_flags.push_back(
        absl::StrCat("--", absl::StrReplaceAll(limit.name, {{"-", "_"}}), "=", limit.value));
    their_flags.insert(their_flags.end(), {absl::StrCat("--", limit.name), limit.value});
  }
  auto ours = ServerProcess::StartDamselfly(our_flags);
  if (!ours.ok()) return ours.status();
  auto theirs = ServerProcess::StartRedis(their_flags);
  if (!theirs.ok()) return theirs.status();
  return DifferentialServers{*std::move(ours), *std::move(theirs)};
}

absl::StatusOr<DifferentialResult> RunDifferential(ServerProcess& ours, ServerProcess& theirs,
                                                   const DifferentialOptions& options) {
  DifferentialResult result;
  for (uint64_t round = 0; result.commands < options.commands; ++round) {
    auto our_client = FreshClient(ours, options.protocol);
    if (!our_client.ok()) return our_client.status();
    auto their_client = FreshClient(theirs, options.protocol);
    if (!their_client.ok()) return their_client.status();
    const uint64_t seed = options.seed * 1000003 + round;
    Round player(our_client->get(), their_client->get(), options, seed, &result);
    absl::Status status =
        player.Play(std::min(options.commands_per_round, options.commands - result.commands));
    if (!status.ok()) return status;
    if (static_cast<int>(result.differences.size()) >= options.differences_max) break;
  }
  return result;
}

}  // namespace damselfly
