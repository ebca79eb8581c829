#ifndef DAMSELFLY_SERVER_POSIX_ADDRESS_H_
#define DAMSELFLY_SERVER_POSIX_ADDRESS_H_

#include <sys/socket.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/posix/descriptor.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// A socket address of any family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// True if `endpoint` is a Unix socket or its host is a numeric address: no name has to be looked
// up.
bool IsNumeric(const Endpoint& endpoint);

// The addresses of `endpoint`, at least one, in the resolver's order. Blocks on the resolver unless
// IsNumeric. An empty host or "*" is IPv4's any-address and "::*" is IPv6's, as in Redis's `bind`.
absl::StatusOr<std::vector<SocketAddress>> Resolve(const Endpoint& endpoint);

// The other way. A Unix socket without a name (a client's end) becomes `fallback`.
Endpoint ToEndpoint(const SocketAddress& address, const Endpoint& fallback);

// The address that a socket is bound to.
SocketAddress LocalAddress(int socket);

// Creates a stream socket for the address's family: non-blocking, closed on exec.
absl::StatusOr<Descriptor> CreateSocket(const SocketAddress& address);

// For connected sockets: no delay for small writes and, when `keepalive_s` > 0, probes after that
// many idle seconds. Does nothing to Unix sockets.
void SetConnectionOptions(int socket, int family, int keepalive_s);

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_ADDRESS_H_
