#include "testing/compat/dump_text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/numbers.h"
#include "server/values/dump_payload.h"
#include "server/values/pack_view.h"
#include "server/values/rdb_reader.h"
#include "server/values/rdb_types.h"

namespace damselfly {
namespace {

class Reader {
 public:
  explicit Reader(absl::string_view value) : reader_(value) {}

  // The text of the whole value; *ok is false if there is something wrong.
  std::string Value(bool* ok) {
    RdbType type = RdbType::kString;
    ok_ = reader_.Type(&type);
    const std::string text = absl::StrCat("type ", static_cast<int>(type), " ", Body(type));
    *ok = ok_ && reader_.remaining() == 0;
    return text;
  }

 private:
  std::string Body(RdbType type) {
    switch (type) {
      case RdbType::kString:
      case RdbType::kSetIntset:
      case RdbType::kHashListpack:
      case RdbType::kSortedSetListpack:
        return String();
      case RdbType::kSet:
        return Sorted([&] { return String(); });
      case RdbType::kHash:
        return Sorted([&] { return Pair(String(), [&] { return String(); }); });
      case RdbType::kSortedSet:
        return InOrder([&] { return Pair(String(), [&] { return Double(); }); });
      case RdbType::kListQuicklist2:
        return absl::StrCat("[", absl::StrJoin(Elements([&] { return ListNode(); }), ""), "]");
      case RdbType::kStream2:
        return Stream();
      default:
        ok_ = false;
        return "";
    }
  }

  // Of two things that are read one after the other.
  template <typename Function>
  static std::string Pair(std::string first, Function read_second) {
    return absl::StrCat(first, "=", read_second());
  }

  // The elements of a node: where one node ends and the next begins is not compared, since it
  // depends on how the list came about (Redis lets LSET make a node bigger than the limit).
  std::string ListNode() {
    constexpr uint64_t kPacked = 2;
    const bool is_packed = Number() == kPacked;
    std::string bytes;
    ok_ = ok_ && reader_.String(&bytes);
    if (!is_packed) return absl::StrCat(absl::CHexEscape(bytes), ", ");
    ok_ = ok_ && PackView::IsValid(bytes);
    std::string text;
    if (!ok_) return text;
    const PackView pack(bytes.data());
    char scratch[kIntegerBytesMax];
    for (auto at = pack.First(); at != PackView::kNone; at = pack.Next(at))
      absl::StrAppend(&text, absl::CHexEscape(pack.Get(at).Text(scratch)), ", ");
    return text;
  }

  std::string Stream() {
    std::string text = InOrder([&] { return Pair(String(), [&] { return String(); }); });
    for (const char* name : {"length", "last", "", "first", "", "deleted", "", "added"})
      absl::StrAppend(&text, " ", name, " ", Number());
    absl::StrAppend(&text, " groups ", InOrder([&] { return Group(); }));
    return text;
  }

  std::string Group() {
    std::string text = String();
    for (int i = 0; i < 3; ++i) absl::StrAppend(&text, " ", Number());
    absl::StrAppend(&text, " pending ", InOrder([&] { return PendingEntry(); }));
    absl::StrAppend(&text, " consumers ", InOrder([&] { return Consumer(); }));
    return text;
  }

  std::string PendingEntry() {
    const std::string id = Raw(16);
    Raw(8);  // when it was delivered
    return Pair(id, [&] { return absl::StrCat(Number()); });
  }

  std::string Consumer() {
    const std::string name = String();
    Raw(8);  // when it was seen
    return Pair(name, [&] { return InOrder([&] { return Raw(16); }); });
  }

  std::string String() {
    std::string bytes;
    ok_ = ok_ && reader_.String(&bytes);
    return ok_ ? absl::CHexEscape(bytes) : "";
  }
  std::string Double() {
    double value = 0;
    ok_ = ok_ && reader_.Double(&value);
    return absl::StrCat(value);
  }
  uint64_t Number() {
    uint64_t value = 0;
    ok_ = ok_ && reader_.Length(&value);
    return ok_ ? value : 0;
  }
  std::string Raw(size_t size) {
    absl::string_view bytes;
    ok_ = ok_ && reader_.Raw(size, &bytes);
    return ok_ ? absl::BytesToHexString(bytes) : "";
  }

  template <typename Function>
  std::vector<std::string> Elements(Function one) {
    std::vector<std::string> elements;
    for (uint64_t left = Number(); left > 0 && ok_; --left) elements.push_back(one());
    return elements;
  }
  template <typename Function>
  std::string InOrder(Function one) {
    return absl::StrCat("[", absl::StrJoin(Elements(one), ", "), "]");
  }
  template <typename Function>
  std::string Sorted(Function one) {
    std::vector<std::string> elements = Elements(one);
    std::sort(elements.begin(), elements.end());
    return absl::StrCat("{", absl::StrJoin(elements, ", "), "}");
  }

  RdbReader reader_;
  bool ok_ = true;
};

}  // namespace

std::string DumpText(absl::string_view payload) {
  absl::string_view value;
  if (!OpenDumpPayload(payload, &value)) return absl::StrCat("no payload: ", payload);
  bool ok;
  std::string text = Reader(value).Value(&ok);
  return ok ? text : absl::StrCat("not understood: ", payload);
}

}  // namespace damselfly
