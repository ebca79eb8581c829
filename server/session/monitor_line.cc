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
          absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
  }
  quoted += '"';
  return quoted;
}

std::string MonitorLine(int64_t wall_us, int database, absl::string_view client_address,
                        absl::Span<const absl::string_view> args) {
  std::string line = absl::StrFormat("%d.%06d [%d %s]", wall_us / 1000000, wall_us % 1000000, database, client_address);
  const bool secret = absl::EqualsIgnoreCase(args[0], "auth") || absl::EqualsIgnoreCase(args[0], "hello");
  for (size_t i = 0; i < args.size(); ++i) {
    absl::StrAppend(&line, " ", secret && i > 0 ? "\"(redacted)\"" : QuoteArgument(args[i]));
  }
  return line;
}

}  // namespace damselfly
