#include "benchmarks/load/results.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace damselfly::load {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kShareMax = 0.90;
constexpr double kMissedShareMax = 0.01;

struct Percentile {
  const char* name;
  double percent;
};
constexpr Percentile kPercentiles[] = {
    {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99},
};

double Microseconds(double duration_ns) { return duration_ns / 1000; }
double Microseconds(int64_t duration_ns) { return static_cast<double>(duration_ns) / 1000; }

Json LatencyJson(const Histogram& latency) {
  Json json;
  json["min"] = Microseconds(latency.min_ns());
  json["mean"] = Microseconds(latency.mean_ns());
  for (const Percentile& one : kPercentiles)
    json[one.name] = Microseconds(latency.percentile_ns(one.percent));
  json["max"] = Microseconds(latency.max_ns());
  return json;
}

Histogram AllLatencies(const Statistics& statistics) {
  Histogram all;
  for (const CommandStatistics& command : statistics.commands) all.Add(command.latency);
  return all;
}

Json ServerJson(const Results& results) {
  if (!results.server_before || !results.server_after) return nullptr;
  const ProcessFigures& before = *results.server_before;
  const ProcessFigures& after = *results.server_after;
  Json json;
  json["cpu_s"] = static_cast<double>(after.cpu_ns - before.cpu_ns) / 1e9;
  json["cpu_ns_per_operation"] = results.server_cpu_ns_per_operation();
  json["operations"] = results.server_operations;
  json["resident_bytes_before"] = before.resident_bytes;
  json["resident_bytes_after"] = after.resident_bytes;
  json["minor_faults"] = after.minor_faults - before.minor_faults;
  json["major_faults"] = after.major_faults - before.major_faults;
  json["voluntary_switches"] = after.voluntary_switches - before.voluntary_switches;
  json["involuntary_switches"] = after.involuntary_switches - before.involuntary_switches;
  return json;
}

Json DisturbedJson(const Disturbances& disturbances) {
  Json json;
  json["moments"] = disturbances.count();
  json["total_us"] = Microseconds(disturbances.total_ns());
  json["longest_stop_us"] = Microseconds(disturbances.longest_stop_ns());
  json["greatest_slowness"] = disturbances.greatest_slowness();
  return json;
}

Json UndisturbedJson(const Results& results) {
  Json json;
  json["operations"] = results.undisturbed_latency.count();
  json["latency_us"] = LatencyJson(results.undisturbed_latency);
  return json;
}

std::string LatencyRow(const std::string& name, int64_t operations, const Histogram& latency) {
  std::string row =
      absl::StrFormat("%-26.26s%12d%10.1f", name, operations, Microseconds(latency.mean_ns()));
  for (const Percentile& one : kPercentiles)
    absl::StrAppendFormat(&row, "%10.1f", Microseconds(latency.percentile_ns(one.percent)));
  absl::StrAppendFormat(&row, "%10.1f\n", Microseconds(latency.max_ns()));
  return row;
}

std::string LatencyTable(const Results& results) {
  const Statistics& statistics = results.statistics;
  std::string table =
      absl::StrFormat("%-26s%12s%10s", "latency in microseconds", "operations", "mean");
  for (const Percentile& one : kPercentiles) absl::StrAppendFormat(&table, "%10s", one.name);
  absl::StrAppendFormat(&table, "%10s\n", "max");
  for (size_t i = 0; i < statistics.commands.size(); ++i) {
    absl::StrAppend(&table, LatencyRow(results.commands[i], statistics.commands[i].operations,
                                       statistics.commands[i].latency));
  }
  if (statistics.commands.size() > 1) {
    absl::StrAppend(&table, LatencyRow("all", statistics.operations(), AllLatencies(statistics)));
  }
  return table;
}

}  // namespace

double Results::operations_per_s() const {
  return duration_s > 0 ? static_cast<double>(statistics.operations()) / duration_s : 0;
}

double Results::server_cpu_ns_per_operation() const {
  if (!server_before || !server_after || server_operations == 0) return 0;
  return static_cast<double>(server_after->cpu_ns - server_before->cpu_ns) /
         static_cast<double>(server_operations);
}

void Results::TakeDisturbances(Disturbances disturbances) {
  const Disturbances felt = mode == "open" ? disturbances.WithCatchingUp() : disturbances;
  for (const ReplyTimes& reply : statistics.replies) {
    if (felt.Touch(reply.start_ns, reply.end_ns)) continue;
    undisturbed_latency.Record(reply.end_ns - reply.start_ns, reply.count);
  }
  disturbed = std::move(disturbances);
}

std::string ToJson(const Disturbances& disturbances) {
  return DisturbedJson(disturbances).dump() + "\n";
}

std::string ToJson(const Results& results) {
  const Statistics& statistics = results.statistics;
  Json json;
  json["damselfly_load"] = 1;
  json["mode"] = results.mode;
  Json settings = Json::object();
  for (const auto& [name, value] : results.settings) settings[name] = Json::parse(value);
  json["settings"] = settings;
  json["duration_s"] = results.duration_s;
  json["operations"] = statistics.operations();
  json["operations_per_s"] = results.operations_per_s();
  json["latency_us"] = LatencyJson(AllLatencies(statistics));
  json["commands"] = Json::array();
  for (size_t i = 0; i < statistics.commands.size(); ++i) {
    const CommandStatistics& command = statistics.commands[i];
    json["commands"].push_back({{"command", results.commands[i]},
                                {"operations", command.operations},
                                {"latency_us", LatencyJson(command.latency)},
                                {"errors", command.errors}});
  }
  Json by_kind = Json::object();
  for (const auto& [kind, count] : statistics.errors_by_kind) by_kind[kind] = count;
  json["errors"] = {{"total", statistics.errors()}, {"by_kind", by_kind}};
  json["redirections"] = {{"moved", statistics.moved},
                          {"ask", statistics.ask},
                          {"tryagain", statistics.tryagain},
                          {"clusterdown", statistics.clusterdown}};
  json["verified"] = statistics.verified;
  json["differences"] = results.differences;
  json["driver"] = {{"cpu_s", statistics.cpu_s},
                    {"cpu_share_max", statistics.cpu_share_max},
                    {"threads", results.threads},
                    {"spin_s", statistics.spin_s}};
  json["server"] = ServerJson(results);
  json["disturbed"] = results.disturbed ? DisturbedJson(*results.disturbed) : Json();
  json["undisturbed"] = results.disturbed ? UndisturbedJson(results) : Json();
  json["missed_sends"] = statistics.missed_sends;
  json["lateness_us"] = {{"p50", Microseconds(statistics.lateness.percentile_ns(50))},
                         {"p99", Microseconds(statistics.lateness.percentile_ns(99))},
                         {"max", Microseconds(statistics.lateness.max_ns())}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ToTable(const Results& results) {
  const Statistics& statistics = results.statistics;
  std::string table = absl::StrFormat(
      "%d operations in %.3f s: %.0f a second (%s)\n", statistics.operations(), results.duration_s,
      results.operations_per_s(),
      results.mode == "open" ? "open loop: latencies from the intended moments"
                             : (results.mode == "fill" ? "filling" : "closed loop"));
  absl::StrAppend(&table, LatencyTable(results));
  if (results.disturbed) {
    absl::StrAppend(&table, LatencyRow("undisturbed", results.undisturbed_latency.count(),
                                       results.undisturbed_latency));
    absl::StrAppendFormat(&table,
                          "the machine was disturbed for %.0f us in %d moments: stopped for up to "
                          "%.1f us, its clock up to %.1f times slower\n",
                          Microseconds(results.disturbed->total_ns()), results.disturbed->count(),
                          Microseconds(results.disturbed->longest_stop_ns()),
                          results.disturbed->greatest_slowness());
  }
  if (results.mode == "open") {
    absl::StrAppendFormat(&table,
                          "sent late by, us: p50 %.1f, p99 %.1f, max %.1f; %d by more than 1 ms\n",
                          Microseconds(statistics.lateness.percentile_ns(50)),
                          Microseconds(statistics.lateness.percentile_ns(99)),
                          Microseconds(statistics.lateness.max_ns()), statistics.missed_sends);
  }
  if (statistics.errors() > 0) {
    absl::StrAppend(&table, "errors: ", statistics.errors());
    for (const auto& [kind, count] : statistics.errors_by_kind)
      absl::StrAppend(&table, "  ", kind, " ", count);
    absl::StrAppend(&table, "\n  the first: ", statistics.first_error, "\n");
  }
  if (statistics.moved + statistics.ask + statistics.tryagain + statistics.clusterdown > 0) {
    absl::StrAppendFormat(&table, "redirections: MOVED %d, ASK %d, TRYAGAIN %d, CLUSTERDOWN %d\n",
                          statistics.moved, statistics.ask, statistics.tryagain,
                          statistics.clusterdown);
  }
  if (statistics.verified > 0 || results.differences > 0) {
    absl::StrAppendFormat(&table, "replies verified: %d, with differences: %d\n",
                          statistics.verified, results.differences);
    for (const std::string& text : results.difference_texts)
      absl::StrAppend(&table, "  ", text, "\n");
  }
  if (results.server_before && results.server_after) {
    const ProcessFigures& before = *results.server_before;
    const ProcessFigures& after = *results.server_after;
    absl::StrAppendFormat(
        &table,
        "server: CPU %.3f s, %.0f ns an operation; resident %.1f MB, then %.1f MB; page faults %d "
        "(%d major); context switches %d, %d of them forced\n",
        static_cast<double>(after.cpu_ns - before.cpu_ns) / 1e9,
        results.server_cpu_ns_per_operation(), static_cast<double>(before.resident_bytes) / 1e6,
        static_cast<double>(after.resident_bytes) / 1e6,
        after.minor_faults - before.minor_faults + after.major_faults - before.major_faults,
        after.major_faults - before.major_faults,
        after.voluntary_switches - before.voluntary_switches + after.involuntary_switches -
            before.involuntary_switches,
        after.involuntary_switches - before.involuntary_switches);
  }
  absl::StrAppendFormat(&table,
                        "driver: CPU %.3f s in %d threads; the busiest was busy for %.0f %%\n",
                        statistics.cpu_s, results.threads, statistics.cpu_share_max * 100);
  return table;
}

std::vector<std::string> Warnings(const Results& results) {
  std::vector<std::string> warnings;
  const Statistics& statistics = results.statistics;
  if (statistics.cpu_share_max > kShareMax) {
    warnings.push_back(absl::StrFormat(
        "a thread of the driver was busy for %.0f %% of the time: these figures may be the "
        "driver's limit and not the server's; more --threads on cores of their own help",
        statistics.cpu_share_max * 100));
  }
  const double missed_share = static_cast<double>(statistics.missed_sends) /
                              static_cast<double>(std::max<int64_t>(1, statistics.operations()));
  if (missed_share > kMissedShareMax) {
    warnings.push_back(absl::StrFormat(
        "%.1f %% of the requests left more than 1 ms late: their latencies are the driver's too",
        missed_share * 100));
  }
  return warnings;
}

}  // namespace damselfly::load
