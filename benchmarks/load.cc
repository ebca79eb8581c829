// A load of SETs that is measured, at a given rate or as fast as a pipeline goes.
//
//   load --port=PORT --keys=N [--rate=20000 | --pipeline=64] [--connections=50] [--seconds=S]
//        [--samples=FILE]
//
// Keys are key:%012d below N, at random; values are 32 bytes. It ends after S seconds, or with
// SIGTERM. With a rate, requests leave at their moments whether earlier ones are answered or not,
// and what a stall makes others wait is in their latencies: they count from the moment at which
// each should have left. FILE gets two doubles for each request: that moment (CLOCK_MONOTONIC) and
// the latency, in seconds. Prints the number of replies and the seconds they took.
//
// One thread, which asks the system for precedence over what shares its core, so that its own
// waiting for the core does not look like the server's.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int64_t kNanosecondsASecond = 1000000000;
// With a rate, what is due within such a time leaves at once: a timer for each single request would
// take the whole core.
constexpr int64_t kTickNs = 500 * 1000;
constexpr size_t kReplyBytes = 5;  // +OK\r\n
constexpr size_t kPoolRequests = 1 << 16;

volatile sig_atomic_t stop_asked = 0;

struct Options {
  int port = 0;
  int64_t keys = 1000000;
  int64_t rate = 0;  // a second; 0: as fast as it goes
  int pipeline = 1;
  int connections = 50;
  double seconds = 1e9;
  std::string samples;
};

struct Connection {
  int descriptor = -1;
  std::string unsent;
  std::deque<int64_t> due_ns;  // of requests that wait for their replies (with a rate)
  size_t replies_missing = 0;
  size_t reply_bytes_seen = 0;  // of a reply that has come in part
};

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "load: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

int64_t Now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsASecond + now.tv_nsec;
}

// All requests that are ever sent, one behind the other, each equally long.
class RequestPool {
 public:
  explicit RequestPool(int64_t keys) {
    std::mt19937_64 random(1);
    char request[128];
    for (size_t i = 0; i < kPoolRequests; ++i) {
      request_bytes_ = static_cast<size_t>(std::snprintf(
          request, sizeof(request), "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012llu\r\n$32\r\n%032llu\r\n",
          static_cast<unsigned long long>(random() % static_cast<uint64_t>(keys)),
          static_cast<unsigned long long>(random())));
      text_.append(request, request_bytes_);
    }
  }
  // Appends the next `count` requests.
  void AppendTo(std::string* out, size_t count) {
    while (count > 0) {
      const size_t some = std::min(count, kPoolRequests - next_);
      out->append(text_, next_ * request_bytes_, some * request_bytes_);
      next_ = (next_ + some) % kPoolRequests;
      count -= some;
    }
  }

 private:
  std::string text_;
  size_t request_bytes_ = 0;
  size_t next_ = 0;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), pool_(options.keys) {
    poll_ = epoll_create1(0);
    connections_.resize(static_cast<size_t>(options.connections));
    for (size_t i = 0; i < connections_.size(); ++i) {
      Connection& one = connections_[i];
      one.descriptor = Connect();
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u64 = i;
      if (epoll_ctl(poll_, EPOLL_CTL_ADD, one.descriptor, &event) != 0) Die("epoll_ctl");
    }
  }

  void Run() {
    const int64_t begin = Now_ns();
    const int64_t end = begin + static_cast<int64_t>(std::min(options_.seconds, 1e6) * 1e9);
    next_due_ns_ = begin;
    if (options_.rate == 0) {
      for (Connection& one : connections_) Ask(&one, static_cast<size_t>(options_.pipeline));
    }
    for (int64_t now = begin; now < end && !stop_asked; now = Now_ns()) {
      if (options_.rate > 0) SendDue(now);
      Wait();
    }
    std::printf("%lld %.6f\n", static_cast<long long>(replies_),
                static_cast<double>(Now_ns() - begin) / 1e9);
    WriteSamples();
  }

 private:
  int Connect() const {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
      Die("connect");
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
  }

  void SendDue(int64_t now_ns) {
    for (; next_due_ns_ <= now_ns; next_due_ns_ += kTickNs) {
      owed_ += options_.rate * kTickNs;
      for (; owed_ >= kNanosecondsASecond; owed_ -= kNanosecondsASecond) {
        Connection& one = connections_[turn_++ % connections_.size()];
        one.due_ns.push_back(next_due_ns_);
        Ask(&one, 1);
      }
    }
  }

  void Ask(Connection* one, size_t count) {
    pool_.AppendTo(&one->unsent, count);
    one->replies_missing += count;
    Flush(one);
  }

  void Flush(Connection* one) {
    if (one->unsent.empty()) return;
    const ssize_t sent =
        send(one->descriptor, one->unsent.data(), one->unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) Die("send");
    if (sent > 0) one->unsent.erase(0, static_cast<size_t>(sent));
  }

  void Wait() {
    epoll_event events[64];
    timespec timeout{0, 10 * 1000 * 1000};
    if (options_.rate > 0) timeout.tv_nsec = std::max<int64_t>(0, next_due_ns_ - Now_ns());
    const int count = epoll_pwait2(poll_, events, 64, &timeout, nullptr);
    if (count < 0 && errno != EINTR) Die("epoll_pwait2");
    for (int i = 0; i < count; ++i) {
      Connection& one = connections_[events[i].data.u64];
      Flush(&one);
      Receive(&one);
    }
  }

  void Receive(Connection* one) {
    char buffer[65536];
    for (;;) {
      const ssize_t got = recv(one->descriptor, buffer, sizeof(buffer), 0);
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) Die("the server has closed a connection");
      CheckReplies(*one, buffer, static_cast<size_t>(got));
      const size_t bytes = one->reply_bytes_seen + static_cast<size_t>(got);
      one->reply_bytes_seen = bytes % kReplyBytes;
      TakeReplies(one, bytes / kReplyBytes);
      if (static_cast<size_t>(got) < sizeof(buffer)) break;  // What comes later is an event again.
    }
    if (options_.rate == 0 && one->replies_missing == 0)
      Ask(one, static_cast<size_t>(options_.pipeline));
  }

  static void CheckReplies(const Connection& one, const char* bytes, size_t size) {
    // The first byte of the first whole reply in it, if there is one: errors are longer than +OK,
    // so that what follows one looks wrong too.
    const size_t first = (kReplyBytes - one.reply_bytes_seen) % kReplyBytes;
    if (first < size && bytes[first] != '+') {
      std::fprintf(stderr, "load: not +OK: %.*s\n", static_cast<int>(std::min<size_t>(size, 200)),
                   bytes);
      std::exit(1);
    }
  }

  void TakeReplies(Connection* one, size_t count) {
    replies_ += static_cast<int64_t>(count);
    one->replies_missing -= count;
    if (options_.rate == 0) return;
    const int64_t now = Now_ns();
    for (; count > 0; --count) {
      const int64_t due = one->due_ns.front();
      one->due_ns.pop_front();
      samples_.push_back(static_cast<double>(due) / 1e9);
      samples_.push_back(static_cast<double>(now - due) / 1e9);
    }
  }

  void WriteSamples() const {
    if (options_.samples.empty()) return;
    FILE* file = std::fopen(options_.samples.c_str(), "wb");
    if (file == nullptr) Die(options_.samples.c_str());
    if (std::fwrite(samples_.data(), sizeof(double), samples_.size(), file) != samples_.size() ||
        std::fclose(file) != 0) {
      Die("the samples cannot be written");
    }
  }

  const Options options_;
  RequestPool pool_;
  int poll_ = -1;
  std::vector<Connection> connections_;
  int64_t next_due_ns_ = 0;
  int64_t owed_ = 0;  // requests that are due, times kNanosecondsASecond
  size_t turn_ = 0;
  int64_t replies_ = 0;
  std::vector<double> samples_;
};

Options Parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const char* value = std::strchr(words[i], '=');
    const std::string name(
        words[i], value == nullptr ? std::strlen(words[i]) : static_cast<size_t>(value - words[i]));
    value = value == nullptr ? "" : value + 1;
    if (name == "--port") {
      options.port = std::atoi(value);
    } else if (name == "--keys") {
      options.keys = std::atoll(value);
    } else if (name == "--rate") {
      options.rate = std::atoll(value);
    } else if (name == "--pipeline") {
      options.pipeline = std::atoi(value);
    } else if (name == "--connections") {
      options.connections = std::atoi(value);
    } else if (name == "--seconds") {
      options.seconds = std::atof(value);
    } else if (name == "--samples") {
      options.samples = value;
    } else {
      std::fprintf(stderr, "load: unknown flag %s\n", words[i]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
  const Options options = Parse(count, words);
  signal(SIGTERM, [](int) { stop_asked = 1; });
  signal(SIGINT, [](int) { stop_asked = 1; });
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  if (options.rate > 0) {
    // With a rate it mostly sleeps. Without the right to it, it takes its turn like others.
    sched_param precedence{};
    precedence.sched_priority = 1;
    if (sched_setscheduler(0, SCHED_FIFO, &precedence) != 0)
      std::fprintf(stderr, "load: no precedence: %s\n", std::strerror(errno));
  }
  Load load(options);
  load.Run();
  return 0;
}
