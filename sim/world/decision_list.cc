#include "sim/world/decision_list.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"

namespace damselfly::sim {

uint64_t DecisionCount(const DecisionList& list) {
  uint64_t count = 0;
  for (const auto& [name, decisions] : list) count += decisions.size();
  return count;
}

RecordingDecider::RecordingDecider(std::unique_ptr<Decider> inner, DecisionList* list)
    : inner_(std::move(inner)), list_(list) {
  DFLY_CHECK(list->empty());
}

Decider::StreamId RecordingDecider::OpenStream(absl::string_view purpose, uint64_t instance) {
  const StreamId inner = inner_->OpenStream(purpose, instance);
  streams_.push_back({inner, {std::string(purpose), instance, 0}, nullptr, 0});
  return static_cast<StreamId>(streams_.size() - 1);
}

void RecordingDecider::BeginUnit(StreamId stream, uint64_t unit) {
  Stream& of = streams_[stream];
  of.name.unit = unit;
  of.decisions = nullptr;
  of.index = 0;
  inner_->BeginUnit(of.inner, unit);
}

uint64_t RecordingDecider::Decide(StreamId stream, uint64_t bound) {
  Stream& of = streams_[stream];
  const uint64_t index = of.index++;
  const uint64_t value = inner_->Decide(of.inner, bound);
  if (value == 0) return value;
  if (of.decisions == nullptr) of.decisions = &(*list_)[of.name];
  // Else a stream was opened twice, or a unit begun twice.
  DFLY_CHECK(of.decisions->empty() || of.decisions->back().index < index);
  of.decisions->push_back({index, value});
  return value;
}

void ReplayDecider::Find(Stream* stream) const {
  const auto found = list_->find(stream->name);
  stream->decisions = found == list_->end() ? nullptr : &found->second;
  stream->next = 0;
  stream->index = 0;
}

Decider::StreamId ReplayDecider::OpenStream(absl::string_view purpose, uint64_t instance) {
  streams_.push_back({{std::string(purpose), instance, 0}, nullptr, 0, 0});
  Find(&streams_.back());
  return static_cast<StreamId>(streams_.size() - 1);
}

void ReplayDecider::BeginUnit(StreamId stream, uint64_t unit) {
  streams_[stream].name.unit = unit;
  Find(&streams_[stream]);
}

uint64_t ReplayDecider::Decide(StreamId stream, uint64_t bound) {
  Stream& of = streams_[stream];
  const uint64_t index = of.index++;
  if (of.decisions == nullptr || of.next == of.decisions->size()) return 0;
  const Decision& decision = (*of.decisions)[of.next];
  if (decision.index != index) return 0;
  ++of.next;
  return std::min(decision.value, bound - 1);
}

}  // namespace damselfly::sim
