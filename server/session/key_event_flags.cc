#include "server/session/key_event_flags.h"

namespace damselfly {
namespace {

struct Letter {
  char letter;
  uint32_t flag;
};

constexpr uint32_t Bit(KeyEventClass event_class) { return static_cast<uint32_t>(event_class); }

// In the order in which CONFIG GET shows them.
constexpr Letter kClasses[] = {
    {'g', Bit(KeyEventClass::kGeneric)}, {'$', Bit(KeyEventClass::kString)},
    {'l', Bit(KeyEventClass::kList)},    {'s', Bit(KeyEventClass::kSet)},
    {'h', Bit(KeyEventClass::kHash)},    {'z', Bit(KeyEventClass::kSortedSet)},
    {'x', Bit(KeyEventClass::kExpired)}, {'e', Bit(KeyEventClass::kEvicted)},
    {'t', Bit(KeyEventClass::kStream)},  {'d', Bit(KeyEventClass::kModule)},
    {'n', Bit(KeyEventClass::kNew)},
};
constexpr Letter kOthers[] = {
    {'K', kKeyspaceChannels},
    {'E', kKeyeventChannels},
    {'m', Bit(KeyEventClass::kKeyMiss)},
};

constexpr uint32_t AllClasses() {
  uint32_t all = 0;
  for (const Letter& each : kClasses) {
    if (each.letter != 'n') all |= each.flag;
  }
  return all;
}

uint32_t FlagOf(char letter) {
  if (letter == 'A') return AllClasses();
  for (const Letter& each : kClasses) {
    if (each.letter == letter) return each.flag;
  }
  for (const Letter& each : kOthers) {
    if (each.letter == letter) return each.flag;
  }
  return 0;
}

}  // namespace

bool ParseKeyEventFlags(absl::string_view letters, uint32_t* flags) {
  *flags = 0;
  for (const char letter : letters) {
    const uint32_t flag = FlagOf(letter);
    if (flag == 0) return false;
    *flags |= flag;
  }
  return true;
}

// Where all classes are chosen, that "n" is too is not to be seen, as in Redis 7.0.
std::string KeyEventLetters(uint32_t flags) {
  std::string letters;
  if ((flags & AllClasses()) == AllClasses()) {
    letters += 'A';
  } else {
    for (const Letter& each : kClasses) {
      if (flags & each.flag) letters += each.letter;
    }
  }
  for (const Letter& each : kOthers) {
    if (flags & each.flag) letters += each.letter;
  }
  return letters;
}

}  // namespace damselfly
