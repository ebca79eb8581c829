#include "testing/replication/false_master.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "testing/harness/client.h"

namespace damselfly {
namespace {

constexpr int kTickMs = 5;
// How long a peer may take to notice what is false before the connections are closed here.
constexpr int kPatienceMs = 60;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::vector<std::string> WordsOf(absl::string_view request) {
  std::vector<std::string> words;
  const std::vector<absl::string_view> lines = absl::StrSplit(request, "\r\n");
  for (size_t i = 2; i < lines.size(); i += 2) words.emplace_back(lines[i]);
  return words;
}

// "PING", "REPLCONF", "REPLCONF ACK", "DFLY SYNC" ...
std::string KindOf(const std::vector<std::string>& words) {
  if (words.empty()) return "";
  if (words.size() > 1 && (words[0] == "DFLY" || words[1] == "ACK"))
    return absl::StrCat(words[0], " ", words[1]);
  return words[0];
}

}  // namespace

FalseMaster::FalseMaster() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      listen(listener_, 128) == 0 &&
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { Run(); });
}

FalseMaster::~FalseMaster() {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  thread_.join();
  CloseAll();
  close(listener_);
}

void FalseMaster::Play(FalseScript script) {
  std::lock_guard<std::mutex> guard(mutex_);
  script_ = std::move(script);
  replay_ = true;
  said_ = played_ = false;
}

void FalseMaster::WaitUntilPlayed(int timeout_ms) {
  for (const int64_t end_ms = NowMs() + timeout_ms; NowMs() < end_ms;) {
    {
      std::lock_guard<std::mutex> guard(mutex_);
      if (played_) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int FalseMaster::Count(absl::string_view request) {
  std::lock_guard<std::mutex> guard(mutex_);
  return counts_[std::string(request)];
}

void FalseMaster::Run() {
  while (true) {
    std::vector<pollfd> waits;
    {
      std::lock_guard<std::mutex> guard(mutex_);
      if (stopping_) return;
      if (replay_) CloseAll();
      replay_ = false;
      waits.push_back({listener_, POLLIN, 0});
      for (const auto& peer : peers_) waits.push_back({peer->descriptor, POLLIN, 0});
    }
    poll(waits.data(), waits.size(), kTickMs);
    std::lock_guard<std::mutex> guard(mutex_);
    if (replay_) continue;
    if ((waits[0].revents & POLLIN) != 0) AcceptOne();
    for (size_t i = 1; i < waits.size(); ++i) {
      Peer* const peer = peers_[i - 1].get();
      const bool over = waits[i].revents != 0 && !ServeOne(peer);
      if (!over && (peer->close_at_ms < 0 || NowMs() < peer->close_at_ms)) continue;
      // One that ends takes all with it, as on a real link.
      played_ = played_ || said_;
      CloseAll();
      break;
    }
  }
}

void FalseMaster::AcceptOne() {
  auto peer = std::make_unique<Peer>();
  peer->descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (peer->descriptor < 0) return;
  const int on = 1;
  setsockopt(peer->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  peers_.push_back(std::move(peer));
}

bool FalseMaster::ServeOne(Peer* peer) {
  char buffer[16384];
  const ssize_t count = recv(peer->descriptor, buffer, sizeof(buffer), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN)) return false;
  if (count > 0) peer->received.append(buffer, static_cast<size_t>(count));
  while (!peer->received.empty()) {
    const size_t size = ReplySize(peer->received);
    if (size == 0) break;
    if (size == std::string::npos) return false;
    const std::string request = peer->received.substr(0, size);
    peer->received.erase(0, size);
    Answer(peer, request);
  }
  return true;
}

void FalseMaster::Answer(Peer* peer, absl::string_view request) {
  const std::vector<std::string> words = WordsOf(request);
  const std::string kind = KindOf(words);
  ++counts_[kind];
  if (kind == "REPLCONF ACK") return;
  if (kind == "DFLY FLOW" && words.size() > 3) (void)absl::SimpleAtoi(words[3], &peer->lane);
  const auto said = script_.replies.find(kind);
  if (said != script_.replies.end()) return SayAndEnd(peer, said->second);
  const std::string answer = RightAnswer(kind);
  send(peer->descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (kind == "DFLY START") SayFlows();
}

std::string FalseMaster::RightAnswer(absl::string_view kind) const {
  if (kind == "PING") return "+PONG\r\n";
  if (kind == "DFLY SYNC") {
    return absl::StrCat("*4\r\n$4\r\nFULL\r\n$40\r\n", script_.lineage_id,
                        "\r\n:7\r\n:", script_.lane_count, "\r\n");
  }
  if (kind == "DFLY START") {
    std::string positions = absl::StrCat("*", script_.lane_count, "\r\n");
    for (int i = 0; i < script_.lane_count; ++i) absl::StrAppend(&positions, ":0\r\n");
    return positions;
  }
  return "+OK\r\n";
}

void FalseMaster::SayFlows() {
  for (const auto& peer : peers_) {
    if (peer->lane < 0) continue;
    const size_t lane = static_cast<size_t>(peer->lane);
    SayAndEnd(peer.get(), lane < script_.flows.size() ? script_.flows[lane] : std::string());
  }
}

void FalseMaster::SayAndEnd(Peer* peer, absl::string_view bytes) {
  send(peer->descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  said_ = true;
  switch (script_.ending) {
    case FalseScript::Ending::kReset: {
      const linger at_once{1, 0};
      setsockopt(peer->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      [[fallthrough]];
    }
    case FalseScript::Ending::kClose:
      peer->close_at_ms = NowMs();
      break;
    case FalseScript::Ending::kWait:
      peer->close_at_ms = NowMs() + kPatienceMs;
  }
}

void FalseMaster::CloseAll() {
  for (const auto& peer : peers_) close(peer->descriptor);
  peers_.clear();
}

}  // namespace damselfly
