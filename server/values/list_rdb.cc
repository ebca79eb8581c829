// A list's RDB form, and the recognition of older ones.

#include <string>

#include "server/base/numbers.h"
#include "server/values/list_value.h"
#include "server/values/rdb_types.h"
#include "server/values/rdb_writer.h"
#include "server/values/ziplist.h"

namespace damselfly {
namespace {

// What stands before each node of type 18.
constexpr uint64_t kPlainNode = 1;
constexpr uint64_t kPackNode = 2;

// Redis 7.0 has single elements of less than 1 GiB in packs; ours hold a little less.
constexpr size_t kPlainBytesMin = (size_t{1} << 30) - 64;

void AppendBigNode(absl::string_view text, RdbWriter* writer) {
  if (text.size() >= kPlainBytesMin) {
    writer->Length(kPlainNode);
    writer->String(text);
    return;
  }
  Pack pack;
  pack.Append(text);
  writer->Length(kPackNode);
  writer->String(pack.ToListpack());
}

}  // namespace

void ListValue::AppendRdb(std::string* out) const {
  RdbWriter writer(out);
  writer.Type(RdbType::kListQuicklist2);
  writer.Length(node_count());
  if (word_ != 0 && !is_chain()) {
    writer.Length(kPackNode);
    writer.String(pack_view().ToListpack());
  }
  if (!is_chain()) return;
  for (const ListNode* node = chain()->head(); node != nullptr; node = node->next) {
    if (node->is_big()) {
      AppendBigNode(node->text(), &writer);
    } else {
      writer.Length(kPackNode);
      writer.String(node->view().ToListpack());
    }
  }
}

bool ListValue::LoadRdb(uint8_t rdb_type, RdbReader* reader, const ValueContext& context) {
  bool loaded = false;
  std::string scratch;
  absl::string_view bytes;
  switch (static_cast<RdbType>(rdb_type)) {
    case RdbType::kList: {
      uint64_t count = 0;
      loaded = reader->Length(&count);
      for (; loaded && count > 0; --count) {
        loaded = reader->String(&bytes, &scratch);
        if (loaded) Push(ListEnd::kTail, bytes, context);
      }
      break;
    }
    case RdbType::kListZiplist:
      loaded = reader->String(&bytes, &scratch) && LoadZiplist(bytes, context);
      break;
    case RdbType::kListQuicklist:
      loaded = LoadNodes(reader, /*are_packs=*/false, context);
      break;
    case RdbType::kListQuicklist2:
      loaded = LoadNodes(reader, /*are_packs=*/true, context);
      break;
    default:
      break;
  }
  loaded = loaded && word_ != 0;
  if (!loaded) Destroy();
  return loaded;
}

bool ListValue::LoadNodes(RdbReader* reader, bool are_packs, const ValueContext& context) {
  uint64_t node_count;
  if (!reader->Length(&node_count)) return false;
  std::string scratch;
  for (; node_count > 0; --node_count) {
    uint64_t container = kPackNode;
    absl::string_view bytes;
    if (are_packs && !reader->Length(&container)) return false;
    if (!reader->String(&bytes, &scratch) || bytes.empty()) return false;
    if (!are_packs) {
      if (!LoadZiplist(bytes, context)) return false;
    } else if (container == kPlainNode) {
      Push(ListEnd::kTail, bytes, context);
    } else if (container != kPackNode || !LoadPack(bytes, context)) {
      return false;
    }
  }
  return true;
}

// A pack stays one node, as in Redis, unless it is far beyond what a node of ours may be.
bool ListValue::LoadPack(absl::string_view bytes, const ValueContext& context) {
  if (!PackView::IsValid(bytes)) return false;
  const ListLimits limits(context.list_max_listpack_size);
  const PackView view(bytes.data());
  if (!limits.AllowsReplace(bytes.size())) {
    char scratch[kIntegerBytesMax];
    for (PackView::Cursor at = view.First(); at != PackView::kNone; at = view.Next(at)) {
      Push(ListEnd::kTail, view.Get(at).Text(scratch), context);
    }
    return true;
  }
  if (view.empty()) return true;
  Pack pack = Pack::CanonicalCopyOf(view);
  if (word_ == 0) {
    word_ = reinterpret_cast<uintptr_t>(pack.Release());
  } else {
    MakeChain()->AddNode(ListNode::AdoptPack(std::move(pack)));
  }
  return true;
}

bool ListValue::LoadZiplist(absl::string_view bytes, const ValueContext& context) {
  Pack pack;
  if (!PackFromZiplist(bytes, &pack)) return false;
  char scratch[kIntegerBytesMax];
  for (Pack::Cursor at = pack.First(); at != Pack::kNone; at = pack.Next(at)) {
    Push(ListEnd::kTail, pack.Get(at).Text(scratch), context);
  }
  return true;
}

}  // namespace damselfly
