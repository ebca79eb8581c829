// List commands: https://redis.io/docs/latest/commands/?group=list

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "sim/model/keyspace_model.h"

namespace damselfly::sim {
namespace {

int64_t Number(const std::string& text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// The place that an index stands for in a list of `size`: -1 is the last.
int64_t Place(int64_t index, size_t size) {
  return index < 0 ? index + static_cast<int64_t>(size) : index;
}

// The places from one index to another, both included, as [*first, *end).
void Range(const Args& args, size_t size, size_t* first, size_t* end) {
  const int64_t begin = std::max<int64_t>(Place(Number(args[2]), size), 0);
  const int64_t last = std::min(Place(Number(args[3]), size), static_cast<int64_t>(size) - 1);
  *first = static_cast<size_t>(std::min(begin, static_cast<int64_t>(size)));
  *end = last < begin ? *first : static_cast<size_t>(last) + 1;
}

bool IsLeft(const std::string& command) { return command[0] == 'L' || command[1] == 'L'; }

}  // namespace

// LPUSH, RPUSH key element...
Expected KeyspaceModel::Push(const Args& args) {
  Value& value = Open(args[1], Kind::kList);
  for (size_t i = 2; i < args.size(); ++i) {
    if (args[0][0] == 'L') {
      value.elements.push_front(args[i]);
    } else {
      value.elements.push_back(args[i]);
    }
  }
  Close(args[1]);
  return Expected::Integer(static_cast<int64_t>(value.elements.size()));
}

Expected KeyspaceModel::PushX(const Args& args) {
  return Find(args[1]) == nullptr ? Expected::Integer(0) : Push(args);
}

// LPOP, RPOP key [count]
Expected KeyspaceModel::Pop(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Null();
  const size_t count = args.size() > 2 ? static_cast<size_t>(Number(args[2])) : 1;
  std::vector<std::string> popped;
  while (popped.size() < count && !value->elements.empty()) {
    if (args[0][0] == 'L') {
      popped.push_back(value->elements.front());
      value->elements.pop_front();
    } else {
      popped.push_back(value->elements.back());
      value->elements.pop_back();
    }
  }
  if (!popped.empty()) Close(args[1]);
  return args.size() > 2 ? Expected::Bulks(popped) : Expected::Bulk(popped[0]);
}

// BLPOP, BRPOP key timeout: nobody else pushes onto these keys, so who finds nothing waits in vain.
Expected KeyspaceModel::BlockingPop(const Args& args) {
  if (Find(args[1]) == nullptr) return Expected::Null();
  const Expected popped = Pop({IsLeft(args[0]) ? "LPOP" : "RPOP", args[1]});
  return Expected::Array({Expected::Bulk(args[1]), popped});
}

Expected KeyspaceModel::LLen(const Args& args) {
  const Value* const value = Find(args[1]);
  return Expected::Integer(value == nullptr ? 0 : static_cast<int64_t>(value->elements.size()));
}

Expected KeyspaceModel::LIndex(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Null();
  const int64_t place = Place(Number(args[2]), value->elements.size());
  if (place < 0 || place >= static_cast<int64_t>(value->elements.size())) return Expected::Null();
  return Expected::Bulk(value->elements[static_cast<size_t>(place)]);
}

Expected KeyspaceModel::LSet(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Error("ERR no such key");
  const int64_t place = Place(Number(args[2]), value->elements.size());
  if (place < 0 || place >= static_cast<int64_t>(value->elements.size()))
    return Expected::Error("ERR index out of range");
  value->elements[static_cast<size_t>(place)] = args[3];
  Close(args[1]);
  return Expected::Ok();
}

// LINSERT key BEFORE | AFTER pivot element
Expected KeyspaceModel::LInsert(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  auto pivot = std::find(value->elements.begin(), value->elements.end(), args[3]);
  if (pivot == value->elements.end()) return Expected::Integer(-1);
  value->elements.insert(args[2] == "AFTER" ? pivot + 1 : pivot, args[4]);
  Close(args[1]);
  return Expected::Integer(static_cast<int64_t>(value->elements.size()));
}

Expected KeyspaceModel::LRange(const Args& args) {
  const Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Array({});
  size_t first, end;
  Range(args, value->elements.size(), &first, &end);
  return Expected::Bulks({value->elements.begin() + static_cast<std::ptrdiff_t>(first),
                          value->elements.begin() + static_cast<std::ptrdiff_t>(end)});
}

// LREM key count element: negative counts from the tail, 0 is all.
Expected KeyspaceModel::LRem(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Integer(0);
  const int64_t count = Number(args[2]);
  const auto limit = count == 0 ? value->elements.size() : static_cast<size_t>(std::abs(count));
  std::deque<std::string>& elements = value->elements;
  if (count < 0) std::reverse(elements.begin(), elements.end());
  size_t removed = 0;
  for (auto at = elements.begin(); at != elements.end() && removed < limit;) {
    if (*at == args[3]) {
      at = elements.erase(at);
      ++removed;
    } else {
      ++at;
    }
  }
  if (count < 0) std::reverse(elements.begin(), elements.end());
  if (removed > 0) Close(args[1]);
  return Expected::Integer(static_cast<int64_t>(removed));
}

// Redis counts a trim that takes nothing away as a change, too.
Expected KeyspaceModel::LTrim(const Args& args) {
  Value* const value = Find(args[1]);
  if (value == nullptr) return Expected::Ok();
  size_t first, end;
  Range(args, value->elements.size(), &first, &end);
  value->elements = {value->elements.begin() + static_cast<std::ptrdiff_t>(first),
                     value->elements.begin() + static_cast<std::ptrdiff_t>(end)};
  Close(args[1]);
  return Expected::Ok();
}

// LMOVE source destination LEFT | RIGHT LEFT | RIGHT
Expected KeyspaceModel::LMove(const Args& args) {
  if (Find(args[1]) == nullptr) return Expected::Null();
  if (IsOther(args[2], Kind::kList)) return WrongType();
  const std::string element =
      args[3] == "LEFT" ? Find(args[1])->elements.front() : Find(args[1])->elements.back();
  // In this order a list of one element that is moved onto itself is never empty: it stays, and its
  // deadline with it.
  Push({args[4] == "LEFT" ? "LPUSH" : "RPUSH", args[2], element});
  Pop({args[3] == "LEFT" ? "LPOP" : "RPOP", args[1]});
  return Expected::Bulk(element);
}

}  // namespace damselfly::sim
