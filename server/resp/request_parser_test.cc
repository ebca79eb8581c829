#include "server/resp/request_parser.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/resp/request_writer.h"

namespace damselfly {
namespace {

using Command = std::vector<std::string>;
using Result = RequestParser::Result;

struct Outcome {
  std::vector<Command> commands;
  Result result = Result::kNeedMore;
  std::string error;
  size_t wire_bytes = 0;
};

// Feeds `stream` in pieces that end at `cuts`, each in an allocation of its own, batches of
// `batch_max`.
Outcome Parse(RequestParser* parser, absl::string_view stream, const std::vector<size_t>& cuts,
              int batch_max = 32) {
  Outcome outcome;
  size_t begin = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : stream.size();
    // An exact heap block that is gone after EndFeed: AddressSanitizer sees late or wild reads.
    auto piece = std::make_unique<std::vector<char>>(stream.begin() + begin, stream.begin() + end);
    parser->Feed(absl::string_view(piece->data(), piece->size()));
    do {
      std::vector<Request> batch;
      Request request;
      while (static_cast<int>(batch.size()) < batch_max &&
             (outcome.result = parser->Next(&request)) == Result::kCommand) {
        batch.push_back(request);
      }
      for (const Request& r : batch) {
        outcome.commands.emplace_back(r.args.begin(), r.args.end());
        outcome.wire_bytes += r.wire_bytes;
      }
      parser->Release();
    } while (outcome.result == Result::kCommand);
    parser->EndFeed();
    begin = end;
  }
  outcome.error = std::string(parser->error());
  return outcome;
}

Outcome ParseWhole(absl::string_view stream, bool authenticated = true) {
  RequestParser parser;
  parser.limits().authenticated = authenticated;
  return Parse(&parser, stream, {});
}

std::string Wire(const Command& command) {
  std::vector<absl::string_view> args(command.begin(), command.end());
  std::string wire;
  AppendCommand(&wire, args);
  return wire;
}

TEST(RequestParser, ReadsPipelinedCommandsInPlace) {
  const Outcome outcome = ParseWhole(
      "*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\nPING\r\n*2\r\n$3\r\nGET\r\n$"
      "10\r\n0123456789\r\n");
  EXPECT_EQ(outcome.commands,
            (std::vector<Command>{{"PING"}, {"SET", "k", ""}, {"PING"}, {"GET", "0123456789"}}));
  EXPECT_EQ(outcome.result, Result::kNeedMore);
}

TEST(RequestParser, SkipsEmptyCommands) {
  EXPECT_EQ(ParseWhole("*0\r\n*-1\r\n*-5\r\n\r\n   \r\n\nPING\r\n").commands,
            (std::vector<Command>{{"PING"}}));
}

TEST(RequestParser, SkipsTheByteBehindACarriageReturnUnseen) {
  EXPECT_EQ(ParseWhole("*1\rX$4\rXPINGXXPING\r\n").commands,
            (std::vector<Command>{{"PING"}, {"PING"}}));
}

struct ErrorCase {
  std::string stream;
  absl::string_view error;
};

std::string Repeat(char c, size_t count) { return std::string(count, c); }

// Each line is what redis-server 7.0.15 answers (after "-ERR ").
TEST(RequestParser, ProtocolErrorsAreThoseOfRedis) {
  const std::vector<ErrorCase> cases = {
      {"*3x\r\n", "Protocol error: invalid multibulk length"},
      {"*\r\nPING\r\n", "Protocol error: invalid multibulk length"},
      {"* 1\r\n", "Protocol error: invalid multibulk length"},
      {"*01\r\n", "Protocol error: invalid multibulk length"},
      {"*+1\r\n", "Protocol error: invalid multibulk length"},
      {"*2147483648\r\n", "Protocol error: invalid multibulk length"},
      {"*1\n$4\nPING\r\n", "Protocol error: invalid multibulk length"},
      {"*" + Repeat('1', 65536), "Protocol error: too big mbulk count string"},
      {"*" + Repeat('1', 65536) + "\r\n", "Protocol error: invalid multibulk length"},
      {"*1\r\n:4\r\n", "Protocol error: expected '$', got ':'"},
      {"*1\r\nPING\r\n", "Protocol error: expected '$', got 'P'"},
      {"*1\r\n\r\n", "Protocol error: expected '$', got '\r'"},
      {"*1\r\n\x01\r\n", "Protocol error: expected '$', got '\x01'"},
      {"*1\r\n'\r\n", "Protocol error: expected '$', got '''"},
      {"*1\r\n$\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$-1\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$x\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$ 4\r\nPING\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$04\r\nPING\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$99999999999999999999\r\n", "Protocol error: invalid bulk length"},
      {"*1\r\n$" + Repeat('1', 65536), "Protocol error: too big bulk count string"},
      {"*1\r\n" + Repeat('x', 65537), "Protocol error: too big bulk count string"},
      {Repeat('a', 65537), "Protocol error: too big inline request"},
      {"PING \"a\r\n", "Protocol error: unbalanced quotes in request"},
      {"PING \"a\"b\r\n", "Protocol error: unbalanced quotes in request"},
      {"PING 'a\r\n", "Protocol error: unbalanced quotes in request"},
      {"PING 'a'b\r\n", "Protocol error: unbalanced quotes in request"},
  };
  for (const ErrorCase& c : cases) {
    const Outcome outcome = ParseWhole(c.stream);
    EXPECT_EQ(outcome.result, Result::kProtocolError) << c.stream.substr(0, 40);
    EXPECT_EQ(outcome.error, c.error) << c.stream.substr(0, 40);
  }
}

TEST(RequestParser, WaitsWhereRedisWaits) {
  for (const std::string& stream :
       {std::string("*2147483647\r\n"), std::string("*1\r\n$536870912\r\n"),
        "*" + Repeat('1', 65535), "*1\r\n$" + Repeat('1', 65535), Repeat('a', 65536),
        std::string("*1\r\n\0\r\n", 8), std::string("PING \0x\r\nPING\r\n", 15),
        std::string("*1\r")}) {
    const Outcome outcome = ParseWhole(stream);
    EXPECT_EQ(outcome.result, Result::kNeedMore) << stream.substr(0, 40);
    EXPECT_TRUE(outcome.commands.empty());
  }
}

TEST(RequestParser, AfterAnErrorTheSameErrorComesForEver) {
  RequestParser parser;
  Outcome outcome = Parse(&parser, "PING\r\n*x\r\nPING\r\n", {});
  EXPECT_EQ(outcome.commands.size(), 1u);
  outcome = Parse(&parser, "PING\r\n", {3});
  EXPECT_EQ(outcome.commands.size(), 0u);
  EXPECT_EQ(outcome.error, "Protocol error: invalid multibulk length");
}

TEST(RequestParser, UnauthenticatedClientsHaveNarrowerLimits) {
  EXPECT_EQ(ParseWhole("*10\r\n", false).result, Result::kNeedMore);
  EXPECT_EQ(ParseWhole("*11\r\n", false).error, "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ParseWhole("*1\r\n$16384\r\n", false).result, Result::kNeedMore);
  EXPECT_EQ(ParseWhole("*1\r\n$16385\r\n", false).error,
            "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ParseWhole("*1\r\n$16385\r\n" + Repeat('x', 16385) + "\r\n", false).error,
            "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ParseWhole("*1\r\n$536870913\r\n", false).error, "Protocol error: invalid bulk length");
  EXPECT_EQ(ParseWhole("*-11\r\nPING\r\n", false).commands.size(), 1u);
}

TEST(RequestParser, ObeysTheBulkLimit) {
  RequestParser parser;
  parser.limits().bulk_bytes_max = 5;
  Outcome outcome = Parse(&parser, "*1\r\n$5\r\nhello\r\n*1\r\n$6\r\nhello!\r\n", {});
  EXPECT_EQ(outcome.commands, (std::vector<Command>{{"hello"}}));
  EXPECT_EQ(outcome.error, "Protocol error: invalid bulk length");
}

TEST(RequestParser, ObeysTheQueryBufferLimit) {
  for (const std::string& stream : {"*2\r\n$2000000\r\n" + Repeat('x', 1100000),
                                    "*1000000\r\n" + Wire(Command(100000, "x")).substr(9)}) {
    RequestParser parser;
    parser.limits().query_buffer_bytes_max = 1 << 20;
    std::vector<size_t> cuts;
    for (size_t cut = 16384; cut < stream.size(); cut += 16384) cuts.push_back(cut);
    EXPECT_EQ(Parse(&parser, stream, cuts).result, Result::kBufferLimit);
  }
}

// Streams with every kind of element, for the tests that cut them.
std::vector<std::string> MixedStreams() {
  return {
      Wire({"SET", "key", "value"}) + Wire({"GET", "key"}) + "PING hello\r\n" + Wire({""}) +
          "SET k \"a b\\x41\\n\" 'c\\'d'\n" + "*0\r\n\r\n" +
          Wire({"MSET", "a", "1", "b", "2", "c", ""}),
      Wire({"SET", "k", std::string(1234, 'v')}) + Wire({"PING"}),
      "*1\rX$4\rXPINGXX" + Wire({"ECHO", "\r\n$5\r\n"}) + "  ECHO\tx \n",
  };
}

TEST(RequestParser, ResultDoesNotDependOnWhereTheStreamIsCut) {
  for (const std::string& stream : MixedStreams()) {
    const Outcome whole = ParseWhole(stream);
    ASSERT_EQ(whole.result, Result::kNeedMore) << whole.error;
    for (size_t cut = 0; cut <= stream.size(); ++cut) {
      RequestParser parser;
      ASSERT_EQ(Parse(&parser, stream, {cut}).commands, whole.commands) << cut;
      EXPECT_EQ(parser.pending_bytes(), 0u);
    }
    std::vector<size_t> everywhere(stream.size());
    for (size_t i = 0; i < everywhere.size(); ++i) everywhere[i] = i;
    RequestParser parser;
    ASSERT_EQ(Parse(&parser, stream, everywhere).commands, whole.commands);
  }
}

TEST(RequestParser, RandomCommandsSurviveRandomCuts) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<Command> sent;
    std::string stream;
    const int commands = 1 + static_cast<int>(random() % 60);
    for (int i = 0; i < commands; ++i) {
      Command command(1 + random() % (random() % 20 == 0 ? 3000 : 6));
      for (std::string& arg : command) {
        arg.resize(random() % (random() % 300 == 0 ? 100000 : 20));
        for (char& c : arg) c = static_cast<char>(random());
      }
      sent.push_back(command);
      stream += Wire(command);
    }
    std::vector<size_t> cuts(random() % 40);
    for (size_t& cut : cuts) cut = random() % (stream.size() + 1);
    std::sort(cuts.begin(), cuts.end());
    RequestParser parser;
    const Outcome outcome = Parse(&parser, stream, cuts, 1 + static_cast<int>(random() % 40));
    ASSERT_EQ(outcome.commands, sent);
    ASSERT_EQ(outcome.wire_bytes, stream.size());
  }
}

// Mostly well-formed streams with a few bytes changed, and pure noise.
TEST(RequestParser, NoInputBreaksIt) {
  std::mt19937_64 random(6);
  constexpr absl::string_view kLetters("*$\r\n01235 -\"'\\xPING\0a", 21);
  for (int round = 0; round < 20000; ++round) {
    std::string stream;
    if (round % 2 == 0) {
      stream = Wire({"SET", "key", "value"}) + "PING 'x'\r\n" + Wire({"GET", "key"});
      for (int i = 0; i < 3; ++i)
        stream[random() % stream.size()] = kLetters[random() % kLetters.size()];
    } else {
      stream.resize(random() % 60);
      for (char& c : stream) c = kLetters[random() % kLetters.size()];
    }
    RequestParser whole_parser;
    const Outcome whole = Parse(&whole_parser, stream, {});
    std::vector<size_t> cuts(random() % 4);
    for (size_t& cut : cuts) cut = random() % (stream.size() + 1);
    std::sort(cuts.begin(), cuts.end());
    RequestParser parser;
    const Outcome cut = Parse(&parser, stream, cuts);
    ASSERT_EQ(cut.commands, whole.commands);
    ASSERT_EQ(cut.result, whole.result);
    ASSERT_EQ(cut.error, whole.error);
  }
}

TEST(RequestParser, ReceivesBigValuesIntoABlob) {
  std::string value(300000, '\0');
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7);
  const std::string stream = Wire({"SET", "key", value, "tail"}) + Wire({"PING"});
  RequestParser parser;
  Request request;
  for (size_t begin = 0; begin < stream.size(); begin += 16384) {
    parser.Feed(absl::string_view(stream).substr(begin, 16384));
    if (begin + 16384 < stream.size()) {
      ASSERT_EQ(parser.Next(&request), Result::kNeedMore);
      parser.EndFeed();
      // All but the lines that have been read: "*4", "$3", "$3", "$300000", and two line ends.
      EXPECT_EQ(parser.pending_bytes(), begin + 16384 - 4 - 4 - 2 - 4 - 2 - 9);
    }
  }
  ASSERT_EQ(parser.Next(&request), Result::kCommand);
  ASSERT_EQ(request.args.size(), 4u);
  EXPECT_EQ(request.args[1], "key");
  EXPECT_EQ(request.args[2], value);
  EXPECT_EQ(request.args[3], "tail");
  EXPECT_FALSE(request.TakeBlob(1));
  BlobRef blob = request.TakeBlob(2);
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->capacity(), value.size());
  EXPECT_FALSE(blob->unique());
  ASSERT_EQ(parser.Next(&request), Result::kCommand);
  EXPECT_EQ(request.args[0], "PING");
  parser.Release();
  EXPECT_TRUE(blob->unique());
  EXPECT_EQ(blob->view(), value);
  parser.EndFeed();
  EXPECT_LT(parser.memory_bytes(), 16384u);
}

TEST(RequestParser, AValueThatArrivesWholeNeedsNoBlob) {
  const std::string stream = Wire({"SET", "key", std::string(100000, 'x')});
  RequestParser parser;
  parser.Feed(stream);
  Request request;
  ASSERT_EQ(parser.Next(&request), Result::kCommand);
  EXPECT_FALSE(request.TakeBlob(2));
  EXPECT_EQ(request.args[2].data(), stream.data() + stream.size() - 100002);
  parser.EndFeed();
}

TEST(RequestParser, BigAndSmallArgumentsMixInOneCutCommand) {
  Command command;
  for (int i = 0; i < 40; ++i)
    command.push_back(std::string(i % 3 == 0 ? 33000 + i : i, 'a' + i % 26));
  const std::string stream = Wire(command) + Wire(command);
  for (size_t step : {1000, 16384, 32768, 50000, 65536}) {
    std::vector<size_t> cuts;
    for (size_t cut = step; cut < stream.size(); cut += step) cuts.push_back(cut);
    RequestParser parser;
    EXPECT_EQ(Parse(&parser, stream, cuts).commands, (std::vector<Command>{command, command}));
  }
}

TEST(RequestParser, ALyingLengthCostsNoMemory) {
  RequestParser parser;
  EXPECT_EQ(Parse(&parser, "*2147483647\r\n$536870912\r\nabc", {}).result, Result::kNeedMore);
  EXPECT_LT(parser.memory_bytes(), size_t{64} << 10);
  EXPECT_EQ(parser.pending_bytes(), 3u);
}

// A session that takes one command at a time from what has piled up.
TEST(RequestParser, UnparsedBytesMayBeTakenUpLater) {
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += Wire({"BLPOP", absl::StrCat(i)});
  RequestParser parser;
  Request request;
  std::string all = stream;
  parser.Feed(all);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(parser.Next(&request), Result::kCommand);
    ASSERT_EQ(request.args[1], absl::StrCat(i));
    parser.Release();
    EXPECT_TRUE(parser.has_unparsed_bytes());
    parser.EndFeed();
    all.assign(all.size(), 'x');
    if (i == 0) {
      parser.Feed("*1\r\n");
      parser.EndFeed();
    }
  }
  EXPECT_EQ(parser.Next(&request), Result::kNeedMore);
  parser.EndFeed();
  EXPECT_FALSE(parser.has_unparsed_bytes());
  parser.Feed("$4\r\nPING\r\n");
  ASSERT_EQ(parser.Next(&request), Result::kCommand);
  EXPECT_EQ(request.args[0], "PING");
  parser.EndFeed();
}

// A million arguments in small reads: work that grew with the square would take minutes.
TEST(RequestParser, LongCommandsCostLinearWork) {
  const Command command(1000000, "0123456789");
  const std::string stream = Wire(command);
  std::vector<size_t> cuts;
  for (size_t cut = 1024; cut < stream.size(); cut += 1024) cuts.push_back(cut);
  RequestParser parser;
  const Outcome outcome = Parse(&parser, stream, cuts);
  ASSERT_EQ(outcome.commands.size(), 1u);
  EXPECT_EQ(outcome.commands[0], command);
  EXPECT_LT(parser.memory_bytes(), size_t{64} << 10);
}

TEST(RequestParser, ALongLineInManyReadsCostsLinearWork) {
  const std::string line = "ECHO " + Repeat('x', 60000) + "\r\n";
  std::vector<size_t> cuts(line.size());
  for (size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
  RequestParser parser;
  EXPECT_EQ(Parse(&parser, line, cuts).commands.size(), 1u);
}

TEST(RequestParser, IdleConnectionsHoldNoMemory) {
  RequestParser parser;
  Parse(&parser, Wire({"SET", "k", "v"}), {5});
  parser.ShrinkIdle();
  EXPECT_LT(parser.memory_bytes(), 100u);
  EXPECT_EQ(Parse(&parser, Wire({"SET", "k", "v"}), {5}).commands.size(), 1u);
}

}  // namespace
}  // namespace damselfly
