#include "server/resp/reply_reader.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/resp/output_buffer.h"
#include "server/resp/reply_writer.h"

namespace damselfly {
namespace {

using Result = ReplyReader::Result;

// All replies of `wire`, fed in pieces of `step` bytes, as DebugString shows them; an error comes
// last.
std::vector<std::string> Read(absl::string_view wire, size_t step = 1 << 20) {
  ReplyReader reader;
  std::vector<std::string> replies;
  for (size_t begin = 0; begin < wire.size(); begin += step) {
    reader.Feed(wire.substr(begin, step));
    Reply reply;
    Result result;
    while ((result = reader.Next(&reply)) == Result::kReply) replies.push_back(DebugString(reply));
    if (result == Result::kProtocolError) {
      replies.push_back("broken: " + reader.error());
      break;
    }
  }
  return replies;
}

constexpr absl::string_view kEveryType =
    "+OK\r\n-ERR no\r\n:-3\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$-1\r\n*-1\r\n_\r\n*0\r\n"
    "*2\r\n*1\r\n:1\r\n+x\r\n%1\r\n+k\r\n~1\r\n:2\r\n>2\r\n+message\r\n:1\r\n"
    ",1.5\r\n,inf\r\n,nan\r\n#t\r\n#f\r\n(123456789012345678901\r\n=6\r\ntxt:hi\r\n"
    "|1\r\n+ttl\r\n:5\r\n*2\r\n|1\r\n+a\r\n:1\r\n+x\r\n+y\r\n";

const std::vector<std::string> kEveryTypeRead = {"OK",
                                                 "(error) ERR no",
                                                 "(integer) -3",
                                                 "\"a\\r\\nb\"",
                                                 "\"\"",
                                                 "(nil)",
                                                 "(nil)",
                                                 "(nil)",
                                                 "[]",
                                                 "[[(integer) 1], x]",
                                                 "{k: ~[(integer) 2]}",
                                                 ">[message, (integer) 1]",
                                                 "(double) 1.5",
                                                 "(double) inf",
                                                 "(double) nan",
                                                 "#true",
                                                 "#false",
                                                 "(big number) 123456789012345678901",
                                                 "(verbatim) \"txt:hi\"",
                                                 "|{ttl: (integer) 5} [|{a: (integer) 1} x, y]"};

TEST(ReplyReader, ReadsEveryType) { EXPECT_EQ(Read(kEveryType), kEveryTypeRead); }

TEST(ReplyReader, ResultDoesNotDependOnWhereTheStreamIsCut) {
  for (size_t step = 1; step < 20; ++step)
    EXPECT_EQ(Read(kEveryType, step), kEveryTypeRead) << step;
}

TEST(ReplyReader, GoesOnElsewhereWhenItIsMovedAmidAReply) {
  const absl::string_view wire =
      "|1\r\n+k\r\n:1\r\n*2\r\n*2\r\n:1\r\n|1\r\n+a\r\n*1\r\n:2\r\n+x\r\n:3\r\n";
  for (size_t cut = 0; cut < wire.size(); ++cut) {
    Reply reply;
    ReplyReader reader;
    reader.Feed(wire.substr(0, cut));
    ASSERT_EQ(reader.Next(&reply), Result::kNeedMore);
    ReplyReader moved = std::move(reader);
    moved.Feed(wire.substr(cut));
    ASSERT_EQ(moved.Next(&reply), Result::kReply);
    EXPECT_EQ(DebugString(reply),
              "|{k: (integer) 1} [[(integer) 1, |{a: [(integer) 2]} x], (integer) 3]");
  }
}

TEST(ReplyReader, GivesValuesAsTheyAre) {
  ReplyReader reader;
  reader.Feed("%1\r\n$1\r\nk\r\n,0.5\r\n");
  Reply reply;
  ASSERT_EQ(reader.Next(&reply), Result::kReply);
  EXPECT_EQ(reply.type, Reply::Type::kMap);
  ASSERT_EQ(reply.elements.size(), 2u);
  EXPECT_EQ(reply.elements[0].text, "k");
  EXPECT_EQ(reply.elements[1].number, 0.5);
  EXPECT_EQ(reader.pending_bytes(), 0u);
  EXPECT_EQ(reply, reply);
  EXPECT_NE(reply, reply.elements[0]);
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
  for (absl::string_view wire :
       {"hello\r\n", ":x\r\n", ":1\n", "\r\n", "$x\r\n", "$-2\r\n", "$1\r\nabc", "#x\r\n", "_x\r\n",
        ",x\r\n", "*-2\r\n", "%-1\r\n", "=2\r\nab\r\n", "$1073741825\r\n", "*9999999999\r\n"}) {
    const std::vector<std::string> replies = Read(wire);
    ASSERT_EQ(replies.size(), 1u) << wire;
    EXPECT_EQ(replies[0].substr(0, 6), "broken") << wire;
  }
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += "*1\r\n";
  EXPECT_EQ(Read(nested).back(), "broken: replies are nested too deeply");
  EXPECT_EQ(Read("+" + std::string(70000, 'x')).back(), "broken: a line is too long");
}

TEST(ReplyReader, LyingLengthsCostNoMemory) {
  ReplyReader reader;
  for (int i = 0; i < 100; ++i) reader.Feed("*2000000000\r\n");
  reader.Feed("$1000000000\r\n");
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), Result::kNeedMore);
}

TEST(ReplyReader, ReadsWhatTheWriterWrites) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 500; ++round) {
    OutputBuffer buffer;
    ReplyWriter writer(&buffer);
    writer.set_protocol(round % 2 + 2);
    int replies = 0;
    for (int left = 1; left > 0 || replies++ < 10;) {
      if (left == 0) left = 1;
      --left;
      const int count = static_cast<int>(random() % 3);
      switch (random() % 11) {
        case 0:
          writer.Ok();
          break;
        case 1:
          writer.Error("ERR x");
          break;
        case 2:
          writer.Integer(static_cast<int64_t>(random()));
          break;
        case 3:
          writer.Bulk(std::string(random() % 200, '\n'));
          break;
        case 4:
          writer.Null();
          break;
        case 5:
          writer.Double(static_cast<double>(random()) / 3);
          break;
        case 6:
          writer.Bool(true);
          break;
        case 7:
          writer.Verbatim("txt", "hello");
          break;
        case 8:
          writer.Array(count);
          left += count;
          break;
        case 9:
          writer.Map(count);
          left += 2 * count;
          break;
        default:
          writer.Set(count);
          left += count;
          break;
      }
    }
    const std::string wire = buffer.ToString();
    const std::vector<std::string> whole = Read(wire);
    ASSERT_FALSE(whole.empty());
    ASSERT_NE(whole.back().substr(0, 6), "broken") << whole.back();
    ASSERT_EQ(Read(wire, 1 + random() % 30), whole);
  }
}

TEST(ReplyReader, NoInputBreaksIt) {
  std::mt19937_64 random(10);
  constexpr absl::string_view kLetters = "*$%~>|+-:_,#(=\r\n0123456789atx";
  for (int round = 0; round < 20000; ++round) {
    std::string wire(random() % 60, '\0');
    for (char& c : wire) c = kLetters[random() % kLetters.size()];
    if (round % 2 == 0) {
      wire = std::string(kEveryType);
      for (int i = 0; i < 3; ++i)
        wire[random() % wire.size()] = kLetters[random() % kLetters.size()];
    }
    ASSERT_EQ(Read(wire, 1 + random() % 8), Read(wire));
  }
}

TEST(ReplyReader, BigRepliesInSmallPiecesCostLinearWork) {
  std::string wire = "*200000\r\n";
  for (int i = 0; i < 200000; ++i) wire += "$10\r\n0123456789\r\n";
  absl::StrAppend(&wire, "$5000000\r\n", std::string(5000000, 'x'), "\r\n");
  EXPECT_EQ(Read(wire, 1000).size(), 2u);
}

}  // namespace
}  // namespace damselfly
