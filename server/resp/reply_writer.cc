#include "server/resp/reply_writer.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

// Shorter values are copied: a splice costs a piece of the gathered write and keeps the value
// alive.
constexpr size_t kSplicedBytesMin = 16 * 1024;

bool IsLineBreak(char c) { return c == '\r' || c == '\n'; }

}  // namespace

void ReplyWriter::Header(char type, int64_t value) {
  char* const to = out_->Reserve(kIntegerBytesMax + 3);
  to[0] = type;
  const size_t digits = FormatInt64(value, to + 1);
  to[digits + 1] = '\r';
  to[digits + 2] = '\n';
  out_->Commit(digits + 3);
}

void ReplyWriter::CloseHeader(const Deferred& mark, char type, size_t count) {
  char header[kIntegerBytesMax + 3];
  header[0] = type;
  const size_t digits = FormatUint64(count, header + 1);
  header[digits + 1] = '\r';
  header[digits + 2] = '\n';
  out_->Insert(mark, absl::string_view(header, digits + 3));
}

void ReplyWriter::Line(char type, absl::string_view text) {
  DFLY_DCHECK(std::none_of(text.begin(), text.end(), IsLineBreak));
  char* const to = out_->Reserve(text.size() + 3);
  to[0] = type;
  if (!text.empty()) std::memcpy(to + 1, text.data(), text.size());
  to[text.size() + 1] = '\r';
  to[text.size() + 2] = '\n';
  out_->Commit(text.size() + 3);
}

void ReplyWriter::Error(absl::string_view text) {
  while (!text.empty() && IsLineBreak(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsLineBreak(text.back())) text.remove_suffix(1);
  char* const to = out_->Reserve(text.size() + 3);
  to[0] = '-';
  std::replace_copy_if(text.begin(), text.end(), to + 1, IsLineBreak, ' ');
  to[text.size() + 1] = '\r';
  to[text.size() + 2] = '\n';

  absl::string_view code = "ERR";
  // Redis looks for the space in the first 32 bytes, the '-' among them.
  const size_t space = text.substr(0, sizeof(error_code_) - 1).find(' ');
  if (space != absl::string_view::npos) code = absl::string_view(to + 1, space);
  std::memcpy(error_code_, code.data(), code.size());
  error_code_bytes_ = static_cast<int>(code.size());
  ++error_count_;
  out_->Commit(text.size() + 3);
}

void ReplyWriter::BulkLong(absl::string_view bytes) {
  Header('$', static_cast<int64_t>(bytes.size()));
  char* const to = out_->Reserve(bytes.size() + 2);
  std::memcpy(to, bytes.data(), bytes.size());
  to[bytes.size()] = '\r';
  to[bytes.size() + 1] = '\n';
  out_->Commit(bytes.size() + 2);
}

void ReplyWriter::Bulk(BlobRef blob, size_t offset, size_t length) {
  DFLY_CHECK(blob && offset <= blob->size() && length <= blob->size() - offset);
  if (length < kSplicedBytesMin) {
    Bulk(blob->view().substr(offset, length));
    return;
  }
  Header('$', static_cast<int64_t>(length));
  out_->AppendBlob(std::move(blob), offset, length);
  Literal("\r\n");
}

void ReplyWriter::BulkInteger(int64_t value) {
  char digits[kIntegerBytesMax];
  BulkNumber(absl::string_view(digits, FormatInt64(value, digits)));
}

void ReplyWriter::BulkDouble(double value) {
  char text[kDoubleBytesMax];
  BulkNumber(absl::string_view(text, FormatDouble(value, text)));
}

void ReplyWriter::Attribute(size_t count) {
  DFLY_CHECK_EQ(protocol_, 3);
  Header('|', static_cast<int64_t>(count));
}

void ReplyWriter::Double(double value) {
  if (protocol_ == 2) {
    BulkDouble(value);
    return;
  }
  char text[kDoubleBytesMax];
  Line(',', absl::string_view(text, FormatDouble(value, text)));
}

void ReplyWriter::HumanLongDouble(long double value) {
  char text[kLongDoubleBytesMax];
  const absl::string_view human(text, FormatLongDoubleHuman(value, text));
  protocol_ == 2 ? Bulk(human) : Line(',', human);
}

void ReplyWriter::Bool(bool value) {
  if (protocol_ == 2) {
    Integer(value ? 1 : 0);
  } else {
    value ? Literal("#t\r\n") : Literal("#f\r\n");
  }
}

void ReplyWriter::BigNumber(absl::string_view digits) {
  protocol_ == 2 ? Bulk(digits) : Line('(', digits);
}

void ReplyWriter::Verbatim(absl::string_view format, absl::string_view text) {
  DFLY_CHECK_EQ(format.size(), 3u);
  if (protocol_ == 2) {
    Bulk(text);
    return;
  }
  Header('=', static_cast<int64_t>(text.size() + 4));
  out_->Append(format);
  out_->Append(":");
  out_->Append(text);
  Literal("\r\n");
}

}  // namespace damselfly
