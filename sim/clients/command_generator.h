#ifndef DAMSELFLY_SIM_CLIENTS_COMMAND_GENERATOR_H_
#define DAMSELFLY_SIM_CLIENTS_COMMAND_GENERATOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/model/keyspace_model.h"
#include "sim/world/decider.h"
#include "sim/world/sim_clock.h"

namespace damselfly::sim {

// Which families of commands a client uses: a set of bits, drawn for each seed.
enum CommandFamily : uint32_t {
  kStringFamily = 1,
  kBitmapFamily = 2,
  kKeyFamily = 4,
  kExpiryFamily = 8,
  kTransactionFamily = 16,
  kDatabaseFamily = 32,
  kAllFamilies = 63,
};

// Makes random commands that the model knows, over a handful of keys with a prefix of their own.
class CommandGenerator {
 public:
  // `clock` is the node's, for absolute deadlines near its present. Pointers outlive the generator.
  CommandGenerator(DecisionStream* decisions, const SimClock* clock, uint32_t families)
      : decisions_(decisions), clock_(clock), families_(families) {}

  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }

  // Appends a command, or a whole transaction.
  void Next(std::vector<Args>* calls);
  // Appends a WATCH of a key that soon expires; some time later EndWatch appends the transaction
  // that goes with it, which must not run if the key has expired meanwhile.
  void BeginWatch(std::vector<Args>* calls);
  void EndWatch(std::vector<Args>* calls);
  bool watches() const {
    return (families_ & kTransactionFamily) != 0 && (families_ & kExpiryFamily) != 0;
  }
  // Appends reads of everything that the keys have, in the current database.
  void Audit(std::vector<Args>* calls);

  static constexpr int kDatabaseCount = 3;

 private:
  static constexpr uint64_t kKeyCount = 8;

  Args Single();
  Args StringCommand();
  Args BitmapCommand();
  Args KeyCommand();
  Args ExpiryCommand();
  void Watch(std::vector<Args>* calls);
  void Transaction(std::vector<Args>* calls);

  std::string KeyName(uint64_t index) const;
  std::string Key() { return KeyName(decisions_->Below(kKeyCount)); }
  std::string Value();
  std::string Number(int64_t low, int64_t high) {
    return std::to_string(decisions_->Between(low, high));
  }
  // Mostly small, sometimes one that is near an end of what 64 bits hold.
  std::string Integer();
  // NX, XX, GT or LT, for EXPIRE and its kin.
  std::string Condition();
  // Appends EX, PX, EXAT or PXAT with a time.
  void AppendDeadline(Args* args);
  // A time to live in milliseconds: mostly short enough to end within the run.
  int64_t TtlMs();
  // An absolute deadline in milliseconds: sometimes one that has passed.
  int64_t DeadlineMs();
  int64_t WallMs() const { return clock_->WallUs() / 1000; }

  DecisionStream* const decisions_;
  const SimClock* const clock_;
  const uint32_t families_;
  std::string prefix_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_COMMAND_GENERATOR_H_
