#ifndef DAMSELFLY_SERVER_VALUES_RDB_WRITER_H_
#define DAMSELFLY_SERVER_VALUES_RDB_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/values/rdb_types.h"

namespace damselfly {

// Writes the primitives of Redis's RDB format, each as redis-server 7.0 would: what RdbReader
// reads. A value's bytes are its type and then these. Copyable, as small as a reference.
//
//     Length   00LLLLLL | 01LLLLLL LLLLLLLL | 0x80 + 4 bytes | 0x81 + 8 bytes      (big endian)
//     String   Length, bytes | 0xc0 int8 | 0xc1 int16 | 0xc2 int32 | 0xc3 LZF       (little endian)
class RdbWriter {
 public:
  // Appends to *out, which must outlive the writer. Without `compress`, strings are written as they
  // are (rdbcompression no).
  explicit RdbWriter(std::string* out, bool compress = true) : out_(*out), compress_(compress) {}

  void Byte(uint8_t byte) { out_.push_back(static_cast<char>(byte)); }
  void Type(RdbType type) { Byte(static_cast<uint8_t>(type)); }
  void Length(uint64_t length);
  // As an integer where the bytes are the digits of one of up to 32 bits; compressed where it is
  // over 20 bytes and becomes shorter by 4 at least.
  void String(absl::string_view bytes);
  // The string of the number's digits.
  void Integer(int64_t value);
  // Eight bytes, little endian: scores of sorted sets.
  void Double(double value);
  // A time in milliseconds: eight bytes, little endian.
  void Milliseconds(int64_t ms);
  // Bytes as they are, without a length.
  void Raw(absl::string_view bytes) { out_.append(bytes.data(), bytes.size()); }

 private:
  void LittleEndian(uint64_t word, int bytes);
  void BigEndian(uint64_t word, int bytes);
  bool CompactInteger(int64_t value);
  bool Compressed(absl::string_view bytes);

  std::string& out_;
  const bool compress_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_RDB_WRITER_H_
