#include "server/resp/request_writer.h"

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

// A type, a number, and the end of the line.
constexpr size_t kLengthBytesMax = 1 + kIntegerBytesMax + 2;

void AppendLength(std::string* out, char type, size_t length) {
  char digits[kIntegerBytesMax];
  *out += type;
  out->append(digits, FormatUint64(length, digits));
  *out += "\r\n";
}

}  // namespace

void AppendCommand(std::string* out, absl::Span<const absl::string_view> args) {
  DFLY_CHECK(!args.empty());
  // Big arguments are copied once.
  size_t bytes = kLengthBytesMax;
  for (absl::string_view arg : args) bytes += kLengthBytesMax + arg.size() + 2;
  out->reserve(out->size() + bytes);
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
