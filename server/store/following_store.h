#ifndef DAMSELFLY_SERVER_STORE_FOLLOWING_STORE_H_
#define DAMSELFLY_SERVER_STORE_FOLLOWING_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/store/apply_change.h"
#include "server/store/entry_content.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"

namespace damselfly {

// Value, type and encoding, and deadline of every key, expired or not, by "database:key".
using StoreContents = std::map<std::string, std::tuple<std::string, std::string, int64_t>>;

inline std::string EncodingOf(const Entry& entry) {
  if (entry.type() == ValueType::kString)
    return absl::StrCat("string ", static_cast<int>(entry.string_encoding()));
  return absl::StrCat(static_cast<int>(entry.type()), " ",
                      entry.traits().encoding(entry.collection_word()));
}

// Requires that nobody changes the store meanwhile.
inline StoreContents ContentsOf(Store& store) {
  StoreContents contents;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    for (int slot = 0; slot < kSlotCount; ++slot) {
      store.ForEachInSlot(database, static_cast<uint16_t>(slot), [&](Entry& entry) {
        std::string scratch;
        contents[absl::StrCat(database, ":", entry.key())] = {
            std::string(ContentOf(entry, &scratch)), EncodingOf(entry), entry.expiry_ms()};
      });
    }
  }
  return contents;
}

// For tests: a store that is told of every change of another, in bytes of its own, and does the
// same, as a replica's does. For stores of one worker.
class FollowingStore : public ChangeSink {
 public:
  FollowingStore() : store_(OptionsOf()) { store_.set_owns_expiry(false); }

  void OnChange(int, const Change& change) override {
    const RecordedChange recorded(change);
    EXPECT_TRUE(ApplyChange(&store_, recorded.get(), &store_.counters(0)));
    ++change_count_;
  }
  void BeginGroup(int) override {}
  void EndGroup(int) override {}

  Store& store() { return store_; }
  int change_count() const { return change_count_; }

 private:
  // Another seed than usual: nothing may depend on where an entry lies.
  static Store::Options OptionsOf() {
    Store::Options options;
    options.hash_seed = 99;
    return options;
  }

  Store store_;
  int change_count_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_FOLLOWING_STORE_H_
