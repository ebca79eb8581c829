#ifndef DAMSELFLY_SERVER_RESP_REPLY_WRITER_H_
#define DAMSELFLY_SERVER_RESP_REPLY_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/base/bytes.h"
#include "server/resp/output_buffer.h"

namespace damselfly {

// Writes replies in RESP2 or RESP3 (https://redis.io/docs/reference/protocol-spec/) into an
// OutputBuffer. The types that RESP2 lacks are written as Redis 7.0 writes them to RESP2 clients.
// Not thread-safe.
class ReplyWriter {
 public:
  // Does not own `out`, which outlives the writer.
  explicit ReplyWriter(OutputBuffer* out) : out_(out) {}
  ReplyWriter(const ReplyWriter&) = delete;
  ReplyWriter& operator=(const ReplyWriter&) = delete;

  OutputBuffer* output() const { return out_; }
  // Directs what follows to another buffer (collecting a reply aside).
  void set_output(OutputBuffer* out) { out_ = out; }

  // 2 or 3. A change holds from the next reply on.
  int protocol() const { return protocol_; }
  void set_protocol(int version) { protocol_ = version; }

  void Ok() { Literal("+OK\r\n"); }
  void Pong() { Literal("+PONG\r\n"); }
  void Queued() { Literal("+QUEUED\r\n"); }

  // Requires that `text` has no line break.
  void SimpleString(absl::string_view text) { Line('+', text); }

  // An error: the code, a space, the message ("ERR syntax error", "WRONGTYPE Operation ..."),
  // without the '-'. Line breaks at either end are cut off, others become spaces.
  void Error(absl::string_view text);

  // Errors written so far, and the last one's code as INFO errorstats counts it: its first word, or
  // "ERR" when there is no space within the first 32 bytes. The view is valid until the next
  // Error().
  uint64_t error_count() const { return error_count_; }
  absl::string_view last_error_code() const {
    return absl::string_view(error_code_, error_code_bytes_);
  }

  void Integer(int64_t value) {
    if (static_cast<uint64_t>(value) < 10) {
      char* to = out_->Reserve(4);
      to[0] = ':';
      to[1] = static_cast<char>('0' + value);
      to[2] = '\r';
      to[3] = '\n';
      out_->Commit(4);
    } else {
      Header(':', value);
    }
  }

  void Bulk(absl::string_view bytes) {
    if (bytes.size() < 10) {
      BulkShort(bytes);
    } else if (bytes.size() < 100) {
      BulkMedium(bytes);
    } else {
      BulkLong(bytes);
    }
  }
  // Bytes [offset, offset + length) of `blob`, by reference where that is cheaper than a copy.
  void Bulk(BlobRef blob, size_t offset, size_t length);
  // A bulk string of the integer's digits.
  void BulkInteger(int64_t value);
  // A bulk string of the number as "%.17g", "inf", "-inf" or "nan" in both protocols.
  void BulkDouble(double value);

  // No value: RESP2 "$-1", RESP3 "_".
  void Null() { protocol_ == 2 ? Literal("$-1\r\n") : Literal("_\r\n"); }
  // No array: RESP2 "*-1", RESP3 "_".
  void NullArray() { protocol_ == 2 ? Literal("*-1\r\n") : Literal("_\r\n"); }

  // Headers; the elements follow as replies of their own. A map of n has n keys and n values behind
  // them, in turn; it is an array of 2n in RESP2, as sets and pushes are arrays.
  void Array(size_t count) { Header('*', static_cast<int64_t>(count)); }
  void Map(size_t count) {
    protocol_ == 2 ? Header('*', static_cast<int64_t>(count) * 2)
                   : Header('%', static_cast<int64_t>(count));
  }
  void Set(size_t count) { Header(protocol_ == 2 ? '*' : '~', static_cast<int64_t>(count)); }
  void Push(size_t count) { Header(protocol_ == 2 ? '*' : '>', static_cast<int64_t>(count)); }
  // `count` keys and values that go before the reply they describe. Requires protocol() == 3.
  void Attribute(size_t count);

  // An aggregate whose count is known only when its elements have been written:
  //   ReplyWriter::Deferred array = writer.Defer();  ...elements...  writer.CloseArray(array,
  //   count);
  // May be nested; inner ones are closed first. Closing costs one move of the elements' bytes at
  // most.
  using Deferred = OutputBuffer::Mark;
  Deferred Defer() const { return out_->End(); }
  void CloseArray(const Deferred& mark, size_t count) { CloseHeader(mark, '*', count); }
  void CloseMap(const Deferred& mark, size_t count) {
    protocol_ == 2 ? CloseHeader(mark, '*', count * 2) : CloseHeader(mark, '%', count);
  }
  void CloseSet(const Deferred& mark, size_t count) {
    CloseHeader(mark, protocol_ == 2 ? '*' : '~', count);
  }
  void ClosePush(const Deferred& mark, size_t count) {
    CloseHeader(mark, protocol_ == 2 ? '*' : '>', count);
  }

  // RESP2: bulk string; RESP3: ','.
  void Double(double value);
  // As Double, in the notation of INCRBYFLOAT ("%.17Lf" without trailing zeros).
  void HumanLongDouble(long double value);
  // RESP2: integer 1 or 0; RESP3: '#'.
  void Bool(bool value);
  // `digits` is a decimal integer of any size. RESP2: bulk string; RESP3: '('.
  void BigNumber(absl::string_view digits);
  // Text for people; `format` has three letters ("txt", "mkd"). RESP2: bulk string; RESP3: '='.
  void Verbatim(absl::string_view format, absl::string_view text);

  // One or more replies that are already in wire form.
  void Raw(absl::string_view wire) { out_->Append(wire); }

 private:
  template <size_t n>
  void Literal(const char (&text)[n]) {
    std::memcpy(out_->Reserve(n - 1), text, n - 1);
    out_->Commit(n - 1);
  }
  // Requires a size of one digit.
  void BulkShort(absl::string_view bytes) {
    char* to = out_->Reserve(bytes.size() + 6);
    to[0] = '$';
    to[1] = static_cast<char>('0' + bytes.size());
    to[2] = '\r';
    to[3] = '\n';
    if (!bytes.empty()) std::memcpy(to + 4, bytes.data(), bytes.size());
    to[bytes.size() + 4] = '\r';
    to[bytes.size() + 5] = '\n';
    out_->Commit(bytes.size() + 6);
  }
  // Requires a size of two digits.
  void BulkMedium(absl::string_view bytes) {
    char* to = out_->Reserve(bytes.size() + 7);
    to[0] = '$';
    to[1] = static_cast<char>('0' + bytes.size() / 10);
    to[2] = static_cast<char>('0' + bytes.size() % 10);
    to[3] = '\r';
    to[4] = '\n';
    CopyBytes(to + 5, bytes.data(), bytes.size());
    to[bytes.size() + 5] = '\r';
    to[bytes.size() + 6] = '\n';
    out_->Commit(bytes.size() + 7);
  }
  void BulkLong(absl::string_view bytes);
  // Requires a size below 100.
  void BulkNumber(absl::string_view text) { text.size() < 10 ? BulkShort(text) : BulkMedium(text); }
  // The type byte, the text, a line end.
  void Line(char type, absl::string_view text);
  // The same with a decimal number.
  void Header(char type, int64_t value);
  void CloseHeader(const Deferred& mark, char type, size_t count);

  OutputBuffer* out_;
  int protocol_ = 2;
  int error_code_bytes_ = 0;
  uint64_t error_count_ = 0;
  char error_code_[32] = {};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_REPLY_WRITER_H_
