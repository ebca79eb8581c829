#ifndef DAMSELFLY_SERVER_VALUES_RDB_READER_H_
#define DAMSELFLY_SERVER_VALUES_RDB_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/values/rdb_types.h"

namespace damselfly {

// Reads what RdbWriter wrote, and what older versions of Redis did, from bytes that nobody has
// vouched for. Each function takes one thing off the front; false means that it is cut short or
// malformed, after which the reader and the output are in no particular state.
//
// A length that was read is only a number: a loop over that many elements ends by itself when the
// bytes do, but nothing may be reserved for them beyond remaining().
class RdbReader {
 public:
  // A view of `bytes`, which must outlive the reader and the views that it hands out.
  explicit RdbReader(absl::string_view bytes) : rest_(bytes) {}

  bool Byte(uint8_t* out);
  // Any byte: whether there is such a type is for the caller to say.
  bool Type(RdbType* out);
  bool Length(uint64_t* out);
  // Replaces *out. Integers come back as their digits, compressed strings as they were.
  bool String(std::string* out);
  // The same without a copy where the bytes stand as they are: *out is then a view of the input,
  // else of *scratch, which is overwritten.
  bool String(absl::string_view* out, std::string* scratch);
  bool Double(double* out);
  // A number as text, or one of the infinities, or NaN: scores in old versions.
  bool TextDouble(double* out);
  bool Milliseconds(int64_t* out);
  // `size` bytes as they are.
  bool Raw(size_t size, absl::string_view* out);

  // What has not been read yet.
  absl::string_view rest() const { return rest_; }
  size_t remaining() const { return rest_.size(); }

 private:
  bool LittleEndian(int bytes, uint64_t* out);
  bool BigEndian(int bytes, uint64_t* out);
  bool Integer(int bytes, std::string* out);
  bool Compressed(std::string* out);

  absl::string_view rest_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_RDB_READER_H_
