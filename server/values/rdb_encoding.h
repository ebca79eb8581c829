#ifndef DAMSELFLY_SERVER_VALUES_RDB_ENCODING_H_
#define DAMSELFLY_SERVER_VALUES_RDB_ENCODING_H_

#include <cstdint>

// What RdbWriter and RdbReader agree on: the first bytes of lengths and strings.
namespace damselfly::rdb_encoding {

// The two top bits of a length's first byte.
inline constexpr uint8_t kLengthBits = 0xc0;
inline constexpr uint8_t kLength6 = 0x00;
inline constexpr uint8_t kLength14 = 0x40;
inline constexpr uint8_t kLength32 = 0x80;  // the whole byte
inline constexpr uint8_t kLength64 = 0x81;  // the whole byte

// In place of a string's length: how it is encoded.
inline constexpr uint8_t kInt8 = 0xc0;
inline constexpr uint8_t kInt16 = 0xc1;
inline constexpr uint8_t kInt32 = 0xc2;
inline constexpr uint8_t kLzf = 0xc3;

// In place of the length of a number as text.
inline constexpr uint8_t kNan = 253;
inline constexpr uint8_t kInfinity = 254;
inline constexpr uint8_t kMinusInfinity = 255;

}  // namespace damselfly::rdb_encoding

#endif  // DAMSELFLY_SERVER_VALUES_RDB_ENCODING_H_
