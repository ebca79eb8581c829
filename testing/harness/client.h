#ifndef DAMSELFLY_TESTING_HARNESS_CLIENT_H_
#define DAMSELFLY_TESTING_HARNESS_CLIENT_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// A blocking client on a loopback port, for tests: bytes out, whole replies in their wire form
// back. Calls give up after 60 s. Not thread-safe.
class Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Connect(int port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  absl::Status Send(absl::string_view bytes);
  // The next whole reply (or push) as it came.
  absl::StatusOr<std::string> ReadReply();
  // Sends `bytes` that hold `count` commands while reading their replies, so that neither side's
  // buffers can fill up.
  absl::StatusOr<std::vector<std::string>> Exchange(absl::string_view bytes, size_t count);
  // One command and its reply; an error of the connection comes back as "!" and its text.
  std::string Run(std::initializer_list<absl::string_view> args);
  std::string Run(absl::Span<const std::string> args);

  // Reads until the peer closes; returns what came. An error if it does not close.
  absl::StatusOr<std::string> ReadToEnd();
  // Ends the sending direction.
  void ShutdownWrites();
  int descriptor() const { return descriptor_; }

 private:
  explicit Client(int descriptor) : descriptor_(descriptor) {}
  absl::Status Receive();

  const int descriptor_;
  std::string received_;
  size_t consumed_bytes_ = 0;
};

// The size of the first whole RESP value in `bytes`; 0 if it is incomplete, and npos if the bytes
// are no RESP.
size_t ReplySize(absl::string_view bytes);

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_HARNESS_CLIENT_H_
