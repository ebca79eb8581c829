#ifndef DAMSELFLY_SERVER_RESP_REQUEST_WRITER_H_
#define DAMSELFLY_SERVER_RESP_REQUEST_WRITER_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// Appends one command as a client (or a master to its replica) sends it: an array of bulk strings.
// Requires args not empty.
void AppendCommand(std::string* out, absl::Span<const absl::string_view> args);

// AppendCommand(&out, {"SET", key, value}).
inline void AppendCommand(std::string* out, std::initializer_list<absl::string_view> args) {
  AppendCommand(out, absl::Span<const absl::string_view>(args.begin(), args.size()));
}

// The same, as a string of its own.
std::string MakeCommand(std::initializer_list<absl::string_view> args);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_REQUEST_WRITER_H_
