#ifndef DAMSELFLY_SERVER_REPLICATION_FAULTY_JOURNAL_H_
#define DAMSELFLY_SERVER_REPLICATION_FAULTY_JOURNAL_H_

#include <vector>

#include "server/replication/journal.h"
#include "server/runtime/mutant.h"
#include "server/runtime/runtime.h"

namespace damselfly {

// A journal that gets one kind of change wrong: what the simulator's oracles must find. It stands
// in the journal's place, so that nothing that is in a hurry ever asks for a mutant. No real node
// makes one.
class FaultyJournal final : public Journal {
 public:
  // Whether the runtime has a mutant that is about what the journal writes, and which.
  static bool FindMutant(const Runtime& runtime, ServerMutant* mutant);
  FaultyJournal(const Options& options, const Clock* clock, ServerMutant mutant);

  void OnChange(int worker, const Change& change) override;
  void BeginGroup(int worker) override;
  void EndGroup(int worker) override;

 private:
  bool Loses(int worker, const Change& change) const;

  const ServerMutant mutant_;
  std::vector<char> open_;  // by worker: within a group
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_FAULTY_JOURNAL_H_
