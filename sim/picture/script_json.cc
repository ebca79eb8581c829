#include "sim/picture/script_json.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace damselfly::sim {

void ScriptJson::Separate() {
  if (needs_comma_) *out_ += ',';
  needs_comma_ = true;
}

ScriptJson& ScriptJson::Begin(char bracket) {
  Separate();
  *out_ += bracket;
  needs_comma_ = false;
  return *this;
}

ScriptJson& ScriptJson::End(char bracket) {
  *out_ += bracket;
  needs_comma_ = true;
  return *this;
}

ScriptJson& ScriptJson::Key(absl::string_view key) {
  Separate();
  Quoted(key);
  *out_ += ':';
  needs_comma_ = false;
  return *this;
}

ScriptJson& ScriptJson::String(absl::string_view text) {
  Separate();
  Quoted(text);
  return *this;
}

ScriptJson& ScriptJson::Number(int64_t number) {
  Separate();
  absl::StrAppend(out_, number);
  return *this;
}

ScriptJson& ScriptJson::Bool(bool value) {
  Separate();
  *out_ += value ? "true" : "false";
  return *this;
}

void ScriptJson::Quoted(absl::string_view text) {
  *out_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      *out_ += '\\';
      *out_ += c;
    } else if (c < ' ' || c > '~' || c == '<' || c == '>' || c == '&') {
      absl::StrAppendFormat(out_, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      *out_ += c;
    }
  }
  *out_ += '"';
}

}  // namespace damselfly::sim
