#include "server/resp/inline_command.h"

#include <cstddef>

namespace damselfly {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What ends an argument outside of quotes: not '\v' and '\f', although they are skipped between
// arguments.
bool EndsArgument(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char ControlByte(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return letter;
  }
}

// Reads one argument after another; unescaped bytes go to `to`, which has room for the whole line.
class Splitter {
 public:
  Splitter(absl::string_view line, char* to) : line_(line), to_(to) {}

  bool SkipSpace() {
    while (i_ < line_.size() && IsSpace(line_[i_])) ++i_;
    return i_ < line_.size();
  }

  // False if the quotes of the argument are not balanced.
  bool ReadArgument(absl::string_view* argument) {
    char* const begin = to_;
    while (i_ < line_.size() && !EndsArgument(line_[i_])) {
      const char c = line_[i_++];
      if (c == '"' || c == '\'') {
        if (!(c == '"' ? ReadDoubleQuoted() : ReadSingleQuoted())) return false;
        break;
      }
      *to_++ = c;
    }
    *argument = absl::string_view(begin, static_cast<size_t>(to_ - begin));
    return true;
  }

 private:
  bool AtArgumentEnd() const { return i_ == line_.size() || IsSpace(line_[i_]); }

  bool ReadDoubleQuoted() {
    while (i_ < line_.size()) {
      const char c = line_[i_++];
      if (c == '"') return AtArgumentEnd();
      if (c != '\\' || i_ == line_.size()) {
        *to_++ = c;
        continue;
      }
      if (line_[i_] == 'x' && i_ + 2 < line_.size() && HexDigit(line_[i_ + 1]) >= 0 &&
          HexDigit(line_[i_ + 2]) >= 0) {
        *to_++ = static_cast<char>(HexDigit(line_[i_ + 1]) * 16 + HexDigit(line_[i_ + 2]));
        i_ += 3;
      } else {
        *to_++ = ControlByte(line_[i_++]);
      }
    }
    return false;
  }

  bool ReadSingleQuoted() {
    while (i_ < line_.size()) {
      const char c = line_[i_++];
      if (c == '\'') return AtArgumentEnd();
      if (c == '\\' && i_ < line_.size() && line_[i_] == '\'') {
        *to_++ = line_[i_++];
      } else {
        *to_++ = c;
      }
    }
    return false;
  }

  absl::string_view line_;
  size_t i_ = 0;
  char* to_;
};

void SplitUnquoted(absl::string_view line, ArgArena* args) {
  size_t i = 0;
  for (;;) {
    while (i < line.size() && IsSpace(line[i])) ++i;
    if (i == line.size()) return;
    const size_t begin = i;
    while (i < line.size() && !EndsArgument(line[i])) ++i;
    args->Add(line.substr(begin, i - begin));
  }
}

}  // namespace

bool SplitInlineCommand(absl::string_view line, ArgArena* args,
                        std::vector<std::unique_ptr<char[]>>* unescaped) {
  if (line.find_first_of("\"'") == absl::string_view::npos) {
    SplitUnquoted(line, args);
    return true;
  }
  unescaped->push_back(std::make_unique<char[]>(line.size()));
  Splitter splitter(line, unescaped->back().get());
  while (splitter.SkipSpace()) {
    absl::string_view argument;
    if (!splitter.ReadArgument(&argument)) return false;
    args->Add(argument);
  }
  return true;
}

}  // namespace damselfly
