#include "sim/clients/exclusive_workload.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

ExclusiveWorkload::ExclusiveWorkload(std::string name, DecisionStream decisions,
                                     const SimClock* node_clock, uint32_t families,
                                     uint64_t pipeline_max, OracleBoard* board)
    : name_(std::move(name)),
      decisions_(decisions),
      generator_(&decisions_, node_clock, families),
      board_(board),
      oracle_(board),
      pipeline_max_(pipeline_max) {
  TakeNewKeys();
}

// Hash tags sometimes put all keys in one slot; mostly they are spread.
void ExclusiveWorkload::TakeNewKeys() {
  oracle_ = SequentialOracle(board_);
  scan_cursor_.clear();
  const bool one_slot = decisions_.Chance(1, 4);
  const std::string prefix = absl::StrCat(name_, ".", ++generation_);
  generator_.set_prefix(one_slot ? absl::StrCat("{", prefix, "}") : prefix);
  const bool many = one_slot && decisions_.Chance(1, 3);
  generator_.set_key_count(many ? CommandGenerator::kManyKeys : CommandGenerator::kFewKeys);
}

void ExclusiveWorkload::SelectFirstDatabase(std::vector<Args>* calls) {
  calls->push_back({"SELECT", absl::StrCat(generator_.first_database())});
}

void ExclusiveWorkload::OnConnected(int incarnation) {
  if (incarnation != incarnation_) oracle_.OnNodeLost();
  incarnation_ = incarnation;
  watch_open_ = false;
  scan_cursor_.clear();
  connection_is_new_ = true;
}

void ExclusiveWorkload::NextCalls(std::vector<Args>* calls) {
  const uint64_t units = ++batch_count_ << 8;
  decisions_.BeginUnit(units);
  if (oracle_.lost_track()) {
    TakeNewKeys();
    // A new oracle believes in database 0.
    SelectFirstDatabase(calls);
    // ... and in nothing watched.
    if (std::exchange(watch_open_, false)) calls->push_back({"UNWATCH"});
    // ... and in no name.
    calls->push_back({"CLIENT", "SETNAME", ""});
  }
  if (std::exchange(connection_is_new_, false) && generator_.first_database() != 0)
    SelectFirstDatabase(calls);
  if (std::exchange(watch_open_, false)) {
    generator_.EndWatch(calls);
    return;
  }
  if (generator_.watches() && decisions_.Chance(1, 12)) {
    generator_.BeginWatch(calls);
    watch_open_ = true;
    return;
  }
  if (!scan_cursor_.empty()) {
    GoOnScanning(calls);
    return;
  }
  if (generator_.scans() && decisions_.Chance(1, 24)) {
    generator_.BeginScan();
    scan_cursor_ = absl::StrCat(0);
    GoOnScanning(calls);
    return;
  }
  if (decisions_.Chance(1, 20)) {
    generator_.Audit(calls);
    return;
  }
  const uint64_t count = 1 + decisions_.Below(pipeline_max_);
  for (uint64_t i = 0; i < count; ++i) {
    decisions_.BeginUnit(units + i + 1);
    if (decisions_.Acts()) generator_.Next(calls);
  }
  decisions_.BeginUnit(units + count + 1);
  if (!decisions_.Chance(1, 60)) return;
  // What follows must not be done.
  calls->push_back({"QUIT"});
  for (uint64_t i = decisions_.Below(4); i > 0; --i) generator_.Next(calls);
}

void ExclusiveWorkload::GoOnScanning(std::vector<Args>* calls) {
  generator_.ScanFrom(scan_cursor_, calls);
  for (uint64_t i = decisions_.Below(4); i > 0; --i) generator_.Next(calls);
}

void ExclusiveWorkload::OnReply(const Args& args, Reply reply, const Moment& moment) {
  if (args[0] == "SCAN" && reply.elements.size() == 2) {
    scan_cursor_ = reply.elements[0].text;
    if (scan_cursor_ == "0") scan_cursor_.clear();
  }
  oracle_.OnReply(args, reply, moment);
}

void ExclusiveWorkload::OnMuted(const Args& args, const Moment& moment) {
  oracle_.OnMuted(args, moment);
}

void ExclusiveWorkload::OnLost(const LostCalls& lost) {
  if (lost.fate == Fate::kUnknown) {
    // What may still be executed may flush or exchange whole databases.
    generator_.ShareDatabases();
    TakeNewKeys();
  } else {
    oracle_.OnConnectionLost(lost.calls, lost.executed_max, lost.moment);
  }
}

}  // namespace damselfly::sim
