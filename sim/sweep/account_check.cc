#include "sim/sweep/account_check.h"

#include <cstddef>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

constexpr size_t kStepKeys = 1000;

// The slots that hold a key of the database.
std::set<uint16_t> UsedSlots(Store* store, int database) {
  std::set<uint16_t> slots;
  uint64_t cursor = 0;
  do {
    cursor = store->Scan(database, cursor, kStepKeys, false, [store, &slots](Entry& entry) {
      slots.insert(store->MakeKey(entry.key()).slot);
    });
  } while (cursor != 0);
  return slots;
}

std::string Compare(absl::string_view what, int database, uint64_t counted, uint64_t found) {
  if (counted == found) return "";
  return absl::StrCat("database ", database, " counts ", counted, " ", what, ", and holds ", found);
}

std::string DatabaseVerdict(Store* store, int database) {
  uint64_t keys = 0;
  uint64_t expiring_keys = 0;
  std::string verdict;
  for (uint16_t slot : UsedSlots(store, database)) {
    uint64_t keys_of_slot = 0;
    store->Lock(slot);
    store->ForEachInSlot(database, slot, [&](Entry& entry) {
      ++keys_of_slot;
      expiring_keys += entry.has_expiry() ? 1 : 0;
    });
    store->Unlock(slot);
    keys += keys_of_slot;
    if (verdict.empty()) {
      verdict = Compare(absl::StrCat("keys in slot ", slot), database,
                        store->KeyCountInSlot(database, slot), keys_of_slot);
    }
  }
  if (verdict.empty()) verdict = Compare("keys", database, store->KeyCount(database), keys);
  if (verdict.empty()) {
    verdict =
        Compare("keys with a deadline", database, store->ExpiringKeyCount(database), expiring_keys);
  }
  return verdict;
}

}  // namespace

std::string CountsVerdict(Store* store) {
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    std::string verdict = DatabaseVerdict(store, database);
    if (!verdict.empty()) return verdict;
  }
  return "";
}

std::string FlushedVerdict(Store* store) {
  store->LockAll();
  store->Flush(-1, true, &store->counters(0));
  store->UnlockAll();
  const StoreCountersSnapshot totals = store->TotalCounters();
  if (store->KeyCountOfAllDatabases() == 0 && totals.used_bytes == 0 &&
      totals.background_bytes == 0 && totals.background_keys == 0) {
    return "";
  }
  return absl::StrCat("when all is flushed ", store->KeyCountOfAllDatabases(), " keys are left, ",
                      totals.used_bytes, " bytes in use, ", totals.background_keys, " keys and ",
                      totals.background_bytes, " bytes to be freed");
}

std::string AccountsVerdict(Store* store) {
  std::string verdict = CountsVerdict(store);
  return verdict.empty() ? FlushedVerdict(store) : verdict;
}

void CheckStores(const std::vector<std::unique_ptr<SimNode>>& nodes,
                 std::string (*verdict_of)(Store* store), OracleBoard* board) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i]->running()) continue;
    const std::string verdict = verdict_of(&nodes[i]->node().store());
    board->CountCheck(Oracle::kNoResidue);
    if (verdict.empty()) continue;
    board->Violate(Oracle::kNoResidue, absl::StrCat("node ", i, ": ", verdict));
    return;
  }
}

}  // namespace damselfly::sim
