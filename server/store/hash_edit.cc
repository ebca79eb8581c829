#include "server/store/hash_edit.h"

namespace damselfly {

bool HashEdit::Set(absl::string_view field, absl::string_view value) {
  if (OperationWriter* const told = Changed())
    told->Code(static_cast<uint8_t>(HashStep::kSet)).Bytes(field).Bytes(value);
  return ValueEdit::value<HashValue>().Set(field, value, context());
}

bool HashEdit::Erase(absl::string_view field) {
  if (!ValueEdit::value<HashValue>().Erase(field)) return false;
  if (OperationWriter* const told = Changed())
    told->Code(static_cast<uint8_t>(HashStep::kErase)).Bytes(field);
  return true;
}

}  // namespace damselfly
