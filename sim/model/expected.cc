#include "sim/model/expected.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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

Expected Expected::Scanned(std::string from, std::vector<std::string> may,
                           std::vector<std::string> must) {
  Expected expected(Kind::kScanned);
  expected.text_ = std::move(from);
  expected.texts_ = std::move(may);
  expected.must_texts_ = std::move(must);
  std::sort(expected.texts_.begin(), expected.texts_.end());
  std::sort(expected.must_texts_.begin(), expected.must_texts_.end());
  return expected;
}

Expected Expected::Bulks(const std::vector<std::string>& texts) {
  Expected expected(Kind::kArray);
  for (const std::string& text : texts) expected.elements_.push_back(Bulk(text));
  return expected;
}

Expected Expected::Fields(const std::map<std::string, std::string>& fields) {
  Expected expected(Kind::kFields);
  for (const auto& [field, value] : fields) {
    expected.elements_.push_back(Bulk(field));
    expected.elements_.push_back(Bulk(value));
  }
  return expected;
}

Expected Expected::Score(double score) {
  Expected expected(Kind::kScore);
  expected.text_ = absl::StrCat(static_cast<int64_t>(score));
  return expected;
}

Expected Expected::Scored(const std::vector<std::pair<std::string, double>>& members) {
  Expected expected(Kind::kScored);
  for (const auto& [member, score] : members) {
    expected.elements_.push_back(Bulk(member));
    expected.elements_.push_back(Score(score));
  }
  return expected;
}

Expected Expected::ByKey(absl::string_view key, Expected found) {
  Expected expected(Kind::kByKey);
  expected.elements_.push_back(Bulk(key));
  expected.elements_.push_back(std::move(found));
  return expected;
}

bool Expected::MatchesFields(const Reply& reply) const {
  if (reply.type != Reply::Type::kArray && reply.type != Reply::Type::kMap) return false;
  if (reply.elements.size() != elements_.size()) return false;
  std::map<std::string, std::string> fields;
  for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    if (reply.elements[i].type != Reply::Type::kBulk) return false;
    if (reply.elements[i + 1].type != Reply::Type::kBulk) return false;
    fields[reply.elements[i].text] = reply.elements[i + 1].text;
  }
  // Both are in the fields' order.
  size_t at = 0;
  for (const auto& [field, value] : fields) {
    if (at + 1 >= elements_.size()) return false;
    if (elements_[at].text_ != field || elements_[at + 1].text_ != value) return false;
    at += 2;
  }
  return at == elements_.size();
}

bool Expected::MatchesScored(const Reply& reply) const {
  if (reply.type != Reply::Type::kArray) return false;
  std::vector<const Reply*> flat;
  for (const Reply& element : reply.elements) {
    if (element.type == Reply::Type::kArray) {
      for (const Reply& part : element.elements) flat.push_back(&part);
    } else {
      flat.push_back(&element);
    }
  }
  if (flat.size() != elements_.size()) return false;
  for (size_t i = 0; i < flat.size(); ++i) {
    if (!elements_[i].Matches(*flat[i])) return false;
  }
  return true;
}

bool Expected::MatchesScan(const Reply& reply) const {
  if (reply.type != Reply::Type::kArray || reply.elements.size() != 2) return false;
  const Reply& cursor = reply.elements[0];
  const Reply& keys = reply.elements[1];
  uint64_t number;
  if (cursor.type != Reply::Type::kBulk || !absl::SimpleAtoi(cursor.text, &number) ||
      keys.type != Reply::Type::kArray)
    return false;
  const bool over = cursor.text == "0";
  // One that is given back would be given back for ever.
  if (!over && cursor.text == text_) return false;
  std::vector<std::string> texts;
  for (const Reply& key : keys.elements) {
    if (key.type != Reply::Type::kBulk) return false;
    texts.push_back(key.text);
  }
  std::sort(texts.begin(), texts.end());
  // A key may come twice.
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return std::includes(texts_.begin(), texts_.end(), texts.begin(), texts.end()) &&
         (!over ||
          std::includes(texts.begin(), texts.end(), must_texts_.begin(), must_texts_.end()));
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
      if (reply.type != Reply::Type::kArray && reply.type != Reply::Type::kSet) return false;
      std::vector<std::string> texts;
      for (const Reply& element : reply.elements) {
        if (element.type != Reply::Type::kBulk) return false;
        texts.push_back(element.text);
      }
      std::sort(texts.begin(), texts.end());
      return texts == texts_;
    }
    case Kind::kScanned:
      return MatchesScan(reply);
    case Kind::kFields:
      return MatchesFields(reply);
    case Kind::kScore:
      return (reply.type == Reply::Type::kBulk || reply.type == Reply::Type::kDouble) &&
             reply.text == text_;
    case Kind::kScored:
      return MatchesScored(reply);
    case Kind::kByKey: {
      const bool is_map = reply.type == Reply::Type::kMap;
      if (!is_map && (reply.type != Reply::Type::kArray || reply.elements.size() != 1))
        return false;
      const Reply& pair = is_map ? reply : reply.elements[0];
      return pair.elements.size() == 2 && elements_[0].Matches(pair.elements[0]) &&
             elements_[1].Matches(pair.elements[1]);
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
    case Kind::kFields:
    case Kind::kScored:
      reply.type = Reply::Type::kArray;
      break;
    case Kind::kScore:
      reply.type = Reply::Type::kBulk;
      break;
    case Kind::kByKey:
      return Array({Array({elements_[0], elements_[1]})}).ToReply();
    case Kind::kScanned:
      return Array({Bulk("0"), BulksInAnyOrder(texts_)}).ToReply();
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
    case Kind::kScore:
      return absl::StrCat("(score) ", text_);
    case Kind::kFields:
    case Kind::kScored:
    case Kind::kByKey:
    case Kind::kArray:
      return absl::StrCat("[",
                          absl::StrJoin(elements_, ", ",
                                        [](std::string* out, const Expected& element) {
                                          *out += element.ToString();
                                        }),
                          "]");
    case Kind::kBulksInAnyOrder:
      return absl::StrCat("in any order [", absl::StrJoin(texts_, ", "), "]");
    case Kind::kScanned:
      return absl::StrCat(
          "another cursor than ", text_, " and some of [", absl::StrJoin(texts_, ", "),
          "], or 0 and all that is left of the round: [", absl::StrJoin(must_texts_, ", "), "]");
  }
  return "?";
}

}  // namespace damselfly::sim
