#ifndef DAMSELFLY_BENCHMARKS_LOAD_RESULTS_H_
#define DAMSELFLY_BENCHMARKS_LOAD_RESULTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "benchmarks/load/disturbances.h"
#include "benchmarks/load/process_figures.h"
#include "benchmarks/load/statistics.h"

namespace damselfly::load {

// What a run has come to.
struct Results {
  explicit Results(size_t command_count) : statistics(command_count) {}

  std::string mode;  // "closed", "open" or "fill"
  // Flags and their values as JSON.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> commands;  // one for each of statistics.commands
  double duration_s = 0;              // until the last reply
  int threads = 1;
  Statistics statistics;
  int64_t differences = 0;
  std::vector<std::string> difference_texts;
  absl::optional<ProcessFigures> server_before;
  absl::optional<ProcessFigures> server_after;
  // Requests that were answered between the two. Not those that count: of these, some were under
  // way at one or the other moment.
  int64_t server_operations = 0;
  // Of cores that were watched; and the latencies of what no disturbance was felt by.
  absl::optional<Disturbances> disturbed;
  Histogram undisturbed_latency;

  double operations_per_s() const;
  // Holds them against the replies that were kept.
  void TakeDisturbances(Disturbances disturbances);

  // 0 without a server's figures.
  double server_cpu_ns_per_operation() const;
};

// One JSON object; the README of this folder lists its fields.
std::string ToJson(const Results& results);

// Its field `disturbed`.
std::string ToJson(const Disturbances& disturbances);

// For a person, several lines.
std::string ToTable(const Results& results);

// What casts doubt on the figures, one text each.
std::vector<std::string> Warnings(const Results& results);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_RESULTS_H_
