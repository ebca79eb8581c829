#ifndef DAMSELFLY_SERVER_VALUES_OPERATIONS_H_
#define DAMSELFLY_SERVER_VALUES_OPERATIONS_H_

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/varint.h"

namespace damselfly {

// The steps that one command has taken with one value, as replicas are told them:
//
//   operations := step...
//   step       := code (1 byte) · its arguments, as the value's type has them
//
// Numbers are varints (signed ones zigzag), bytes follow their length, doubles are eight bytes,
// little-endian. A step is complete in itself: results, not intentions.
class OperationWriter {
 public:
  OperationWriter& Code(uint8_t code) {
    bytes_.push_back(static_cast<char>(code));
    return *this;
  }
  OperationWriter& Number(uint64_t value) {
    char buffer[kVarintBytesMax];
    bytes_.append(buffer, static_cast<size_t>(WriteVarint(value, buffer) - buffer));
    return *this;
  }
  OperationWriter& Signed(int64_t value) {
    return Number((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  OperationWriter& Double(double value) {
    char buffer[sizeof(value)];
    std::memcpy(buffer, &value, sizeof(value));
    bytes_.append(buffer, sizeof(value));
    return *this;
  }
  OperationWriter& Bytes(absl::string_view bytes) {
    Number(bytes.size());
    bytes_.append(bytes.data(), bytes.size());
    return *this;
  }

  // Steps that are written already.
  void Steps(absl::string_view steps) { bytes_.append(steps.data(), steps.size()); }

  bool empty() const { return bytes_.empty(); }
  absl::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Goes through bytes from elsewhere. Every function returns whether there was such a thing; after
// a failure the reader is of no use any more.
class OperationReader {
 public:
  explicit OperationReader(absl::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  bool Code(uint8_t* code) {
    if (done()) return false;
    *code = static_cast<uint8_t>(*at_++);
    return true;
  }
  bool Number(uint64_t* value) { return ReadVarint(&at_, end_, value) == VarintResult::kDone; }
  bool Signed(int64_t* value) {
    uint64_t zigzag;
    if (!Number(&zigzag)) return false;
    *value = static_cast<int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
    return true;
  }
  bool Double(double* value) {
    if (static_cast<size_t>(end_ - at_) < sizeof(*value)) return false;
    std::memcpy(value, at_, sizeof(*value));
    at_ += sizeof(*value);
    return true;
  }
  // The view is into the reader's bytes.
  bool Bytes(absl::string_view* bytes) {
    uint64_t size;
    if (!Number(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    *bytes = absl::string_view(at_, size);
    at_ += size;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_OPERATIONS_H_
