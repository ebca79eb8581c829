#ifndef DAMSELFLY_SERVER_BASE_SLOT_SET_H_
#define DAMSELFLY_SERVER_BASE_SLOT_SET_H_

#include <bitset>

#include "server/base/crc16.h"

namespace damselfly {

// A set of slots: 2 KiB, whatever is in it.
using SlotSet = std::bitset<kSlotCount>;

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_SLOT_SET_H_
