#include "server/posix/address.h"
#include "server/posix/errno_status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace damselfly::posix {
namespace {

absl::StatusOr<SocketAddress> UnixAddress(const std::string& path) {
  SocketAddress address;
  auto* unix_address = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof(unix_address->sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path is longer than a Unix socket's path may be (",
                     sizeof(unix_address->sun_path) - 1, " bytes)"));
  }
  unix_address->sun_family = AF_UNIX;
  memcpy(unix_address->sun_path, path.c_str(), path.size() + 1);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

std::string HostToResolve(const Endpoint& endpoint) {
  if (endpoint.host.empty() || endpoint.host == "*") return "0.0.0.0";
  if (endpoint.host == "::*") return "::";
  return endpoint.host;
}

// `flags`: getaddrinfo's.
absl::StatusOr<std::vector<SocketAddress>> LookUp(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) return ErrnoStatus(errno, "could not look up the name");
  if (error != 0) return absl::NotFoundError(gai_strerror(error));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

void SetOption(int socket, int level, int option, int value) {
  // A refusal costs latency or the detection of dead peers, never correctness.
  (void)setsockopt(socket, level, option, &value, sizeof(value));
}

}  // namespace

bool IsNumeric(const Endpoint& endpoint) {
  return !endpoint.unix_path.empty() ||
         LookUp(HostToResolve(endpoint), endpoint.port, AI_NUMERICHOST).ok();
}

absl::StatusOr<std::vector<SocketAddress>> Resolve(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) {
    absl::StatusOr<SocketAddress> address = UnixAddress(endpoint.unix_path);
    if (!address.ok()) return address.status();
    return std::vector<SocketAddress>{*address};
  }
  if (endpoint.port < 0 || endpoint.port > 65535)
    return absl::InvalidArgumentError("the port is not in [0, 65535]");
  const std::string host = HostToResolve(endpoint);
  auto addresses = LookUp(host, endpoint.port, AI_NUMERICHOST);
  return addresses.ok() ? addresses : LookUp(host, endpoint.port, 0);
}

Endpoint ToEndpoint(const SocketAddress& address, const Endpoint& fallback) {
  Endpoint endpoint;
  char text[INET6_ADDRSTRLEN];
  if (address.family() == AF_INET) {
    const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    endpoint.host = inet_ntop(AF_INET, &ipv4->sin_addr, text, sizeof(text));
    endpoint.port = ntohs(ipv4->sin_port);
  } else if (address.family() == AF_INET6) {
    const auto* ipv6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    endpoint.host = inet_ntop(AF_INET6, &ipv6->sin6_addr, text, sizeof(text));
    endpoint.port = ntohs(ipv6->sin6_port);
  } else {
    const auto* unix_address = reinterpret_cast<const sockaddr_un*>(&address.storage);
    const size_t path_bytes =
        address.length - std::min<size_t>(address.length, offsetof(sockaddr_un, sun_path));
    if (path_bytes == 0 || unix_address->sun_path[0] == '\0') return fallback;
    endpoint.unix_path.assign(unix_address->sun_path, strnlen(unix_address->sun_path, path_bytes));
  }
  return endpoint;
}

SocketAddress LocalAddress(int socket) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0)
    return SocketAddress();
  return address;
}

absl::StatusOr<Descriptor> CreateSocket(const SocketAddress& address) {
  Descriptor created(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!created.valid()) return ErrnoStatus(errno, "could not create a socket");
  return created;
}

void SetConnectionOptions(int socket, int family, int keepalive_s) {
  if (family == AF_UNIX) return;
  SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  if (keepalive_s <= 0) return;
  // Three probes within one more period, as Redis documents for tcp-keepalive: a dead peer is
  // noticed after about twice the period.
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_s);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(keepalive_s / 3, 1));
  SetOption(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace damselfly::posix
