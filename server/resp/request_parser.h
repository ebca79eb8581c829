#ifndef DAMSELFLY_SERVER_RESP_REQUEST_PARSER_H_
#define DAMSELFLY_SERVER_RESP_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"
#include "server/resp/arg_arena.h"

namespace damselfly {

class RequestParser;

// One command as it came from the client: args[0] is its name. Never empty.
struct Request {
  absl::Span<const absl::string_view> args;
  // Bytes this command took on the wire.
  size_t wire_bytes = 0;

  // A reference to argument i's bytes when they were received straight into a Blob of exactly that
  // size (big values are, unless they arrived whole), else null. args[i] is then a view of that
  // blob. The parser holds a second reference until Release(), so the blob is unique only after
  // that.
  BlobRef TakeBlob(size_t i) const;

 private:
  friend class RequestParser;
  const RequestParser* parser_ = nullptr;
};

// What a connection may send. May be changed at any time; the next element parsed obeys.
struct RequestLimits {
  // proto-max-bulk-len.
  int64_t bulk_bytes_max = int64_t{512} << 20;
  // client-query-buffer-limit: memory held for what is not yet a whole command.
  size_t query_buffer_bytes_max = size_t{1} << 30;
  // While false, Redis's narrower limits hold: at most 10 arguments of at most 16384 bytes.
  bool authenticated = true;
};

// Turns a client's byte stream, cut anywhere, into requests: RESP arrays of bulk strings, and
// inline commands with Redis's quoting. Errors and limits are those of Redis 7.0.
//
// Use, within one call-back that hands over bytes:
//
//   parser.Feed(data);
//   do {
//     while (batch is not full && (result = parser.Next(&request)) == kCommand) batch.add(request);
//     execute the batch;
//     parser.Release();                      // all requests and their views are void now
//   } while (result == kCommand);
//   parser.EndFeed();                        // keeps a copy of what is unparsed; `data` may go now
//
// A session that stops early (the client is blocked, or reads too slowly) calls EndFeed() all the
// same, and takes up the rest later with Next() ... Release(), EndFeed() without another Feed().
// While limits().authenticated is false a batch must hold one command only: AUTH changes what may
// follow it.
//
// Bytes are parsed where they lie unless a part of a command was left over from before. Each byte
// costs a bounded amount of work however the stream is cut. Not thread-safe.
class RequestParser {
 public:
  // A bulk string of at least this size that has not arrived whole is received into a Blob.
  static constexpr int64_t kBlobBytesMin = 32 * 1024;
  // The longest inline command or length line while its end has not been seen.
  static constexpr size_t kInlineBytesMax = 64 * 1024;
  static constexpr int64_t kMultibulkCountMax = 2147483647;
  static constexpr int64_t kUnauthenticatedMultibulkCountMax = 10;
  static constexpr int64_t kUnauthenticatedBulkBytesMax = 16384;

  enum class Result {
    kCommand,        // *out is set
    kNeedMore,       // no whole command is left
    kProtocolError,  // error() says what; the connection is beyond repair: reply "-ERR " + error()
                     // and close
    kBufferLimit,    // query_buffer_bytes_max is passed (or memory is out): close without a reply
  };

  RequestParser() = default;
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  RequestLimits& limits() { return limits_; }
  const RequestLimits& limits() const { return limits_; }

  // Adds bytes to the stream. `data` stays valid and unchanged until EndFeed(). Requires that
  // EndFeed() was called since the last Feed() or Next().
  void Feed(absl::string_view data);

  // Parses the next command. Requests fetched since the last Release() stay valid together; their
  // number is unlimited but for memory. Empty commands ("*0", an empty line) are skipped silently,
  // as Redis does. After kProtocolError and kBufferLimit the same result comes for ever.
  Result Next(Request* out);

  // "Protocol error: ..." as Redis words it, without the "ERR" before it. May hold a line break or
  // any other byte that the client sent: ReplyWriter::Error makes it fit for the wire.
  absl::string_view error() const { return error_; }

  // Ends a batch: requests fetched so far, and their views, are void.
  void Release();

  // Ends a batch and the use of the bytes given to Feed(): what is unparsed is copied. Idempotent.
  void EndFeed();

  // True when Next() may have work to do: bytes that have not been looked at.
  bool has_unparsed_bytes() const { return cursor_ != end_ && !starved_; }

  // Bytes received that belong to no command returned so far (CLIENT LIST's qbuf).
  size_t pending_bytes() const;

  // Memory held beside this object (CLIENT LIST's tot-mem).
  size_t memory_bytes() const;

  // Gives back memory kept only for reuse: for connections that have been idle. Requires that no
  // request is in use and that EndFeed() was called.
  void ShrinkIdle();

 private:
  friend struct Request;

  struct HeldBlob {
    BlobRef blob;
    size_t arg_index;  // in its command
  };

  bool TakeWholeCommand(Request* out);
  // Steps of Next(). kCommand means "go on" here.
  Result NextInline(Request* out, bool* empty);
  Result NextMultibulk(Request* out);
  Result StartMultibulk();
  void TakeWholeArgs();
  Result TakeOneArg();
  Result StartBulk();
  Result ReceiveBlob();
  void Finish(Request* out);

  Result Fail(std::string error);
  Result Starve();
  // Looks for `mark` at or behind cursor_; null when there is none yet. A NUL byte hides what
  // follows, as it does from Redis. `too_long` is the error when the line may not grow any more.
  const char* FindLineEnd(char mark, absl::string_view too_long);
  // Takes the length line at cursor_ with the '\r' at `line_end`: *value is the number behind its
  // first byte. False if that is no number.
  bool TakeLengthLine(const char* line_end, int64_t* value);

  size_t unparsed_bytes() const { return static_cast<size_t>(end_ - cursor_); }
  uint64_t stream_position() const {
    return input_position_ + static_cast<uint64_t>(cursor_ - input_);
  }
  void SetInput(absl::string_view input, size_t parsed_bytes);
  void StashArgs();
  void ResolveStashedArgs();
  void KeepTail();
  size_t held_bytes() const;

  // The bytes being parsed: in place in the fed data, or in tail_. input_position_ is the number of
  // stream bytes before input_.
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  const char* input_ = nullptr;
  uint64_t input_position_ = 0;

  // The command under construction: args_'s open list. The first stashed_count_ arguments came with
  // data that is gone: their bytes are in stash_, one behind the other (their views have a size but
  // no address until the command is whole), or in a blob.
  ArgArena args_;
  int64_t args_left_ = 0;  // 0: between commands
  int64_t bulk_bytes_ =
      -1;  // length of the bulk string at cursor_; -1: its length line comes first
  uint64_t command_position_ = 0;
  size_t stashed_count_ = 0;
  BlobRef receiving_;            // what bulk_bytes_ bytes are being received into
  std::vector<HeldBlob> blobs_;  // whole ones; the first closed_blobs_ belong to returned commands
  size_t closed_blobs_ = 0;
  size_t open_blob_bytes_ = 0;

  size_t line_scanned_bytes_ = 0;  // bytes at cursor_ known to hold no line end
  bool starved_ = false;           // Next() has seen that the unparsed bytes do not suffice
  bool in_feed_ = false;
  bool input_is_tail_ = true;
  Result failure_ = Result::kCommand;  // kCommand: none

  std::string stash_;
  std::string tail_;  // unparsed bytes kept by EndFeed(), and what was fed behind them
  // The arguments of inline commands that had quotes.
  std::vector<std::unique_ptr<char[]>> unescaped_;
  RequestLimits limits_;
  std::string error_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_REQUEST_PARSER_H_
