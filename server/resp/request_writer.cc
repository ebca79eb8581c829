#include "server/resp/request_writer.h"

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

void AppendLength(std::string* out, char type, size_t length) {
  char digits[kIntegerBytesMax];
  *out += type;
  out->append(digits, FormatUint64(length, digits));
  *out += "\r\n";
}

}  // namespace

void AppendCommand(std::string* out, absl::Span<const absl::string_view> args) {
  DFLY_CHECK(!args.empty());
  AppendLength(out, '*', args.size());
  for (absl::string_view arg : args) {
    AppendLength(out, '$', arg.size());
    out->append(arg.data(), arg.size());
    *out += "\r\n";
  }
}

std::string MakeCommand(std::initializer_list<absl::string_view> args) {
  std::string command;
  AppendCommand(&command, args);
  return command;
}

}  // namespace damselfly
