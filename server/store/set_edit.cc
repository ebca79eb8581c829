#include "server/store/set_edit.h"

namespace damselfly {

bool SetEdit::Add(absl::string_view member) {
  if (!value<SetValue>().Add(member, context())) return false;
  if (OperationWriter* const told = Changed())
    told->Code(static_cast<uint8_t>(SetStep::kAdd)).Bytes(member);
  return true;
}

bool SetEdit::Erase(absl::string_view member) {
  if (!value<SetValue>().Erase(member)) return false;
  if (OperationWriter* const told = Changed()) TellErase(told, member);
  return true;
}

void SetEdit::TellErase(OperationWriter* told, absl::string_view member) {
  told->Code(static_cast<uint8_t>(SetStep::kErase)).Bytes(member);
}

}  // namespace damselfly
