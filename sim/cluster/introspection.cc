#include "sim/cluster/introspection.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace damselfly::sim {
namespace {

absl::Status Nonsense(absl::string_view what) { return absl::InvalidArgumentError(what); }

// The text of a reply, in either version of RESP; false if it is none.
bool TextOf(const Reply& reply, absl::string_view* text) {
  *text = reply.text;
  if (reply.type == Reply::Type::kVerbatim) return absl::ConsumePrefix(text, "txt:");
  return reply.type == Reply::Type::kBulk;
}

// Puts ranges in order, joins neighbours, and sees to it that they cover everything once.
absl::StatusOr<std::vector<SlotRange>> Join(std::vector<SlotRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const SlotRange& a, const SlotRange& b) { return a.first < b.first; });
  std::vector<SlotRange> joined;
  int next = 0;
  for (const SlotRange& range : ranges) {
    if (range.first != next || range.last < range.first)
      return Nonsense(absl::StrCat("the slots from ", next, " on are not owned exactly once"));
    next = range.last + 1;
    if (!joined.empty() && joined.back().node == range.node) {
      joined.back().last = range.last;
    } else {
      joined.push_back(range);
    }
  }
  if (next != kSlotCount)
    return Nonsense(absl::StrCat("the slots from ", next, " on are not owned exactly once"));
  return joined;
}

// "10.0.0.1:6379".
bool ParseAddress(absl::string_view address, absl::string_view* ip, int* port) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return false;
  *ip = address.substr(0, colon);
  return absl::SimpleAtoi(address.substr(colon + 1), port);
}

// Of a flat list of names and values; null if the name is not there.
const Reply* FindField(const Reply& list, absl::string_view name) {
  for (size_t i = 0; i + 1 < list.elements.size(); i += 2) {
    if (list.elements[i].text == name) return &list.elements[i + 1];
  }
  return nullptr;
}

absl::StatusOr<int> ParseShardMaster(const Reply& shard, const NodeIndex& nodes) {
  const Reply* const members = FindField(shard, "nodes");
  if (members == nullptr || members->elements.empty()) return Nonsense("a shard without nodes");
  const Reply& master = members->elements[0];
  const Reply* const id = FindField(master, "id");
  const Reply* const ip = FindField(master, "ip");
  const Reply* const port = FindField(master, "port");
  const Reply* const role = FindField(master, "role");
  if (id == nullptr || ip == nullptr || port == nullptr || role == nullptr ||
      role->text != "master")
    return Nonsense(absl::StrCat("a shard with a strange master ", DebugString(master)));
  const int node = nodes.Find(id->text, ip->text, port->integer);
  if (node < 0) return Nonsense(absl::StrCat("an unknown master ", DebugString(master)));
  return node;
}

// "5-10" or "7".
bool ParseRange(absl::string_view text, SlotRange* range) {
  const size_t dash = text.find('-');
  if (dash == absl::string_view::npos) {
    if (!absl::SimpleAtoi(text, &range->first)) return false;
    range->last = range->first;
    return true;
  }
  const absl::string_view last = text.substr(dash + 1);
  return !absl::StrContains(last, '-') && absl::SimpleAtoi(text.substr(0, dash), &range->first) &&
         absl::SimpleAtoi(last, &range->last);
}

// What blanks and carriage returns part.
void WordsOf(absl::string_view line, std::vector<absl::string_view>* words) {
  words->clear();
  size_t begin = 0;
  for (size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] != ' ' && line[i] != '\r') continue;
    if (i > begin) words->push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
}

}  // namespace

NodeIndex::NodeIndex(absl::Span<const NodeAddress> nodes) : nodes_(nodes) {
  for (size_t i = 0; i < nodes.size(); ++i) by_id_.emplace(nodes[i].id, static_cast<int>(i));
}

int NodeIndex::Find(absl::string_view id, absl::string_view ip, int64_t port) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return -1;
  const NodeAddress& node = nodes_[static_cast<size_t>(found->second)];
  return node.ip == ip && node.port == port ? found->second : -1;
}

int NodeAt(absl::Span<const NodeAddress> nodes, absl::string_view address) {
  absl::string_view ip;
  int port;
  if (!ParseAddress(address, &ip, &port)) return -1;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].port == port && nodes[i].ip == ip) return static_cast<int>(i);
  }
  return -1;
}

absl::StatusOr<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply,
                                                         const NodeIndex& nodes) {
  if (reply.type != Reply::Type::kArray) return Nonsense(DebugString(reply));
  std::vector<SlotRange> ranges;
  for (const Reply& entry : reply.elements) {
    if (entry.elements.size() < 3 || entry.elements[2].elements.size() < 3)
      return Nonsense(absl::StrCat("a strange entry ", DebugString(entry)));
    const std::vector<Reply>& master = entry.elements[2].elements;
    const int node = nodes.Find(master[2].text, master[0].text, master[1].integer);
    if (node < 0) return Nonsense(absl::StrCat("an unknown master ", DebugString(entry)));
    ranges.push_back({static_cast<int>(entry.elements[0].integer),
                      static_cast<int>(entry.elements[1].integer), node});
  }
  return Join(std::move(ranges));
}

absl::StatusOr<std::vector<SlotRange>> ParseClusterShards(const Reply& reply,
                                                          const NodeIndex& nodes) {
  if (reply.type != Reply::Type::kArray) return Nonsense(DebugString(reply));
  std::vector<SlotRange> ranges;
  for (const Reply& shard : reply.elements) {
    const Reply* const slots = FindField(shard, "slots");
    if (slots == nullptr || slots->elements.size() % 2 != 0)
      return Nonsense(absl::StrCat("a strange shard ", DebugString(shard)));
    const absl::StatusOr<int> node = ParseShardMaster(shard, nodes);
    if (!node.ok()) return node.status();
    for (size_t i = 0; i < slots->elements.size(); i += 2) {
      ranges.push_back({static_cast<int>(slots->elements[i].integer),
                        static_cast<int>(slots->elements[i + 1].integer), *node});
    }
  }
  return Join(std::move(ranges));
}

absl::StatusOr<std::vector<SlotRange>> ParseClusterNodes(const Reply& reply,
                                                         const NodeIndex& nodes) {
  absl::string_view text;
  if (!TextOf(reply, &text)) return Nonsense(DebugString(reply));
  std::vector<SlotRange> ranges;
  std::vector<absl::string_view> words;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    WordsOf(line, &words);
    if (words.size() < 8) return Nonsense(absl::StrCat("a strange line \"", line, "\""));
    absl::string_view ip;
    int port;
    const int node = ParseAddress(words[1].substr(0, words[1].find('@')), &ip, &port)
                         ? nodes.Find(words[0], ip, port)
                         : -1;
    if (node < 0 || !absl::StrContains(words[2], "master"))
      return Nonsense(absl::StrCat("an unknown master \"", line, "\""));
    for (size_t i = 8; i < words.size(); ++i) {
      SlotRange range;
      range.node = node;
      if (!ParseRange(words[i], &range))
        return Nonsense(absl::StrCat("a strange range \"", words[i], "\""));
      ranges.push_back(range);
    }
  }
  return Join(std::move(ranges));
}

absl::StatusOr<int64_t> ParseClusterInfo(const Reply& reply, absl::string_view name) {
  absl::string_view text;
  if (!TextOf(reply, &text)) return Nonsense(DebugString(reply));
  for (absl::string_view line : absl::StrSplit(text, absl::ByAnyChar("\r\n"))) {
    int64_t value;
    if (absl::ConsumePrefix(&line, name) && absl::ConsumePrefix(&line, ":") &&
        absl::SimpleAtoi(line, &value))
      return value;
  }
  return Nonsense(absl::StrCat("CLUSTER INFO has no number ", name));
}

}  // namespace damselfly::sim
