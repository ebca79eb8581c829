#ifndef DAMSELFLY_SIM_CLIENTS_REPLY_MODE_H_
#define DAMSELFLY_SIM_CLIENTS_REPLY_MODE_H_

#include <utility>

#include "sim/model/keyspace_model.h"

namespace damselfly::sim {

// Which requests of a connection get a reply: CLIENT REPLY tells. Outside of transactions only.
class ReplyMode {
 public:
  // Told of every request, in their order: whether it gets none.
  bool Mutes(const Args& args) {
    if (args[0] == "CLIENT" && args.size() == 3 && args[1] == "REPLY") {
      off_ = args[2] == "OFF";
      skips_next_ = args[2] == "SKIP";
      return args[2] != "ON";
    }
    return off_ || std::exchange(skips_next_, false);
  }

 private:
  bool off_ = false;
  bool skips_next_ = false;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_REPLY_MODE_H_
