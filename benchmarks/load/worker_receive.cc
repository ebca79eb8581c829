// The receiving half of a Worker.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"
#include "benchmarks/load/worker.h"
#include "server/base/check.h"

namespace damselfly::load {
namespace {

using Kind = ReplyScanner::Kind;

// TRYAGAIN and CLUSTERDOWN: the same request goes again then.
constexpr int64_t kPause_ns = kSecond_ns / 100;
// Half a minute of pauses, or two nodes that send it to each other.
constexpr int kRedirectionsMax = 3000;
constexpr absl::string_view kAsking = "*1\r\n$6\r\nASKING\r\n";

// How many more bytes a reply that is already long gets room for at once.
constexpr size_t kInputStepBytes = 64 * 1024;

}  // namespace

absl::Status Worker::Receive(Connection* connection) {
  // Most often nothing is left of an earlier reply, and all connections share one buffer, which
  // stays in the cache.
  const bool has_rest = !connection->input.empty();
  const size_t rest_bytes = connection->input.size();
  char* to = receive_buffer_.data();
  size_t room = receive_buffer_.size();
  if (has_rest) {
    room = std::max(kInputStepBytes, rest_bytes);
    connection->input.resize(rest_bytes + room);
    to = connection->input.data() + rest_bytes;
  }
  const ssize_t got = recv(connection->descriptor(), to, room, 0);
  const int error = errno;
  if (has_rest)
    connection->input.resize(rest_bytes + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && (error == EAGAIN || error == EINTR)) return absl::OkStatus();
  if (got <= 0) {
    return absl::UnavailableError(
        absl::StrCat(connection->endpoint().ToString(), ": ",
                     got == 0 ? "the server has closed the connection" : std::strerror(error)));
  }
  Scan scan;
  scan.at = has_rest ? connection->input.data() : to;
  scan.end = to + got;
  scan.now_ns = Now_ns();
  last_sign_ns_ = scan.now_ns;
  absl::Status status = TakeReplies(connection, &scan);
  if (!status.ok()) return status;
  if (has_rest) {
    connection->input.erase(0, static_cast<size_t>(scan.at - connection->input.data()));
  } else {
    connection->input.assign(scan.at, static_cast<size_t>(scan.end - scan.at));
  }
  return absl::OkStatus();
}

absl::Status Worker::TakeReplies(Connection* connection, Scan* scan) {
  bool is_incomplete = false;
  while (scan->at != scan->end && !is_incomplete) {
    if (!connection->pending.empty()) {
      absl::Status status = TakeGroupReplies(connection, scan, &is_incomplete);
      if (!status.ok()) return status;
      continue;
    }
    const ReplyScanner::Result reply = connection->scanner.Next(
        absl::string_view(scan->at, static_cast<size_t>(scan->end - scan->at)));
    if (reply.kind == Kind::kIncomplete) return absl::OkStatus();
    if (reply.kind != Kind::kPush) {
      return absl::DataLossError(absl::StrCat(connection->endpoint().ToString(),
                                              ": a reply that nobody has asked for: ", reply.text));
    }
    scan->at += reply.bytes;
  }
  return absl::OkStatus();
}

absl::Status Worker::TakeGroupReplies(Connection* connection, Scan* scan, bool* is_incomplete) {
  RequestGroup* const group = connection->pending.front().get();
  const bool looks_at_values = verifier_ != nullptr;
  const size_t answered_before = group->answered;
  size_t unrecorded = answered_before;
  while (group->answered < group->size && scan->at != scan->end) {
    const absl::string_view rest(scan->at, static_cast<size_t>(scan->end - scan->at));
    if (!looks_at_values && group->replies_to_skip == 0) {
      const size_t oks = CountOks(rest, group->size - group->answered);
      if (oks > 0) {
        group->answered += oks;
        scan->at += 5 * oks;
        continue;
      }
    }
    const ReplyScanner::Result reply = connection->scanner.Next(rest);
    if (reply.kind == Kind::kIncomplete) {
      *is_incomplete = true;
      break;
    }
    if (reply.kind == Kind::kMalformed) {
      return absl::DataLossError(
          absl::StrCat(connection->endpoint().ToString(),
                       ": what it has sent is no RESP: ", rest.substr(0, 100)));
    }
    scan->at += reply.bytes;
    if (reply.kind == Kind::kPush) continue;
    if (group->replies_to_skip > 0) {
      --group->replies_to_skip;
      continue;
    }
    if (reply.kind != Kind::kError && !looks_at_values) {
      ++group->answered;
      continue;
    }
    bool is_redirected = false;
    absl::Status status = TakeReply(connection, group, reply, scan->now_ns, &is_redirected);
    if (!status.ok()) return status;
    if (is_redirected) {
      Record(*group, unrecorded, group->answered, scan->now_ns);
      unrecorded = group->answered + 1;
    }
    ++group->answered;
  }
  Record(*group, unrecorded, group->answered, scan->now_ns);
  Work(group->answered - answered_before);
  if (group->answered < group->size) return absl::OkStatus();
  EndGroup(connection);
  return absl::OkStatus();
}

void Worker::Work(size_t replies) {
  if (options_.work_ns == 0 || !phase_->is_counted) return;
  const int64_t until_ns = Now_ns() + options_.work_ns * static_cast<int64_t>(replies);
  while (Now_ns() < until_ns && !stop_asked_->load(std::memory_order_relaxed)) {
  }
}

void Worker::EndGroup(Connection* connection) {
  std::unique_ptr<RequestGroup> group = std::move(connection->pending.front());
  connection->pending.pop_front();
  --groups_pending_;
  const bool is_batch = group->is_batch;
  free_groups_.push_back(std::move(group));
  if (!is_batch) return;
  connection->has_batch = false;
  finished_.push_back(connection);
}

void Worker::Record(const RequestGroup& group, size_t first, size_t last, int64_t now_ns) {
  if (first >= last) return;
  answered_ += static_cast<int64_t>(last - first);
  progress_.answered.store(answered_, std::memory_order_relaxed);
  if (!group.is_counted) return;
  const int64_t latency_ns = now_ns - group.start_ns;
  statistics_.last_reply_ns = now_ns;
  if (options_.keeps_replies())
    statistics_.replies.push_back({group.start_ns, now_ns, static_cast<int64_t>(last - first)});
  // In runs of the same command.
  while (first < last) {
    size_t run_end = last;
    size_t command = 0;
    if (!group.notes.empty()) {
      command = group.notes[first].command;
      run_end = first + 1;
      while (run_end < last && group.notes[run_end].command == command) ++run_end;
    }
    const int64_t count = static_cast<int64_t>(run_end - first);
    statistics_.commands[command].operations += count;
    statistics_.commands[command].latency.Record(latency_ns, count);
    first = run_end;
  }
}

absl::Status Worker::TakeReply(Connection* connection, RequestGroup* group,
                               const ReplyScanner::Result& reply, int64_t now_ns,
                               bool* is_redirected) {
  const size_t index = group->answered;
  if (reply.kind == Kind::kError) {
    absl::Status status = Redirect(connection, *group, index, reply.text, now_ns, is_redirected);
    if (!status.ok() || *is_redirected) return status;
    if (phase_->errors_end_it)
      return absl::FailedPreconditionError(absl::StrCat("the server says: ", reply.text));
    const size_t command = group->notes.empty() ? 0 : group->notes[index].command;
    if (group->is_counted) statistics_.CountError(command, reply.text);
    return absl::OkStatus();
  }
  if (verifier_ == nullptr) return absl::OkStatus();
  const RequestNote& note = group->notes[index];
  const RequestTemplate& its = (*phase_->plan.templates)[note.command];
  if (its.is_plain_get()) {
    if (!verifier_->CheckGet(note.key, note.was_written, reply)) return absl::OkStatus();
  } else if (its.is_plain_set()) {
    verifier_->CheckSet(note.key, reply);
  } else {
    return absl::OkStatus();
  }
  if (group->is_counted) ++statistics_.verified;
  return absl::OkStatus();
}

absl::Status Worker::Redirect(Connection* connection, const RequestGroup& group, size_t index,
                              absl::string_view error, int64_t now_ns, bool* is_redirected) {
  *is_redirected = false;
  if (!options_.cluster) return absl::OkStatus();
  const bool is_moved = absl::StartsWith(error, "MOVED ");
  const bool is_ask = absl::StartsWith(error, "ASK ");
  const bool is_tryagain = absl::StartsWith(error, "TRYAGAIN");
  const bool is_clusterdown = absl::StartsWith(error, "CLUSTERDOWN");
  if (!is_moved && !is_ask && !is_tryagain && !is_clusterdown) return absl::OkStatus();
  int node = connection->node();
  if (is_moved || is_ask) {
    Redirection to;
    if (!ParseRedirection(error, &to)) {
      return absl::DataLossError(
          absl::StrCat(connection->endpoint().ToString(), ": no redirection: ", error));
    }
    node = map_.NodeAt(to.host.empty() ? connection->endpoint().host : to.host, to.port);
    if (is_moved) map_.SetOwner(to.slot, node);
    if (nodes_.size() <= static_cast<size_t>(node)) {
      absl::Status status = ConnectNode(node);
      if (!status.ok()) return status;
      nodes_[static_cast<size_t>(node)].is_starved = true;
    }
  }
  *is_redirected = true;
  if (group.redirections == kRedirectionsMax) {
    return absl::UnavailableError(
        absl::StrCat("a request has been sent on ", kRedirectionsMax, " times; the last: ", error));
  }
  if (group.is_counted) {
    statistics_.moved += is_moved;
    statistics_.ask += is_ask;
    statistics_.tryagain += is_tryagain;
    statistics_.clusterdown += is_clusterdown;
  }
  std::unique_ptr<RequestGroup> again = NewGroup();
  const size_t begin = index == 0 ? 0 : group.notes[index - 1].end;
  again->start_ns = group.start_ns;
  again->is_counted = group.is_counted;
  again->size = 1;
  again->notes.push_back(group.notes[index]);
  again->bytes = group.bytes.substr(begin, group.notes[index].end - begin);
  again->notes[0].end = again->bytes.size();
  again->redirections = group.redirections + 1;
  again->replies_to_skip = is_ask ? 1 : 0;
  if (is_moved || is_ask) return SendAgain(node, std::move(again));
  delayed_.push_back({now_ns + kPause_ns, std::move(again), node});
  return absl::OkStatus();
}

absl::Status Worker::SendAgain(int node, std::unique_ptr<RequestGroup> group) {
  Node& its = nodes_[static_cast<size_t>(node)];
  Connection* const connection = its.connections[its.turn].get();
  its.turn = its.turn + 1 == its.connections.size() ? 0 : its.turn + 1;
  const std::string bytes =
      absl::StrCat(group->replies_to_skip > 0 ? kAsking : absl::string_view(), group->bytes);
  ++groups_pending_;
  connection->pending.push_back(std::move(group));
  return SendBytes(connection, bytes);
}

absl::Status Worker::SendDelayed(int64_t now_ns) {
  while (!delayed_.empty() && delayed_.front().due_ns <= now_ns) {
    Delayed delayed = std::move(delayed_.front());
    delayed_.pop_front();
    absl::Status status = SendAgain(delayed.node, std::move(delayed.group));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace damselfly::load
