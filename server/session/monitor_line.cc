#include "server/session/monitor_line.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace damselfly {

std::string QuoteArgument(absl::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '\\':
      case '"':
        quoted += '\\';
        quoted += c;
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
          quoted += c;
        } else {
          absl::StrAppendFormat(&quoted, "\\x%02x",
                                static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
  }
  quoted += '"';
  return quoted;
}

std::vector<absl::string_view> WithoutSecrets(absl::Span<const absl::string_view> args) {
  std::vector<absl::string_view> shown(args.begin(), args.end());
  const auto hide = [&](size_t from, size_t to) {
    for (size_t i = from; i < to && i < shown.size(); ++i) shown[i] = "(redacted)";
  };
  if (absl::EqualsIgnoreCase(args[0], "auth")) {
    hide(1, args.size());
  } else if (absl::EqualsIgnoreCase(args[0], "hello")) {
    for (size_t i = 2; i < args.size(); ++i) {
      if (!absl::EqualsIgnoreCase(args[i], "auth")) continue;
      hide(i + 1, i + 3);
      i += 2;
    }
  } else if (absl::EqualsIgnoreCase(args[0], "config") && args.size() > 3 &&
             absl::EqualsIgnoreCase(args[1], "set")) {
    for (size_t i = 2; i + 1 < args.size(); i += 2) {
      if (absl::EqualsIgnoreCase(args[i], "requirepass")) hide(i + 1, i + 2);
    }
  }
  return shown;
}

std::string MonitorLine(int64_t wall_us, int database, absl::string_view client_address,
                        absl::Span<const absl::string_view> args) {
  std::string line = absl::StrFormat("%d.%06d [%d %s]", wall_us / 1000000, wall_us % 1000000,
                                     database, client_address);
  for (absl::string_view arg : WithoutSecrets(args))
    absl::StrAppend(&line, " ", QuoteArgument(arg));
  return line;
}

}  // namespace damselfly
