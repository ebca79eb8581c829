// What COMMAND INFO and COMMAND DOCS say, beside a real redis-server: every command is described
// alike, and those that there are not are listed with their reasons.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/resp/reply_reader.h"
#include "testing/compat/known_differences.h"
#include "testing/compat/templates.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

// The parts of one command's description, each as text. Flags and the like are sets: sorted.
using Description = std::map<std::string, std::string>;
// By full name.
using Descriptions = std::map<std::string, Description>;

Reply Ask(Client& client, std::initializer_list<absl::string_view> command) {
  ReplyReader reader;
  reader.Feed(client.Run(command));
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), ReplyReader::Result::kReply) << reader.error();
  return reply;
}

std::string Sorted(const Reply& set) {
  std::vector<std::string> words;
  for (const Reply& element : set.elements) words.push_back(DebugString(element));
  std::sort(words.begin(), words.end());
  std::string text;
  for (const std::string& word : words) absl::StrAppend(&text, word, " ");
  return text;
}

bool IsUncompared(absl::string_view field) {
  return std::any_of(std::begin(kUncomparedFields), std::end(kUncomparedFields),
                     [&](const UncomparedDifference& known) { return known.about == field; });
}

// One key spec.
std::string KeySpecText(const Reply& spec) {
  std::string text;
  for (size_t i = 0; i + 1 < spec.elements.size(); i += 2) {
    const std::string& name = spec.elements[i].text;
    const Reply& value = spec.elements[i + 1];
    if (IsUncompared(name)) continue;
    absl::StrAppend(&text, name, " ", name == "flags" ? Sorted(value) : DebugString(value), "; ");
  }
  return text;
}

// COMMAND INFO's reply for one command and those under it.
void AddInfo(const Reply& info, Descriptions* all) {
  ASSERT_EQ(info.elements.size(), 10u) << DebugString(info);
  const std::vector<Reply>& parts = info.elements;
  Description& description = (*all)[parts[0].text];
  description["arity"] = DebugString(parts[1]);
  description["flags"] = Sorted(parts[2]);
  description["first key"] = DebugString(parts[3]);
  description["last key"] = DebugString(parts[4]);
  description["key step"] = DebugString(parts[5]);
  description["ACL categories"] = Sorted(parts[6]);
  description["tips"] = Sorted(parts[7]);
  // Their order counts: arguments refer to them by number.
  for (const Reply& spec : parts[8].elements)
    absl::StrAppend(&description["keys"], KeySpecText(spec), "\n");
  for (const Reply& subcommand : parts[9].elements) AddInfo(subcommand, all);
}

// COMMAND DOCS' reply: a map of names to maps. Texts that are each server's own only have to be
// there.
void AddDocs(const Reply& docs, Descriptions* all) {
  for (size_t i = 0; i + 1 < docs.elements.size(); i += 2) {
    Description& description = (*all)[docs.elements[i].text];
    const std::vector<Reply>& fields = docs.elements[i + 1].elements;
    for (size_t j = 0; j + 1 < fields.size(); j += 2) {
      const std::string& name = fields[j].text;
      if (name == "subcommands") {
        AddDocs(fields[j + 1], all);
      } else if (name == "summary" || name == "complexity") {
        description[name] = fields[j + 1].text.empty() ? "" : "(text)";
      } else if (!IsUncompared(name)) {
        description[name] = DebugString(fields[j + 1]);
      }
    }
  }
}

Descriptions Describe(ServerProcess& server) {
  Descriptions all;
  auto client = Client::Connect(server.port());
  EXPECT_TRUE(client.ok()) << client.status();
  if (!client.ok()) return all;
  Ask(**client, {"HELLO", "3"});
  for (const Reply& info : Ask(**client, {"COMMAND"}).elements) AddInfo(info, &all);
  AddDocs(Ask(**client, {"COMMAND", "DOCS"}), &all);
  return all;
}

class CommandTable : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto redis = ServerProcess::StartRedis({});
    ASSERT_TRUE(redis.ok()) << redis.status();
    theirs_ = std::make_unique<Descriptions>(Describe(**redis));
    auto damselfly = ServerProcess::StartDamselfly({"--threads=1"});
    ASSERT_TRUE(damselfly.ok()) << damselfly.status();
    ours_ = std::make_unique<Descriptions>(Describe(**damselfly));
    EXPECT_GT(theirs_->size(), 300u);
    EXPECT_EQ((*damselfly)->Stop(15), 0) << (*damselfly)->Log();
  }
  static void TearDownTestSuite() {
    ours_.reset();
    theirs_.reset();
  }

  static inline std::unique_ptr<Descriptions> ours_;
  static inline std::unique_ptr<Descriptions> theirs_;
};

TEST_F(CommandTable, EveryCommandOfRedisIsHereOrListedAsMissing) {
  std::set<absl::string_view> used;
  for (const auto& [name, description] : *theirs_) {
    if (ours_->count(name) > 0) continue;
    const auto listed =
        std::find_if(std::begin(kMissingCommands), std::end(kMissingCommands), [&](const auto& m) {
          return name == m.name || absl::StartsWith(name, absl::StrCat(m.name, "|"));
        });
    if (listed == std::end(kMissingCommands)) {
      ADD_FAILURE() << name << " is missing";
    } else {
      used.insert(listed->name);
    }
  }
  for (const MissingCommand& missing : kMissingCommands)
    EXPECT_EQ(used.count(missing.name), 1u) << missing.name << " is not missing";
}

TEST_F(CommandTable, EveryCommandIsOfRedisOrListedAsOurOwn) {
  std::set<std::string> own;
  for (const auto& [name, description] : *ours_) {
    if (theirs_->count(name) == 0) own.insert(name);
  }
  std::set<std::string> listed;
  for (const MissingCommand& command : kOwnCommands) listed.insert(std::string(command.name));
  EXPECT_EQ(own, listed);
}

TEST_F(CommandTable, CommandsAreDescribedAsInRedis) {
  std::set<std::string> known;
  for (const KnownDescription& description : kKnownDescriptions)
    known.insert(absl::StrCat(description.name, " ", description.part));
  for (const auto& [name, their_description] : *theirs_) {
    const auto found = ours_->find(name);
    if (found == ours_->end()) continue;
    Description our_description = found->second;
    std::set<std::string> parts;
    for (const auto& [part, text] : their_description) parts.insert(part);
    for (const auto& [part, text] : our_description) parts.insert(part);
    for (const std::string& part : parts) {
      const auto their_part = their_description.find(part);
      const std::string theirs = their_part == their_description.end() ? "" : their_part->second;
      const std::string& ours = our_description[part];
      if (ours == theirs) continue;
      EXPECT_EQ(known.erase(absl::StrCat(name, " ", part)), 1u)
          << name << ", " << part << "\n  ours   " << ours << "\n  theirs " << theirs;
    }
  }
  for (const std::string& description : known)
    ADD_FAILURE() << "listed as known, but there is no such difference: " << description;
}

// The names that the differential test plays.
std::set<std::string> PlayedCommands() {
  std::set<std::string> names;
  for (const CommandFamily& family : kFamilies) {
    for (int i = 0; i < family.count; ++i) {
      const absl::string_view text = family.templates[i].text;
      for (absl::string_view name : absl::StrSplit(text.substr(0, text.find(' ')), '|'))
        names.emplace(name);
    }
  }
  return names;
}

TEST_F(CommandTable, EveryCommandOnDataIsPlayedByTheDifferentialTest) {
  std::set<std::string> played = PlayedCommands();
  for (const UnplayedCommand& command : kUnplayedCommands)
    EXPECT_TRUE(played.insert(std::string(command.name)).second) << command.name << " is played";
  for (const auto& [name, description] : *ours_) {
    const std::string& categories = description.at("ACL categories");
    const bool is_on_data =
        absl::StrContains(categories, "@read") || absl::StrContains(categories, "@write");
    if (!is_on_data || absl::StrContains(name, "|")) continue;
    EXPECT_EQ(played.count(name), 1u) << name << " has no template";
  }
}

}  // namespace
}  // namespace damselfly
