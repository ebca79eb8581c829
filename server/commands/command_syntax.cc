#include "server/commands/command_syntax.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace damselfly {
namespace {

constexpr absl::string_view kKeyNames[] = {"key",     "key1",      "key2",   "newkey",
                                           "destkey", "sourcekey", "source", "destination"};
constexpr absl::string_view kIntegerNames[] = {
    "seconds", "milliseconds", "increment", "decrement", "offset",         "start",
    "end",     "stop",         "count",     "index",     "cursor",         "numkeys",
    "bit",     "db",           "len",       "limit",     "destination-db", "timeout"};
constexpr absl::string_view kTypes[] = {"key",    "string",  "integer",
                                        "double", "pattern", "unix-time"};

template <size_t n>
bool Contains(const absl::string_view (&words)[n], absl::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

absl::string_view TypeByName(absl::string_view name) {
  if (Contains(kKeyNames, name)) return "key";
  if (Contains(kIntegerNames, name)) return "integer";
  if (name == "pattern") return "pattern";
  if (name == "unix-time-seconds" || name == "unix-time-milliseconds") return "unix-time";
  return "string";
}

bool IsWordByte(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '/'; }

std::string JoinedName(const std::vector<SyntaxNode>& nodes) {
  std::string name;
  for (const SyntaxNode& node : nodes) absl::StrAppend(&name, name.empty() ? "" : "_", node.name);
  return name;
}

// Recursive descent over
//   alternatives = sequence {"|" sequence}
//   sequence     = item {item}
//   item         = "[" alternatives "]" suffixes | [name] "<" alternatives ">" suffixes | token
//   [item] | name suffixes
class Parser {
 public:
  Parser(absl::string_view text, int key_spec_count)
      : text_(text), key_spec_count_(key_spec_count) {}

  absl::StatusOr<std::vector<SyntaxNode>> Parse() {
    std::vector<SyntaxNode> nodes = ParseSequence();
    if (ok_ && at_ != text_.size()) Fail();
    if (!ok_)
      return absl::InvalidArgumentError(
          absl::StrCat("not understood at byte ", failed_at_, " of: ", text_));
    return nodes;
  }

 private:
  void Fail() {
    if (ok_) failed_at_ = at_;
    ok_ = false;
    at_ = text_.size();
  }

  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool Take(char c) {
    if (!Peek(c)) return false;
    ++at_;
    return true;
  }
  bool TakeWord(absl::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  // A name: letters, digits, '-', '_', '/'.
  std::string TakeName() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
    if (at_ == begin) Fail();
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool AtItem() {
    SkipSpace();
    return at_ < text_.size() && text_[at_] != '|' && text_[at_] != ']' && text_[at_] != '>';
  }

  std::vector<SyntaxNode> ParseSequence() {
    std::vector<SyntaxNode> nodes;
    while (AtItem()) nodes.push_back(ParseItem());
    return nodes;
  }

  // What stands in brackets, as one node. A single argument without a name for the group is that
  // argument.
  SyntaxNode ParseGroup(std::string name, char closing) {
    std::vector<std::vector<SyntaxNode>> alternatives;
    do {
      alternatives.push_back(ParseSequence());
      if (alternatives.back().empty()) Fail();
    } while (Take('|'));
    if (!Take(closing)) Fail();
    SyntaxNode group;
    if (!ok_) return group;
    if (alternatives.size() == 1) {
      if (name.empty() && alternatives[0].size() == 1) return std::move(alternatives[0][0]);
      group.type = "block";
      group.children = std::move(alternatives[0]);
    } else {
      group.type = "oneof";
      for (std::vector<SyntaxNode>& alternative : alternatives) {
        if (alternative.size() == 1) {
          group.children.push_back(std::move(alternative[0]));
        } else {
          SyntaxNode block;
          block.type = "block";
          block.name = JoinedName(alternative);
          block.children = std::move(alternative);
          group.children.push_back(std::move(block));
        }
      }
    }
    group.name = name.empty() ? JoinedName(group.children) : std::move(name);
    return group;
  }

  SyntaxNode ParseItem() {
    SyntaxNode node;
    if (Take('[')) {
      node = ParseGroup("", ']');
      node.flags |= SyntaxNode::kOptional;
    } else if (Take('<')) {
      node = ParseGroup("", '>');
    } else if (Peek('"')) {
      return ParseToken(TakeQuoted());
    } else {
      std::string word = TakeName();
      if (!ok_) return node;
      if (std::none_of(word.begin(), word.end(), absl::ascii_islower))
        return ParseToken(std::move(word));
      if (Take('<')) {
        node = ParseGroup(std::move(word), '>');
      } else {
        node = ParseArgument(std::move(word));
      }
    }
    ParseSuffixes(&node);
    return node;
  }

  std::string TakeQuoted() {
    Take('"');
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') ++at_;
    std::string token(text_.substr(begin, at_ - begin));
    if (!Take('"')) Fail();
    return token;
  }

  // The token has been read: it stands alone, or before its argument.
  SyntaxNode ParseToken(std::string token) {
    SyntaxNode node;
    if (Take(':')) {
      node.name = TakeName();
    } else if (Peek(' ') && AtItem() && !AtToken() && !Peek('[')) {
      node = ParseItem();
      node.token = std::move(token);
      return node;
    } else {
      node.name = absl::AsciiStrToLower(token);
    }
    node.type = "pure-token";
    node.token = std::move(token);
    ParseSuffixes(&node);
    return node;
  }

  // Whether the next item is another token.
  bool AtToken() const {
    size_t end = at_;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    const absl::string_view word = text_.substr(at_, end - at_);
    return Peek('"') ||
           (!word.empty() && std::none_of(word.begin(), word.end(), absl::ascii_islower));
  }

  SyntaxNode ParseArgument(std::string name) {
    SyntaxNode node;
    node.name = std::move(name);
    while (Take(':')) {
      std::string word = TakeName();
      if (Contains(kTypes, word)) {
        node.type = std::move(word);
        break;
      }
      absl::StrAppend(&node.name, ":", word);
    }
    if (node.type.empty()) node.type = std::string(TypeByName(node.name));
    if (Take('#')) {
      if (!absl::SimpleAtoi(TakeName(), &node.key_spec_index)) Fail();
    } else if (node.type == "key" && key_spec_count_ > 0) {
      node.key_spec_index = std::min(next_key_++, key_spec_count_ - 1);
    }
    return node;
  }

  void ParseSuffixes(SyntaxNode* node) {
    if (Take('@')) {
      const size_t begin = at_;
      // The dots of "...", as in "count@6.2.0...", are no part of the version.
      while (at_ < text_.size() &&
             (absl::ascii_isdigit(text_[at_]) || (text_[at_] == '.' && !AtDots())))
        ++at_;
      node->since = std::string(text_.substr(begin, at_ - begin));
      if (node->since.empty()) Fail();
    }
    if (TakeWord("...")) {
      node->flags |= SyntaxNode::kMultiple;
      if (Take('+')) node->flags |= SyntaxNode::kMultipleToken;
    }
  }
  bool AtDots() const { return text_.substr(at_, 3) == "..."; }

  const absl::string_view text_;
  const int key_spec_count_;
  size_t at_ = 0;
  bool ok_ = true;
  size_t failed_at_ = 0;
  int next_key_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<SyntaxNode>> ParseSyntax(absl::string_view syntax, int key_spec_count) {
  return Parser(syntax, key_spec_count).Parse();
}

}  // namespace damselfly
