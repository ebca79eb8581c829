#include "sim/oracles/queue_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

// ---- What happened ----

void QueueOracle::OnPush(const std::string& key, std::vector<Element> elements, Span span,
                         bool certain) {
  if (!certain) span.end_ns = kNever;
  keys_[key];
  pushes_.push_back({key, std::move(elements), span, certain});
}

void QueueOracle::OnPopped(Pop pop, const std::string& key, std::vector<std::string> values) {
  keys_[key];
  pops_.push_back({std::move(pop), Outcome::kPopped, key, std::move(values)});
}

void QueueOracle::OnRemaining(const std::string& key, std::vector<std::string> values) {
  keys_[key].remaining_known = true;
  keys_[key].remaining = std::move(values);
}

void QueueOracle::Violate(const std::string& text) {
  board_->Violate(Oracle::kBlockingPops, absl::StrCat(name_, ": ", text));
}

std::string QueueOracle::TextOf(const PopRecord& record) const {
  std::string text =
      absl::StrCat(record.pop.client == 0 ? "a pop of " : "a wait for ",
                   absl::StrJoin(record.pop.keys, " "), " from ", record.pop.span.begin_ns, " to ");
  record.pop.span.end_ns == kNever ? absl::StrAppend(&text, "who knows when")
                                   : absl::StrAppend(&text, record.pop.span.end_ns, " ns");
  if (record.pop.client != 0)
    absl::StrAppend(&text, " with ", record.pop.timeout_ns / 1'000'000, " ms");
  if (record.outcome == Outcome::kPopped)
    absl::StrAppend(&text, ", answered by ", absl::StrJoin(record.values, " "), " of ", record.key);
  return text;
}

bool QueueOracle::IsBroken(const Key& key, int64_t begin_ns, int64_t end_ns) {
  return std::any_of(key.breaks.begin(), key.breaks.end(), [=](const Span& span) {
    return span.begin_ns <= end_ns && span.end_ns >= begin_ns;
  });
}

bool QueueOracle::IsAhead(const Key& key, const Token& first, const Token& second) {
  if (key.order == Order::kLowestScore) return first.score < second.score;
  const Token& earlier = key.order == Order::kFirstIn ? first : second;
  const Token& later = key.order == Order::kFirstIn ? second : first;
  if (earlier.push == later.push) return earlier.index < later.index;
  return earlier.pushed.end_ns < later.pushed.begin_ns;
}

// ---- Who has taken what ----

void QueueOracle::AddTokens(size_t push) {
  const PushRecord& record = pushes_[push];
  Key& key = keys_[record.key];
  for (size_t i = 0; i < record.elements.size(); ++i) {
    const Element& element = record.elements[i];
    const auto [at, is_new] = key.by_value.emplace(element.value, key.tokens.size());
    key.tokens.push_back({element.value, element.score, push, i, record.span, record.certain});
    if (is_new) continue;
    key.tokens.back().ambiguous = key.tokens[at->second].ambiguous = true;
  }
}

// What is moved is popped first: then it is known when it has been pushed.
void QueueOracle::FindTokens() {
  for (size_t push = 0; push < pushes_.size(); ++push) AddTokens(push);
  for (const bool moves : {true, false}) {
    for (size_t i = 0; i < pops_.size(); ++i) {
      PopRecord& record = pops_[i];
      if (record.outcome != Outcome::kPopped || record.pop.destination.empty() == moves) continue;
      board_->CountCheck(Oracle::kBlockingPops);
      for (const std::string& value : record.values) {
        const size_t token = TakeToken(i, value);
        if (token != kNone) record.tokens.push_back(token);
      }
      keys_[record.key].pops.push_back(i);
      FindDone(&record);
      if (!moves) continue;
      for (const std::string& value : record.values) {
        pushes_.push_back({record.pop.destination, {{value, 0}}, record.done, true});
        AddTokens(pushes_.size() - 1);
      }
    }
  }
}

size_t QueueOracle::TakeToken(size_t pop, const std::string& value) {
  const PopRecord& record = pops_[pop];
  Key& key = keys_[record.key];
  const Span& span = record.pop.span;
  const auto found = key.by_value.find(value);
  const size_t token =
      found == key.by_value.end() ? FindMoved(record.key, value, span.end_ns) : found->second;
  if (token == kNone) {
    if (!IsBroken(key, INT64_MIN, span.end_ns))
      Violate(absl::StrCat(TextOf(record), ", where ", value, " was never pushed"));
    return kNone;
  }
  Token& taken = key.tokens[token];
  if (taken.ambiguous) return kNone;
  if (taken.pop != kNone) {
    taken.popped_again = true;
    const Span& before = pops_[taken.pop].pop.span;
    if (!IsBroken(key, std::min(before.begin_ns, span.begin_ns),
                  std::max(before.end_ns, span.end_ns))) {
      Violate(absl::StrCat(value, " was given out twice: ", TextOf(pops_[taken.pop]), "; and ",
                           TextOf(record)));
    }
    return kNone;
  }
  taken.pop = pop;
  if (span.end_ns < taken.pushed.begin_ns && !IsBroken(key, INT64_MIN, span.end_ns)) {
    Violate(
        absl::StrCat(TextOf(record), ", before that was pushed at ", taken.pushed.begin_ns, " ns"));
  }
  return token;
}

// By a move whose connection broke, and which had come by then. Where several may have done it, the
// one that came first is taken, which says the least about when it did.
size_t QueueOracle::FindMoved(const std::string& key, const std::string& value, int64_t end_ns) {
  size_t mover = kNone;
  Token* moved = nullptr;
  for (size_t i = 0; i < pops_.size(); ++i) {
    const PopRecord& record = pops_[i];
    const int64_t begin_ns = record.pop.span.begin_ns;
    if (record.outcome != Outcome::kLost || record.pop.destination != key || begin_ns > end_ns ||
        (mover != kNone && begin_ns >= pops_[mover].pop.span.begin_ns))
      continue;
    for (const std::string& name : record.pop.keys) {
      Key& from = keys_[name];
      const auto found = from.by_value.find(value);
      if (found == from.by_value.end() || from.tokens[found->second].pop != kNone) continue;
      mover = i;
      moved = &from.tokens[found->second];
      break;
    }
  }
  if (mover == kNone) return kNone;
  moved->pop = mover;
  pushes_.push_back({key, {{value, 0}}, {pops_[mover].pop.span.begin_ns, kNever}, false});
  AddTokens(pushes_.size() - 1);
  return keys_[key].by_value[value];
}

// It took its elements when it had come and they had been pushed; if it was there first, in the
// command that pushed them.
void QueueOracle::FindDone(PopRecord* record) {
  const Key& key = keys_[record->key];
  record->done = record->pop.span;
  if (record->tokens.empty()) return;
  int64_t pushed_ns = INT64_MIN;
  record->waited = record->pop.client != 0;
  for (const size_t number : record->tokens) {
    const Token& token = key.tokens[number];
    record->done.begin_ns = std::max(record->done.begin_ns, token.pushed.begin_ns);
    pushed_ns = std::max(pushed_ns, token.pushed.end_ns);
    if (token.pushed.begin_ns <= record->pop.span.begin_ns) record->waited = false;
  }
  if (record->waited) record->done.end_ns = std::min(record->done.end_ns, pushed_ns);
  record->done.end_ns = std::max(record->done.end_ns, record->done.begin_ns);
}

void QueueOracle::FindRemaining() {
  for (auto& [name, key] : keys_) {
    for (const std::string& value : key.remaining) {
      const auto found = key.by_value.find(value);
      const size_t token =
          found == key.by_value.end() ? FindMoved(name, value, kNever) : found->second;
      if (token == kNone) {
        if (key.breaks.empty()) Violate(absl::StrCat(name, " holds ", value, ", never pushed"));
        continue;
      }
      Token& there = key.tokens[token];
      if (there.ambiguous) continue;
      there.remains = true;
      if (there.pop == kNone || pops_[there.pop].outcome != Outcome::kPopped) continue;
      if (!IsBroken(key, pops_[there.pop].done.begin_ns, kNever)) {
        Violate(absl::StrCat(name, " holds ", value, " still: ", TextOf(pops_[there.pop])));
      }
    }
  }
}

const QueueOracle::Unblock* QueueOracle::FindUnblock(const PopRecord& record,
                                                     bool with_error) const {
  const Unblock* first = nullptr;
  for (const Unblock& unblock : unblocks_) {
    if (unblock.client != record.pop.client || unblock.with_error != with_error ||
        unblock.span.begin_ns > record.pop.span.end_ns ||
        unblock.span.end_ns < record.pop.span.begin_ns)
      continue;
    if (first == nullptr || unblock.span.begin_ns < first->span.begin_ns) first = &unblock;
  }
  return first;
}

int64_t QueueOracle::WaitsUntil(const PopRecord& record) const {
  const Pop& pop = record.pop;
  const int64_t timeout_ns = pop.span.begin_ns + pop.timeout_ns;
  switch (record.outcome) {
    case Outcome::kPopped:
      return record.waited ? record.done.begin_ns : pop.span.begin_ns;
    case Outcome::kNothing:
      if (pop.span.end_ns >= timeout_ns && FindUnblock(record, false) == nullptr) return timeout_ns;
      [[fallthrough]];
    case Outcome::kSentAway: {
      const Unblock* const by = FindUnblock(record, record.outcome == Outcome::kSentAway);
      if (by == nullptr) return pop.span.begin_ns;
      return std::min(timeout_ns, std::max(pop.span.begin_ns, by->span.begin_ns));
    }
    case Outcome::kLost:
      return pop.span.begin_ns;
  }
  return pop.span.begin_ns;
}

void QueueOracle::FindWaits() {
  for (size_t i = 0; i < pops_.size(); ++i) {
    PopRecord& record = pops_[i];
    if (record.pop.client == 0) continue;
    record.waits_until_ns = WaitsUntil(record);
    if (record.waits_until_ns <= record.pop.span.begin_ns) continue;
    for (const std::string& name : record.pop.keys) {
      Key& key = keys_[name];
      if (!IsBroken(key, record.pop.span.begin_ns, record.waits_until_ns)) key.waits.push_back(i);
    }
  }
}

void QueueOracle::FindPresence() {
  for (auto& [name, key] : keys_) {
    for (Token& token : key.tokens) {
      if (!token.certain || token.popped_again || token.ambiguous) continue;
      int64_t until_ns = INT64_MIN;
      if (token.remains) {
        until_ns = kNever;
      } else if (token.pop != kNone && pops_[token.pop].outcome == Outcome::kPopped) {
        until_ns = pops_[token.pop].done.begin_ns;
      }
      if (IsBroken(key, token.pushed.begin_ns, until_ns)) continue;
      token.there = {token.pushed.end_ns, until_ns};
    }
  }
}

void QueueOracle::Check(absl::string_view name, OracleBoard* board) {
  name_ = std::string(name);
  board_ = board;
  FindTokens();
  FindRemaining();
  FindWaits();
  FindPresence();
  for (const PopRecord& record : pops_) {
    if (record.outcome == Outcome::kPopped) {
      CheckOrder(keys_[record.key], record);
      CheckFirstKey(record);
    }
    CheckNothing(record);
    CheckTime(record);
  }
  for (const auto& [key_name, key] : keys_) {
    CheckNobodyWaits(key_name, key);
    CheckArrival(key_name, key);
    CheckSamePush(key_name, key);
    CheckRemaining(key_name, key);
  }
  CheckMissing();
}

}  // namespace damselfly::sim
