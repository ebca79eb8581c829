#include "server/values/hyperloglog_sparse.h"

namespace damselfly {
namespace {

constexpr uint32_t kShortZerosMax = 64;
constexpr uint32_t kValuesMax = 4;
// How many runs are looked at for equal neighbours after a change.
constexpr int kRunsToJoin = 5;

bool IsValueRun(char byte) { return (static_cast<uint8_t>(byte) & 0x80) != 0; }

HllRun ValueRun(char byte) {
  const auto bits = static_cast<uint8_t>(byte);
  return {.value = static_cast<uint8_t>((bits >> 2 & 0x1f) + 1), .length = (bits & 3u) + 1};
}

char ValueByte(uint8_t value, uint32_t length) {
  return static_cast<char>(0x80 | (value - 1) << 2 | (length - 1));
}

// Joins neighbours of the same value into one run, where they fit one, from `at` on.
void JoinRuns(std::string* state, size_t at) {
  for (int scanned = 0; scanned < kRunsToJoin && at < state->size(); ++scanned) {
    const char byte = (*state)[at];
    if (!IsValueRun(byte)) {
      at += (byte & 0x40) != 0 ? 2 : 1;
      continue;
    }
    if (at + 1 < state->size() && IsValueRun((*state)[at + 1])) {
      const HllRun one = ValueRun(byte);
      const HllRun other = ValueRun((*state)[at + 1]);
      if (one.value == other.value && one.length + other.length <= kValuesMax) {
        (*state)[at + 1] = ValueByte(one.value, one.length + other.length);
        state->erase(at, 1);
        continue;
      }
    }
    ++at;
  }
}

}  // namespace

bool ReadHllRun(absl::string_view runs, size_t at, HllRun* run) {
  const auto byte = static_cast<uint8_t>(runs[at]);
  if ((byte & 0x80) != 0) {
    *run = ValueRun(runs[at]);
  } else if ((byte & 0x40) == 0) {
    *run = {.length = byte + 1u};
  } else {
    if (at + 1 >= runs.size()) return false;
    const auto low = static_cast<uint8_t>(runs[at + 1]);
    *run = {.length = ((byte & 0x3fu) << 8 | low) + 1, .bytes = 2};
  }
  return true;
}

void AppendHllRun(uint8_t value, uint32_t length, std::string* out) {
  if (value > 0) {
    out->push_back(ValueByte(value, length));
  } else if (length <= kShortZerosMax) {
    out->push_back(static_cast<char>(length - 1));
  } else {
    out->push_back(static_cast<char>(0x40 | (length - 1) >> 8));
    out->push_back(static_cast<char>((length - 1) & 0xff));
  }
}

bool FindHllRun(absl::string_view runs, uint32_t index, HllRunPlace* place) {
  *place = {};
  while (place->at < runs.size()) {
    if (!ReadHllRun(runs, place->at, &place->run)) return false;
    if (index < place->first + place->run.length) return true;
    place->before = place->at;
    place->first += place->run.length;
    place->at += place->run.bytes;
  }
  return false;
}

bool SetSparseHllRegister(std::string* state, size_t offset, const HllRunPlace& place,
                          uint32_t index, uint8_t value, size_t bytes_max) {
  const HllRun& run = place.run;
  std::string replacement;
  if (index > place.first) AppendHllRun(run.value, index - place.first, &replacement);
  AppendHllRun(value, 1, &replacement);
  const uint32_t behind = place.first + run.length - 1 - index;
  if (behind > 0) AppendHllRun(run.value, behind, &replacement);

  if (replacement.size() > run.bytes &&
      state->size() + replacement.size() - run.bytes > bytes_max) {
    return false;
  }
  state->replace(offset + place.at, run.bytes, replacement);
  JoinRuns(state, offset + place.before);
  return true;
}

}  // namespace damselfly
