#ifndef DAMSELFLY_SERVER_REPLICATION_FRAME_H_
#define DAMSELFLY_SERVER_REPLICATION_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/check.h"
#include "server/base/crc32c.h"
#include "server/base/varint.h"

namespace damselfly {

// What a flow carries from master to replica, behind the reply to DFLY FLOW:
//
//   frame := type (1 byte) · payload length (varint) · checksum (4 bytes) · payload
//
// The checksum, the low byte first, is the CRC-32C of the type, the length as seven bytes (again
// the low one first) and the payload: bytes that are not ours are refused, not applied.
enum class FrameType : char {
  kEntry = 'E',       // full sync: a key with its value, or with the beginning of it (ParseEntry)
  kChunk = 'C',       // ... and what follows of the value of the last entry
  kSyncEnd = 'X',     // full sync: all entries of this lane have been sent. Empty
  kRecord = 'R',      // the next record of the lane: its position grows by one
  kAckRequest = 'A',  // the master wants to hear how far the replica is. Empty
  kKeepAlive = 'K',   // nothing to say for a while. Empty
};

// Values of entries are cut into pieces, keys are not: these and records are as long as what a
// client has written at once.
inline constexpr size_t kChunkFrameBytesMax = 1 << 20;
inline constexpr uint64_t kRecordBytesMax = uint64_t{1} << 48;
inline constexpr size_t kFrameHeaderBytesMax = 12;
inline constexpr size_t kFrameChecksumBytes = 4;

// 0 for those that are empty.
constexpr uint64_t FramePayloadBytesMax(FrameType type) {
  if (type == FrameType::kChunk) return kChunkFrameBytesMax;
  return type == FrameType::kEntry || type == FrameType::kRecord ? kRecordBytesMax : 0;
}

// The checksum of a frame whose payload comes in pieces. How it is cut makes no difference.
class FrameChecksum {
 public:
  FrameChecksum(FrameType type, uint64_t payload_bytes) : left_bytes_(payload_bytes) {
    // In one register: what has just been stored byte by byte is slow to load as a word.
    crc_ = ExtendCrc32cByWord(0, payload_bytes << 8 | static_cast<unsigned char>(type));
  }
  void Add(absl::string_view piece) {
    crc_ = ExtendCrc32c(crc_, piece);
    left_bytes_ -= piece.size();
  }
  // When all payload has been added.
  uint32_t Finish() const {
    DFLY_CHECK_EQ(left_bytes_, uint64_t{0});
    return crc_;
  }

  // Of a payload in one piece.
  static uint32_t Of(FrameType type, absl::string_view payload) {
    return ExtendCrc32c(FrameChecksum(type, payload.size()).crc_, payload);
  }

 private:
  uint32_t crc_;
  uint64_t left_bytes_;
};

// Writes all of a frame but the payload to `to` (room for kFrameHeaderBytesMax); returns the end of
// what was written.
inline char* WriteFrameHeader(FrameType type, uint64_t payload_bytes, uint32_t checksum, char* to) {
  DFLY_CHECK_LE(payload_bytes, FramePayloadBytesMax(type));
  *to++ = static_cast<char>(type);
  to = WriteVarint(payload_bytes, to);
  // Spelled out, the compiler makes one store of it.
  to[0] = static_cast<char>(checksum);
  to[1] = static_cast<char>(checksum >> 8);
  to[2] = static_cast<char>(checksum >> 16);
  to[3] = static_cast<char>(checksum >> 24);
  return to + kFrameChecksumBytes;
}
inline size_t FrameHeaderBytes(uint64_t payload_bytes) {
  return 1 + VarintBytes(payload_bytes) + kFrameChecksumBytes;
}

// How long the frame is, header included, that begins at `frame`: for frames of our own making
// whose header is there whole.
uint64_t FrameBytes(const char* frame);

// Appends all of a frame but the payload, which is given in up to two pieces and must follow.
void AppendFrameHeader(FrameType type, absl::string_view payload, absl::string_view more_payload,
                       std::string* out);

struct Frame {
  FrameType type;
  absl::string_view payload;
  absl::string_view bytes;  // all of it, as it came: the payload is their end
};

// Cuts a stream of bytes into frames.
//
//   parser.Append(bytes);
//   absl::StatusOr<bool> more;
//   while ((more = parser.Next(&frame)).ok() && *more) ...
//
// Costs time in proportion to what is appended, however it is cut.
class FrameParser {
 public:
  // Copies `bytes`, unless it is given a string and has nothing left over.
  void Append(absl::string_view bytes);
  void Append(std::string&& bytes);
  // True: *frame is the next frame, valid until the next Append. False: more bytes are needed.
  // The error says what is wrong; the stream is useless from there on. Memory grows with what has
  // come, never with what a header promises.
  absl::StatusOr<bool> Next(Frame* frame);
  size_t pending_bytes() const { return buffer_.size() - consumed_bytes_; }

 private:
  // A drained buffer keeps up to this much for reuse.
  static constexpr size_t kKeptBytesMax = 1 << 20;

  std::string buffer_;
  size_t consumed_bytes_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_FRAME_H_
