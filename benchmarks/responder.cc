// Answers every request with +OK and stores nothing: what a load driver can do at most is measured
// against this.
//
//   responder [--port=PORT] [--delay_us=LEAST..MOST]
//
// Without a port, or with 0, the system chooses one; it is printed. With a delay the answers to all
// that a connection has sent at once wait for a time between these, each equally likely: a driver
// then has to report latencies that are known.
//
// One thread, the loopback interface. A request is an array of bulk strings; of its bytes only
// the lengths are looked at. Ends with SIGTERM, or when a client sends anything else.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr size_t kReceiveBytes = 256 * 1024;
constexpr int kEventsMax = 256;
constexpr long kDelayMax_us = 1000 * 1000;
constexpr int64_t kSecond_ns = 1000 * 1000 * 1000;

// In microseconds, both ends belong to it; 0 and 0: none.
struct Delay {
  long least = 0;
  long most = 0;
};

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "responder: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// Finds the ends of requests in a stream of bytes that is cut anywhere.
class Requests {
 public:
  // How many end within these bytes; -1 if they are no requests.
  long Take(const char* p, const char* end) {
    long ended = 0;
    while (p != end) {
      if (to_skip_ > 0) {
        const size_t skipped = std::min(to_skip_, static_cast<size_t>(end - p));
        p += skipped;
        to_skip_ -= skipped;
        if (to_skip_ == 0 && --strings_left_ == 0) ++ended;
        continue;
      }
      const char byte = *p++;
      if (byte >= '0' && byte <= '9') {
        number_ = number_ * 10 + static_cast<size_t>(byte - '0');
      } else if (byte == '*' || byte == '$') {
        if ((byte == '*') != (strings_left_ == 0)) return -1;
        number_ = 0;
      } else if (byte == '\n') {
        if (strings_left_ > 0) {
          to_skip_ = number_ + 2;
        } else if (number_ > 0) {
          strings_left_ = number_;
        } else {
          return -1;
        }
      } else if (byte != '\r') {
        return -1;
      }
    }
    return ended;
  }

 private:
  size_t number_ = 0;  // of the line under way
  size_t strings_left_ = 0;
  size_t to_skip_ = 0;  // of a string's bytes and its line end
};

struct Client {
  int descriptor = -1;
  Requests requests;
  std::string unsent;
  bool is_waiting = false;  // for room to send it
  uint64_t number = 0;      // no two have the same
};

// Answers whose time has not come.
struct Delayed {
  int64_t due_ns;  // CLOCK_MONOTONIC
  int descriptor;
  uint64_t client;
  size_t bytes;
  bool operator>(const Delayed& other) const { return due_ns > other.due_ns; }
};

int64_t Now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

class Responder {
 public:
  Responder(int port, const Delay& delay)
      : delays_us_(delay.least, delay.most),
        has_delay_(delay.most > 0),
        receive_buffer_(kReceiveBytes) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    socklen_t size = sizeof(address);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) Die("bind");
    if (listen(listener_, SOMAXCONN) != 0) Die("listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    poll_ = epoll_create1(0);
    Watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    prctl(PR_SET_TIMERSLACK, 1);
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    Watch(EPOLL_CTL_ADD, timer_, EPOLLIN);
    for (int i = 0; i < 4096; ++i) oks_ += "+OK\r\n";
  }

  void Run() {
    epoll_event events[kEventsMax];
    for (;;) {
      const int count = epoll_wait(poll_, events, kEventsMax, -1);
      if (count < 0 && errno != EINTR) Die("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[i].data.fd;
        if (descriptor == listener_) {
          Accept();
        } else if (descriptor == timer_) {
          SendDue();
        } else if (Client* const client = clients_[static_cast<size_t>(descriptor)].get();
                   client != nullptr && !Serve(client)) {
          Close(descriptor);
        }
      }
    }
  }

 private:
  void Watch(int operation, int descriptor, uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = descriptor;
    if (epoll_ctl(poll_, operation, descriptor, &event) != 0) Die("epoll_ctl");
  }

  void Accept() {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (descriptor < 0) return;
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (clients_.size() <= static_cast<size_t>(descriptor))
      clients_.resize(static_cast<size_t>(descriptor) + 1);
    clients_[static_cast<size_t>(descriptor)] = std::make_unique<Client>();
    clients_[static_cast<size_t>(descriptor)]->descriptor = descriptor;
    clients_[static_cast<size_t>(descriptor)]->number = ++clients_accepted_;
    Watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
  }

  void Close(int descriptor) {
    close(descriptor);
    clients_[static_cast<size_t>(descriptor)].reset();
  }

  void SendDue() {
    uint64_t expirations;
    if (read(timer_, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN) Die("timer");
    while (!delayed_.empty() && delayed_.top().due_ns <= Now_ns()) {
      const Delayed due = delayed_.top();
      delayed_.pop();
      Client* const client = clients_[static_cast<size_t>(due.descriptor)].get();
      if (client == nullptr || client->number != due.client) continue;
      // What it has not taken yet comes first.
      if (client->is_waiting) {
        client->unsent.append(oks_, 0, due.bytes);
      } else if (!Send(client, oks_.data(), due.bytes)) {
        Close(due.descriptor);
      }
    }
    SetTimer();
  }

  void SetTimer() {
    itimerspec when{};
    if (!delayed_.empty()) {
      when.it_value.tv_sec = delayed_.top().due_ns / kSecond_ns;
      when.it_value.tv_nsec = delayed_.top().due_ns % kSecond_ns;
    }
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
  }

  // False when the client is gone, or sends what is no request.
  bool Serve(Client* client) {
    if (!client->unsent.empty()) {
      std::string rest;
      rest.swap(client->unsent);
      if (!Send(client, rest.data(), rest.size())) return false;
      if (!client->unsent.empty()) return true;
    }
    const ssize_t got = recv(client->descriptor, receive_buffer_.data(), receive_buffer_.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    long count = client->requests.Take(receive_buffer_.data(), receive_buffer_.data() + got);
    if (count < 0) return false;
    const size_t bytes = static_cast<size_t>(count) * 5;
    while (oks_.size() < bytes) oks_ += oks_;
    if (!has_delay_) return Send(client, oks_.data(), bytes);
    if (bytes == 0) return true;
    const int64_t due_ns = Now_ns() + delays_us_(random_) * 1000;
    delayed_.push({due_ns, client->descriptor, client->number, bytes});
    if (delayed_.top().due_ns == due_ns) SetTimer();
    return true;
  }

  bool Send(Client* client, const char* bytes, size_t size) {
    if (size == 0) return true;
    ssize_t sent = send(client->descriptor, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) sent = 0;
    const bool had_rest = client->is_waiting;
    client->unsent.assign(bytes + sent, size - static_cast<size_t>(sent));
    client->is_waiting = !client->unsent.empty();
    // It is not read from while it does not read.
    if (client->is_waiting != had_rest)
      Watch(EPOLL_CTL_MOD, client->descriptor, client->is_waiting ? EPOLLOUT : EPOLLIN);
    return true;
  }

  std::uniform_int_distribution<long> delays_us_;
  const bool has_delay_;
  std::mt19937_64 random_;
  std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
  int timer_ = -1;
  uint64_t clients_accepted_ = 0;

  int listener_ = -1;
  int poll_ = -1;
  std::vector<std::unique_ptr<Client>> clients_;  // by descriptor
  std::vector<char> receive_buffer_;
  std::string oks_;
};

// False if it is none.
bool ParseDelay(const char* text, Delay* delay) {
  char end = 0;
  return std::sscanf(text, "%ld..%ld%c", &delay->least, &delay->most, &end) == 2 &&
         delay->least >= 0 && delay->least <= delay->most && delay->most <= kDelayMax_us;
}

}  // namespace

int main(int count, char** words) {
  int port = 0;
  Delay delay;
  for (int i = 1; i < count; ++i) {
    if (std::strncmp(words[i], "--port=", 7) == 0) {
      port = std::atoi(words[i] + 7);
    } else if (std::strncmp(words[i], "--delay_us=", 11) != 0) {
      std::fprintf(stderr, "responder: unknown flag %s\n", words[i]);
      return 2;
    } else if (!ParseDelay(words[i] + 11, &delay)) {
      std::fprintf(stderr, "responder: %s: wants LEAST..MOST, up to %ld\n", words[i], kDelayMax_us);
      return 2;
    }
  }
  Responder(port, delay).Run();
}
