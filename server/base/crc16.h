#ifndef DAMSELFLY_SERVER_BASE_CRC16_H_
#define DAMSELFLY_SERVER_BASE_CRC16_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// The number of slots of a Redis cluster, and of the store in every mode.
inline constexpr int kSlotCount = 16384;

// CRC16-CCITT in the XMODEM variant (polynomial 0x1021, initial value 0, nothing reflected): the
// hash of https://redis.io/docs/reference/cluster-spec/#key-distribution-model.
uint16_t Crc16(absl::string_view bytes);

// The part of `key` that decides its slot: what stands between the first '{' and the first '}'
// after it, if that is not empty; else the whole key.
absl::string_view HashTag(absl::string_view key);

// The slot of `key`, in [0, kSlotCount).
uint16_t KeySlot(absl::string_view key);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_CRC16_H_
