#ifndef DAMSELFLY_SERVER_RESP_REPLY_READER_H_
#define DAMSELFLY_SERVER_RESP_REPLY_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// A reply as a client sees it, RESP2 or RESP3.
struct Reply {
  enum class Type {
    kSimpleString,  // text
    kError,         // text, without the '-'
    kInteger,       // integer
    kBulk,          // text
    kNull,          // "$-1", "*-1" or "_"
    kArray,         // elements
    kMap,           // elements: key, value, key, value, ...
    kSet,           // elements
    kPush,          // elements
    kDouble,        // number, and text as it was on the wire
    kBool,          // integer: 1 or 0
    kBigNumber,     // text
    kVerbatim,      // text, with format ("txt") in front of it and a colon
  };

  Type type = Type::kNull;
  int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<Reply> elements;
  // The attribute's keys and values that came before this reply, as in a map.
  std::vector<Reply> attributes;

  bool is_error() const { return type == Type::kError; }
  bool is_null() const { return type == Type::kNull; }
  // An out-of-band message that answers no request.
  bool is_push() const { return type == Type::kPush; }
  // A simple string that reads "OK".
  bool is_ok() const { return type == Type::kSimpleString && text == "OK"; }
};

bool operator==(const Reply& a, const Reply& b);
inline bool operator!=(const Reply& a, const Reply& b) { return !(a == b); }

// On one line, types told apart: OK, (error) ERR x, (integer) 3, "bulk\r\n", (nil), [a, b], {k: v},
// #true, ...
std::string DebugString(const Reply& reply);

// The client's side: turns a byte stream, cut anywhere, into replies. Each byte costs a bounded
// amount of work. Memory grows with the bytes received, never with a length that was only
// announced. Not thread-safe. Can be moved.
class ReplyReader {
 public:
  // Deeper nesting, and longer strings, are protocol errors.
  static constexpr size_t kDepthMax = 128;
  static constexpr int64_t kStringBytesMax = int64_t{1} << 30;
  static constexpr size_t kLineBytesMax = 64 * 1024;

  enum class Result { kReply, kNeedMore, kProtocolError };

  // Adds bytes, which are copied.
  void Feed(absl::string_view data);

  // The next whole reply. After kProtocolError the same result comes for ever.
  Result Next(Reply* out);

  const std::string& error() const { return error_; }
  // Bytes received and not yet part of a returned reply are held here.
  size_t pending_bytes() const;

 private:
  // An aggregate that is being filled: `left` more replies go into it. It is filled where it stands
  // in the aggregate around it, which gets no other element meanwhile.
  struct Frame {
    Reply* reply;  // null: done_, or for one of type '|' its attributes
    int64_t left;
    std::unique_ptr<Reply> attributes;      // null but for one of type '|'
    std::vector<Reply> pending_attributes;  // that belong to the next element
  };

  Result ReadElement();
  Result ReadLine(char type, absl::string_view line);
  Result ReadBody();
  Result Open(Reply::Type type, int64_t count, bool is_attribute);
  // The next reply: an element of the aggregate that is being filled, or the one to return. Until
  // it is filled and End is called, nothing else may begin.
  Reply& Begin(Reply::Type type);
  // It is whole; so may be the aggregates around it.
  Result End();
  Reply& ReplyOf(const Frame& frame);
  // Those that belong to the next element.
  std::vector<Reply>& pending_attributes();
  Result Fail(absl::string_view error);

  std::string buffer_;
  size_t cursor_ = 0;  // buffer_[0, cursor_) is spent
  size_t line_scanned_bytes_ = 0;
  int64_t body_bytes_ = -1;  // length of the string at cursor_; -1: a type byte comes first
  char body_type_ = 0;
  std::vector<Frame> stack_;
  std::vector<Reply> top_attributes_;
  Reply done_;
  bool has_done_ = false;
  std::string error_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_REPLY_READER_H_
