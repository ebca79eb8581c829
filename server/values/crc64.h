#ifndef DAMSELFLY_SERVER_VALUES_CRC64_H_
#define DAMSELFLY_SERVER_VALUES_CRC64_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// CRC-64 with the polynomial of Jones (0xad93d23594c935a9), reflected, without inversion: the check
// sum of RDB files and of DUMP's payloads. Continues `crc`, the sum of the bytes before; 0 at
// first.
uint64_t Crc64(uint64_t crc, absl::string_view bytes);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_CRC64_H_
