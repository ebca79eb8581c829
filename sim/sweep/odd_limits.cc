#include "sim/sweep/odd_limits.h"

#include <cstddef>

namespace damselfly::sim {
namespace {

constexpr OddLimit kLimits[] = {
    {"hz", {"1", "100", "500"}},
    {"active_expire_effort", {"2", "5", "10"}},
    {"client_output_pause_bytes", {"1", "1000", "0"}},
    {"slowlog_log_slower_than", {"0", "1", "-1"}},
    {"slowlog_max_len", {"0", "1", "1000"}},
    {"latency_monitor_threshold", {"1", "10", "1000"}},
    {"client_query_buffer_limit", {"1048576", "2000000", "16777216"}},
    {"tcp_backlog", {"1", "2", "4096"}},
};

}  // namespace

void DrawOddLimits(DecisionStream& draw, SimNode::Parameters* parameters) {
  DrawOddLimits(draw, kLimits, parameters);
}

void DrawOddLimits(DecisionStream& draw, absl::Span<const OddLimit> limits,
                   SimNode::Parameters* parameters) {
  for (const OddLimit& limit : limits) {
    const bool odd = draw.Chance(1, 2);
    const size_t which = static_cast<size_t>(draw.Below(3));
    if (odd) parameters->emplace_back(limit.name, limit.odd[which]);
  }
}

}  // namespace damselfly::sim
