#include "benchmarks/load/statistics.h"

#include <algorithm>

#include "hdr_histogram.h"
#include "server/base/check.h"

namespace damselfly::load {
namespace {

constexpr int64_t kLongest_ns = int64_t{3600} * 1000 * 1000 * 1000;
constexpr int kDigits = 3;

}  // namespace

void Histogram::Close::operator()(hdr_histogram* histogram) const { hdr_close(histogram); }

Histogram::Histogram() {
  hdr_histogram* histogram = nullptr;
  DFLY_CHECK_EQ(hdr_init(1, kLongest_ns, kDigits, &histogram), 0);
  histogram_.reset(histogram);
}

Histogram::~Histogram() = default;

void Histogram::Record(int64_t duration_ns, int64_t count) {
  DFLY_CHECK(
      hdr_record_values(histogram_.get(), std::clamp<int64_t>(duration_ns, 0, kLongest_ns), count));
}

void Histogram::Add(const Histogram& other) {
  DFLY_CHECK_EQ(hdr_add(histogram_.get(), other.histogram_.get()), 0);
}

int64_t Histogram::count() const { return histogram_->total_count; }

double Histogram::mean_ns() const { return count() == 0 ? 0 : hdr_mean(histogram_.get()); }

int64_t Histogram::min_ns() const { return count() == 0 ? 0 : hdr_min(histogram_.get()); }

int64_t Histogram::max_ns() const { return hdr_max(histogram_.get()); }

int64_t Histogram::percentile_ns(double percent) const {
  return hdr_value_at_percentile(histogram_.get(), percent);
}

void Statistics::CountError(size_t command, absl::string_view text) {
  ++commands[command].errors;
  if (first_error.empty()) first_error = std::string(text);
  ++errors_by_kind[std::string(text.substr(0, text.find(' ')))];
}

void Statistics::Add(const Statistics& other) {
  DFLY_CHECK_EQ(commands.size(), other.commands.size());
  for (size_t i = 0; i < commands.size(); ++i) {
    commands[i].operations += other.commands[i].operations;
    commands[i].errors += other.commands[i].errors;
    commands[i].latency.Add(other.commands[i].latency);
  }
  for (const auto& [kind, count] : other.errors_by_kind) errors_by_kind[kind] += count;
  if (first_error.empty()) first_error = other.first_error;
  moved += other.moved;
  ask += other.ask;
  tryagain += other.tryagain;
  clusterdown += other.clusterdown;
  verified += other.verified;
  missed_sends += other.missed_sends;
  lateness.Add(other.lateness);
  last_reply_ns = std::max(last_reply_ns, other.last_reply_ns);
  cpu_s += other.cpu_s;
  spin_s += other.spin_s;
  cpu_share_max = std::max(cpu_share_max, other.cpu_share_max);
  replies.insert(replies.end(), other.replies.begin(), other.replies.end());
}

int64_t Statistics::operations() const {
  int64_t sum = 0;
  for (const CommandStatistics& command : commands) sum += command.operations;
  return sum;
}

int64_t Statistics::errors() const {
  int64_t sum = 0;
  for (const CommandStatistics& command : commands) sum += command.errors;
  return sum;
}

}  // namespace damselfly::load
