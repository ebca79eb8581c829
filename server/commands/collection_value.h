#ifndef DAMSELFLY_SERVER_COMMANDS_COLLECTION_VALUE_H_
#define DAMSELFLY_SERVER_COMMANDS_COLLECTION_VALUE_H_

#include "server/commands/command_context.h"
#include "server/store/entry.h"
#include "server/store/key.h"

// Finding the collections that commands read. What changes them is in server/store (HashEdit and
// its like).

namespace damselfly {

// Looks `key` up for a command that reads a value of class V, counting a hit or a miss. Returns
// false, having replied with WRONGTYPE, if it holds something else; *value is null if there is no
// such key, and valid until the slot is changed otherwise.
template <class V>
bool FindToRead(CommandContext& ctx, const Key& key, const V** value) {
  const Entry* const entry = ctx.db.FindCounted(key);
  *value = nullptr;
  if (entry == nullptr) return true;
  if (entry->type() != V::kType) {
    ctx.WrongType();
    return false;
  }
  *value = &entry->as<V>();
  return true;
}

// The same for a command that writes elsewhere: counts nothing, as Redis does.
template <class V>
bool FindUncounted(CommandContext& ctx, const Key& key, const V** value) {
  const Entry* const entry = ctx.db.Find(key);
  *value = nullptr;
  if (entry == nullptr) return true;
  if (entry->type() != V::kType) {
    ctx.WrongType();
    return false;
  }
  *value = &entry->as<V>();
  return true;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_COLLECTION_VALUE_H_
