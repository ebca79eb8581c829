#ifndef DAMSELFLY_SERVER_COMMANDS_COMMAND_SYNTAX_H_
#define DAMSELFLY_SERVER_COMMANDS_COMMAND_SYNTAX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// The notation of CommandSpec::syntax: one line from which COMMAND DOCS' tree of arguments
// (https://redis.io/docs/latest/commands/command-docs/) is parsed.
//
//   key value                two arguments; types follow from the names (below)
//   value:integer            ... or are given
//   key...                   one or more times (flag "multiple")
//   [count]                  optional
//   [NX]                     a word in capitals is a token; alone, a pure-token named "nx"
//   [CH:change]              ... or named as given
//   [COUNT count]            a token before an argument belongs to that argument
//   "~":approximately        a token of other characters stands in quotes
//   GET@6.2.0                that exists since a version
//   unit<M | KM>             exactly one of several ("oneof"), named "unit"
//   <M | KM>                 ... without a name it is called after its parts, "m_km"
//   range<start end [BYTE]>  a sequence ("block") with a name
//   <key value>...           ... which needs none: it is called "key_value"
//   [LIMIT <offset count>]   an optional block with a token
//   [NX | XX]                an optional oneof; [start end] likewise is an optional block
//   GET pattern...+          repeated together with its token ("multiple", "multiple_token")
//   destination:key#2        a key that belongs to the third of the command's key specs; without
//                            '#' the first key belongs to the first spec, the second to the
//                            second, the rest to the last
//
// Suffixes come in this order: name:type #spec @version ... and + behind the dots; a group takes
// them behind its closing bracket, and an optional single argument inside or outside its brackets.
//
// Types by name. key: key, key1, key2, newkey, destkey, sourcekey, source, destination. integer:
// seconds, milliseconds, increment, decrement, offset, start, end, stop, count, index, cursor,
// numkeys, bit, db, destination-db, timeout, len, limit. unix-time: unix-time-seconds,
// unix-time-milliseconds. pattern: pattern. All others: string.

// One argument, or group of arguments, of a command.
struct SyntaxNode {
  enum Flag : uint32_t { kOptional = 1u << 0, kMultiple = 1u << 1, kMultipleToken = 1u << 2 };

  std::string name;
  std::string type;   // in COMMAND DOCS' words: "key", "oneof", "pure-token", …
  std::string token;  // empty: none (but a pure-token's may be empty, as MIGRATE's "" is)
  std::string since;  // empty: as old as the command
  uint32_t flags = 0;
  int key_spec_index = -1;           // of keys
  std::vector<SyntaxNode> children;  // of oneof and block
};

// Parses a whole line. `key_spec_count` is the number of key specs that keys are assigned to; with
// none, keys get no index. Fails with the position of what is not understood.
absl::StatusOr<std::vector<SyntaxNode>> ParseSyntax(absl::string_view syntax, int key_spec_count);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COMMAND_SYNTAX_H_
