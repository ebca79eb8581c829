#ifndef DAMSELFLY_SERVER_SESSION_FIXED_ROUTER_H_
#define DAMSELFLY_SERVER_SESSION_FIXED_ROUTER_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/session/slot_router.h"

namespace damselfly {

// For tests: a node that knows one other one, which has all slots that it has not itself.
class FixedRouter final : public SlotRouter {
 public:
  std::string RefusalOf(uint16_t slot) const override {
    return absl::StrCat("MOVED ", slot, " other:1");
  }
  void OnTakenOver(absl::string_view) override {}
  void OnPromoted() override {}
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_FIXED_ROUTER_H_
