// The rules of QueueOracle, once it is known who has taken what.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/oracles/queue_oracle.h"

namespace damselfly::sim {

void QueueOracle::CheckOrder(const Key& key, const PopRecord& record) {
  board_->CountCheck(Oracle::kBlockingPops);
  if (record.values.size() > record.pop.count_max || record.values.empty())
    Violate(absl::StrCat(TextOf(record), ": another number than was asked for"));
  for (size_t i = 1; i < record.tokens.size(); ++i) {
    if (IsAhead(key, key.tokens[record.tokens[i]], key.tokens[record.tokens[i - 1]]))
      Violate(absl::StrCat(TextOf(record), ": in another order than they were in"));
  }
  // What nobody knows of may have been ahead of everything.
  if (record.tokens.size() != record.values.size()) return;
  for (const Token& other : key.tokens) {
    const bool taken = std::any_of(record.tokens.begin(), record.tokens.end(),
                                   [&](size_t number) { return &key.tokens[number] == &other; });
    if (taken || other.there.end_ns <= record.done.end_ns) continue;
    if (record.values.size() < record.pop.count_max && IsThere(other, record.done))
      return Violate(absl::StrCat(TextOf(record), " although ", other.value, " was there too"));
    for (const size_t number : record.tokens) {
      const Token& token = key.tokens[number];
      const bool was_there =
          other.push == token.push || other.there.begin_ns < record.done.begin_ns;
      if (was_there && IsAhead(key, other, token))
        return Violate(absl::StrCat(TextOf(record), " although ", other.value, " was ahead"));
    }
  }
}

void QueueOracle::CheckFirstKey(const PopRecord& record) {
  if (record.waited || record.tokens.empty()) return;
  for (const std::string& name : record.pop.keys) {
    if (name == record.key) return;
    for (const Token& token : keys_[name].tokens) {
      if (!IsThere(token, record.pop.span)) continue;
      return Violate(absl::StrCat(TextOf(record), " although ", token.value, " was in ", name));
    }
  }
  Violate(absl::StrCat(TextOf(record), ", a key that was not asked for"));
}

void QueueOracle::CheckNothing(const PopRecord& record) {
  if (record.outcome != Outcome::kNothing || record.pop.client != 0) return;
  board_->CountCheck(Oracle::kBlockingPops);
  for (const std::string& name : record.pop.keys) {
    for (const Token& token : keys_[name].tokens) {
      if (!IsThere(token, record.pop.span)) continue;
      return Violate(absl::StrCat(TextOf(record), ", answered by nothing although ", token.value,
                                  " was in ", name));
    }
  }
}

void QueueOracle::CheckTime(const PopRecord& record) {
  const Pop& pop = record.pop;
  if (pop.client == 0 || record.outcome == Outcome::kLost) return;
  board_->CountCheck(Oracle::kBlockingPops);
  int64_t due_ns = pop.span.begin_ns + pop.timeout_ns;
  if (record.outcome == Outcome::kSentAway && FindUnblock(record, true) == nullptr)
    Violate(absl::StrCat(TextOf(record), " was ended by nobody"));
  if (record.outcome == Outcome::kNothing && pop.span.end_ns < due_ns &&
      FindUnblock(record, false) == nullptr) {
    Violate(absl::StrCat(TextOf(record), ", answered by nothing before its time"));
  }
  if (record.outcome == Outcome::kPopped) due_ns = record.done.end_ns;
  if (record.outcome == Outcome::kPopped && !record.waited) due_ns = pop.span.begin_ns;
  if (pop.span.begin_ns < calm_since_ns_ || pop.span.end_ns - due_ns <= late_ns_) return;
  Violate(absl::StrCat(TextOf(record), ": an answer was due at ", due_ns, " ns"));
}

void QueueOracle::CheckNobodyWaits(const std::string& name, const Key& key) {
  for (const size_t number : key.waits) {
    const PopRecord& wait = pops_[number];
    board_->CountCheck(Oracle::kBlockingPops);
    for (const Token& token : key.tokens) {
      if (std::max(wait.pop.span.begin_ns, token.there.begin_ns) >=
          std::min(wait.waits_until_ns, token.there.end_ns))
        continue;
      return Violate(absl::StrCat(TextOf(wait), " went on until ", wait.waits_until_ns,
                                  " ns although ", token.value, " was in ", name, " from ",
                                  token.there.begin_ns, " to ", token.there.end_ns, " ns"));
    }
  }
}

void QueueOracle::CheckArrival(const std::string& name, const Key& key) {
  for (const size_t number : key.pops) {
    const PopRecord& record = pops_[number];
    if (record.tokens.empty()) continue;
    for (const size_t other : key.waits) {
      const PopRecord& wait = pops_[other];
      if (wait.pop.span.begin_ns >= record.pop.span.begin_ns ||
          wait.waits_until_ns <= record.done.end_ns)
        continue;
      return Violate(absl::StrCat(TextOf(record), ", at ", record.done.begin_ns, "..",
                                  record.done.end_ns, " ns, was served before ", TextOf(wait),
                                  ", which had come earlier for ", name, " and went on until ",
                                  wait.waits_until_ns, " ns"));
    }
  }
}

void QueueOracle::CheckSamePush(const std::string& name, const Key& key) {
  std::map<size_t, std::vector<const PopRecord*>> by_push;
  for (const size_t number : key.pops) {
    const PopRecord& record = pops_[number];
    if (record.waited) by_push[key.tokens[record.tokens[0]].push].push_back(&record);
  }
  for (const auto& [push, records] : by_push) {
    for (const PopRecord* first : records) {
      for (const PopRecord* second : records) {
        if (first->pop.span.begin_ns >= second->pop.span.begin_ns ||
            !IsAhead(key, key.tokens[second->tokens[0]], key.tokens[first->tokens[0]]))
          continue;
        return Violate(absl::StrCat(TextOf(*second), " got what was ahead, of one push to ", name,
                                    ", and not ", TextOf(*first)));
      }
    }
  }
}

void QueueOracle::CheckRemaining(const std::string& name, const Key& key) {
  const Token* before = nullptr;
  for (const std::string& value : key.remaining) {
    const auto found = key.by_value.find(value);
    const Token* const token = found == key.by_value.end() ? nullptr : &key.tokens[found->second];
    if (before != nullptr && token != nullptr && key.breaks.empty() &&
        IsAhead(key, *token, *before)) {
      Violate(absl::StrCat(name, " holds ", value, " behind ", before->value));
    }
    before = token;
  }
}

// An augmenting path, of Kuhn's algorithm: whoever may have taken it has taken nothing else, or
// that may have been taken by somebody else.
bool QueueOracle::FindTaker(const std::pair<const std::string*, const Token*>& missing,
                            std::set<size_t>* tried) {
  for (size_t i = 0; i < pops_.size(); ++i) {
    const PopRecord& record = pops_[i];
    const std::vector<std::string>& names = record.pop.keys;
    if (record.outcome != Outcome::kLost ||
        record.pop.span.end_ns < missing.second->pushed.begin_ns ||
        std::find(names.begin(), names.end(), *missing.first) == names.end() ||
        !tried->insert(i).second)
      continue;
    auto& taken = taken_unseen_[i];
    if (taken.size() < record.pop.count_max) {
      taken.push_back(missing);
      return true;
    }
    for (auto& other : taken) {
      if (!FindTaker(other, tried)) continue;
      other = missing;
      return true;
    }
  }
  return false;
}

void QueueOracle::CheckMissing() {
  for (const auto& [name, key] : keys_) {
    if (!key.remaining_known) continue;
    board_->CountCheck(Oracle::kBlockingPops);
    for (const Token& token : key.tokens) {
      if (!token.certain || token.pop != kNone || token.remains || token.ambiguous ||
          IsBroken(key, token.pushed.begin_ns, kNever))
        continue;
      std::set<size_t> tried;
      if (FindTaker({&name, &token}, &tried)) continue;
      return Violate(absl::StrCat(token.value, ", pushed to ", name, " at ", token.pushed.begin_ns,
                                  "..", token.pushed.end_ns,
                                  " ns, is gone, and nobody has got it"));
    }
  }
}

}  // namespace damselfly::sim
