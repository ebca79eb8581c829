#include "server/resp/reply_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

// Room that an announced count may reserve ahead of its elements.
constexpr int64_t kReservedElementsMax = 1024;
constexpr int64_t kCountMax = int64_t{1} << 31;

// Whether what follows is a length.
bool IsLengthType(char type) {
  return type == '$' || type == '*' || type == '=' || type == '%' || type == '~' || type == '>' ||
         type == '|';
}

}  // namespace

void ReplyReader::Feed(absl::string_view data) {
  // Spent bytes are dropped when they are at least half: each byte is moved about once.
  if (cursor_ > 0 && cursor_ >= buffer_.size() - cursor_) {
    buffer_.erase(0, cursor_);
    cursor_ = 0;
  }
  buffer_.append(data.data(), data.size());
}

ReplyReader::Result ReplyReader::Next(Reply* out) {
  if (!error_.empty()) return Result::kProtocolError;
  for (;;) {
    const Result result = body_bytes_ >= 0 ? ReadBody() : ReadElement();
    if (result != Result::kReply) return result;
    if (has_done_) {
      has_done_ = false;
      *out = std::move(done_);
      done_ = Reply();
      return Result::kReply;
    }
  }
}

// The steps below return kReply for "go on".
ReplyReader::Result ReplyReader::ReadElement() {
  const absl::string_view rest = absl::string_view(buffer_).substr(cursor_);
  const size_t end = rest.find('\n', line_scanned_bytes_);
  if (end == absl::string_view::npos) {
    line_scanned_bytes_ = rest.size();
    if (rest.size() > kLineBytesMax) return Fail("a line is too long");
    return Result::kNeedMore;
  }
  if (end < 2 || rest[end - 1] != '\r') return Fail("a line does not end with CR LF");
  line_scanned_bytes_ = 0;
  cursor_ += end + 1;
  return ReadLine(rest[0], rest.substr(1, end - 2));
}

ReplyReader::Result ReplyReader::ReadLine(char type, absl::string_view line) {
  int64_t number = 0;
  switch (type) {
    case '+':
    case '-':
    case '(': {
      Reply& reply = Begin(type == '+'   ? Reply::Type::kSimpleString
                           : type == '-' ? Reply::Type::kError
                                         : Reply::Type::kBigNumber);
      reply.text = std::string(line);
      return End();
    }
    case ':':
      if (!ParseInt64(line, &number)) return Fail("an integer is malformed");
      Begin(Reply::Type::kInteger).integer = number;
      return End();
    case '_':
      if (!line.empty()) return Fail("a null is malformed");
      Begin(Reply::Type::kNull);
      return End();
    case '#':
      if (line != "t" && line != "f") return Fail("a boolean is malformed");
      Begin(Reply::Type::kBool).integer = line == "t" ? 1 : 0;
      return End();
    case ',': {
      Reply& reply = Begin(Reply::Type::kDouble);
      reply.text = std::string(line);
      if (line == "nan" || line == "-nan") {
        reply.number = __builtin_nan("");
      } else if (!ParseDouble(line, &reply.number)) {
        return Fail("a double is malformed");
      }
      return End();
    }
    default:
      break;
  }
  if (!IsLengthType(type)) {
    return Fail(absl::StrCat("unknown type byte '", absl::CEscape(std::string(1, type)), "'"));
  }
  if (!ParseInt64(line, &number)) return Fail("a length is malformed");
  if (number == -1 && (type == '$' || type == '*')) {
    Begin(Reply::Type::kNull);
    return End();
  }
  if (number < 0) return Fail("a length is negative");
  switch (type) {
    case '*':
      return Open(Reply::Type::kArray, number, false);
    case '%':
      return Open(Reply::Type::kMap, number, false);
    case '~':
      return Open(Reply::Type::kSet, number, false);
    case '>':
      return Open(Reply::Type::kPush, number, false);
    case '|':
      return Open(Reply::Type::kMap, number, true);
    default:
      if (number > kStringBytesMax) return Fail("a string is too long");
      body_bytes_ = number;
      body_type_ = type;
      return Result::kReply;
  }
}

ReplyReader::Result ReplyReader::ReadBody() {
  const size_t size = static_cast<size_t>(body_bytes_);
  if (buffer_.size() - cursor_ < size + 2) return Result::kNeedMore;
  if (buffer_[cursor_ + size] != '\r' || buffer_[cursor_ + size + 1] != '\n') {
    return Fail("a string does not end with CR LF");
  }
  if (body_type_ == '=' && (size < 4 || buffer_[cursor_ + 3] != ':')) {
    return Fail("a verbatim string has no format");
  }
  Begin(body_type_ == '=' ? Reply::Type::kVerbatim : Reply::Type::kBulk)
      .text.assign(buffer_, cursor_, size);
  cursor_ += size + 2;
  body_bytes_ = -1;
  return End();
}

ReplyReader::Result ReplyReader::Open(Reply::Type type, int64_t count, bool is_attribute) {
  if (count > kCountMax) return Fail("an aggregate is too large");
  if (stack_.size() == kDepthMax) return Fail("replies are nested too deeply");
  if (type == Reply::Type::kMap) count *= 2;
  if (count == 0) {
    // An attribute without content says nothing; others are whole already.
    if (is_attribute) return Result::kReply;
    Begin(type);
    return End();
  }
  Frame frame{nullptr, count, nullptr, {}};
  if (is_attribute) frame.attributes = std::make_unique<Reply>();
  Reply& reply = is_attribute ? *frame.attributes : Begin(type);
  if (!is_attribute && !stack_.empty()) frame.reply = &reply;
  reply.elements.reserve(static_cast<size_t>(std::min(count, kReservedElementsMax)));
  // Attributes that came before an aggregate belong to it, not to its first element.
  if (!is_attribute) reply.attributes = std::exchange(pending_attributes(), {});
  stack_.push_back(std::move(frame));
  return Result::kReply;
}

std::vector<Reply>& ReplyReader::pending_attributes() {
  return stack_.empty() ? top_attributes_ : stack_.back().pending_attributes;
}

Reply& ReplyReader::ReplyOf(const Frame& frame) {
  if (frame.reply != nullptr) return *frame.reply;
  return frame.attributes != nullptr ? *frame.attributes : done_;
}

Reply& ReplyReader::Begin(Reply::Type type) {
  Reply& reply = stack_.empty() ? done_ : ReplyOf(stack_.back()).elements.emplace_back();
  reply.type = type;
  return reply;
}

ReplyReader::Result ReplyReader::End() {
  std::vector<Reply>& attributes = pending_attributes();
  if (!attributes.empty()) {
    Reply& reply = stack_.empty() ? done_ : ReplyOf(stack_.back()).elements.back();
    reply.attributes = std::exchange(attributes, {});
  }
  while (!stack_.empty()) {
    if (--stack_.back().left > 0) return Result::kReply;
    // The aggregate is whole, too.
    const std::unique_ptr<Reply> whole = std::move(stack_.back().attributes);
    stack_.pop_back();
    if (whole == nullptr) continue;
    std::vector<Reply>& pending = pending_attributes();
    std::move(whole->elements.begin(), whole->elements.end(), std::back_inserter(pending));
    return Result::kReply;
  }
  has_done_ = true;
  return Result::kReply;
}

ReplyReader::Result ReplyReader::Fail(absl::string_view error) {
  error_ = std::string(error);
  return Result::kProtocolError;
}

size_t ReplyReader::pending_bytes() const { return buffer_.size() - cursor_; }

bool operator==(const Reply& a, const Reply& b) {
  if (a.type != b.type || a.text != b.text || a.integer != b.integer) return false;
  return a.elements == b.elements && a.attributes == b.attributes;
}

namespace {

void AppendElements(const std::vector<Reply>& elements, bool is_map, std::string* out) {
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) absl::StrAppend(out, is_map && i % 2 == 1 ? ": " : ", ");
    absl::StrAppend(out, DebugString(elements[i]));
  }
}

}  // namespace

std::string DebugString(const Reply& reply) {
  std::string out;
  if (!reply.attributes.empty()) {
    out += "|{";
    AppendElements(reply.attributes, true, &out);
    out += "} ";
  }
  const auto enclose = [&](absl::string_view open, absl::string_view close, bool is_map) {
    absl::StrAppend(&out, open);
    AppendElements(reply.elements, is_map, &out);
    absl::StrAppend(&out, close);
  };
  switch (reply.type) {
    case Reply::Type::kSimpleString:
      absl::StrAppend(&out, reply.text);
      break;
    case Reply::Type::kError:
      absl::StrAppend(&out, "(error) ", reply.text);
      break;
    case Reply::Type::kInteger:
      absl::StrAppend(&out, "(integer) ", reply.integer);
      break;
    case Reply::Type::kBulk:
      absl::StrAppend(&out, "\"", absl::CEscape(reply.text), "\"");
      break;
    case Reply::Type::kNull:
      absl::StrAppend(&out, "(nil)");
      break;
    case Reply::Type::kArray:
      enclose("[", "]", false);
      break;
    case Reply::Type::kMap:
      enclose("{", "}", true);
      break;
    case Reply::Type::kSet:
      enclose("~[", "]", false);
      break;
    case Reply::Type::kPush:
      enclose(">[", "]", false);
      break;
    case Reply::Type::kDouble:
      absl::StrAppend(&out, "(double) ", reply.text);
      break;
    case Reply::Type::kBool:
      absl::StrAppend(&out, reply.integer != 0 ? "#true" : "#false");
      break;
    case Reply::Type::kBigNumber:
      absl::StrAppend(&out, "(big number) ", reply.text);
      break;
    case Reply::Type::kVerbatim:
      absl::StrAppend(&out, "(verbatim) \"", absl::CEscape(reply.text), "\"");
      break;
  }
  return out;
}

}  // namespace damselfly
