#include "sim/model/expected.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

Expected Expected::Simple(absl::string_view text) {
  Expected expected(Kind::kSimple);
  expected.text_ = std::string(text);
  return expected;
}

Expected Expected::IntegerIn(int64_t low, int64_t high) {
  Expected expected(Kind::kInteger);
  expected.low_ = low;
  expected.high_ = high;
  return expected;
}

Expected Expected::Bulk(absl::string_view text) {
  Expected expected(Kind::kBulk);
  expected.text_ = std::string(text);
  return expected;
}

Expected Expected::Error(absl::string_view prefix) {
  Expected expected(Kind::kError);
  expected.text_ = std::string(prefix);
  return expected;
}

Expected Expected::Array(std::vector<Expected> elements) {
  Expected expected(Kind::kArray);
  expected.elements_ = std::move(elements);
  return expected;
}

Expected Expected::BulksInAnyOrder(std::vector<std::string> texts) {
  Expected expected(Kind::kBulksInAnyOrder);
  expected.texts_ = std::move(texts);
  std::sort(expected.texts_.begin(), expected.texts_.end());
  return expected;
}

bool Expected::Matches(const Reply& reply) const {
  switch (kind_) {
    case Kind::kSimple:
      return reply.type == Reply::Type::kSimpleString && reply.text == text_;
    case Kind::kInteger:
      return reply.type == Reply::Type::kInteger && low_ <= reply.integer && reply.integer <= high_;
    case Kind::kBulk:
      return reply.type == Reply::Type::kBulk && reply.text == text_;
    case Kind::kNull:
      return reply.is_null();
    case Kind::kError:
      return reply.is_error() && absl::StartsWith(reply.text, text_);
    case Kind::kArray:
      return reply.type == Reply::Type::kArray && reply.elements.size() == elements_.size() &&
             std::equal(elements_.begin(), elements_.end(), reply.elements.begin(),
                        [](const Expected& expected, const Reply& element) {
                          return expected.Matches(element);
                        });
    case Kind::kBulksInAnyOrder: {
      if (reply.type != Reply::Type::kArray) return false;
      std::vector<std::string> texts;
      for (const Reply& element : reply.elements) {
        if (element.type != Reply::Type::kBulk) return false;
        texts.push_back(element.text);
      }
      std::sort(texts.begin(), texts.end());
      return texts == texts_;
    }
  }
  return false;
}

Reply Expected::ToReply() const {
  Reply reply;
  switch (kind_) {
    case Kind::kSimple:
      reply.type = Reply::Type::kSimpleString;
      break;
    case Kind::kInteger:
      reply.type = Reply::Type::kInteger;
      break;
    case Kind::kBulk:
      reply.type = Reply::Type::kBulk;
      break;
    case Kind::kNull:
      reply.type = Reply::Type::kNull;
      break;
    case Kind::kError:
      reply.type = Reply::Type::kError;
      break;
    case Kind::kArray:
    case Kind::kBulksInAnyOrder:
      reply.type = Reply::Type::kArray;
      break;
  }
  reply.text = text_;
  reply.integer = low_;
  for (const Expected& element : elements_) reply.elements.push_back(element.ToReply());
  for (const std::string& text : texts_) reply.elements.push_back(Bulk(text).ToReply());
  return reply;
}

std::string Expected::ToString() const {
  switch (kind_) {
    case Kind::kSimple:
      return text_;
    case Kind::kInteger:
      return low_ == high_ ? absl::StrCat("(integer) ", low_)
                           : absl::StrCat("(integer) ", low_, " to ", high_);
    case Kind::kBulk:
      return absl::StrCat("\"", absl::CHexEscape(text_), "\"");
    case Kind::kNull:
      return "(nil)";
    case Kind::kError:
      return absl::StrCat("(error) ", text_, "...");
    case Kind::kArray:
      return absl::StrCat("[",
                          absl::StrJoin(elements_, ", ",
                                        [](std::string* out, const Expected& element) {
                                          *out += element.ToString();
                                        }),
                          "]");
    case Kind::kBulksInAnyOrder:
      return absl::StrCat("in any order [", absl::StrJoin(texts_, ", "), "]");
  }
  return "?";
}

}  // namespace damselfly::sim
