#include "sim/oracles/sequential_oracle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

void SequentialOracle::ForkAll(const Args& args, const Moment& moment,
                               std::vector<KeyspaceModel>* states) {
  ++command_count_;
  for (size_t i = 0; i < states->size(); ++i) {
    if (states->size() > kStatesMax) {
      lost_track_ = true;
      return;
    }
    std::vector<KeyspaceModel> others;
    while (others.size() <= kStatesMax &&
           (*states)[i].Fork(args, command_count_, moment, &others)) {
    }
    for (KeyspaceModel& other : others) states->push_back(std::move(other));
  }
}

void SequentialOracle::OnReply(const Args& args, const Reply& reply, const Moment& moment) {
  if (lost_track_) return;
  ForkAll(args, moment, &states_);
  if (lost_track_) return;
  board_->CountCheck(Oracle::kSession);
  std::vector<KeyspaceModel> fitting;
  for (const KeyspaceModel& before : states_) {
    KeyspaceModel after = before;
    const Expected expected = after.Execute(args, moment);
    if (after.in_doubt()) {
      lost_track_ = true;
      return;
    }
    if (expected.Matches(reply)) {
      fitting.push_back(std::move(after));
    } else if (fitting.empty() && &before == &states_.back()) {
      Report(args, reply, before, expected);
      return;
    }
  }
  if (states_[0].ConcernsDeadlines(args)) {
    board_->CountCheck(Oracle::kNoLateRead);
    board_->CountCheck(Oracle::kNoEarlyDeath);
  }
  if (args[0] == "EXEC") board_->CountCheck(Oracle::kWatch);
  Reduce(&fitting);
  states_ = std::move(fitting);
}

void SequentialOracle::Report(const Args& args, const Reply& reply, const KeyspaceModel& before,
                              const Expected& expected) {
  Oracle oracle = Oracle::kSession;
  if (before.ConcernsDeadlines(args) && reply.is_null() != expected.is_null()) {
    oracle = expected.is_null() ? Oracle::kNoLateRead : Oracle::kNoEarlyDeath;
  } else if (args[0] == "EXEC" && reply.is_null() != expected.is_null()) {
    oracle = Oracle::kWatch;
  }
  std::vector<std::string> words;
  for (const std::string& arg : args) words.push_back(absl::CHexEscape(arg));
  board_->Violate(oracle,
                  absl::StrCat(absl::StrJoin(words, " "), "\n  got      ", DebugString(reply),
                               "\n  expected ", expected.ToString(),
                               states_.size() > 1 ? absl::StrCat("\n  or what ", states_.size() - 1,
                                                                 " other possible states say")
                                                  : ""));
}

void SequentialOracle::OnConnectionLost(absl::Span<const Args> unanswered, size_t executed_max,
                                        const Moment& moment) {
  if (lost_track_) return;
  std::vector<KeyspaceModel> possible = states_;
  std::vector<KeyspaceModel> current = std::move(states_);
  for (size_t i = 0; i < std::min(executed_max, unanswered.size()) && !lost_track_; ++i) {
    ForkAll(unanswered[i], moment, &current);
    for (KeyspaceModel& state : current) {
      state.Execute(unanswered[i], moment);
      if (state.in_doubt()) lost_track_ = true;
    }
    Reduce(&current);
    possible.insert(possible.end(), current.begin(), current.end());
  }
  for (KeyspaceModel& state : possible) state.ResetConnection();
  Reduce(&possible);
  states_ = std::move(possible);
}

void SequentialOracle::OnNodeLost() { states_.assign(1, KeyspaceModel()); }

void SequentialOracle::Reduce(std::vector<KeyspaceModel>* states) {
  std::vector<KeyspaceModel> distinct;
  for (KeyspaceModel& state : *states) {
    if (std::find(distinct.begin(), distinct.end(), state) == distinct.end())
      distinct.push_back(std::move(state));
    if (distinct.size() > kStatesMax) {
      lost_track_ = true;
      distinct.resize(1);
      break;
    }
  }
  *states = std::move(distinct);
}

}  // namespace damselfly::sim
