#include "server/values/hash_value.h"

#include <algorithm>
#include <memory>

#include "server/base/check.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"
#include "server/values/sample.h"
#include "server/values/ziplist.h"

namespace damselfly {
namespace {

// However high the limit is: a pack of so many elements still knows their number.
constexpr int64_t kPackedFieldsMax = 32000;

bool IsPackable(absl::string_view text, const ValueContext& context) {
  return static_cast<int64_t>(text.size()) <= context.hash_max_listpack_value;
}

int64_t FieldsMax(const ValueContext& context) {
  return std::min<int64_t>(context.hash_max_listpack_entries, kPackedFieldsMax);
}

}  // namespace

void HashValue::Free() {
  if (is_table()) {
    delete table();
  } else {
    TakePack();
  }
  word_ = 0;
}

HashValue HashValue::Clone() const {
  HashValue clone;
  if (is_table()) {
    clone.word_ = reinterpret_cast<uint64_t>(table()->Clone().release()) | kTableBit;
  } else if (word_ != 0) {
    clone.SetPack(Pack::CopyOf(pack()));
  }
  return clone;
}

size_t HashValue::memory_bytes() const {
  if (is_table()) return sizeof(ElementTable) + table()->memory_bytes();
  return word_ != 0 ? pack().kept_bytes() : 0;
}

bool HashValue::GetFromTable(absl::string_view field, absl::string_view* value) const {
  const Element* const element = table()->Find(field);
  if (element == nullptr) return false;
  *value = element->text();
  return true;
}

bool HashValue::Contains(absl::string_view field) const {
  if (is_table()) return table()->Find(field) != nullptr;
  return pack().Find(pack().First(), PackItem(field), 1) != PackView::kNone;
}

std::vector<PackView::Cursor> HashValue::Fields() const {
  std::vector<PackView::Cursor> fields;
  fields.reserve(size());
  for (auto at = pack().First(); at != PackView::kNone; at = pack().Skip(at, 2))
    fields.push_back(at);
  return fields;
}

std::vector<PackView::Cursor> HashValue::SampleFields(size_t count, Random& random) const {
  std::vector<PackView::Cursor> sample;
  sample.reserve(count);
  auto at = pack().First();
  size_t passed = 0;
  for (size_t index : SampleIndexes(size(), count, random)) {
    at = pack().Skip(at, 2 * (index - passed));
    passed = index;
    sample.push_back(at);
  }
  return sample;
}

bool HashValue::Set(absl::string_view field, absl::string_view value, const ValueContext& context) {
  if (!is_table()) {
    if (IsPackable(field, context) && IsPackable(value, context) &&
        pack().HasRoomFor(field.size() + value.size(), 2)) {
      const PackItem items[] = {PackItem(field), PackItem(value)};
      const auto at = pack().Find(pack().First(), items[0], 1);
      Pack changed = TakePack();
      if (at != PackView::kNone) {
        changed.Replace(changed.view().Behind(at), items[1]);
        SetPack(std::move(changed));
        return false;
      }
      changed.Append(items);
      SetPack(std::move(changed));
      if (static_cast<int64_t>(size()) > FieldsMax(context)) MakeTable(size(), context);
      return true;
    }
    MakeTable(size() + 1, context);
  }
  return table()->SetText(field, value);
}

bool HashValue::Erase(absl::string_view field) {
  if (is_table()) return table()->Erase(field);
  const auto at = pack().Find(pack().First(), PackItem(field), 1);
  if (at == PackView::kNone) return false;
  Pack changed = TakePack();
  changed.EraseRange(at, 2);
  SetPack(std::move(changed));
  return true;
}

// The pack becomes a table that has room for so many elements.
void HashValue::MakeTable(size_t elements, const ValueContext& context) {
  DFLY_DCHECK(!is_table());
  auto table = std::make_unique<ElementTable>(ElementPayload::kText, context.hash_seed);
  table->Reserve(elements);
  ForEach([&](absl::string_view field, absl::string_view value) { table->SetText(field, value); });
  Free();
  word_ = reinterpret_cast<uint64_t>(table.release()) | kTableBit;
}

bool HashValue::FreeSome(size_t count) {
  if (is_table() && !table()->FreeSome(count)) return false;
  Free();
  return true;
}

void HashValue::AppendRdb(std::string* out) const {
  RdbWriter writer(out);
  if (!is_table()) {
    writer.Type(RdbType::kHashListpack);
    writer.String(pack().ToListpack());
    return;
  }
  writer.Type(RdbType::kHash);
  writer.Length(size());
  ForEach([&](absl::string_view field, absl::string_view value) {
    writer.String(field);
    writer.String(value);
  });
}

bool HashValue::LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context) {
  DFLY_DCHECK(word_ == 0);
  if (rdb_type == static_cast<uint8_t>(RdbType::kHash)) {
    if (LoadPairs(reader, context)) return true;
    Free();
    return false;
  }
  std::string scratch;
  absl::string_view bytes;
  if (!reader->String(&bytes, &scratch)) return false;
  Pack pack;
  switch (static_cast<RdbType>(rdb_type)) {
    case RdbType::kHashListpack:
      if (!Pack::Validate(bytes)) return false;
      pack = Pack::CanonicalCopyOf(PackView(bytes.data()));
      break;
    case RdbType::kHashZiplist:
      if (!PackFromZiplist(bytes, &pack)) return false;
      break;
    case RdbType::kHashZipmap:
      if (!PackFromZipmap(bytes, &pack)) return false;
      break;
    default:
      return false;
  }
  return LoadPack(std::move(pack), context);
}

bool HashValue::LoadPairs(RdbReader* reader, const ValueContext& context) {
  uint64_t count;
  if (!reader->Length(&count)) return false;
  if (count > static_cast<uint64_t>(std::max<int64_t>(FieldsMax(context), 0)))
    MakeTable(std::min<uint64_t>(count, reader->remaining() / 2), context);
  std::string field_scratch, value_scratch;
  absl::string_view field, value;
  for (; count > 0; --count) {
    if (!reader->String(&field, &field_scratch) || !reader->String(&value, &value_scratch))
      return false;
    if (!Set(field, value, context)) return false;
  }
  return true;
}

bool HashValue::LoadPack(Pack pack, const ValueContext& context) {
  if (pack.count() % 2 != 0 || pack.view().HasDuplicates(1)) return false;
  SetPack(std::move(pack));
  if (static_cast<int64_t>(size()) > FieldsMax(context)) MakeTable(size(), context);
  return true;
}

bool HashValue::ApplyOperation(OperationReader* reader, const ValueContext& context) {
  uint8_t code;
  absl::string_view field, value;
  if (!reader->Code(&code) || !reader->Bytes(&field)) return false;
  switch (static_cast<HashStep>(code)) {
    case HashStep::kSet:
      if (!reader->Bytes(&value)) return false;
      Set(field, value, context);
      return true;
    case HashStep::kErase:
      return Erase(field);
  }
  return false;
}

}  // namespace damselfly
