#include "server/base/glob.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "server/base/check.h"

namespace damselfly {
namespace {

// Larger patterns are not given to RE2: it would compile them, at some cost, only to run out of its
// budget.
constexpr size_t kRegexPatternBytesMax = 4096;

unsigned char Lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }

// Redis compares the bounds of a range as signed characters.
int Signed(unsigned char c) { return static_cast<signed char>(c); }

// Does `c` match the set that begins behind the '[' at pattern[*position]? Moves *position behind
// the set. Here, too, are Redis's corners: ']' always ends the set, so "[]" matches nothing and
// "[^]" anything; the byte after "x-" is the range's end even if it is ']' or '\'; bounds are put
// in order before they are folded; an escaped byte in a set is never folded; an unterminated set
// ends with the pattern.
bool SetMatches(absl::string_view pattern, size_t* position, unsigned char c, bool ignore_case) {
  size_t i = *position + 1;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool match = false;
  while (i < pattern.size() && pattern[i] != ']') {
    const unsigned char first = static_cast<unsigned char>(pattern[i]);
    const size_t left = pattern.size() - i;
    if (first == '\\' && left >= 2) {
      match |= static_cast<unsigned char>(pattern[i + 1]) == c;
      i += 2;
    } else if (left >= 3 && pattern[i + 1] == '-') {
      int low = Signed(first);
      int high = Signed(static_cast<unsigned char>(pattern[i + 2]));
      if (low > high) std::swap(low, high);
      int probe = Signed(c);
      if (ignore_case) {
        low = Signed(Lower(static_cast<unsigned char>(low)));
        high = Signed(Lower(static_cast<unsigned char>(high)));
        probe = Signed(Lower(c));
      }
      match |= probe >= low && probe <= high;
      i += 3;
    } else {
      match |= ignore_case ? Lower(first) == Lower(c) : first == c;
      i += 1;
    }
  }
  *position = std::min(i + 1, pattern.size());
  return match != negated;
}

// The pattern is a sequence of atoms; each but '*' matches exactly one byte. If a literal byte
// stands at pattern[*position], sets *literal, moves *position behind it and returns true.
bool TakeLiteral(absl::string_view pattern, size_t* position, unsigned char* literal) {
  unsigned char c = static_cast<unsigned char>(pattern[*position]);
  if (c == '*' || c == '?' || c == '[') return false;
  if (c == '\\' && *position + 1 < pattern.size())
    c = static_cast<unsigned char>(pattern[++*position]);
  ++*position;
  *literal = c;
  return true;
}

// Does `c` match the atom at pattern[*position], which is not '*'? Moves *position behind the atom.
bool AtomMatches(absl::string_view pattern, size_t* position, unsigned char c, bool ignore_case) {
  unsigned char literal;
  if (TakeLiteral(pattern, position, &literal)) {
    return ignore_case ? Lower(literal) == Lower(c) : literal == c;
  }
  if (pattern[*position] == '?') {
    ++*position;
    return true;
  }
  return SetMatches(pattern, position, c, ignore_case);
}

void AppendByte(std::string* regex, int byte) {
  constexpr char kHex[] = "0123456789abcdef";
  *regex += "\\x";
  *regex += kHex[byte >> 4];
  *regex += kHex[byte & 15];
}

// The atom at pattern[*position], not '*', as a regular expression.
void AppendAtom(std::string* regex, absl::string_view pattern, size_t* position, bool ignore_case) {
  bool matches[256];
  size_t next = *position;
  for (int c = 0; c < 256; ++c) {
    next = *position;
    matches[c] = AtomMatches(pattern, &next, static_cast<unsigned char>(c), ignore_case);
  }
  *position = next;
  if (std::count(matches, matches + 256, true) == 0) {
    *regex += "[^\\x00-\\xff]";
    return;
  }
  *regex += '[';
  for (int low = 0; low < 256; ++low) {
    if (!matches[low]) continue;
    int high = low;
    while (high + 1 < 256 && matches[high + 1]) ++high;
    AppendByte(regex, low);
    *regex += '-';
    AppendByte(regex, high);
    low = high;
  }
  *regex += ']';
}

std::string ToRegex(absl::string_view pattern, bool ignore_case) {
  std::string regex;
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] != '*') {
      AppendAtom(&regex, pattern, &i, ignore_case);
      continue;
    }
    while (i < pattern.size() && pattern[i] == '*') ++i;
    regex += ".*";
  }
  return regex;
}

// Matches without RE2: whatever the last '*' seen has taken, nothing is gained by going back to an
// earlier one, so the worst case is a product, not a power.
bool StepsMatch(absl::string_view pattern, absl::string_view text, bool ignore_case) {
  constexpr size_t kNone = static_cast<size_t>(-1);
  size_t p = 0, t = 0;
  size_t after_star = kNone, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_text = t;
    } else if (p < pattern.size() &&
               AtomMatches(pattern, &p, static_cast<unsigned char>(text[t]), ignore_case)) {
      ++t;
    } else if (after_star != kNone) {
      p = after_star;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool Equal(absl::string_view a, absl::string_view b, bool ignore_case) {
  if (a.size() != b.size()) return false;
  if (!ignore_case) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
    return Lower(static_cast<unsigned char>(x)) == Lower(static_cast<unsigned char>(y));
  });
}

// Takes literals from pattern[*position] on.
std::string TakeLiterals(absl::string_view pattern, size_t* position) {
  std::string literals;
  unsigned char c;
  while (*position < pattern.size() && TakeLiteral(pattern, position, &c))
    literals += static_cast<char>(c);
  return literals;
}

}  // namespace

Glob::Glob(absl::string_view pattern, bool ignore_case)
    : kind_(Kind::kSteps), ignore_case_(ignore_case) {
  size_t i = 0;
  prefix_ = TakeLiterals(pattern, &i);
  if (i == pattern.size()) {
    kind_ = Kind::kLiteral;
    return;
  }
  if (pattern[i] == '*') {
    size_t after = i;
    while (after < pattern.size() && pattern[after] == '*') ++after;
    if (after == pattern.size()) {
      kind_ = pattern == "*" ? Kind::kEverything : Kind::kPrefix;
      return;
    }
    suffix_ = TakeLiterals(pattern, &after);
    if (after == pattern.size()) {
      kind_ = Kind::kSuffix;
      return;
    }
  }
  pattern_ = std::string(pattern);
  if (pattern.size() > kRegexPatternBytesMax) return;
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  auto regex = std::make_unique<const re2::RE2>(ToRegex(pattern, ignore_case), options);
  if (!regex->ok()) return;
  regex_ = std::move(regex);
  kind_ = Kind::kRegex;
}

Glob::~Glob() = default;
Glob::Glob(Glob&&) noexcept = default;
Glob& Glob::operator=(Glob&&) noexcept = default;

bool Glob::Matches(absl::string_view text) const {
  if (kind_ == Kind::kEverything) return true;
  if (text.empty()) return kind_ == Kind::kLiteral && prefix_.empty();
  switch (kind_) {
    case Kind::kEverything:
      return true;
    case Kind::kLiteral:
      return Equal(text, prefix_, ignore_case_);
    case Kind::kPrefix:
      return Equal(text.substr(0, prefix_.size()), prefix_, ignore_case_);
    case Kind::kSuffix:
      return text.size() >= prefix_.size() + suffix_.size() &&
             Equal(text.substr(0, prefix_.size()), prefix_, ignore_case_) &&
             Equal(text.substr(text.size() - suffix_.size()), suffix_, ignore_case_);
    case Kind::kRegex:
      return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_);
    case Kind::kSteps:
      return StepsMatch(pattern_, text, ignore_case_);
  }
  DFLY_UNREACHABLE();
}

}  // namespace damselfly
