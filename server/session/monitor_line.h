#ifndef DAMSELFLY_SERVER_SESSION_MONITOR_LINE_H_
#define DAMSELFLY_SERVER_SESSION_MONITOR_LINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// `text` in double quotes with escapes for what does not print, as Redis shows arguments in
// MONITOR.
std::string QuoteArgument(absl::string_view text);

// The arguments as logs may show them: "(redacted)" stands for users and passwords. The views are
// of `args` or constant.
std::vector<absl::string_view> WithoutSecrets(absl::Span<const absl::string_view> args);

// A line of MONITOR: 1339518083.107412 [0 127.0.0.1:60866] "keys" "*". Secrets are not shown.
std::string MonitorLine(int64_t wall_us, int database, absl::string_view client_address,
                        absl::Span<const absl::string_view> args);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_MONITOR_LINE_H_
