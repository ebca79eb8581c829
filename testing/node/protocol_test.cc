// Malformed and unusual requests: the same bytes to our server and to a real redis-server, the same
// bytes back.

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "testing/harness/client.h"
#include "testing/harness/server_process.h"

namespace damselfly {
namespace {

class Protocol : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ours_ = *ServerProcess::StartDamselfly({"--threads=2"});
    theirs_ = *ServerProcess::StartRedis({});
    our_locked_ = *ServerProcess::StartDamselfly({"--threads=2", "--requirepass=secret"});
    their_locked_ = *ServerProcess::StartRedis({"--requirepass", "secret"});
  }
  static void TearDownTestSuite() {
    for (auto* server : {&ours_, &our_locked_}) {
      EXPECT_EQ((*server)->Stop(15), 0) << (*server)->Log();
      server->reset();
    }
    theirs_.reset();
    their_locked_.reset();
  }

  // All that a server answers to `bytes` until it closes, or until our side has ended its sending.
  static std::string Answer(ServerProcess& server, absl::string_view bytes) {
    auto client = Client::Connect(server.port());
    if (!client.ok()) return client.status().ToString();
    (void)(*client)->Send(bytes);  // the server may hang up in the middle
    (*client)->ShutdownWrites();
    auto answer = (*client)->ReadToEnd();
    return answer.ok() ? *answer : answer.status().ToString();
  }

  static void ExpectSame(absl::string_view bytes, bool locked = false) {
    EXPECT_EQ(absl::CHexEscape(Answer(locked ? *our_locked_ : *ours_, bytes)),
              absl::CHexEscape(Answer(locked ? *their_locked_ : *theirs_, bytes)))
        << absl::CHexEscape(bytes.substr(0, 200));
  }

  static std::unique_ptr<ServerProcess> ours_, theirs_, our_locked_, their_locked_;
};

std::unique_ptr<ServerProcess> Protocol::ours_, Protocol::theirs_, Protocol::our_locked_,
    Protocol::their_locked_;

TEST_F(Protocol, ErrorsAreRedisErrors) {
  for (const char* bytes : {
           "*1\r\n!4\r\nPING\r\n",
           "*1\r\n$a\r\nPING\r\n",
           "*a\r\n",
           "*1048577\r\n",
           "*2147483648\r\n",
           "*1\r\n$-1\r\n",
           "*1\r\n$536870913\r\n",
           "*1\r\n$99999999999999999999\r\n",
           "*-1\r\nPING\r\n",
           "*0\r\nPING\r\n",
           "*\r\nPING\r\n",
           "*1\r\n$4\r\nPINGxxPING\r\n",
           "*1\n$4\nPING\n",
           "\r\n\r\nPING\r\n",
           "PING\n",
           "PING\r\n",
           "SET \"a b\" 'c d'\r\nGET \"a b\"\r\n",
           "SET \"unbalanced\r\n",
           "SET 'x'y\r\n",
           "ECHO \"\\x41\\n\\t\\\\\"\r\n",
           "ECHO 'it\\'s'\r\n",
           "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$x\r\n*1\r\n$4\r\nPING\r\n",
           "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
           "QUIT\r\nPING\r\n",
           "*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
           "nosuch\r\n",
           "nosuch a b c\r\n",
           "get\r\n",
           "GET a b\r\n",
           "client\r\n",
           "client nosuch\r\n",
           "object\r\n",
           "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
           "  PING  \r\n",
           "*1\r\n+PING\r\n",
           "*1\r\n$0\r\n\r\n",
           "*2\r\n$3\r\nGET\r\n$5\r\nab",
           "multi\r\nget\r\nexec\r\n",
           "exec\r\n",
           "discard\r\n",
           "hello 4\r\n",
           "hello 3 x\r\n",
           "hello a\r\n",
           "hello 3 setname\r\n",
           "hello 2 auth a b\r\n",
           "auth x\r\n",
           "auth a b\r\n",
           "select 16\r\n",
           "select -1\r\n",
           "select x\r\n",
           "client reply skip\r\nping\r\nping\r\n",
           "client reply off\r\nping\r\nclient reply on\r\nping\r\n",
           "reset\r\n",
           "wait 0 0\r\n",
           "wait x 0\r\n",
           "wait 0 -1\r\n",
           "config get nosuch\r\n",
           "config set nosuch 1\r\n",
           "config set maxclients x\r\n",
           "debug\r\n",
           "ping a b\r\n",
       }) {
    ExpectSame(bytes);
  }
  ExpectSame(std::string(70000, 'x'));
  ExpectSame("*1\r\n$" + std::string(70000, '1'));
  ExpectSame("*" + std::string(70000, '1'));
  ExpectSame(absl::StrCat("*2\r\n$3\r\nGET\r\n$1", std::string(1, '\0'), "\r\na\r\n"));
}

TEST_F(Protocol, StrangersMeetRedisNarrowerLimits) {
  for (const char* bytes :
       {"*11\r\n", "*10\r\n$4\r\nPING\r\n", "*1\r\n$16385\r\n", "*1\r\n$16384\r\n", "GET a\r\n",
        "PING\r\n", "AUTH wrong\r\n", "AUTH secret\r\nPING\r\n", "AUTH default secret\r\nPING\r\n",
        "AUTH other secret\r\n", "HELLO 3\r\n", "HELLO 3 AUTH default wrong\r\n", "nosuch\r\n",
        "get\r\n", "multi\r\nget a\r\nexec\r\n", "QUIT\r\n", "RESET\r\n",
        "AUTH secret\r\nRESET\r\nPING\r\n"}) {
    ExpectSame(bytes, true);
  }
}

TEST_F(Protocol, PipelineCutAtEveryByteGivesTheSameReplies) {
  const std::string bytes =
      "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nva\r\nl\r\nGET "
      "key\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n$4\r\nPING\r\n"
      "DEL n\r\n";
  const std::string whole = Answer(*ours_, bytes);
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    auto client = *Client::Connect(ours_->port());
    ASSERT_TRUE(client->Send(absl::string_view(bytes).substr(0, cut)).ok());
    // A reply to something else makes sure that the first part has been read by itself.
    auto other = *Client::Connect(ours_->port());
    EXPECT_EQ(other->Run({"PING"}), "+PONG\r\n");
    ASSERT_TRUE(client->Send(absl::string_view(bytes).substr(cut)).ok());
    client->ShutdownWrites();
    EXPECT_EQ(*client->ReadToEnd(), whole) << cut;
  }
}

}  // namespace
}  // namespace damselfly
