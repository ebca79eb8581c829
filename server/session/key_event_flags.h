#ifndef DAMSELFLY_SERVER_SESSION_KEY_EVENT_FLAGS_H_
#define DAMSELFLY_SERVER_SESSION_KEY_EVENT_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/store/key_event.h"

namespace damselfly {

// What notify-keyspace-events chooses: the bits of KeyEventClass, and two for the channels that
// events are published on.
inline constexpr uint32_t kKeyspaceChannels = 1u << 30;  // K: __keyspace@<database>__:<key>
inline constexpr uint32_t kKeyeventChannels = 1u << 31;  // E: __keyevent@<database>__:<event>

// Reads letters in any order, also more than once; "A" stands for all classes but m and n. False:
// there is another letter.
bool ParseKeyEventFlags(absl::string_view letters, uint32_t* flags);

// The letters as CONFIG GET shows them.
std::string KeyEventLetters(uint32_t flags);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_KEY_EVENT_FLAGS_H_
