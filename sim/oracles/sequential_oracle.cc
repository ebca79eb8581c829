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
  const bool concerns_deadlines = states_[0].ConcernsDeadlines(args);
  std::vector<KeyspaceModel> fitting;
  for (size_t i = 0; i < states_.size(); ++i) {
    const Expected expected = states_[i].Execute(args, moment);
    if (states_[i].in_doubt()) {
      lost_track_ = true;
      return;
    }
    if (expected.Matches(reply)) {
      if (args[0] == "SCAN") states_[i].NoteScanned(reply);
      fitting.push_back(std::move(states_[i]));
    } else if (fitting.empty() && i + 1 == states_.size()) {
      Report(args, reply, concerns_deadlines, expected);
      return;
    }
  }
  if (concerns_deadlines) {
    board_->CountCheck(Oracle::kNoLateRead);
    board_->CountCheck(Oracle::kNoEarlyDeath);
  }
  if (args[0] == "EXEC") board_->CountCheck(Oracle::kWatch);
  if (fitting.size() > 1) Reduce(&fitting);
  states_ = std::move(fitting);
}

void SequentialOracle::OnMuted(const Args& args, const Moment& moment) {
  if (lost_track_) return;
  ForkAll(args, moment, &states_);
  for (KeyspaceModel& state : states_) {
    state.Execute(args, moment);
    lost_track_ = lost_track_ || state.in_doubt();
  }
  if (states_.size() > 1) Reduce(&states_);
}

void SequentialOracle::Report(const Args& args, const Reply& reply, bool concerns_deadlines,
                              const Expected& expected) {
  Oracle oracle = Oracle::kSession;
  if (args[0] == "EXEC" && reply.is_null() != expected.is_null()) {
    // Whatever the keys' deadlines: that is an answer about what was watched.
    oracle = Oracle::kWatch;
  } else if (concerns_deadlines && reply.is_null() != expected.is_null()) {
    oracle = expected.is_null() ? Oracle::kNoLateRead : Oracle::kNoEarlyDeath;
  }
  std::vector<std::string> words;
  for (const std::string& arg : args) words.push_back(absl::CHexEscape(arg));
  std::string message = absl::StrCat(absl::StrJoin(words, " "), "\n  got      ", DebugString(reply),
                                     "\n  expected ", expected.ToString());
  if (states_.size() > 1)
    absl::StrAppend(&message, "\n  or what ", states_.size() - 1, " other possible states say");
  board_->Violate(oracle, std::move(message));
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
