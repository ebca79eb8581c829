#include "sim/oracles/cache_oracle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace damselfly::sim {

// ---- CacheOracle ----

void CacheOracle::OnWrite(const std::string& key, const Moment& moment) {
  writes_[key].push_back({moment.begin_ns, moment.end_ns});
}

void CacheOracle::OnFlush(const Moment& moment) {
  flushes_.push_back({moment.begin_ns, moment.end_ns});
}

void CacheOracle::OnKept(absl::string_view client, const std::string& key, int64_t read_end_ns,
                         int64_t begin_ns) {
  // Nothing fits in between.
  if (begin_ns <= read_end_ns) return;
  kept_.push_back({std::string(client), key, read_end_ns, begin_ns});
}

void CacheOracle::Check(OracleBoard* board) const {
  // Of each key's writes by their beginnings: the first end of those that begin then or later.
  std::map<std::string, std::vector<Write>> sorted;
  for (const Kept& kept : kept_) {
    const auto [entry, is_new] = sorted.try_emplace(kept.key, flushes_);
    std::vector<Write>& writes = entry->second;
    if (is_new) {
      const auto found = writes_.find(kept.key);
      if (found != writes_.end())
        writes.insert(writes.end(), found->second.begin(), found->second.end());
      std::sort(writes.begin(), writes.end(),
                [](const Write& a, const Write& b) { return a.begin_ns < b.begin_ns; });
      for (size_t i = writes.size(); i-- > 1;)
        writes[i - 1].end_ns = std::min(writes[i - 1].end_ns, writes[i].end_ns);
    }
    board->CountCheck(Oracle::kInvalidation);
    const auto next = std::upper_bound(
        writes.begin(), writes.end(), kept.read_end_ns,
        [](int64_t read_end_ns, const Write& write) { return read_end_ns < write.begin_ns; });
    if (next == writes.end() || next->end_ns >= kept.begin_ns) continue;
    board->Violate(
        Oracle::kInvalidation,
        absl::StrCat(kept.client, " keeps ", kept.key, " as it was at ", kept.read_end_ns,
                     " ns: by ", next->end_ns, " ns it had changed, and the reply to a request of ",
                     kept.begin_ns, " ns came with no invalidation before it"));
    return;
  }
}

// ---- ClientCache ----

ClientCache::ClientCache(std::string client, CacheOracle* oracle, OracleBoard* board)
    : client_(std::move(client)), oracle_(oracle), board_(board) {}

void ClientCache::Begin(CacheWays ways) {
  End();
  tracks_ = true;
  ways_ = std::move(ways);
}

void ClientCache::End() {
  OnAllInvalidated();
  tracks_ = false;
}

bool ClientCache::IsToldOf(const std::string& key) const {
  if (!ways_.broadcast || ways_.prefixes.empty()) return true;
  for (const std::string& prefix : ways_.prefixes) {
    if (absl::StartsWith(key, prefix)) return true;
  }
  return false;
}

void ClientCache::Violate(const std::string& key, const Entry& entry,
                          absl::string_view what) const {
  board_->Violate(Oracle::kInvalidation,
                  absl::StrCat(client_, " keeps ", key, " = \"", entry.value, "\", ", what));
}

void ClientCache::Close(const std::string& key, const Entry& entry) {
  if (!ways_.broadcast) oracle_->OnKept(client_, key, entry.read_end_ns, last_begin_ns_);
}

void ClientCache::Erase(Entries::iterator entry) {
  Close(entry->first, entry->second);
  due_.erase(entry->first);
  entries_.erase(entry);
}

void ClientCache::OnReply(const Moment& moment) {
  last_begin_ns_ = moment.begin_ns;
  for (const std::string& key : due_) {
    Violate(key, entries_.at(key), "of which it should have been told before this reply");
    return;
  }
}

void ClientCache::OnRead(const std::string& key, const std::string& value, bool tracked,
                         const Moment& moment) {
  if (!tracks_) return;
  board_->CountCheck(Oracle::kInvalidation);
  const auto found = entries_.find(key);
  if (found != entries_.end() && !ways_.broadcast && found->second.value != value) {
    if (!value.empty()) {
      Violate(key, found->second, absl::StrCat("reads \"", value, "\", and was told nothing"));
      return;
    }
    if (ways_.no_loop) {
      Erase(found);
    } else {
      due_.insert(key);
    }
  }
  if ((tracked || ways_.broadcast) && IsToldOf(key)) Keep(key, value, moment);
}

void ClientCache::Keep(const std::string& key, const std::string& value, const Moment& moment) {
  Entry& entry = entries_[key];
  if (entry.read_end_ns != 0) Close(key, entry);
  entry = {value, moment.end_ns};
}

void ClientCache::OnOwnWrite(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  if (ways_.no_loop) {
    Erase(found);
  } else if (!ways_.broadcast) {
    due_.insert(key);
  }
}

void ClientCache::OnOwnFlush() {
  if (ways_.no_loop) return OnAllInvalidated();
  if (ways_.broadcast) return;
  for (const auto& [key, entry] : entries_) due_.insert(key);
}

void ClientCache::OnInvalidated(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) Erase(found);
}

void ClientCache::OnAllInvalidated() {
  while (!entries_.empty()) Erase(entries_.begin());
}

void ClientCache::CheckAtRest(const std::string& key, const std::string& value) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  board_->CountCheck(Oracle::kInvalidation);
  if (found->second.value != value)
    Violate(key, found->second, absl::StrCat("although it is \"", value, "\" and all is at rest"));
}

std::vector<std::string> ClientCache::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  return keys;
}

}  // namespace damselfly::sim
