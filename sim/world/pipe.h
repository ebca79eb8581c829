#ifndef DAMSELFLY_SIM_WORLD_PIPE_H_
#define DAMSELFLY_SIM_WORLD_PIPE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// One direction of a connection: bytes that were written, have arrived, were read. Offsets count
// from the stream's beginning:  read <= arrived <= written. What lies between read and written is
// held here.
class Pipe {
 public:
  uint64_t written() const { return written_; }
  uint64_t arrived() const { return arrived_; }
  uint64_t read() const { return read_; }
  uint64_t unread() const { return arrived_ - read_; }
  uint64_t held() const { return written_ - read_; }
  // Bytes that the receiver was really given: after Discard fewer than read().
  uint64_t given() const { return given_; }

  void Append(absl::string_view data, int64_t time_ns);
  // So many bytes are about to be appended.
  void Reserve(size_t count) { bytes_.reserve(bytes_.size() + count); }
  // Bytes up to `offset` have arrived. They do so in order.
  void Arrive(uint64_t offset);
  // The next `count` (<= unread()) bytes, valid until the next call of Append or Skip.
  absl::string_view Peek(size_t count) const {
    return absl::string_view(bytes_.data() + head_, count);
  }
  // The receiver has taken them.
  void Skip(size_t count, int64_t time_ns);
  // What has not arrived never will.
  void CutTail();
  // The receiver is gone: nothing is held any more.
  void Discard();

  // For mutants only: the last `count` bytes written, and the loss of the last one.
  char* tail(size_t count) { return &bytes_[bytes_.size() - count]; }
  void DropLastByte() {
    bytes_.pop_back();
    --written_;
  }

  // ---- Ground truth for oracles ----
  // From now on remembers when bytes were written and read, until asked.
  void KeepTimes() { keeps_times_ = true; }
  // When the byte before `offset` was written, or read; -1 if it was not yet. Offsets asked for
  // never decrease.
  int64_t WriteTime(uint64_t offset) { return TimeOf(&write_times_, offset); }
  int64_t ReadTime(uint64_t offset) { return TimeOf(&read_times_, offset); }

 private:
  struct Mark {
    uint64_t offset;
    int64_t time_ns;
  };
  static int64_t TimeOf(std::deque<Mark>* marks, uint64_t offset);

  std::string bytes_;  // bytes_[0, head_) are spent
  size_t head_ = 0;
  uint64_t written_ = 0;
  uint64_t arrived_ = 0;
  uint64_t read_ = 0;
  uint64_t given_ = 0;
  bool keeps_times_ = false;
  std::deque<Mark> write_times_;
  std::deque<Mark> read_times_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_PIPE_H_
