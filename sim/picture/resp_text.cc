#include "sim/picture/resp_text.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

constexpr int kDepthMax = 8;
// Of one string in a request or reply.
constexpr size_t kStringBytesShown = 48;

// Whether it reads well without quotation marks.
bool IsPlain(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '|' && c != ',' && c != '[';
  });
}

// Walks over RESP, and writes down what it finds. Stops at what is not whole, or not RESP.
class Walker {
 public:
  Walker(absl::string_view bytes, bool requests, size_t length_max)
      : rest_(bytes), requests_(requests), length_max_(length_max) {}

  std::string Text(absl::string_view bytes) {
    while (!rest_.empty() && text_.size() < length_max_) {
      const size_t length_before = text_.size();
      if (!text_.empty()) text_ += " | ";
      if (requests_ && rest_[0] == '*' ? Request() : Value(0)) continue;
      if (length_before == 0 && !begun_) return BytesText(bytes, length_max_);
      return text_ + "...";
    }
    return rest_.empty() ? text_ : text_ + " ...";
  }

 private:
  // The line at the front without its type and end; false if there is none.
  bool TakeLine(absl::string_view* line) {
    const size_t end = rest_.find("\r\n");
    if (end == absl::string_view::npos || end == 0) return false;
    *line = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 2);
    return true;
  }

  bool TakeCount(int64_t* count) {
    absl::string_view line;
    return TakeLine(&line) && absl::SimpleAtoi(line, count) && *count >= -1;
  }

  // A string of so many bytes and its end, quoted where it has to be; or as much of it as there is.
  bool String(int64_t size, bool always_quoted) {
    const auto wanted = static_cast<size_t>(size);
    const absl::string_view text = rest_.substr(0, wanted);
    const absl::string_view shown = text.substr(0, kStringBytesShown);
    const bool quoted = always_quoted || !IsPlain(shown);
    absl::StrAppend(&text_, quoted ? "\"" : "", quoted ? absl::CHexEscape(shown) : shown,
                    shown.size() < wanted ? "..." : "", quoted ? "\"" : "");
    if (rest_.size() < wanted + 2) {
      rest_ = "";
      return shown.size() < wanted;  // the dots are there already
    }
    rest_.remove_prefix(wanted + 2);
    return true;
  }

  bool Request() {
    int64_t count = 0;
    if (!TakeCount(&count)) return false;
    begun_ = true;
    for (int64_t i = 0; i < count; ++i) {
      if (text_.size() > length_max_) return false;
      if (i > 0) text_ += ' ';
      int64_t size = 0;
      if (rest_.empty() || rest_[0] != '$' || !TakeCount(&size) || size < 0) return false;
      if (!String(size, false)) return false;
    }
    return true;
  }

  bool Value(int depth) {
    if (rest_.empty() || depth > kDepthMax || text_.size() > length_max_) return false;
    switch (rest_[0]) {
      case '+':
        return Line("");
      case '-':
        return Line("(error) ");
      case ':':
        return Line("(integer) ");
      case ',':
        return Line("(double) ");
      case '#':
        return Line("(boolean) ");
      case '_':
        return Line("(nil)");
      case '$':
      case '=':
        return Bulk();
      case '*':
      case '~':
        return List(depth, "[", ", ", "]", 1);
      case '%':
        return List(depth, "{", ", ", "}", 2);
      case '>':
        return List(depth, "push [", ", ", "]", 1);
      default:
        return false;
    }
  }

  bool Line(absl::string_view prefix) {
    absl::string_view line;
    if (!TakeLine(&line)) return false;
    begun_ = true;
    absl::StrAppend(&text_, prefix, absl::CHexEscape(line));
    return true;
  }

  bool Bulk() {
    int64_t size = 0;
    if (!TakeCount(&size)) return false;
    begun_ = true;
    if (size < 0) {
      text_ += "(nil)";
      return true;
    }
    return String(size, true);
  }

  bool List(int depth, absl::string_view open, absl::string_view between, absl::string_view close,
            int64_t per_item) {
    int64_t count = 0;
    if (!TakeCount(&count)) return false;
    begun_ = true;
    if (count < 0) {
      text_ += "(nil)";
      return true;
    }
    absl::StrAppend(&text_, open);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t part = 0; part < per_item; ++part) {
        if (i + part > 0) absl::StrAppend(&text_, part > 0 ? ": " : between);
        if (!Value(depth + 1)) return false;
      }
    }
    absl::StrAppend(&text_, close);
    return true;
  }

  absl::string_view rest_;
  const bool requests_;
  const size_t length_max_;
  bool begun_ = false;  // it is RESP, as far as one sees
  std::string text_;
};

}  // namespace

std::string RespText(absl::string_view bytes, bool requests, size_t length_max) {
  return Walker(bytes, requests, length_max).Text(bytes);
}

std::string BytesText(absl::string_view bytes, size_t bytes_max) {
  return absl::StrCat(absl::CHexEscape(bytes.substr(0, bytes_max)),
                      bytes.size() > bytes_max ? "..." : "");
}

}  // namespace damselfly::sim
