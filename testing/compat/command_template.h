#ifndef DAMSELFLY_TESTING_COMPAT_COMMAND_TEMPLATE_H_
#define DAMSELFLY_TESTING_COMPAT_COMMAND_TEMPLATE_H_

#include "absl/strings/string_view.h"

namespace damselfly {

// How two replies to one command are compared.
enum class Comparison {
  kExact,              // byte for byte
  kUnordered,          // an array whose order is not promised
  kUnorderedPairs,     // the same of pairs: fields with values, members with scores
  kAboutNow,           // integers that depend on when the command ran: equal within five seconds
  kAnyOrderScan,       // SCAN from cursor 0 with a COUNT that covers everything: the cursor 0, and
                       // the elements in any order
  kAnyOrderPairsScan,  // the same of HSCAN and ZSCAN
  kChosen,             // a random choice from what the command before it replied with: as many, all
                       // from there, and no two alike unless a negative count asks for that
  kChosenPairs,        // the same of fields with values, members with scores
  kDistances,          // members with their distances: the distances are the same
  kShape,              // both an error, both null, or both a value
  kTimes,     // numbers after the words "idle" and "inactive", times of day in milliseconds,
              // and the idle time of XPENDING's entries are equal within five seconds
  kCollated,  // texts in their order, of which those that are equal up to a zero byte may stand in
              // any
  kDump,      // DUMP: equal once they are decompressed and unordered tables are sorted
};

// One shape of command that the differential test plays. Words separated by spaces; a word that
// begins with '$' is drawn from a pool (CommandGenerator::Draw), "$many..." stands for several
// arguments, "a|b" is one of both, "[x y]" is there in a third of the cases, and "{x y}" one to
// four times.
struct CommandTemplate {
  absl::string_view text;
  Comparison comparison = Comparison::kExact;
  int weight = 4;  // 0: a tenth as often as 1
  // May be spoilt. Not what would then block for long.
  bool may_be_spoilt = true;
  // Played before it, for kChosen: reads all of its first key.
  absl::string_view read_all = {};
  // Leaves its first key different on both servers: the key is deleted next.
  bool diverges = false;
};

// Commands that belong together. A run may be confined to some families.
struct CommandFamily {
  absl::string_view name;
  const CommandTemplate* templates;
  int count;
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_COMMAND_TEMPLATE_H_
