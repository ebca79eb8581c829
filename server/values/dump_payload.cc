#include "server/values/dump_payload.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "server/values/crc64.h"
#include "server/values/rdb_types.h"

namespace damselfly {
namespace {

using Version = uint16_t;
using CheckSum = uint64_t;
constexpr size_t kFooterBytes = sizeof(Version) + sizeof(CheckSum);

template <typename Word>
void Append(Word word, std::string* out) {
  out->append(reinterpret_cast<const char*>(&word), sizeof(word));
}

template <typename Word>
Word Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

}  // namespace

void AppendDumpFooter(std::string* bytes) {
  Append(Version{kRdbVersion}, bytes);
  Append(CheckSum{Crc64(0, *bytes)}, bytes);
}

bool OpenDumpPayload(absl::string_view payload, absl::string_view* value) {
  if (payload.size() < kFooterBytes) return false;
  *value = payload.substr(0, payload.size() - kFooterBytes);
  const char* const footer = value->data() + value->size();
  if (Load<Version>(footer) > kRdbVersion) return false;
  const absl::string_view summed = payload.substr(0, payload.size() - sizeof(CheckSum));
  return Load<CheckSum>(footer + sizeof(Version)) == Crc64(0, summed);
}

}  // namespace damselfly
