#include "server/replication/frame.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/varint.h"

namespace damselfly {
namespace {

bool IsFrameType(char byte) {
  switch (static_cast<FrameType>(byte)) {
    case FrameType::kEntry:
    case FrameType::kChunk:
    case FrameType::kSyncEnd:
    case FrameType::kRecord:
    case FrameType::kAckRequest:
    case FrameType::kKeepAlive:
      return true;
  }
  return false;
}

[[gnu::cold]] absl::Status BadFrame(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("bad replication frame: ", what));
}

}  // namespace

uint64_t FrameBytes(const char* frame) {
  const char* at = frame + 1;
  uint64_t payload_bytes = static_cast<unsigned char>(*at);
  if (payload_bytes < 0x80) return 2 + kFrameChecksumBytes + payload_bytes;
  const VarintResult result = ReadVarint(&at, frame + kFrameHeaderBytesMax, &payload_bytes);
  DFLY_CHECK(result == VarintResult::kDone);
  return static_cast<uint64_t>(at - frame) + kFrameChecksumBytes + payload_bytes;
}

void AppendFrameHeader(FrameType type, absl::string_view payload, absl::string_view more_payload,
                       std::string* out) {
  const uint64_t bytes = payload.size() + more_payload.size();
  FrameChecksum checksum(type, bytes);
  checksum.Add(payload);
  checksum.Add(more_payload);
  char header[kFrameHeaderBytesMax];
  const char* const end = WriteFrameHeader(type, bytes, checksum.Finish(), header);
  out->append(header, static_cast<size_t>(end - header));
}

void FrameParser::Append(absl::string_view bytes) {
  if (consumed_bytes_ == buffer_.size()) {
    if (buffer_.capacity() > kKeptBytesMax) {
      std::string().swap(buffer_);
    } else {
      buffer_.clear();
    }
    consumed_bytes_ = 0;
  } else if (consumed_bytes_ >= buffer_.size() - consumed_bytes_) {
    // Moves no more bytes than have been consumed since the last time.
    buffer_.erase(0, consumed_bytes_);
    consumed_bytes_ = 0;
  }
  buffer_.append(bytes.data(), bytes.size());
}

void FrameParser::Append(std::string&& bytes) {
  if (pending_bytes() > 0) return Append(absl::string_view(bytes));
  buffer_ = std::move(bytes);
  consumed_bytes_ = 0;
}

absl::StatusOr<bool> FrameParser::Next(Frame* frame) {
  const char* const begin = buffer_.data() + consumed_bytes_;
  const char* const end = buffer_.data() + buffer_.size();
  if (begin == end) return false;
  if (!IsFrameType(*begin)) {
    return BadFrame(absl::StrCat("unknown type ", static_cast<unsigned char>(*begin)));
  }
  const FrameType type = static_cast<FrameType>(*begin);
  const char* at = begin + 1;
  uint64_t payload_bytes;
  switch (ReadVarint(&at, end, &payload_bytes)) {
    case VarintResult::kNeedsMore:
      return false;
    case VarintResult::kInvalid:
      return BadFrame("length is no varint");
    case VarintResult::kDone:
      break;
  }
  if (payload_bytes > FramePayloadBytesMax(type)) {
    return BadFrame(absl::StrCat("type ", absl::string_view(begin, 1), " of ", payload_bytes,
                                 " bytes is too long"));
  }
  if (static_cast<uint64_t>(end - at) < kFrameChecksumBytes + payload_bytes) return false;
  uint32_t checksum = 0;
  for (size_t i = 0; i < kFrameChecksumBytes; ++i) {
    checksum |= uint32_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  const absl::string_view payload(at + kFrameChecksumBytes, payload_bytes);
  if (checksum != FrameChecksum::Of(type, payload)) return BadFrame("wrong checksum");
  consumed_bytes_ = static_cast<size_t>(payload.data() + payload.size() - buffer_.data());
  *frame =
      Frame{type, payload, absl::string_view(begin, static_cast<size_t>(payload.end() - begin))};
  return true;
}

}  // namespace damselfly
