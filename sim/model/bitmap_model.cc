// Bitmap commands: https://redis.io/docs/latest/commands/?group=bitmap

#include <algorithm>
#include <bitset>
#include <string>

#include "absl/strings/numbers.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

size_t Offset(const std::string& text) {
  size_t offset = 0;
  const bool parsed = absl::SimpleAtoi(text, &offset);
  return parsed ? offset : 0;
}

bool BitAt(const std::string& data, size_t offset) {
  return offset / 8 < data.size() &&
         (static_cast<unsigned char>(data[offset / 8]) >> (7 - offset % 8) & 1) != 0;
}

}  // namespace

Expected KeyspaceModel::SetBit(const Args& args) {
  const size_t offset = Offset(args[2]);
  Value* value = Find(args[1]);
  if (value == nullptr) value = &Assign(args[1], "");
  const bool old = BitAt(value->data, offset);
  const bool grows = value->data.size() <= offset / 8;
  if (grows) value->data.resize(offset / 8 + 1, '\0');
  const unsigned char mask = static_cast<unsigned char>(1 << (7 - offset % 8));
  unsigned char byte = static_cast<unsigned char>(value->data[offset / 8]);
  byte = static_cast<unsigned char>(args[3] == "1" ? byte | mask : byte & ~mask);
  value->data[offset / 8] = static_cast<char>(byte);
  // Setting a bit to what it is changes nothing, for who watches too (as redis-server 7.0.15 does).
  if (grows || old != (args[3] == "1")) Touch(Name(args[1]));
  return Expected::Integer(old);
}

Expected KeyspaceModel::GetBit(const Args& args) {
  const Value* value = Find(args[1]);
  return Expected::Integer(value != nullptr && BitAt(value->data, Offset(args[2])));
}

Expected KeyspaceModel::BitCount(const Args& args) {
  const Value* value = Find(args[1]);
  int64_t count = 0;
  if (value != nullptr) {
    for (char byte : value->data)
      count += static_cast<int64_t>(std::bitset<8>(static_cast<unsigned char>(byte)).count());
  }
  return Expected::Integer(count);
}

// BITOP AND|OR|XOR|NOT destination key [key ...]
Expected KeyspaceModel::BitOp(const Args& args) {
  std::vector<std::string> sources;
  size_t size = 0;
  for (size_t i = 3; i < args.size(); ++i) {
    if (IsOther(args[i], Kind::kString)) return WrongType();
    const Value* value = Find(args[i]);
    sources.push_back(value == nullptr ? "" : value->data);
    size = std::max(size, sources.back().size());
  }
  if (size == 0) {
    Erase(args[2]);
    return Expected::Integer(0);
  }
  for (std::string& source : sources) source.resize(size, '\0');
  std::string result = sources[0];
  for (size_t at = 0; at < size; ++at) {
    unsigned char byte = static_cast<unsigned char>(result[at]);
    if (args[1] == "NOT") byte = static_cast<unsigned char>(~byte);
    for (size_t i = 1; i < sources.size(); ++i) {
      const unsigned char other = static_cast<unsigned char>(sources[i][at]);
      byte = args[1] == "AND" ? byte & other : args[1] == "OR" ? byte | other : byte ^ other;
    }
    result[at] = static_cast<char>(byte);
  }
  Assign(args[2], result);
  return Expected::Integer(static_cast<int64_t>(size));
}

}  // namespace damselfly::sim
