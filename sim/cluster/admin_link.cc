#include "sim/cluster/admin_link.h"

#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/resp/request_writer.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// What was begun before the connection's end was known at the node is over so long afterwards.
constexpr int64_t kLastWordNs = 500 * kMillisecond;

// Closes a stream when its time has come, unless it is destroyed before.
class Deadline {
 public:
  Deadline(EventLoop& loop, CoroutineStream* stream, int64_t delay_ns) : loop_(loop) {
    timer_ = loop.StartTimer(delay_ns, [this, stream] {
      timer_ = EventLoop::kNoTimer;
      stream->Close();
    });
  }
  ~Deadline() {
    if (timer_ != EventLoop::kNoTimer) loop_.CancelTimer(timer_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  EventLoop& loop_;
  EventLoop::TimerId timer_;
};

}  // namespace

AdminLink::AdminLink(Host* host, std::unique_ptr<Stream> stream, int node)
    : host_(host), connection_(static_cast<SimStream&>(*stream).connection()) {
  connection_->outgoing(0).KeepTimes();
  connection_->incoming(0).KeepTimes();
  opened_ = {node, connection_->accepting_incarnation(), host->world().now_ns(),
             host->world().now_ns()};
  stream_ = std::make_unique<CoroutineStream>(std::move(stream));
}

AdminLink::~AdminLink() = default;

Task<absl::StatusOr<std::unique_ptr<AdminLink>>> AdminLink::Open(Host* host, Endpoint server,
                                                                 int node) {
  SimRuntime& runtime = host->runtime();
  absl::StatusOr<std::unique_ptr<Stream>> stream =
      co_await Connect(runtime.network(), runtime.loop(0), server);
  if (!stream.ok()) co_return stream.status();
  co_return std::unique_ptr<AdminLink>(new AdminLink(host, *std::move(stream), node));
}

Task<absl::StatusOr<AdminLink::Answer>> AdminLink::Ask(Args args, int64_t timeout_ns) {
  auto request = std::make_shared<std::string>();
  AppendCommand(request.get(), std::vector<absl::string_view>(args.begin(), args.end()));
  return AskEncoded(std::move(request), timeout_ns);
}

Task<absl::StatusOr<AdminLink::Answer>> AdminLink::AskEncoded(
    std::shared_ptr<const std::string> request, int64_t timeout_ns) {
  asked_ns_ = host_->world().now_ns();
  sent_offset_ += request->size();
  const Deadline deadline(host_->runtime().loop(0), stream_.get(), timeout_ns);
  const absl::Status sent = co_await stream_->WriteAll(*request);
  if (!sent.ok()) co_return sent;
  absl::StatusOr<Answer> answer = co_await Read();
  if (answer.ok()) answer->occasion.begin_ns = connection_->outgoing(0).ReadTime(sent_offset_);
  co_return answer;
}

Task<absl::StatusOr<AdminLink::Answer>> AdminLink::Next(int64_t timeout_ns) {
  const Deadline deadline(host_->runtime().loop(0), stream_.get(), timeout_ns);
  co_return co_await Read();
}

Task<absl::StatusOr<AdminLink::Answer>> AdminLink::Read() {
  Answer answer;
  for (;;) {
    const ReplyReader::Result result = reader_.Next(&answer.reply);
    if (result == ReplyReader::Result::kReply) break;
    if (result == ReplyReader::Result::kProtocolError)
      co_return absl::InternalError(reader_.error());
    const absl::StatusOr<std::string> bytes = co_await stream_->ReadSome();
    if (!bytes.ok()) co_return bytes.status();
    received_offset_ += bytes->size();
    reader_.Feed(*bytes);
  }
  answer.occasion = opened_;
  answer.occasion.end_ns =
      connection_->incoming(0).WriteTime(received_offset_ - reader_.pending_bytes());
  co_return answer;
}

Task<Occasion> AdminLink::Resolve() {
  stream_ = nullptr;
  SimLoop& loop = host_->runtime().loop(0);
  // A broken connection delivers nothing but what had arrived.
  while (!connection_->finished(1) &&
         !(connection_->broken() && connection_->outgoing(0).held() == 0)) {
    co_await Sleep(loop, 5 * kMillisecond);
  }
  co_await Sleep(loop, kLastWordNs);
  Occasion occasion = opened_;
  occasion.begin_ns = asked_ns_;
  occasion.end_ns = connection_->outgoing(0).given() < sent_offset_ ? -1 : host_->world().now_ns();
  co_return occasion;
}

}  // namespace damselfly::sim
