#include "server/session/slow_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

std::string Shortened(absl::string_view arg) {
  if (arg.size() <= SlowLog::kArgumentBytesMax) return std::string(arg);
  return absl::StrCat(arg.substr(0, SlowLog::kArgumentBytesMax), "... (",
                      arg.size() - SlowLog::kArgumentBytesMax, " more bytes)");
}

std::vector<std::string> Shortened(absl::Span<const absl::string_view> args) {
  // The last place tells how many arguments were left out.
  const bool too_many = args.size() > SlowLog::kArgumentsMax;
  const size_t kept = too_many ? SlowLog::kArgumentsMax - 1 : args.size();
  std::vector<std::string> shortened;
  shortened.reserve(kept + 1);
  for (absl::string_view arg : args.first(kept)) shortened.push_back(Shortened(arg));
  if (too_many) shortened.push_back(absl::StrCat("... (", args.size() - kept, " more arguments)"));
  return shortened;
}

}  // namespace

void SlowLog::Add(int64_t unix_seconds, int64_t duration_us,
                  absl::Span<const absl::string_view> args, absl::string_view client_address,
                  absl::string_view client_name, int64_t entries_max) {
  DFLY_CHECK_GE(entries_max, 0);
  Entry entry;
  entry.unix_seconds = unix_seconds;
  entry.duration_us = duration_us;
  entry.args = Shortened(args);
  entry.client_address = std::string(client_address);
  entry.client_name = std::string(client_name);

  std::lock_guard<std::mutex> guard(mutex_);
  entry.id = next_id_++;
  entries_.push_front(std::move(entry));
  while (entries_.size() > static_cast<size_t>(entries_max)) entries_.pop_back();
}

std::vector<SlowLog::Entry> SlowLog::Newest(int64_t count) const {
  std::lock_guard<std::mutex> guard(mutex_);
  const size_t wanted =
      count < 0
          ? entries_.size()
          : static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(count), entries_.size()));
  return std::vector<Entry>(entries_.begin(),
                            entries_.begin() + static_cast<std::ptrdiff_t>(wanted));
}

int64_t SlowLog::size() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return static_cast<int64_t>(entries_.size());
}

void SlowLog::Reset() {
  std::lock_guard<std::mutex> guard(mutex_);
  entries_.clear();
}

}  // namespace damselfly
