#include "server/cluster/json_document.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/cluster/config_path.h"

namespace damselfly {
namespace {

using Json = nlohmann::json;
using Type = JsonValue::Type;

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
// The library's id for a number that a double cannot hold.
constexpr int kNumberOverflowId = 406;
// How much of the text a reason shows before and behind the place of a fault.
constexpr size_t kNearBeforeBytes = 16;
constexpr size_t kNearBehindBytes = 16;

// Up to so many names it is quicker to compare a new one with each than to keep a set of them.
constexpr size_t kFewNames = 16;

absl::Status Fault(size_t offset, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("json: offset ", offset, ": ", reason));
}

// Walks over the text and notes how far the parser, which keeps copies of this, has come.
class NotingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  NotingIterator(const char* at, const char** noted) : at_(at), noted_(noted) {}

  reference operator*() const { return *at_; }
  NotingIterator& operator++() {
    *noted_ = ++at_;
    return *this;
  }
  bool operator==(const NotingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const NotingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** noted_;
};

// What the parser calls for each piece of the text; a false ends the parse.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(absl::string_view text) : text_(text), read_(text.data()) {}

  absl::StatusOr<JsonValue> Build() {
    const NotingIterator begin(text_.data(), &read_);
    const NotingIterator end(text_.data() + text_.size(), &read_);
    Json::sax_parse(begin, end, this);
    if (!status_.ok()) return status_;
    return std::move(root_);
  }

  bool null() override { return Add(Type::kNull) != nullptr; }
  bool boolean(bool) override { return Add(Type::kBoolean) != nullptr; }
  bool number_integer(number_integer_t) override { return Add(Type::kNumber) != nullptr; }
  bool number_float(number_float_t, const string_t&) override {
    return Add(Type::kNumber) != nullptr;
  }

  bool number_unsigned(number_unsigned_t number) override {
    JsonValue* const value = Add(Type::kNumber);
    if (value == nullptr) return false;
    value->is_unsigned_integer = true;
    value->integer = number;
    return true;
  }

  bool string(string_t& text) override {
    JsonValue* const value = Add(Type::kString);
    if (value == nullptr) return false;
    value->text = std::move(text);
    return true;
  }

  bool key(string_t& name) override {
    if (!IsNewName(name)) {
      return Fail(absl::StrCat("the member name ", Quoted(name), " appears twice"));
    }
    open_.back()->names.push_back(std::move(name));
    return true;
  }

  bool start_object(size_t) override { return Open(Type::kObject); }
  bool start_array(size_t) override { return Open(Type::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  // Only the library's binary formats have such values.
  bool binary(binary_t&) override { return Fail("a binary value"); }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The parser counts the end of the text as one more character.
    if (position > text_.size()) {
      status_ = Fault(text_.size(), "the text ends too early");
      return false;
    }
    if (error.id == kNumberOverflowId) return Fail("the number is too large");
    const size_t at = LastRead();
    const size_t begin = at - std::min(at, kNearBeforeBytes);
    return Fail(absl::StrCat("syntax error near ",
                             Quoted(text_.substr(begin, at - begin + kNearBehindBytes))));
  }

 private:
  // A new value where the parser is; null if that is one too many.
  JsonValue* Add(Type type) {
    if (++values_ > kValuesMax) {
      Fail(absl::StrCat("more than ", kValuesMax, " values"));
      return nullptr;
    }
    JsonValue* const value =
        open_.empty() ? &root_ : &open_.back()->elements.emplace_back(JsonValue());
    value->type = type;
    return value;
  }

  bool Open(Type type) {
    if (open_.size() == kDepthMax) {
      return Fail(absl::StrCat("more than ", kDepthMax, " levels of nesting"));
    }
    JsonValue* const value = Add(type);
    if (value == nullptr) return false;
    open_.push_back(value);
    many_names_.emplace_back();
    return true;
  }

  bool Close() {
    open_.pop_back();
    many_names_.pop_back();
    return true;
  }

  // Whether the object that is open has no member of this name yet.
  bool IsNewName(const std::string& name) {
    const std::vector<std::string>& names = open_.back()->names;
    if (names.size() <= kFewNames) {
      return std::find(names.begin(), names.end(), name) == names.end();
    }
    absl::flat_hash_set<std::string>& many = many_names_.back();
    if (many.empty()) many.insert(names.begin(), names.end());
    return many.insert(name).second;
  }

  size_t LastRead() const {
    const size_t read_bytes = static_cast<size_t>(read_ - text_.data());
    return read_bytes == 0 ? 0 : read_bytes - 1;
  }

  bool Fail(absl::string_view reason) {
    status_ = Fault(LastRead(), reason);
    return false;
  }

  const absl::string_view text_;
  const char* read_;  // behind the last byte that the parser has taken
  size_t values_ = 0;
  JsonValue root_;
  // The arrays and objects that are not closed, each the last element of the one before, which
  // therefore stays where it is.
  std::vector<JsonValue*> open_;
  // For each of them the names of its members once they are more than kFewNames.
  std::vector<absl::flat_hash_set<std::string>> many_names_;
  absl::Status status_;
};

}  // namespace

const JsonValue* JsonValue::Find(absl::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : &elements[found - names.begin()];
}

absl::StatusOr<JsonValue> ParseJson(absl::string_view text) {
  // The parser takes a NUL for the end of the text, and skips a byte order mark.
  if (const size_t nul = text.find('\0'); nul != absl::string_view::npos) {
    return Fault(nul, "a NUL byte");
  }
  if (absl::StartsWith(text, kByteOrderMark)) return Fault(0, "a byte order mark");
  return Builder(text).Build();
}

}  // namespace damselfly
