#include "server/session/monitor_line.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(MonitorLine, ShowsTimeDatabaseClientAndArguments) {
  EXPECT_EQ(MonitorLine(1339518083107412, 3, "127.0.0.1:60866", {"keys", "*"}),
            "1339518083.107412 [3 127.0.0.1:60866] \"keys\" \"*\"");
  EXPECT_EQ(MonitorLine(5000042, 0, "unix:/tmp/s", {"PING"}), "5.000042 [0 unix:/tmp/s] \"PING\"");
}

TEST(MonitorLine, EscapesWhatDoesNotPrint) {
  EXPECT_EQ(QuoteArgument(""), "\"\"");
  EXPECT_EQ(QuoteArgument("a b'c"), "\"a b'c\"");
  EXPECT_EQ(QuoteArgument("\\\"\n\r\t\a\b"), R"("\\\"\n\r\t\a\b")");
  EXPECT_EQ(QuoteArgument(absl::string_view("\0\x7f\xff", 3)), R"("\x00\x7f\xff")");
}

TEST(MonitorLine, HidesUsersAndPasswords) {
  using Args = std::vector<absl::string_view>;
  const auto shown = [](Args args) { return WithoutSecrets(args); };
  EXPECT_EQ(shown({"auth", "p"}), (Args{"auth", "(redacted)"}));
  EXPECT_EQ(shown({"AUTH", "u", "p"}), (Args{"AUTH", "(redacted)", "(redacted)"}));
  EXPECT_EQ(shown({"HELLO", "3", "AUTH", "u", "p", "SETNAME", "n"}),
            (Args{"HELLO", "3", "AUTH", "(redacted)", "(redacted)", "SETNAME", "n"}));
  EXPECT_EQ(shown({"HELLO", "3", "AUTH", "u"}), (Args{"HELLO", "3", "AUTH", "(redacted)"}));
  EXPECT_EQ(shown({"CONFIG", "SET", "timeout", "5", "requirepass", "p"}),
            (Args{"CONFIG", "SET", "timeout", "5", "requirepass", "(redacted)"}));
  EXPECT_EQ(shown({"CONFIG", "GET", "requirepass", "timeout"}),
            (Args{"CONFIG", "GET", "requirepass", "timeout"}));
  EXPECT_EQ(shown({"SET", "auth", "p"}), (Args{"SET", "auth", "p"}));
  EXPECT_EQ(shown({"HELLO"}), (Args{"HELLO"}));
}

}  // namespace
}  // namespace damselfly
