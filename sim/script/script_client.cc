#include "sim/script/script_client.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "server/resp/request_writer.h"
#include "sim/world/sim_runtime.h"
#include "sim/world/world.h"

namespace damselfly::sim {

void ScriptClient::Send(const std::vector<Args>& requests) {
  for (const Args& args : requests) {
    const size_t before = unsent_.size();
    AppendCommand(&unsent_, std::vector<absl::string_view>(args.begin(), args.end()));
    sent_offset_ += unsent_.size() - before;
    pending_.push_back(sent_offset_);
  }
  host_->runtime().loop(0).Post([this] {
    if (stream_ != nullptr) return OnWritable();
    if (!connecting_) Connect();
  });
}

void ScriptClient::Connect() {
  connecting_ = true;
  SimRuntime& runtime = host_->runtime();
  runtime.network().Connect(runtime.loop(0), server_,
                            [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
                              connecting_ = false;
                              if (!stream.ok()) return OnEnd();
                              OnConnected(*std::move(stream));
                            });
}

void ScriptClient::OnConnected(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  connection_ = static_cast<SimStream&>(*stream_).connection();
  connection_->outgoing(0).KeepTimes();
  connection_->incoming(0).KeepTimes();
  if (std::exchange(close_when_connected_, false)) {
    stream_ = nullptr;
    return OnEnd();
  }
  stream_->Start(this);
  if (reading_stopped_) stream_->PauseReading();
  OnWritable();
}

void ScriptClient::OnWritable() {
  const absl::string_view piece = unsent_;
  if (!piece.empty()) unsent_.erase(0, stream_->Write({&piece, 1}));
}

void ScriptClient::OnData(absl::string_view data) {
  reader_.Feed(data);
  received_offset_ += data.size();
  Answer answer;
  while (reader_.Next(&answer.reply) == ReplyReader::Result::kReply) {
    answer.kind = Answer::Kind::kReply;
    answer.occasion = {node_, connection_->accepting_incarnation(), -1, -1};
    if (!pending_.empty()) {
      answer.occasion.begin_ns = connection_->outgoing(0).ReadTime(pending_.front());
      pending_.pop_front();
    }
    answer.occasion.end_ns =
        connection_->incoming(0).WriteTime(received_offset_ - reader_.pending_bytes());
    answers_.push_back(std::move(answer));
    answer = Answer();
  }
}

void ScriptClient::OnClosed(const absl::Status&) {
  stream_ = nullptr;
  OnEnd();
}

// Everything begins anew.
void ScriptClient::OnEnd() {
  if (!pending_.empty()) {
    Answer closed;
    closed.kind = Answer::Kind::kClosed;
    answers_.push_back(std::move(closed));
  }
  pending_.clear();
  unsent_.clear();
  sent_offset_ = received_offset_ = 0;
  reader_ = ReplyReader();
}

bool ScriptClient::Take(Answer* out) {
  if (answers_.empty()) return false;
  *out = std::move(answers_.front());
  answers_.pop_front();
  return true;
}

void ScriptClient::StopReading() {
  reading_stopped_ = true;
  host_->runtime().loop(0).Post([this] {
    if (stream_ != nullptr) stream_->PauseReading();
  });
}

void ScriptClient::ReadAgain() {
  reading_stopped_ = false;
  host_->runtime().loop(0).Post([this] {
    if (stream_ != nullptr) stream_->ResumeReading();
  });
}

void ScriptClient::Close() {
  if (connecting_) close_when_connected_ = true;
  if (stream_ == nullptr) return;
  stream_ = nullptr;
  pending_.clear();
  OnEnd();
}

}  // namespace damselfly::sim
