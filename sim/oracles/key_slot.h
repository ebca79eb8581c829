#ifndef DAMSELFLY_SIM_ORACLES_KEY_SLOT_H_
#define DAMSELFLY_SIM_ORACLES_KEY_SLOT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// The slot of a key, by the specification of Redis Cluster, and not by the server's own code: an
// oracle that asked the server would believe it. CRC16 (XMODEM) modulo 16384 of the key, or of what
// stands between the first '{' and the next '}' behind it, unless that is nothing.
uint16_t KeySlot(absl::string_view key);

// A key of two bytes for each slot.
std::vector<std::string> KeysOfSlots();

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_KEY_SLOT_H_
