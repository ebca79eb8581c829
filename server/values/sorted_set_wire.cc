// The forms in which sorted sets travel: RDB values and recorded steps.

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/base/numbers.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"
#include "server/values/sorted_set_pack.h"
#include "server/values/sorted_set_value.h"
#include "server/values/ziplist.h"

namespace damselfly {
namespace {

// Brings the members into the set's order; false if one is there twice.
bool SortMembers(std::vector<ScoredMember>* members) {
  std::vector<absl::string_view> names;
  names.reserve(members->size());
  for (const ScoredMember& member : *members) names.push_back(member.member);
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return false;
  // Where both zeroes occur, members decide.
  std::sort(members->begin(), members->end(),
            [](const ScoredMember& a, const ScoredMember& b) { return Precedes(a, b); });
  return true;
}

// One string and a score behind it, which is text in the oldest form.
bool ReadMember(RdbType type, RdbReader* reader, absl::string_view* member, std::string* scratch,
                double* score) {
  if (!reader->String(member, scratch)) return false;
  const bool is_read =
      type == RdbType::kSortedSetText ? reader->TextDouble(score) : reader->Double(score);
  return is_read && !std::isnan(*score);
}

}  // namespace

void SortedSetValue::AppendRdb(std::string* out) const {
  RdbWriter writer(out);
  if (!is_table()) {
    writer.Type(RdbType::kSortedSetListpack);
    writer.String(pack_view().ToListpack());
    return;
  }
  writer.Type(RdbType::kSortedSet);
  writer.Length(size());
  // From the last to the first, as Redis does: so it is always the head that grows in loading.
  VisitReverse({0, size()}, [&](absl::string_view member, double score) {
    writer.String(member);
    writer.Double(score);
    return true;
  });
}

bool SortedSetValue::LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context) {
  switch (static_cast<RdbType>(rdb_type)) {
    case RdbType::kSortedSetListpack: {
      absl::string_view bytes;
      std::string scratch;
      return reader->String(&bytes, &scratch) && Pack::Validate(bytes) &&
             LoadPack(PackView(bytes.data()), context);
    }
    case RdbType::kSortedSetZiplist: {
      absl::string_view bytes;
      std::string scratch;
      Pack pack;
      return reader->String(&bytes, &scratch) && PackFromZiplist(bytes, &pack) &&
             LoadPack(pack.view(), context);
    }
    case RdbType::kSortedSet:
    case RdbType::kSortedSetText:
      if (LoadMembers(rdb_type, reader, context)) return true;
      Clear();
      return false;
    default:
      return false;
  }
}

bool SortedSetValue::LoadPack(PackView pack, const ValueContext& context) {
  std::vector<ScoredMember> members;
  char scratch[kIntegerBytesMax];
  bool is_sorted = true;
  for (Pack::Cursor at = pack.First(); at != Pack::kNone;) {
    const Pack::Cursor score_at = pack.Next(at);
    double score;
    if (score_at == Pack::kNone || !sorted_set_pack::ReadScore(pack.Get(score_at), &score))
      return false;
    members.push_back({std::string(pack.Get(at).Text(scratch)), score});
    if (members.size() > 1)
      is_sorted = is_sorted && Precedes(members[members.size() - 2], members.back());
    at = pack.Next(score_at);
  }
  if (!SortMembers(&members)) return false;
  // Longer members than a set is packed with nowadays do not make it big.
  const bool fits =
      static_cast<int64_t>(members.size()) <= context.zset_max_listpack_entries.load();
  if (is_sorted && fits && !members.empty()) {
    word_ = reinterpret_cast<uintptr_t>(Pack::CanonicalCopyOf(pack).Release());
  } else {
    *this = FromSorted(members, context);
  }
  return true;
}

bool SortedSetValue::LoadMembers(uint8_t rdb_type, RdbReader* reader, const ValueContext& context) {
  const auto type = static_cast<RdbType>(rdb_type);
  uint64_t count;
  if (!reader->Length(&count)) return false;
  const int64_t entries_max = context.zset_max_listpack_entries;
  const bool is_small = entries_max > 0 && count <= static_cast<uint64_t>(entries_max);
  std::vector<ScoredMember> members;
  if (!is_small) BecomeTable(context);
  absl::string_view member;
  std::string scratch;
  for (uint64_t i = 0; i < count; ++i) {
    double score;
    if (!ReadMember(type, reader, &member, &scratch, &score)) return false;
    if (is_small) {
      members.push_back({std::string(member), score});
    } else {
      const uint64_t hash = table()->HashOf(member);
      if (table()->Find(member, hash) != nullptr) return false;
      table()->Add(member, hash, score);
    }
  }
  if (!is_small) return true;
  if (!SortMembers(&members)) return false;
  *this = FromSorted(members, context);
  return true;
}

bool SortedSetValue::ApplyOperation(OperationReader* reader, const ValueContext& context) {
  uint8_t code;
  if (!reader->Code(&code)) return false;
  switch (static_cast<SortedSetStep>(code)) {
    case SortedSetStep::kSet: {
      absl::string_view member;
      double score;
      if (!reader->Bytes(&member) || !reader->Double(&score) || std::isnan(score)) return false;
      Set(member, score, context);
      return true;
    }
    case SortedSetStep::kErase: {
      absl::string_view member;
      return reader->Bytes(&member) && Erase(member);
    }
    case SortedSetStep::kEraseRanks: {
      uint64_t first, count;
      if (!reader->Number(&first) || !reader->Number(&count)) return false;
      if (first > size() || count > size() - first) return false;
      EraseRanks({first, first + count});
      return true;
    }
  }
  return false;
}

}  // namespace damselfly
