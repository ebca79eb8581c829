#include "server/admin/data_digest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/crc16.h"
#include "server/base/hash.h"
#include "server/store/entry_content.h"

namespace damselfly {
namespace {

// Three independent hashes: any odd words.
constexpr uint64_t kSeeds[] = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9};

}  // namespace

void DataDigest::Add(int database, const Entry& entry) {
  std::string scratch;
  const absl::string_view key = entry.key();
  // The lengths keep what is key and what is value apart.
  const std::string text =
      absl::StrCat(database, " ", static_cast<int>(entry.type()), " ", entry.expiry_ms(), " ",
                   key.size(), " ", key, ContentOf(entry, &scratch));
  for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += HashBytes(text, kSeeds[i]);
}

std::string DataDigest::ToString() const {
  return absl::StrFormat("%016x%016x%08x", sums_[0], sums_[1],
                         static_cast<uint32_t>(sums_[2] >> 32));
}

DataDigest DigestOf(Store& store) {
  DataDigest digest;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    if (store.KeyCount(database) == 0) continue;
    for (int slot = 0; slot < kSlotCount; ++slot) {
      store.ForEachInSlot(database, static_cast<uint16_t>(slot),
                          [&](Entry& entry) { digest.Add(database, entry); });
    }
  }
  return digest;
}

}  // namespace damselfly
