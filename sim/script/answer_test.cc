#include "sim/script/answer.h"

#include <string>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Answer AnswerOf(const std::string& wire) {
  ReplyReader reader;
  reader.Feed(wire);
  Answer answer;
  answer.kind = Answer::Kind::kReply;
  EXPECT_EQ(reader.Next(&answer.reply), ReplyReader::Result::kReply) << wire;
  return answer;
}

std::string Wrong(const Answer& answer, void (*expect)(scenario::Step*)) {
  scenario::Step step;
  expect(&step);
  return WhatIsWrong(step, answer);
}

TEST(Answer, IsWrittenAsScriptsWriteIt) {
  EXPECT_EQ(AnswerText(AnswerOf("+OK\r\n")), "OK");
  EXPECT_EQ(AnswerText(AnswerOf("$3\r\nabc\r\n")), "abc");
  EXPECT_EQ(AnswerText(AnswerOf(":7\r\n")), "7");
  EXPECT_EQ(AnswerText(AnswerOf("$-1\r\n")), "(nil)");
  EXPECT_EQ(AnswerText(AnswerOf("*3\r\n$1\r\na\r\n:1\r\n*0\r\n")), "[a, 1, []]");
  EXPECT_EQ(AnswerText(AnswerOf("-ERR no\r\n")), "(error) ERR no");
  EXPECT_EQ(AnswerText(Answer()), "(nothing)");
}

TEST(Answer, MustBeNoErrorWhenNothingIsSaid) {
  const auto nothing = [](scenario::Step*) {};
  EXPECT_EQ(Wrong(AnswerOf("+OK\r\n"), nothing), "");
  EXPECT_EQ(Wrong(AnswerOf("-ERR no\r\n"), nothing),
            "expected an answer that is no error, came \"(error) ERR no\"");
  EXPECT_NE(Wrong(Answer(), nothing), "");
}

TEST(Answer, AReplyIsMeantWholeAndAnErrorByItsBeginning) {
  const auto reply = [](scenario::Step* step) { step->set_reply("a"); };
  EXPECT_EQ(Wrong(AnswerOf("$1\r\na\r\n"), reply), "");
  EXPECT_EQ(Wrong(AnswerOf("$2\r\nab\r\n"), reply), "expected \"a\", came \"ab\"");
  const auto error = [](scenario::Step* step) { step->set_error("MOVED 5 "); };
  EXPECT_EQ(Wrong(AnswerOf("-MOVED 5 h:1\r\n"), error), "");
  EXPECT_EQ(Wrong(AnswerOf("-MOVED 50 h:1\r\n"), error),
            "expected the error \"MOVED 5 \", came \"(error) MOVED 50 h:1\"");
  // Text that only looks like one is none.
  EXPECT_NE(Wrong(AnswerOf("+MOVED 5 h:1\r\n"), error), "");
}

TEST(Answer, PartsMustBeThereOrNot) {
  const auto parts = [](scenario::Step* step) {
    step->add_has("up");
    step->add_has_not("down");
  };
  EXPECT_EQ(Wrong(AnswerOf("+link up\r\n"), parts), "");
  EXPECT_EQ(Wrong(AnswerOf("+link up and down\r\n"), parts),
            "expected an answer without \"down\", came \"link up and down\"");
  EXPECT_NE(Wrong(AnswerOf("+link\r\n"), parts), "");
  EXPECT_EQ(Wrong(AnswerOf("-ERR up\r\n"), parts), "");
}

TEST(Answer, TheEndOfAConnectionCanBeExpected) {
  Answer closed;
  closed.kind = Answer::Kind::kClosed;
  EXPECT_EQ(Wrong(closed, [](scenario::Step* step) { step->set_reply("(closed)"); }), "");
  EXPECT_NE(Wrong(closed, [](scenario::Step* step) { step->set_reply("OK"); }), "");
}

}  // namespace
}  // namespace damselfly::sim
