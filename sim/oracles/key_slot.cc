#include "sim/oracles/key_slot.h"

#include <array>

namespace damselfly::sim {
namespace {

constexpr uint16_t kPolynomial = 0x1021;
constexpr int kSlots = 16384;

constexpr std::array<uint16_t, 256> MakeTable() {
  std::array<uint16_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t rest = byte << 8;
    for (int bit = 0; bit < 8; ++bit) {
      rest <<= 1;
      if ((rest & 0x10000) != 0) rest ^= 0x10000 | kPolynomial;
    }
    table[byte] = static_cast<uint16_t>(rest);
  }
  return table;
}

constexpr std::array<uint16_t, 256> kTable = MakeTable();

absl::string_view HashedPart(absl::string_view key) {
  const size_t open = key.find('{');
  if (open == absl::string_view::npos) return key;
  const size_t close = key.find('}', open + 1);
  if (close == absl::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace

uint16_t KeySlot(absl::string_view key) {
  uint16_t crc = 0;
  for (const char c : HashedPart(key)) {
    const auto index = static_cast<uint8_t>(crc >> 8 ^ static_cast<uint8_t>(c));
    crc = static_cast<uint16_t>(crc << 8 ^ kTable[index]);
  }
  return crc % kSlots;
}

// Two bytes have every CRC once, so that four of them share a slot.
std::vector<std::string> KeysOfSlots() {
  std::vector<std::string> keys(kSlots);
  for (int bytes = 0; bytes < 65536; ++bytes) {
    const char key[2] = {static_cast<char>(bytes >> 8), static_cast<char>(bytes & 255)};
    std::string& of_slot = keys[KeySlot(absl::string_view(key, 2))];
    if (of_slot.empty()) of_slot.assign(key, 2);
  }
  return keys;
}

}  // namespace damselfly::sim
