// The list of known differences is on one page, and every one of them is there to be seen.

#include "testing/compat/known_differences.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"
#include "testing/compat/comparison.h"
#include "testing/compat/differences_text.h"
#include "testing/compat/differential.h"
#include "testing/harness/client.h"

namespace damselfly {
namespace {

TEST(KnownDifferences, ThePageIsWhatTheListSays) {
  std::ifstream file(RunfilePath("testing/compat/DIFFERENCES.md"));
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(page, DifferencesText())
      << "tools/bazel run //testing/compat:differences > testing/compat/DIFFERENCES.md";
}

TEST(KnownDifferences, FitOnOnePage) {
  const std::vector<std::string> lines = absl::StrSplit(DifferencesText(), '\n');
  EXPECT_LE(lines.size(), 66u);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 100u) << line;
}

// The reply to the last command; to the last one queued if that is EXEC.
std::string LastReply(Client& client, absl::string_view commands) {
  std::string bytes;
  size_t count = 0;
  for (absl::string_view command : absl::StrSplit(commands, '|')) {
    AppendCommand(&bytes, std::vector<absl::string_view>(absl::StrSplit(command, ' ')));
    ++count;
  }
  // At once: what an earlier command has left behind must not be swept away in between.
  const auto replies = client.Exchange(bytes, count);
  EXPECT_TRUE(replies.ok()) << commands << ": " << replies.status();
  if (!replies.ok()) return "";
  if (!absl::EndsWith(commands, "|exec")) return replies->back();
  return std::string(SplitElements(replies->back()).back());
}

TEST(KnownDifferences, AreAllThereToBeSeen) {
  auto servers = StartServers(/*threads=*/1, /*small_limits=*/false);
  ASSERT_TRUE(servers.ok()) << servers.status();
  auto ours = Client::Connect(servers->ours->port());
  auto theirs = Client::Connect(servers->theirs->port());
  ASSERT_TRUE(ours.ok() && theirs.ok());
  for (const KnownDifference& known : kKnownDifferences) {
    const std::string script = absl::StrCat("flushall|", known.shown_by);
    const std::string our_reply = LastReply(**ours, script);
    const std::string their_reply = LastReply(**theirs, script);
    EXPECT_TRUE(absl::StartsWith(our_reply, known.ours_prefix))
        << known.shown_by << ": " << Printable(our_reply);
    EXPECT_TRUE(absl::StartsWith(their_reply, known.theirs_prefix))
        << known.shown_by << ": " << Printable(their_reply);
  }
}

TEST(KnownDifferences, AreAllExplained) {
  for (const KnownDifference& known : kKnownDifferences) EXPECT_NE(known.reason, "");
  for (const UncomparedDifference& known : kUncomparedDifferences) EXPECT_NE(known.text, "");
  for (const MissingCommand& missing : kMissingCommands) EXPECT_NE(missing.reason, "");
  for (const MissingCommand& own : kOwnCommands) EXPECT_NE(own.reason, "");
  for (const KnownDescription& known : kKnownDescriptions) EXPECT_NE(known.reason, "");
  for (const UnplayedCommand& command : kUnplayedCommands) EXPECT_NE(command.reason, "");
}

}  // namespace
}  // namespace damselfly
