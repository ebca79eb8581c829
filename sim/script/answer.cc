#include "sim/script/answer.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {
namespace {

// So much of an answer is shown where it is wrong.
constexpr size_t kShownBytesMax = 1500;

std::string ReplyText(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::kError:
      return absl::StrCat("(error) ", reply.text);
    case Reply::Type::kInteger:
    case Reply::Type::kBool:
      return absl::StrCat(reply.integer);
    case Reply::Type::kNull:
      return "(nil)";
    case Reply::Type::kArray:
    case Reply::Type::kMap:
    case Reply::Type::kSet:
    case Reply::Type::kPush: {
      std::vector<std::string> elements;
      for (const Reply& element : reply.elements) elements.push_back(ReplyText(element));
      return absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
    }
    case Reply::Type::kSimpleString:
    case Reply::Type::kBulk:
    case Reply::Type::kDouble:
    case Reply::Type::kBigNumber:
    case Reply::Type::kVerbatim:
      return reply.text;
  }
  return "?";
}

std::string Came(const std::string& text) {
  return absl::StrCat("came \"", text.substr(0, kShownBytesMax),
                      text.size() > kShownBytesMax ? "...\"" : "\"");
}

}  // namespace

std::string AnswerText(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::kReply:
      return ReplyText(answer.reply);
    case Answer::Kind::kClosed:
      return "(closed)";
    case Answer::Kind::kNothing:
      return "(nothing)";
  }
  return "?";
}

std::string WhatIsWrong(const scenario::Step& expected, const Answer& answer) {
  const std::string text = AnswerText(answer);
  const bool is_error = answer.kind == Answer::Kind::kReply && answer.reply.is_error();
  for (const std::string& part : expected.has()) {
    if (!absl::StrContains(text, part))
      return absl::StrCat("expected an answer with \"", part, "\", ", Came(text));
  }
  for (const std::string& part : expected.has_not()) {
    if (absl::StrContains(text, part))
      return absl::StrCat("expected an answer without \"", part, "\", ", Came(text));
  }
  if (expected.has_error()) {
    if (is_error && absl::StartsWith(answer.reply.text, expected.error())) return "";
    return absl::StrCat("expected the error \"", expected.error(), "\", ", Came(text));
  }
  if (expected.has_reply()) {
    if (!is_error && text == expected.reply()) return "";
    return absl::StrCat("expected \"", expected.reply(), "\", ", Came(text));
  }
  if (expected.has_size() > 0 && answer.kind == Answer::Kind::kReply) return "";
  if (answer.kind == Answer::Kind::kReply && !is_error) return "";
  return absl::StrCat("expected an answer that is no error, ", Came(text));
}

}  // namespace damselfly::sim
