#ifndef DAMSELFLY_TESTING_COMPAT_DIALOGS_H_
#define DAMSELFLY_TESTING_COMPAT_DIALOGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// A scripted dialog of several connections: lines "connection> command". Each connection is a
// letter, and opened when it first speaks. Behind "connection~ command" what comes is compared
// without its order. A "connection? command" is repeated, 10 s at most, until it is answered as by
// Redis: what it asks for one worker tells another, and that one a third. "{x}" in a command stands
// for the id of connection x.
//
// a to t speak the protocol that the dialog is played in; u, v and w always RESP2; x, y and z
// always RESP3.
struct Dialog {
  absl::string_view title;
  std::vector<absl::string_view> lines;
};

// Plays dialogs to our server, started with `flags` and one thread or several, and to a real
// redis-server, in RESP2 and RESP3: every connection gets the same replies and messages, in the
// same order, after every line. Differences are failures of the test that runs.
void PlayDialogs(absl::Span<const Dialog> dialogs, const std::vector<std::string>& flags);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_DIALOGS_H_
