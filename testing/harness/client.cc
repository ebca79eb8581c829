#include "testing/harness/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/resp/request_writer.h"

namespace damselfly {
namespace {

constexpr int kTimeoutMs = 60000;

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Elements that follow the header line `line`; -1 if the type has none.
int64_t ElementCount(char type, int64_t length) {
  switch (type) {
    case '*':
    case '~':
    case '>':
      return length < 0 ? 0 : length;
    case '%':
      return length * 2;
    case '|':
      return length * 2 + 1;
    default:
      return -1;
  }
}

}  // namespace

size_t ReplySize(absl::string_view bytes) {
  size_t position = 0;
  int64_t left = 1;
  while (left > 0) {
    const size_t end = bytes.find("\r\n", position);
    if (end == absl::string_view::npos) return 0;
    const char type = bytes[position];
    const absl::string_view line = bytes.substr(position + 1, end - position - 1);
    position = end + 2;
    --left;
    int64_t length = 0;
    switch (type) {
      case '+':
      case '-':
      case ':':
      case '_':
      case ',':
      case '#':
      case '(':
        break;
      case '$':
      case '=':
      case '!':
        if (!absl::SimpleAtoi(line, &length)) return absl::string_view::npos;
        if (length >= 0) position += static_cast<size_t>(length) + 2;
        if (position > bytes.size()) return 0;
        break;
      default: {
        if (!absl::SimpleAtoi(line, &length)) return absl::string_view::npos;
        const int64_t elements = ElementCount(type, length);
        if (elements < 0) return absl::string_view::npos;
        left += elements;
      }
    }
  }
  return position;
}

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    const absl::Status status = SystemError(absl::StrCat("connect to port ", port));
    close(fd);
    return status;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return std::unique_ptr<Client>(new Client(fd));
}

Client::~Client() { close(descriptor_); }

absl::Status Client::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return SystemError("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::Status Client::Receive() {
  pollfd wait{descriptor_, POLLIN, 0};
  if (poll(&wait, 1, kTimeoutMs) <= 0) return absl::DeadlineExceededError("no reply in time");
  char buffer[65536];
  const ssize_t count = recv(descriptor_, buffer, sizeof(buffer), 0);
  if (count < 0) return SystemError("recv");
  if (count == 0) return absl::OutOfRangeError("the server closed the connection");
  if (consumed_bytes_ > 0 && consumed_bytes_ >= received_.size() / 2) {
    received_.erase(0, consumed_bytes_);
    consumed_bytes_ = 0;
  }
  received_.append(buffer, static_cast<size_t>(count));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Client::ReadReply() {
  while (true) {
    const absl::string_view rest = absl::string_view(received_).substr(consumed_bytes_);
    const size_t size = rest.empty() ? 0 : ReplySize(rest);
    if (size == absl::string_view::npos)
      return absl::DataLossError(absl::StrCat("no RESP: ", rest.substr(0, 100)));
    if (size > 0) {
      consumed_bytes_ += size;
      return std::string(rest.substr(0, size));
    }
    absl::Status status = Receive();
    if (!status.ok()) return status;
  }
}

absl::StatusOr<std::vector<std::string>> Client::Exchange(absl::string_view bytes, size_t count) {
  // A chunk small enough for the sockets' buffers, then what has come back, and so on.
  constexpr size_t kChunkBytes = 16384;
  while (!bytes.empty()) {
    const absl::string_view chunk = bytes.substr(0, kChunkBytes);
    pollfd wait{descriptor_, POLLIN | POLLOUT, 0};
    if (poll(&wait, 1, kTimeoutMs) <= 0)
      return absl::DeadlineExceededError("the server takes no bytes");
    if ((wait.revents & POLLIN) != 0) {
      absl::Status status = Receive();
      if (!status.ok()) return status;
      continue;
    }
    const ssize_t sent = send(descriptor_, chunk.data(), chunk.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return SystemError("send");
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  std::vector<std::string> replies;
  while (replies.size() < count) {
    absl::StatusOr<std::string> reply = ReadReply();
    if (!reply.ok()) return reply.status();
    replies.push_back(*std::move(reply));
  }
  return replies;
}

std::string Client::Run(absl::Span<const std::string> args) {
  std::vector<absl::string_view> views(args.begin(), args.end());
  std::string bytes;
  AppendCommand(&bytes, views);
  absl::Status status = Send(bytes);
  if (!status.ok()) return absl::StrCat("!", status.message());
  absl::StatusOr<std::string> reply = ReadReply();
  return reply.ok() ? *reply : absl::StrCat("!", reply.status().message());
}

std::string Client::Run(std::initializer_list<absl::string_view> args) {
  return Run(std::vector<std::string>(args.begin(), args.end()));
}

absl::StatusOr<std::string> Client::ReadToEnd() {
  while (true) {
    absl::Status status = Receive();
    if (absl::IsOutOfRange(status) || absl::IsUnavailable(status))
      return received_.substr(consumed_bytes_);
    if (!status.ok()) return status;
  }
}

void Client::ShutdownWrites() { shutdown(descriptor_, SHUT_WR); }

}  // namespace damselfly
