// The sending half of a Worker.

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"
#include "benchmarks/load/worker.h"
#include "server/base/check.h"

namespace damselfly::load {
namespace {

// Groups that a late open loop sends before it looks at replies again.
constexpr int kGroupsAPass = 64;
// Groups that an open loop has written before their moments: what writing takes is in nobody's
// latency, also where several moments lie close together.
constexpr size_t kGroupsAhead = 4;
// Beyond these, a request for a node that is behind is dropped and another one drawn.
constexpr size_t kStashMax = 4096;
// Draws for one request of a given node: a node to whom no key ever goes must not stop the rest.
constexpr int kDrawsMax = 4096;
// A node for whom no request was found is tried again then.
constexpr int64_t kIdleRetry_ns = kSecond_ns / 10;
constexpr int64_t kLate_ns = kSecond_ns / 1000;

}  // namespace

bool Worker::MaySend(int64_t moment_ns) const {
  return !keys_are_gone_ && moment_ns < send_until_ns_;
}

bool Worker::IsDone(int64_t now_ns) const {
  if (groups_pending_ > 0 || !delayed_.empty()) return false;
  if (phase_->rate > 0) return is_sending_over_ && prepared_.empty();
  if (now_ns >= send_until_ns_) return true;
  if (phase_->budget != nullptr && phase_->budget->is_spent()) return true;
  if (!keys_are_gone_) return false;
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const Node& node) { return node.stash.empty(); });
}

absl::Status Worker::StartIdle(int64_t now_ns) {
  const bool is_retry = now_ns >= idle_retry_ns_;
  if (is_retry) idle_retry_ns_ = now_ns + kIdleRetry_ns;
  for (Node& node : nodes_) {
    if (!node.is_starved || (node.stash.empty() && !is_retry)) continue;
    node.is_starved = false;
    for (const std::unique_ptr<Connection>& connection : node.connections) {
      if (connection->has_batch) continue;
      absl::Status status = StartBatch(connection.get(), now_ns);
      if (!status.ok()) return status;
      if (node.is_starved) break;
    }
  }
  return absl::OkStatus();
}

absl::Status Worker::StartBatch(Connection* connection, int64_t now_ns) {
  Node& node = nodes_[static_cast<size_t>(connection->node())];
  const bool is_counted = phase_->is_counted && now_ns >= phase_->count_from_ns;
  const bool has_stash_only = keys_are_gone_ && !node.stash.empty();
  if (!MaySend(now_ns) && !has_stash_only) {
    node.is_starved = true;
    return absl::OkStatus();
  }
  RequestBudget* const budget = is_counted ? phase_->budget : nullptr;
  const int64_t wanted = budget == nullptr ? phase_->pipeline : budget->Take(phase_->pipeline);
  std::unique_ptr<RequestGroup> group = NewGroup();
  const size_t written =
      WriteRequests(connection->node(), static_cast<size_t>(wanted), group.get());
  if (budget != nullptr) budget->GiveBack(wanted - static_cast<int64_t>(written));
  if (written == 0) {
    node.is_starved = true;
    free_groups_.push_back(std::move(group));
    return absl::OkStatus();
  }
  group->is_batch = true;
  group->is_counted = is_counted;
  group->start_ns = Now_ns();
  connection->has_batch = true;
  return SendGroup(connection, std::move(group), {scratch_.data(), scratch_used_});
}

bool Worker::PrepareNext() {
  // What is due before the end is sent after it if need be: left out, it would be left out of the
  // latencies too.
  const int64_t due_ns = schedule_->next_ns();
  is_sending_over_ = is_sending_over_ || !MaySend(due_ns);
  if (is_sending_over_) return false;
  const bool is_counted = phase_->is_counted && due_ns >= phase_->count_from_ns;
  RequestBudget* const budget = is_counted ? phase_->budget : nullptr;
  const int64_t wanted = budget == nullptr ? phase_->pipeline : budget->Take(phase_->pipeline);
  Prepared next{NewGroup(), 0, {}};
  // The group goes where its first request has to.
  if (wanted > 0 && options_.cluster && maker_->Draw(&drawn_)) {
    const int slot = maker_->template_of(drawn_).Slot(drawn_.numbers.data());
    next.node = slot < 0
                    ? static_cast<int>(schedule_->number() % static_cast<int64_t>(nodes_.size()))
                    : std::max(0, map_.owner(slot));
    nodes_[static_cast<size_t>(next.node)].stash.push_front(drawn_);
  }
  const size_t written = WriteRequests(next.node, static_cast<size_t>(wanted), next.group.get());
  if (budget != nullptr) budget->GiveBack(wanted - static_cast<int64_t>(written));
  if (written == 0) {
    free_groups_.push_back(std::move(next.group));
    is_sending_over_ = true;
    return false;
  }
  next.group->is_counted = is_counted;
  next.group->start_ns = due_ns;
  next.bytes.assign(scratch_.data(), scratch_used_);
  prepared_.push_back(std::move(next));
  schedule_->Advance();
  return true;
}

absl::Status Worker::SendPrepared() {
  Prepared next = std::move(prepared_.front());
  prepared_.pop_front();
  Node& node = nodes_[static_cast<size_t>(next.node)];
  Connection* const connection = node.connections[node.turn].get();
  node.turn = node.turn + 1 == node.connections.size() ? 0 : node.turn + 1;
  if (next.group->is_counted) {
    const int64_t requests = static_cast<int64_t>(next.group->size);
    const int64_t late_ns = Now_ns() - next.group->start_ns;
    statistics_.lateness.Record(late_ns, requests);
    if (late_ns > kLate_ns) statistics_.missed_sends += requests;
  }
  return SendGroup(connection, std::move(next.group), next.bytes);
}

absl::Status Worker::SendDue(int64_t now_ns) {
  for (int i = 0; i < kGroupsAPass; ++i) {
    if (prepared_.empty() && !PrepareNext()) break;
    const int64_t due_ns = prepared_.front().group->start_ns;
    if (due_ns > now_ns) break;
    absl::Status status = SendPrepared();
    if (!status.ok()) return status;
  }
  // Of what has been prepared and is not due when somebody asks to stop, nothing leaves.
  while (!prepared_.empty() && prepared_.back().group->start_ns >= send_until_ns_)
    prepared_.pop_back();
  if (prepared_.size() < kGroupsAhead) (void)PrepareNext();
  if (groups_pending_ > kGroupsPendingMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the server is behind by more than ", kGroupsPendingMax,
                     " groups of requests: --rate is too much for it"));
  }
  return absl::OkStatus();
}

size_t Worker::WriteRequests(int node, size_t count, RequestGroup* group) {
  scratch_used_ = 0;
  drawn_.command = 0;
  size_t written = 0;
  if (!needs_notes_) {
    written = WritePlainRequests(count);
  } else {
    for (; written < count && NextFor(node, &drawn_); ++written) WriteRequest(drawn_, group);
  }
  group->size = written;
  if (keeps_bytes_) group->bytes.assign(scratch_.data(), scratch_used_);
  return written;
}

// The common case, tightly: one server, one command, and nothing to remember of each request.
size_t Worker::WritePlainRequests(size_t count) {
  const RequestTemplate& its = phase_->plan.templates->front();
  const size_t bytes_max = its.request_bytes_max();
  size_t written = 0;
  while (written < count) {
    MakeRoom(bytes_max);
    const size_t fit = std::min(count - written, (scratch_.size() - scratch_used_) / bytes_max);
    char* const begin = scratch_.data() + scratch_used_;
    char* out = begin;
    size_t i = 0;
    for (; i < fit && maker_->Draw(&drawn_); ++i) out = its.Write(drawn_.numbers.data(), out);
    scratch_used_ += static_cast<size_t>(out - begin);
    written += i;
    keys_are_gone_ = i < fit;
    if (keys_are_gone_) break;
  }
  return written;
}

void Worker::MakeRoom(size_t bytes) {
  if (scratch_.size() - scratch_used_ < bytes) scratch_.resize(2 * scratch_.size() + bytes);
}

bool Worker::NextFor(int node, Request* request) {
  if (!options_.cluster) {
    if (maker_->Draw(request)) return true;
    keys_are_gone_ = true;
    return false;
  }
  std::deque<Request>& stash = nodes_[static_cast<size_t>(node)].stash;
  if (!stash.empty()) {
    *request = std::move(stash.front());
    stash.pop_front();
    return true;
  }
  // A filling may drop nothing.
  const bool keeps_all = phase_->plan.supply != nullptr;
  for (int i = 0; keeps_all || i < kDrawsMax; ++i) {
    if (!maker_->Draw(request)) {
      keys_are_gone_ = true;
      return false;
    }
    const int slot = maker_->template_of(*request).Slot(request->numbers.data());
    // Nobody is known to own it: whoever is asked will say who does.
    const int owner = slot < 0 || map_.owner(slot) < 0 ? node : map_.owner(slot);
    if (owner == node) return true;
    std::deque<Request>& other = nodes_[static_cast<size_t>(owner)].stash;
    if (keeps_all || other.size() < kStashMax) other.push_back(*request);
  }
  return false;
}

void Worker::WriteRequest(const Request& request, RequestGroup* group) {
  const RequestTemplate& its = maker_->template_of(request);
  MakeRoom(its.request_bytes_max());
  char* const begin = scratch_.data() + scratch_used_;
  scratch_used_ += static_cast<size_t>(its.Write(request.numbers.data(), begin) - begin);
  if (!needs_notes_) return;
  RequestNote note;
  note.command = request.command;
  note.end = scratch_used_;
  if (its.key_placeholder() >= 0)
    note.key = request.numbers[static_cast<size_t>(its.key_placeholder())];
  group->notes.push_back(note);
}

absl::Status Worker::SendGroup(Connection* connection, std::unique_ptr<RequestGroup> group,
                               absl::string_view bytes) {
  ++groups_pending_;
  if (verifier_ != nullptr) {
    for (RequestNote& note : group->notes) note.was_written = verifier_->IsWritten(note.key);
  }
  connection->pending.push_back(std::move(group));
  return SendBytes(connection, bytes);
}

absl::Status Worker::SendBytes(Connection* connection, absl::string_view bytes) {
  absl::Status status = connection->Send(bytes);
  if (status.ok() && connection->has_unsent()) status = Watch(connection, true);
  return status;
}

std::unique_ptr<RequestGroup> Worker::NewGroup() {
  if (free_groups_.empty()) return std::make_unique<RequestGroup>();
  std::unique_ptr<RequestGroup> group = std::move(free_groups_.back());
  free_groups_.pop_back();
  group->answered = 0;
  group->is_batch = false;
  group->redirections = 0;
  group->replies_to_skip = 0;
  group->notes.clear();
  group->bytes.clear();
  return group;
}

}  // namespace damselfly::load
