#ifndef DAMSELFLY_SIM_PICTURE_SCRIPT_JSON_H_
#define DAMSELFLY_SIM_PICTURE_SCRIPT_JSON_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// JSON that may stand inside a <script> element, whatever its strings are: it is ASCII, and has no
// '<', '>' or '&' in it, so that no end tag and no comment begins there.
//
// Writes into *out, which grows. Commas are put where they belong:
//
//   ScriptJson json(&text);
//   json.Begin('{');  json.Key("seed").Number(7);  json.Key("hosts").Begin('[') ... End(']');
//   json.End('}');
class ScriptJson {
 public:
  explicit ScriptJson(std::string* out) : out_(out) {}

  ScriptJson& Begin(char bracket);
  ScriptJson& End(char bracket);
  ScriptJson& Key(absl::string_view key);
  // A byte that is not ASCII becomes the character of that number: strings that are no UTF-8 have a
  // reading too.
  ScriptJson& String(absl::string_view text);
  ScriptJson& Number(int64_t number);
  ScriptJson& Bool(bool value);

 private:
  void Separate();
  void Quoted(absl::string_view text);

  std::string* const out_;
  bool needs_comma_ = false;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_SCRIPT_JSON_H_
