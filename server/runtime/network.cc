#include "server/runtime/network.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace damselfly {

std::string Endpoint::ToString() const {
  if (!unix_path.empty()) return absl::StrCat(unix_path, ":0");
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

}  // namespace damselfly
