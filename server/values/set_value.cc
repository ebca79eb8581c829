#include "server/values/set_value.h"

#include <algorithm>
#include <memory>

#include "server/base/check.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

// Up to here a search through a pack costs about as much as one in a table, and a member takes far
// less memory.
constexpr size_t kPackedMembersMax = 64;
constexpr size_t kPackedMemberBytesMax = 64;

bool IsTooBigForIntegers(size_t size, const ValueContext& context) {
  const int64_t limit =
      std::min<int64_t>(context.set_max_intset_entries, static_cast<int64_t>(IntSet::kSizeMax) - 1);
  return static_cast<int64_t>(size) > limit;
}

// An IntSet that stays somebody else's.
class BorrowedIntSet {
 public:
  explicit BorrowedIntSet(char* bytes) : set_(IntSet::Adopt(bytes)) {}
  ~BorrowedIntSet() { set_.Release(); }
  BorrowedIntSet(const BorrowedIntSet&) = delete;
  BorrowedIntSet& operator=(const BorrowedIntSet&) = delete;
  const IntSet* operator->() const { return &set_; }

 private:
  IntSet set_;
};

}  // namespace

void SetValue::Free() {
  switch (form()) {
    case kIntSet:
      TakeIntSet();
      return;
    case kPack:
      TakePack();
      return;
    case kTable:
      delete table();
      word_ = 0;
      return;
  }
}

SetValue SetValue::Clone() const {
  SetValue clone;
  switch (form()) {
    case kIntSet:
      clone.SetWord(kIntSet, BorrowedIntSet(pointer())->Clone().Release());
      break;
    case kPack:
      clone.SetWord(kPack, Pack::CopyOf(pack()).Release());
      break;
    case kTable:
      clone.SetWord(kTable, table()->Clone().release());
      break;
  }
  return clone;
}

size_t SetValue::size() const {
  switch (form()) {
    case kIntSet:
      return BorrowedIntSet(pointer())->size();
    case kPack:
      return pack().count();
    case kTable:
      return table()->size();
  }
  DFLY_UNREACHABLE();
}

size_t SetValue::memory_bytes() const {
  switch (form()) {
    case kIntSet:
      return BorrowedIntSet(pointer())->memory_bytes();
    case kPack:
      return pointer() != nullptr ? pack().kept_bytes() : 0;
    case kTable:
      return sizeof(ElementTable) + table()->memory_bytes();
  }
  DFLY_UNREACHABLE();
}

bool SetValue::Contains(absl::string_view member) const {
  int64_t integer;
  switch (form()) {
    case kIntSet:
      return ParseInt64(member, &integer) && BorrowedIntSet(pointer())->Contains(integer);
    case kPack:
      return pack().Find(pack().First(), PackItem(member)) != PackView::kNone;
    case kTable:
      return table()->Find(member) != nullptr;
  }
  DFLY_UNREACHABLE();
}

bool SetValue::Contains(const Member& member) const {
  if (!member.is_integer) return Contains(member.bytes);
  if (form() == kIntSet) return BorrowedIntSet(pointer())->Contains(member.integer);
  char scratch[kIntegerBytesMax];
  return Contains(member.Text(scratch));
}

SetValue::Member SetValue::IntegerAt(size_t index) const {
  return {true, BorrowedIntSet(pointer())->At(index), {}};
}

SetValue::Member SetValue::RandomMember(Random& random) const {
  switch (form()) {
    case kIntSet:
      return IntegerAt(random.Below(size()));
    case kPack:
      return pack().Get(pack().At(static_cast<int64_t>(random.Below(size()))));
    case kTable:
      return MemberOf(*table()->RandomElement(random));
  }
  DFLY_UNREACHABLE();
}

bool SetValue::Add(absl::string_view member, const ValueContext& context) {
  int64_t integer;
  if (form() == kIntSet && ParseInt64(member, &integer)) return AddInteger(integer, context);
  return AddText(member, context);
}

bool SetValue::Add(const Member& member, const ValueContext& context) {
  if (!member.is_integer) return Add(member.bytes, context);
  if (form() == kIntSet) return AddInteger(member.integer, context);
  char scratch[kIntegerBytesMax];
  return AddText(member.Text(scratch), context);
}

bool SetValue::AddInteger(int64_t member, const ValueContext& context) {
  IntSet changed = TakeIntSet();
  const bool is_new = changed.Insert(member);
  SetWord(kIntSet, changed.Release());
  if (is_new && IsTooBigForIntegers(size(), context)) MakeHashed(size(), true, context);
  return is_new;
}

bool SetValue::AddText(absl::string_view member, const ValueContext& context) {
  const bool is_packable = member.size() <= kPackedMemberBytesMax;
  if (form() == kIntSet) MakeHashed(size() + 1, is_packable, context);
  if (form() == kPack) {
    const PackItem item(member);
    if (pack().Find(pack().First(), item) != PackView::kNone) return false;
    if (is_packable && size() < kPackedMembersMax) {
      Pack changed = TakePack();
      changed.Append(item);
      SetWord(kPack, changed.Release());
      return true;
    }
    MakeTable(size() + 1, context);
  }
  return table()->InsertMember(member);
}

bool SetValue::Erase(absl::string_view member) {
  if (form() == kTable) return table()->Erase(member);
  if (form() == kPack) {
    const auto at = pack().Find(pack().First(), PackItem(member));
    if (at == PackView::kNone) return false;
    Pack changed = TakePack();
    changed.Erase(at);
    SetWord(kPack, changed.Release());
    return true;
  }
  int64_t integer;
  if (!ParseInt64(member, &integer)) return false;
  IntSet changed = TakeIntSet();
  const bool was_there = changed.Erase(integer);
  SetWord(kIntSet, changed.Release());
  return was_there;
}

// Gives up the form of integers, in expectation of so many members.
void SetValue::MakeHashed(size_t size, bool is_packable, const ValueContext& context) {
  DFLY_DCHECK(form() == kIntSet);
  if (size > kPackedMembersMax || !is_packable) {
    MakeTable(size, context);
    return;
  }
  Pack pack;
  ForEach([&](const Member& member) { pack.Append(member.integer); });
  Free();
  SetWord(kPack, pack.Release());
}

void SetValue::MakeTable(size_t size, const ValueContext& context) {
  auto table = std::make_unique<ElementTable>(ElementPayload::kNothing, context.hash_seed);
  table->Reserve(size);
  ForEach([&](const Member& member) {
    char scratch[kIntegerBytesMax];
    table->Insert(Element::Create(member.Text(scratch)));
  });
  Free();
  SetWord(kTable, table.release());
}

bool SetValue::FreeSome(size_t count) {
  if (form() == kTable && !table()->FreeSome(count)) return false;
  Free();
  return true;
}

void SetValue::AppendRdb(std::string* out) const {
  RdbWriter writer(out);
  if (form() == kIntSet) {
    writer.Type(RdbType::kSetIntset);
    writer.String(BorrowedIntSet(pointer())->bytes());
    return;
  }
  writer.Type(RdbType::kSet);
  writer.Length(size());
  ForEach([&](const Member& member) {
    char scratch[kIntegerBytesMax];
    writer.String(member.Text(scratch));
  });
}

bool SetValue::LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context) {
  DFLY_DCHECK(word_ == 0);
  if (rdb_type == static_cast<uint8_t>(RdbType::kSet)) {
    if (LoadMembers(reader, context)) return true;
    Free();
    return false;
  }
  if (rdb_type != static_cast<uint8_t>(RdbType::kSetIntset)) return false;
  std::string scratch;
  absl::string_view bytes;
  if (!reader->String(&bytes, &scratch) || !IntSet::Validate(bytes)) return false;
  SetWord(kIntSet, IntSet::FromBytes(bytes).Release());
  if (IsTooBigForIntegers(size(), context)) MakeHashed(size(), true, context);
  return true;
}

// Members that all are integers become such again, as in Redis.
bool SetValue::LoadMembers(RdbReader* reader, const ValueContext& context) {
  uint64_t count;
  if (!reader->Length(&count)) return false;
  if (IsTooBigForIntegers(std::min<uint64_t>(count, IntSet::kSizeMax), context))
    MakeHashed(std::min<uint64_t>(count, reader->remaining()), true, context);
  std::string scratch;
  absl::string_view member;
  for (; count > 0; --count) {
    if (!reader->String(&member, &scratch) || !Add(member, context)) return false;
  }
  return true;
}

bool SetValue::ApplyOperation(OperationReader* reader, const ValueContext& context) {
  uint8_t code;
  absl::string_view member;
  if (!reader->Code(&code) || !reader->Bytes(&member)) return false;
  switch (static_cast<SetStep>(code)) {
    case SetStep::kAdd:
      Add(member, context);
      return true;
    case SetStep::kErase:
      return Erase(member);
  }
  return false;
}

}  // namespace damselfly
