#ifndef DAMSELFLY_SERVER_STORE_APPLY_CHANGE_H_
#define DAMSELFLY_SERVER_STORE_APPLY_CHANGE_H_

#include "server/store/change.h"

namespace damselfly {

struct Key;
class Store;
struct StoreCounters;

// Does to `store` what has been done where the change was told: how a replica follows. No key
// counts as expired meanwhile, whatever its deadline; watchers are told, as of any change.
//
// Requires the lock of the change's slot (of all slots, for global changes) and, as of every change
// that has been parsed, that change.slot is the key's. Returns false, having done nothing, for a
// change that no store with 16 databases and this machine's memory can have made: whoever sent it
// is not to be trusted any further. What merely finds nothing to change (a deadline for a key that
// is not there) is done by doing nothing.
bool ApplyChange(Store* store, const Change& change, StoreCounters* counters);

// The same for a change of one key, by whoever has made its Key already (Store::MakeKey).
bool ApplyChange(Store* store, const Change& change, const Key& key, StoreCounters* counters);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_APPLY_CHANGE_H_
