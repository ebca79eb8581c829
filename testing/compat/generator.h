#ifndef DAMSELFLY_TESTING_COMPAT_GENERATOR_H_
#define DAMSELFLY_TESTING_COMPAT_GENERATOR_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/runtime/random.h"
#include "testing/compat/command_template.h"

namespace damselfly {

struct GeneratedCommand {
  std::vector<std::string> args;
  Comparison comparison = Comparison::kExact;
};

// Draws random commands from the templates: mostly well-formed over a small set of keys, with
// arguments at the edges of their ranges, and now and then spoilt (an argument missing, doubled, or
// replaced by nonsense). The same seed gives the same commands.
//
// Half of the seeds play all families, the others two of them and those on keys and sessions, so
// that values become big.
//
// DBSIZE comes with a SCAN before it: redis-server counts keys whose deadline has passed until it
// meets them, at moments of its own choice, and SCAN makes it meet them all.
//
// Deadlines are drawn far in the future or in the past, so that a few milliseconds between two
// servers make no difference.
class CommandGenerator {
 public:
  // Without `families`, from all.
  explicit CommandGenerator(uint64_t seed, const std::vector<std::string>& families = {});
  GeneratedCommand Next();
  // The next command belongs to the one before: a history must not end here.
  bool must_go_on() const { return !pending_.empty(); }

 private:
  void ChooseTemplates(const std::vector<std::string>& families);
  // Adds a command of that shape to pending_, with what has to come before and after it.
  void AddFromTemplate(const CommandTemplate& chosen);
  // Expands template text into args, and the rest of a "[...]" or "{...}" group behind it.
  void Expand(absl::string_view text, std::vector<std::string>* args);
  void ExpandWord(absl::string_view word, std::vector<std::string>* args);
  void ExpandMany(absl::string_view pool, std::vector<std::string>* args);
  std::string Draw(absl::string_view pool);
  // Empty for a pool that is no pool of keys.
  std::string DrawKey(absl::string_view pool);
  std::string DrawAnyKey();
  std::string DrawValue();
  std::string DrawInteger();
  std::string DrawMember();
  std::string DrawStreamId(absl::string_view pool);
  void Spoil(std::vector<std::string>* args);
  void KeepDeadlinesFarAway(std::vector<std::string>* args);

  Random random_;
  std::deque<GeneratedCommand> pending_;          // to be returned before anything new is drawn
  std::vector<const CommandTemplate*> weighted_;  // each as often as its weight
  uint64_t stream_ms_ = 1;                        // of the ids that are added
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_GENERATOR_H_
