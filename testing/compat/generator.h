#ifndef DAMSELFLY_TESTING_COMPAT_GENERATOR_H_
#define DAMSELFLY_TESTING_COMPAT_GENERATOR_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/runtime/random.h"
#include "testing/compat/templates.h"

namespace damselfly {

struct GeneratedCommand {
  std::vector<std::string> args;
  Comparison comparison = Comparison::kExact;
};

// Draws random commands from kTemplates: mostly well-formed over a small set of keys, with
// arguments at the edges of their ranges, and now and then spoilt (an argument missing, doubled, or
// replaced by nonsense). The same seed gives the same commands.
//
// DBSIZE comes with a SCAN before it: redis-server counts keys whose deadline has passed until it
// meets them, at moments of its own choice, and SCAN makes it meet them all.
//
// Deadlines are drawn far in the future or in the past, so that a few milliseconds between two
// servers make no difference.
class CommandGenerator {
 public:
  explicit CommandGenerator(uint64_t seed);
  GeneratedCommand Next();

 private:
  // Expands template text into args, and the rest of a "[...]" or "{...}" group behind it.
  void Expand(absl::string_view text, std::vector<std::string>* args);
  std::string Draw(absl::string_view pool);
  std::string DrawValue();
  std::string DrawInteger();
  void Spoil(std::vector<std::string>* args);
  void KeepDeadlinesFarAway(std::vector<std::string>* args);

  Random random_;
  std::deque<GeneratedCommand> pending_;  // to be returned before anything new is drawn
  std::vector<int> weighted_;             // indices into kTemplates, each as often as its weight
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_GENERATOR_H_
