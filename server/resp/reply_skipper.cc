#include "server/resp/reply_skipper.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "server/base/numbers.h"

namespace damselfly {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;
constexpr int64_t kLengthMax = int64_t{1} << 40;

// The number between `p` and the '\r' at `end`.
bool ReadNumber(const char* p, const char* end, int64_t* value) {
  if (p != end && end - p <= 9 && *p != '-') {
    int64_t number = 0;
    for (; p != end; ++p) {
      const unsigned digit = static_cast<unsigned char>(*p) - unsigned{'0'};
      if (digit > 9) return false;
      number = number * 10 + digit;
    }
    *value = number;
    return true;
  }
  return ParseInt64(absl::string_view(p, static_cast<size_t>(end - p)), value) &&
         *value <= kLengthMax;
}

}  // namespace

int64_t ReplySkipper::Feed(absl::string_view data) {
  if (broken_) return -1;
  ended_ = 0;
  const char* p = data.data();
  const char* const end = p + data.size();
  if (body_left_bytes_ > 0) p = TakeBody(body_left_bytes_, p, end);
  while (p != end) {
    const char* const line_end =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
    if (line_end == nullptr) {
      partial_line_.append(p, static_cast<size_t>(end - p));
      broken_ = partial_line_.size() > kLineBytesMax;
      break;
    }
    if (partial_line_.empty()) {
      p = TakeLine(p, line_end, end);
    } else {
      partial_line_.append(p, static_cast<size_t>(line_end + 1 - p));
      const std::string line = std::move(partial_line_);
      partial_line_.clear();
      const char* const begin = line.data();
      const char* const next = TakeLine(begin, begin + line.size() - 1, begin + line.size());
      // The body, if any, begins behind the line in `data`.
      p = next == nullptr ? nullptr : line_end + 1;
      if (p != nullptr && body_left_bytes_ > 0) p = TakeBody(body_left_bytes_, p, end);
    }
    if (p == nullptr) {
      broken_ = true;
      break;
    }
  }
  return broken_ ? -1 : ended_;
}

const char* ReplySkipper::TakeLine(const char* line, const char* line_end, const char* end) {
  if (line_end - line < 2 || line_end[-1] != '\r') return nullptr;
  const bool is_top = elements_left_ == 0;
  if (is_top) {
    elements_left_ = 1;
    is_push_ = *line == '>';
  }
  int64_t number;
  switch (*line) {
    case '+':
    case ':':
    case '_':
    case '#':
    case ',':
    case '(':
      EndElement();
      return line_end + 1;
    case '-':
      if (is_top) {
        if (errors_++ == 0) first_error_.assign(line + 1, static_cast<size_t>(line_end - line - 2));
      }
      EndElement();
      return line_end + 1;
    case '$':
    case '=':
      if (!ReadNumber(line + 1, line_end - 1, &number) || number < -1) return nullptr;
      if (number == -1) {
        EndElement();
        return line_end + 1;
      }
      return TakeBody(number + 2, line_end + 1, end);
    case '*':
    case '~':
    case '>':
      if (!ReadNumber(line + 1, line_end - 1, &number) || number < -1) return nullptr;
      if (number > kLengthMax - elements_left_) return nullptr;
      elements_left_ += std::max<int64_t>(number, 0);
      EndElement();
      return line_end + 1;
    case '%':
    case '|':
      if (!ReadNumber(line + 1, line_end - 1, &number) || number < 0) return nullptr;
      if (number > kLengthMax - elements_left_) return nullptr;
      elements_left_ += number * 2;
      // What an attribute describes is still to come.
      if (*line == '%') EndElement();
      return line_end + 1;
    default:
      return nullptr;
  }
}

const char* ReplySkipper::TakeBody(int64_t bytes, const char* from, const char* end) {
  const int64_t taken = std::min<int64_t>(bytes, end - from);
  body_left_bytes_ = bytes - taken;
  if (body_left_bytes_ == 0) EndElement();
  return from + taken;
}

void ReplySkipper::EndElement() {
  if (--elements_left_ > 0) return;
  if (is_push_) {
    ++pushes_;
  } else {
    ++ended_;
  }
}

}  // namespace damselfly
