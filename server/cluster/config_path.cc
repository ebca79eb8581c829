#include "server/cluster/config_path.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace damselfly {

ConfigPath::ConfigPath() { steps_.push_back({"shards", 0}); }

ConfigPath ConfigPath::Member(const char* name) const {
  ConfigPath path = *this;
  path.steps_.push_back({name, 0});
  return path;
}

ConfigPath ConfigPath::Element(size_t index) const {
  ConfigPath path = *this;
  path.steps_.push_back({nullptr, index});
  return path;
}

std::string ConfigPath::ToString() const {
  std::string text;
  for (const Step& step : steps_) {
    if (step.name == nullptr) {
      absl::StrAppend(&text, "[", step.index, "]");
    } else {
      absl::StrAppend(&text, text.empty() ? "" : ".", step.name);
    }
  }
  return text;
}

absl::Status Refusal(const ConfigPath& path, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(path.ToString(), ": ", reason));
}

std::string Quoted(absl::string_view text) {
  const absl::string_view shown = text.substr(0, kQuotedBytesMax);
  return absl::StrCat("\"", absl::CEscape(shown), shown.size() < text.size() ? "...\"" : "\"");
}

}  // namespace damselfly
