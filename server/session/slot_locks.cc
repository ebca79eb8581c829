#include "server/session/slot_locks.h"

#include <algorithm>
#include <utility>

#include "server/base/crc16.h"

namespace damselfly {

void SlotLocks::LockMany(Slots slots) {
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  slots_ = std::move(slots);
  store_->LockSlots(slots_);
  held_ = Held::kMany;
}

bool SlotLocks::Holds(uint16_t slot) const {
  switch (held_) {
    case Held::kNone:
      return false;
    case Held::kOne:
      return slot == slot_;
    case Held::kMany:
      return std::binary_search(slots_.begin(), slots_.end(), slot);
    case Held::kAll:
      return true;
  }
  return false;
}

bool SlotLocks::IsAboveAll(uint16_t slot) const {
  switch (held_) {
    case Held::kNone:
      return true;
    case Held::kOne:
      return slot > slot_;
    case Held::kMany:
      return slots_.empty() || slot > slots_.back();
    case Held::kAll:
      return false;
  }
  return false;
}

void SlotLocks::CollectSlots(const Command& command, absl::Span<const absl::string_view> args,
                             Slots* slots) {
  if (command.simple_keys) {
    if (command.first_key == 0) return;
    const int count = static_cast<int>(args.size());
    const int last = command.LastKey(count);
    for (int i = command.first_key; i <= last; i += command.key_step)
      slots->push_back(KeySlot(args[i]));
    return;
  }
  KeyPositions keys;
  // A command whose keys cannot be told changes nothing: it will find its own syntax error.
  if (!CommandRegistry::FindKeys(command, args, &keys)) return;
  for (const KeyPosition& key : keys)
    slots->push_back(KeySlot(args[static_cast<size_t>(key.index)]));
}

}  // namespace damselfly
