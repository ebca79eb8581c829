#ifndef DAMSELFLY_SERVER_BASE_GLOB_H_
#define DAMSELFLY_SERVER_BASE_GLOB_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}

namespace damselfly {

// A pattern of KEYS, SCAN, PSUBSCRIBE, CONFIG GET and ACLs, as https://redis.io/commands/keys/
// describes it and Redis 7.0 reads the corners: '*' any bytes; '?' one byte; [abc], [^abc], [a-z]
// (also [z-a]) one byte; '\' takes the next byte as it is; an unterminated '[' ends at the
// pattern's end. The empty string is matched by "*" and by the empty pattern, and, oddly, by no
// other ("**"). Case folding is ASCII's.
//
// No pattern takes long: patterns with more than one run of '*', or with '?' or sets, are matched
// by RE2 in time linear in the string; those too large for RE2 take at most (pattern size x string
// size) steps. Immutable; may be used by many threads at once.
class Glob {
 public:
  explicit Glob(absl::string_view pattern, bool ignore_case = false);
  ~Glob();
  Glob(Glob&&) noexcept;
  Glob& operator=(Glob&&) noexcept;

  bool Matches(absl::string_view text) const;

  // True for "*": every string matches.
  bool matches_everything() const { return kind_ == Kind::kEverything; }
  // When the pattern holds no wildcards at all: the one string that matches (but for case).
  bool is_literal() const { return kind_ == Kind::kLiteral; }
  // The bytes every match begins with (but for case), without escapes: the string itself when
  // is_literal().
  const std::string& prefix() const { return prefix_; }

 private:
  enum class Kind {
    kEverything,  // "*"
    kLiteral,     // prefix_
    kPrefix,      // prefix_, then anything
    kSuffix,      // anything, then suffix_
    kRegex,       // regex_
    kSteps,       // pattern_, step by step
  };

  Kind kind_;
  bool ignore_case_;
  std::string prefix_;
  std::string suffix_;
  std::string pattern_;
  std::unique_ptr<const re2::RE2> regex_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_GLOB_H_
