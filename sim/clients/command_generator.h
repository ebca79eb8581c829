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
  kConnectionFamily = 64,
  kListFamily = 128,
  kHashFamily = 256,
  kSetFamily = 512,
  kSortedSetFamily = 1024,
  kStreamFamily = 2048,
  kCollectionFamilies = kListFamily | kHashFamily | kSetFamily | kSortedSetFamily | kStreamFamily,
  kAllFamilies = 4095,
};

// Makes random commands that the model knows, over a handful of keys with a prefix of their own.
class CommandGenerator {
 public:
  // `clock` is the node's, for absolute deadlines near its present. Pointers outlive the generator.
  CommandGenerator(DecisionStream* decisions, const SimClock* clock, uint32_t families)
      : decisions_(decisions), clock_(clock), families_(families) {}

  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
  // How many keys there are, kFewKeys unless set. If many they are mostly made and dropped by the
  // dozen, and now and then all at once, so that the tables of their slots grow and shrink.
  void set_key_count(uint64_t key_count) { key_count_ = key_count; }
  // Values may be larger than what is read at once.
  void set_big_values(bool big_values) { big_values_ = big_values; }
  // Two databases, this one and the next, are nobody else's: the client keeps to them, and may
  // flush and exchange them. It is in one of the two before the first command.
  void OwnDatabases(int first) {
    first_database_ = first;
    database_count_ = 2;
    owns_databases_ = true;
  }
  // They no longer are, and the client leaves them to themselves.
  void ShareDatabases() {
    first_database_ = 0;
    database_count_ = kSharedDatabaseCount;
    owns_databases_ = false;
  }
  int first_database() const { return first_database_; }

  // Appends a command, or a whole transaction.
  void Next(std::vector<Args>* calls);
  // Appends a WATCH of a key that soon expires; some time later EndWatch appends the transaction
  // that goes with it, which must not run if the key has expired meanwhile.
  void BeginWatch(std::vector<Args>* calls);
  void EndWatch(std::vector<Args>* calls);
  bool watches() const {
    return (families_ & kTransactionFamily) != 0 && (families_ & kExpiryFamily) != 0;
  }
  // Draws how a round of SCAN goes; then ScanFrom appends one step of it, from a cursor on.
  void BeginScan();
  void ScanFrom(const std::string& cursor, std::vector<Args>* calls);
  bool scans() const { return (families_ & kKeyFamily) != 0; }
  // Appends reads of everything that the keys have, in the current database.
  void Audit(std::vector<Args>* calls);

  static constexpr int kSharedDatabaseCount = 3;
  static constexpr uint64_t kFewKeys = 8;
  static constexpr uint64_t kManyKeys = 400;

 private:
  static constexpr uint64_t kKeysAtOnce = 32;

  Args Single();
  Args StringCommand();
  Args BitmapCommand();
  Args KeyCommand();
  Args ExpiryCommand();
  // collection_commands.cc
  Args ListCommand();
  Args HashCommand();
  Args SetCommand();
  Args SortedSetCommand();
  Args StreamCommand();
  // A key that mostly holds a value of the family: each has one or two of its own.
  std::string KeyOf(CommandFamily family);
  // One of few, so that it is found again.
  std::string Element();
  void AppendElements(Args* args);
  void AuditCollections(const std::string& key, std::vector<Args>* calls) const;
  void Watch(std::vector<Args>* calls);
  void Transaction(std::vector<Args>* calls);
  Args DatabaseCommand();
  void ConnectionCommands(std::vector<Args>* calls);
  // MSET, DEL, UNLINK or MGET of many keys in a row.
  Args ManyKeys(const char* command, uint64_t first, uint64_t count);

  std::string KeyName(uint64_t index) const;
  std::string Key() { return KeyName(decisions_->Below(key_count_)); }
  std::string DatabaseNumber() {
    return Number(first_database_, first_database_ + database_count_ - 1);
  }
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
  uint64_t key_count_ = kFewKeys;
  bool big_values_ = false;
  int first_database_ = 0;
  int database_count_ = kSharedDatabaseCount;
  bool owns_databases_ = false;
  uint64_t stream_id_ = 1;
  std::string scan_database_;
  Args scan_options_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_COMMAND_GENERATOR_H_
