#ifndef DAMSELFLY_SERVER_POSIX_DESCRIPTOR_H_
#define DAMSELFLY_SERVER_POSIX_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace damselfly::posix {

// Owns a file descriptor and closes it. Move-only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Linux frees the number even when close() reports EINTR or an I/O error (close(2)), so it is
  // never retried. Returns close()'s result; 0 when there was nothing to close.
  int Reset() { return fd_ >= 0 ? ::close(std::exchange(fd_, -1)) : 0; }

 private:
  int fd_ = -1;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_DESCRIPTOR_H_
