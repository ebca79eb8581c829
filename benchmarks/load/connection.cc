#include "benchmarks/load/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/resp/request_writer.h"

namespace damselfly::load {
namespace {

constexpr int kReplySecondsMax = 30;

absl::Status Failed(const Endpoint& endpoint, absl::string_view what, int error) {
  return absl::UnavailableError(
      absl::StrCat(endpoint.ToString(), ": ", what, ": ", std::strerror(error)));
}

absl::StatusOr<int> ConnectUnix(const Endpoint& endpoint) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (endpoint.unix_path.size() >= sizeof(address.sun_path))
    return absl::InvalidArgumentError("--unix: the path is too long for a socket");
  std::memcpy(address.sun_path, endpoint.unix_path.data(), endpoint.unix_path.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Failed(endpoint, "socket", errno);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0)
    return descriptor;
  const int error = errno;
  close(descriptor);
  return Failed(endpoint, "cannot connect", error);
}

absl::StatusOr<int> ConnectTcp(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  const std::string port = absl::StrCat(endpoint.port);
  const int code = getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &addresses);
  if (code != 0) {
    return absl::UnavailableError(absl::StrCat(endpoint.ToString(), ": ", gai_strerror(code)));
  }
  int error = 0;
  int descriptor = -1;
  for (const addrinfo* one = addresses; one != nullptr && descriptor < 0; one = one->ai_next) {
    descriptor = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && connect(descriptor, one->ai_addr, one->ai_addrlen) == 0) break;
    error = errno;
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }
  freeaddrinfo(addresses);
  if (descriptor < 0) return Failed(endpoint, "cannot connect", error);
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return descriptor;
}

}  // namespace

std::string Endpoint::ToString() const {
  return unix_path.empty() ? absl::StrCat(host, ":", port) : unix_path;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                             const Options& options, int node) {
  absl::StatusOr<std::unique_ptr<BlockingClient>> client = BlockingClient::Open(endpoint, options);
  if (!client.ok()) return client.status();
  const int descriptor = (*client)->Release();
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return std::unique_ptr<Connection>(new Connection(descriptor, endpoint, node));
}

Connection::~Connection() { close(descriptor_); }

absl::Status Connection::Send(absl::string_view bytes) {
  if (!has_unsent()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
      return Failed(endpoint_, "cannot send", errno);
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  unsent_.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status Connection::Flush() {
  if (!has_unsent()) return absl::OkStatus();
  const ssize_t sent = send(descriptor_, unsent_.data() + unsent_begin_,
                            unsent_.size() - unsent_begin_, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return Failed(endpoint_, "cannot send", errno);
  if (sent > 0) unsent_begin_ += static_cast<size_t>(sent);
  if (!has_unsent()) {
    unsent_.clear();
    unsent_begin_ = 0;
  } else if (unsent_begin_ > unsent_.size() / 2) {
    unsent_.erase(0, unsent_begin_);
    unsent_begin_ = 0;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BlockingClient>> BlockingClient::Open(const Endpoint& endpoint,
                                                                     const Options& options) {
  absl::StatusOr<int> descriptor =
      endpoint.unix_path.empty() ? ConnectTcp(endpoint) : ConnectUnix(endpoint);
  if (!descriptor.ok()) return descriptor.status();
  std::unique_ptr<BlockingClient> client(new BlockingClient(*descriptor, endpoint));
  const timeval patience{kReplySecondsMax, 0};
  setsockopt(*descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  absl::Status status = client->Introduce(options);
  if (!status.ok()) return status;
  return client;
}

BlockingClient::~BlockingClient() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status BlockingClient::Introduce(const Options& options) {
  const std::string user = options.user.empty() ? "default" : options.user;
  absl::StatusOr<Reply> reply = Reply();
  if (options.protocol == 3 && options.password.empty()) {
    reply = Call({"HELLO", "3"});
  } else if (options.protocol == 3) {
    reply = Call({"HELLO", "3", "AUTH", user, options.password});
  } else if (!options.user.empty()) {
    reply = Call({"AUTH", user, options.password});
  } else if (!options.password.empty()) {
    reply = Call({"AUTH", options.password});
  }
  if (reply.ok() && options.database != 0) reply = Call({"SELECT", absl::StrCat(options.database)});
  return reply.status();
}

absl::StatusOr<Reply> BlockingClient::Call(std::initializer_list<absl::string_view> words) {
  std::string request = MakeCommand(words);
  for (size_t begin = 0; begin < request.size();) {
    const ssize_t sent =
        send(descriptor_, request.data() + begin, request.size() - begin, MSG_NOSIGNAL);
    if (sent < 0) return Failed(endpoint_, "cannot send", errno);
    begin += static_cast<size_t>(sent);
  }
  Reply reply;
  for (;;) {
    const ReplyReader::Result result = reader_.Next(&reply);
    if (result == ReplyReader::Result::kReply) {
      if (reply.is_push()) continue;
      if (!reply.is_error()) return reply;
      return absl::FailedPreconditionError(
          absl::StrCat(endpoint_.ToString(), ": ", *words.begin(), ": ", reply.text));
    }
    if (result == ReplyReader::Result::kProtocolError)
      return absl::DataLossError(absl::StrCat(endpoint_.ToString(), ": ", reader_.error()));
    char buffer[16384];
    const ssize_t got = recv(descriptor_, buffer, sizeof(buffer), 0);
    if (got == 0) {
      return absl::UnavailableError(
          absl::StrCat(endpoint_.ToString(), ": the server has closed the connection"));
    }
    if (got < 0) return Failed(endpoint_, "no reply", errno);
    reader_.Feed(absl::string_view(buffer, static_cast<size_t>(got)));
  }
}

int BlockingClient::Release() { return std::exchange(descriptor_, -1); }

}  // namespace damselfly::load
