#include "sim/replication/lineage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/hash.h"
#include "server/store/entry_content.h"
#include "server/values/any_value.h"
#include "server/values/value_context.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kNoExpiry = -1;

// Of longer values so many pieces are looked at: half of a run's time went into big values.
constexpr size_t kWholeBytesMax = 4096;
constexpr size_t kSampleBytes = 64;
constexpr size_t kSamples = 32;

const Held& Nothing() {
  static const Held* const nothing = new Held();
  return *nothing;
}

uint64_t DigestOf(const KeyName& key, const Held& held) {
  return held.data == nullptr ? 0 : HeldDigest(key.first, key.second, *held.data, held.expiry_ms);
}

std::string DataOf(const Change& set) {
  switch (set.form) {
    case Change::Form::kInteger:
      return absl::StrCat(set.integer);
    case Change::Form::kCollection:
      return CanonicalRdb(set.value);
    case Change::Form::kText:
    case Change::Form::kRaw:
      break;
  }
  return std::string(set.value);
}

// What a collection (null: none yet) is after the steps of a change; empty when it is gone. False
// if it cannot have been changed so.
bool Update(const std::string* data, const Change& change, std::string* after) {
  const ValueContext context;
  AnyValue value = data == nullptr ? AnyValue(change.type) : AnyValue::FromRdb(*data, context);
  if (!value || value.type() != change.type) return false;
  if (!value.Apply(change.value, context)) return false;
  std::string rdb;
  value.AppendRdb(&rdb);
  *after = CanonicalRdb(rdb);
  return true;
}

}  // namespace

uint64_t HeldDigest(int database, absl::string_view key, absl::string_view data,
                    int64_t expiry_ms) {
  const uint64_t seed = static_cast<uint64_t>(expiry_ms) * 31 + static_cast<uint64_t>(database);
  uint64_t digest = HashBytes(key, seed);
  if (data.size() <= kWholeBytesMax) return HashBytes(data, digest);
  digest = digest * 31 + data.size();
  const size_t step = (data.size() - kSampleBytes) / kSamples;
  for (size_t i = 0; i <= kSamples; ++i)
    digest = HashBytes(
        data.substr(i == kSamples ? data.size() - kSampleBytes : i * step, kSampleBytes), digest);
  return digest;
}

int Lineage::LaneOf(absl::string_view key) const { return KeySlot(key) % lane_count(); }

const Held& Lineage::Current(const Lane& lane, const KeyName& key) {
  const auto found = lane.versions.find(key);
  return found == lane.versions.end() ? Nothing() : found->second.back().held;
}

void Lineage::Put(Lane* lane, uint64_t position, const KeyName& key, Held held) {
  std::vector<Version>& versions = lane->versions[key];
  if (!versions.empty()) {
    lane->digest -= DigestOf(key, versions.back().held);
    lane->expiring_count -= versions.back().held.expiry_ms >= 0 ? 1 : 0;
  }
  lane->digest += DigestOf(key, held);
  lane->expiring_count += held.expiry_ms >= 0 ? 1 : 0;
  if (!versions.empty() && versions.back().position == position) {
    versions.back().held = std::move(held);
  } else {
    versions.push_back({position, std::move(held)});
  }
}

void Lineage::Rebase(int lane_number, uint64_t position, const Contents& contents) {
  Lane& lane = At(lane_number);
  if (!lane.begun) {
    lane.begun = true;
    lane.base = position;
  } else {
    DFLY_CHECK_GE(position, lane.head());
    // The head's own digest no longer tells what is there, should the position be the same.
    lane.digests.resize(position - lane.base, 0);
    lane.known.resize(position - lane.base, false);
    while (lane.touched_end.size() < position - lane.base) Touch(&lane, {kAllSlots});
    lane.transactions.resize(position - lane.base, 0);
  }
  for (auto& [key, versions] : lane.versions) {
    if (versions.back().held.data != nullptr && contents.count(key) == 0)
      Put(&lane, position, key, Held());
  }
  for (const auto& [key, held] : contents) {
    if (DigestOf(key, Current(lane, key)) != DigestOf(key, held)) Put(&lane, position, key, held);
  }
  lane.digests.push_back(lane.digest);
  lane.known.push_back(true);
  Touch(&lane, {kAllSlots});
}

bool Lineage::Append(int lane_number, uint64_t transaction_id, uint64_t part_count,
                     const std::vector<Change>& changes) {
  Lane& lane = At(lane_number);
  DFLY_CHECK(lane.begun);
  const uint64_t position = lane.head();
  const uint32_t place = transaction_id == 0 ? 0 : PlaceOf(transaction_id, part_count);
  lane.transactions.push_back(place);
  if (place != 0) transactions_[place - 1].parts.push_back({lane_number, position});
  const bool of_all_lanes = place != 0 && lane_number == 0 &&
                            std::any_of(changes.begin(), changes.end(),
                                        [](const Change& change) { return change.is_global(); });
  if (of_all_lanes) {
    for (const Change& change : changes) {
      transactions_[place - 1].of_all_lanes.push_back(
          {change, std::string(change.key), std::string(change.value)});
    }
  }
  bool ok = true;
  if (place != 0 && !transactions_[place - 1].of_all_lanes.empty()) {
    ok = ApplyOfAllLanes(lane_number, position + 1, transactions_[place - 1]);
  } else {
    for (const Change& change : changes) ok = Apply(lane_number, position + 1, change) && ok;
  }
  lane.digests.push_back(lane.digest);
  lane.known.push_back(true);
  std::vector<uint16_t> slots;
  for (const Change& change : changes)
    slots.push_back(change.is_global() ? kAllSlots : change.slot);
  // What such a transaction does in this lane stands in another one.
  if (place != 0 && !transactions_[place - 1].of_all_lanes.empty()) slots.push_back(kAllSlots);
  Touch(&lane, slots);
  return ok;
}

bool Lineage::SlotsTouched(int lane_number, uint64_t first, uint64_t last,
                           std::vector<uint16_t>* slots) const {
  const Lane& lane = At(lane_number);
  const uint32_t begin = lane.touched_end[first - lane.base];
  const uint32_t end = lane.touched_end[last - lane.base];
  slots->assign(lane.touched.begin() + begin, lane.touched.begin() + end);
  return std::find(slots->begin(), slots->end(), kAllSlots) == slots->end();
}

void Lineage::Touch(Lane* lane, const std::vector<uint16_t>& slots) {
  lane->touched.insert(lane->touched.end(), slots.begin(), slots.end());
  lane->touched_end.push_back(static_cast<uint32_t>(lane->touched.size()));
}

uint32_t Lineage::PlaceOf(uint64_t transaction_id, uint64_t part_count) {
  uint32_t& place = places_[transaction_id];
  if (place == 0 || transactions_[place - 1].parts.size() >= transactions_[place - 1].part_count) {
    transactions_.push_back({part_count, {}, {}});
    place = static_cast<uint32_t>(transactions_.size());
  }
  return place;
}

bool Lineage::ApplyOfAllLanes(int lane, uint64_t position, const Transaction& transaction) {
  bool ok = true;
  for (const Transaction::Copy& copy : transaction.of_all_lanes) {
    Change change = copy.change;
    change.key = copy.key;
    change.value = copy.value;
    if (change.is_global() || change.slot % lane_count() == lane)
      ok = Apply(lane, position, change) && ok;
  }
  return ok;
}

bool Lineage::Apply(int lane_number, uint64_t position, const Change& change) {
  Lane& lane = At(lane_number);
  if (change.kind == Change::Kind::kFlushDatabase) {
    DropAll(&lane, position, change.database, -1);
    return true;
  }
  if (change.kind == Change::Kind::kSwapDatabases) {
    Swap(&lane, position, change.database, change.other_database);
    return true;
  }
  if (change.slot % lane_count() != lane_number) return false;
  if (change.kind == Change::Kind::kFlushSlot) {
    DropAll(&lane, position, Change::kAllDatabases, change.slot);
    return true;
  }
  if (KeySlot(change.key) != change.slot) return false;
  const KeyName key(change.database, std::string(change.key));
  Held held = Current(lane, key);
  switch (change.kind) {
    case Change::Kind::kSet:
      held.data = std::make_shared<const std::string>(DataOf(change));
      held.expiry_ms = change.expiry_ms;
      break;
    case Change::Kind::kWriteRange: {
      std::string data = held.data == nullptr ? "" : *held.data;
      data.resize(change.size, '\0');
      if (change.offset + change.value.size() > data.size()) return false;
      data.replace(change.offset, change.value.size(), std::string(change.value));
      held.data = std::make_shared<const std::string>(std::move(data));
      break;
    }
    case Change::Kind::kUpdate: {
      std::string data;
      if (!Update(held.data.get(), change, &data)) return false;
      held.data = std::make_shared<const std::string>(std::move(data));
      break;
    }
    case Change::Kind::kExpireAt:
      if (held.data == nullptr) return false;
      held.expiry_ms = change.expiry_ms;
      break;
    case Change::Kind::kPersist:
      if (held.data == nullptr) return false;
      held.expiry_ms = kNoExpiry;
      break;
    case Change::Kind::kDelete:
      held = Held();
      break;
    default:
      return false;
  }
  Put(&lane, position, key, std::move(held));
  return true;
}

void Lineage::DropAll(Lane* lane, uint64_t position, int database, int slot) {
  for (auto& [key, versions] : lane->versions) {
    if (versions.back().held.data == nullptr) continue;
    if (database != Change::kAllDatabases && key.first != database) continue;
    if (slot >= 0 && KeySlot(key.second) != slot) continue;
    Put(lane, position, key, Held());
  }
}

void Lineage::Swap(Lane* lane, uint64_t position, int first, int second) {
  Contents moved;
  for (const auto& [key, versions] : lane->versions) {
    if (key.first != first && key.first != second) continue;
    moved.try_emplace(key);
    moved[{key.first == first ? second : first, key.second}] = versions.back().held;
  }
  for (const auto& [key, held] : moved) Put(lane, position, key, held);
}

bool Lineage::Knows(int lane_number, uint64_t position) const {
  const Lane& lane = At(lane_number);
  if (!lane.begun || position < lane.base || position > lane.head()) return false;
  return lane.known[position - lane.base];
}

uint64_t Lineage::DigestAt(int lane_number, uint64_t position) const {
  const Lane& lane = At(lane_number);
  return lane.digests[position - lane.base];
}

const Held& Lineage::HeldAt(const KeyName& key, uint64_t position) const {
  const Lane& lane = At(LaneOf(key.second));
  const auto found = lane.versions.find(key);
  if (found == lane.versions.end()) return Nothing();
  const std::vector<Version>& versions = found->second;
  const auto after = std::upper_bound(
      versions.begin(), versions.end(), position,
      [](uint64_t wanted, const Version& version) { return wanted < version.position; });
  return after == versions.begin() ? Nothing() : std::prev(after)->held;
}

Contents Lineage::ContentsAt(int lane, uint64_t position) const {
  Contents contents;
  for (const auto& [key, versions] : At(lane).versions) {
    const Held& held = HeldAt(key, position);
    if (held.data != nullptr) contents[key] = held;
  }
  return contents;
}

const std::vector<Lineage::Version>* Lineage::VersionsOf(const KeyName& key) const {
  const Lane& lane = At(LaneOf(key.second));
  const auto found = lane.versions.find(key);
  return found == lane.versions.end() ? nullptr : &found->second;
}

const Lineage::Transaction* Lineage::TransactionAt(int lane_number, uint64_t position) const {
  const Lane& lane = At(lane_number);
  const uint32_t place = lane.transactions[position - lane.base];
  return place == 0 ? nullptr : &transactions_[place - 1];
}

}  // namespace damselfly::sim
