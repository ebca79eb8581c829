#include "server/cluster/config_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/cluster/config_path.h"
#include "server/cluster/json_document.h"

namespace damselfly {
namespace {

using Type = JsonValue::Type;
using SlotRanges = google::protobuf::RepeatedPtrField<SlotRange>;

constexpr uint64_t kNumberMax = 65535;

absl::string_view TypeName(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return "a boolean";
    case Type::kNumber:
      return "a number";
    case Type::kString:
      return "a string";
    case Type::kArray:
      return "an array";
    case Type::kObject:
      return "an object";
  }
  DFLY_UNREACHABLE();
}

absl::Status CheckType(const JsonValue& value, Type type, const ConfigPath& path) {
  if (value.type == type) return absl::OkStatus();
  return Refusal(path, absl::StrCat("must be ", TypeName(type), ", not ", TypeName(value.type)));
}

absl::StatusOr<const JsonValue*> RequiredMember(const JsonValue& object, const char* name,
                                                const ConfigPath& path) {
  const JsonValue* const member = object.Find(name);
  if (member == nullptr) return Refusal(path.Member(name), "is missing");
  return member;
}

// Whether a line-based reply that holds `text`, which is valid UTF-8, stays one line: no control
// character (U+0000 to U+001F, U+007F to U+009F), no U+2028 or U+2029.
bool IsOneLine(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    if (byte == 0xC2 && static_cast<uint8_t>(text[i + 1]) < 0xA0) return false;
    const absl::string_view character = text.substr(i, 3);
    if (character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9") return false;
  }
  return true;
}

absl::Status ReadString(const JsonValue& object, const char* name, const ConfigPath& path,
                        std::string* out) {
  const absl::StatusOr<const JsonValue*> member = RequiredMember(object, name, path);
  if (!member.ok()) return member.status();
  const ConfigPath member_path = path.Member(name);
  const absl::Status status = CheckType(**member, Type::kString, member_path);
  if (!status.ok()) return status;
  if (!IsOneLine((*member)->text)) {
    return Refusal(member_path, "holds a control character or a line separator");
  }
  *out = (*member)->text;
  return absl::OkStatus();
}

absl::Status ReadNumber(const JsonValue& object, const char* name, const ConfigPath& path,
                        uint32_t* out) {
  const absl::StatusOr<const JsonValue*> member = RequiredMember(object, name, path);
  if (!member.ok()) return member.status();
  if ((*member)->is_unsigned_integer && (*member)->integer <= kNumberMax) {
    *out = static_cast<uint32_t>((*member)->integer);
    return absl::OkStatus();
  }
  return Refusal(path.Member(name), absl::StrCat("must be an integer from 0 to ", kNumberMax));
}

// The array `name` of `object`, element by element through `read_element(element, path, out)`.
template <typename Message, typename ReadElement>
absl::Status ReadArray(const JsonValue& array, const ConfigPath& path, ReadElement read_element,
                       google::protobuf::RepeatedPtrField<Message>* out) {
  absl::Status status = CheckType(array, Type::kArray, path);
  if (!status.ok()) return status;
  out->Reserve(static_cast<int>(array.elements.size()));
  for (size_t i = 0; i < array.elements.size(); ++i) {
    const ConfigPath element_path = path.Element(i);
    status = CheckType(array.elements[i], Type::kObject, element_path);
    if (status.ok()) status = read_element(array.elements[i], element_path, out->Add());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename Message, typename ReadElement>
absl::Status ReadArrayMember(const JsonValue& object, const char* name, const ConfigPath& path,
                             ReadElement read_element,
                             google::protobuf::RepeatedPtrField<Message>* out) {
  const absl::StatusOr<const JsonValue*> member = RequiredMember(object, name, path);
  if (!member.ok()) return member.status();
  return ReadArray(**member, path.Member(name), read_element, out);
}

absl::Status ReadSlotRange(const JsonValue& object, const ConfigPath& path, SlotRange* out) {
  uint32_t number = 0;
  absl::Status status = ReadNumber(object, "start", path, &number);
  if (!status.ok()) return status;
  out->set_start(number);
  status = ReadNumber(object, "end", path, &number);
  if (!status.ok()) return status;
  out->set_end(number);
  return absl::OkStatus();
}

absl::Status ReadSlotRanges(const JsonValue& object, const ConfigPath& path, SlotRanges* out) {
  return ReadArrayMember(object, "slot_ranges", path, ReadSlotRange, out);
}

// Only displayed, so whatever cannot be understood is no reason to refuse a configuration.
Health ReadHealth(const JsonValue& object) {
  const JsonValue* const member = object.Find("health");
  if (member == nullptr || member->type != Type::kString) return ONLINE;
  if (absl::EqualsIgnoreCase(member->text, "fail")) return FAIL;
  if (absl::EqualsIgnoreCase(member->text, "loading")) return LOADING;
  if (absl::EqualsIgnoreCase(member->text, "hidden")) return HIDDEN;
  return ONLINE;
}

// `ip` and `port`, which nodes and migrations have in common.
template <typename Message>
absl::Status ReadAddress(const JsonValue& object, const ConfigPath& path, Message* out) {
  absl::Status status = ReadString(object, "ip", path, out->mutable_ip());
  if (!status.ok()) return status;
  uint32_t port = 0;
  status = ReadNumber(object, "port", path, &port);
  if (!status.ok()) return status;
  out->set_port(port);
  return absl::OkStatus();
}

absl::Status ReadNode(const JsonValue& object, const ConfigPath& path, ClusterNode* out) {
  absl::Status status = ReadString(object, "id", path, out->mutable_id());
  if (status.ok()) status = ReadAddress(object, path, out);
  if (!status.ok()) return status;
  out->set_health(ReadHealth(object));
  return absl::OkStatus();
}

absl::Status ReadMaster(const JsonValue& shard, const ConfigPath& path, ClusterNode* out) {
  const absl::StatusOr<const JsonValue*> member = RequiredMember(shard, "master", path);
  if (!member.ok()) return member.status();
  const ConfigPath master_path = path.Member("master");
  const absl::Status status = CheckType(**member, Type::kObject, master_path);
  if (!status.ok()) return status;
  return ReadNode(**member, master_path, out);
}

absl::Status ReadMigration(const JsonValue& object, const ConfigPath& path, Migration* out) {
  absl::Status status = ReadString(object, "node_id", path, out->mutable_node_id());
  if (status.ok()) status = ReadAddress(object, path, out);
  if (!status.ok()) return status;
  return ReadSlotRanges(object, path, out->mutable_slot_ranges());
}

absl::Status ReadShard(const JsonValue& object, const ConfigPath& path, Shard* out) {
  absl::Status status = ReadSlotRanges(object, path, out->mutable_slot_ranges());
  if (status.ok()) status = ReadMaster(object, path, out->mutable_master());
  if (status.ok()) {
    status = ReadArrayMember(object, "replicas", path, ReadNode, out->mutable_replicas());
  }
  if (!status.ok()) return status;
  const JsonValue* const migrations = object.Find("migrations");
  if (migrations == nullptr || migrations->type == Type::kNull) return absl::OkStatus();
  return ReadArray(*migrations, path.Member("migrations"), ReadMigration,
                   out->mutable_migrations());
}

}  // namespace

absl::StatusOr<ClusterConfig> ReadClusterConfig(absl::string_view json) {
  const absl::StatusOr<JsonValue> document = ParseJson(json);
  if (!document.ok()) return document.status();
  ClusterConfig config;
  const absl::Status status =
      ReadArray(*document, ConfigPath(), ReadShard, config.mutable_shards());
  if (!status.ok()) return status;
  return config;
}

}  // namespace damselfly
