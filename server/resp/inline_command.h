#ifndef DAMSELFLY_SERVER_RESP_INLINE_COMMAND_H_
#define DAMSELFLY_SERVER_RESP_INLINE_COMMAND_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/resp/arg_arena.h"

namespace damselfly {

// Splits a command typed by hand (without its line end) into arguments, added to the open list of
// `args`, by Redis's rules: white space separates; "..." knows \n \r \t \a \b, \xHH and \<any
// byte>; '...' knows \' only; a quoted part may follow directly behind unquoted bytes, but a
// closing quote must be followed by white space or the end.
//
// Arguments without quotes are views of `line`; others are kept in a buffer that is added to
// `unescaped`. Returns false if quotes are not balanced; what was added to `args` is of no use
// then.
bool SplitInlineCommand(absl::string_view line, ArgArena* args,
                        std::vector<std::unique_ptr<char[]>>* unescaped);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_INLINE_COMMAND_H_
