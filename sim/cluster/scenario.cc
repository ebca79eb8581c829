#include "sim/cluster/scenario.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace damselfly::sim {
namespace {

// What the parser complains about, with lines and columns that count from 1.
class Complaints final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Complaints(absl::string_view name) : name_(name) {}
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    lines_.push_back(absl::StrCat(name_, ":", line + 1, ":", column + 1, ": ", message));
  }
  std::string text() const { return absl::StrJoin(lines_, "\n"); }

 private:
  const std::string name_;
  std::vector<std::string> lines_;
};

// Fills in and judges the values of one scenario; keeps the first error.
class Judge {
 public:
  explicit Judge(absl::string_view name) : name_(name) {}

  // A range that is left out gets [min, max]; one of its ends that is left out is as the other.
  void Bound(absl::string_view path, int64_t min, int64_t max, int64_t low, int64_t high,
             scenario::Range* range) {
    if (!range->has_min() && !range->has_max()) {
      range->set_min(min);
      range->set_max(max);
    }
    if (!range->has_min()) range->set_min(range->max());
    if (!range->has_max()) range->set_max(range->min());
    Expect(low <= range->min() && range->max() <= high, path,
           absl::StrCat(range->min(), "..", range->max(), " is not within ", low, "..", high));
    Expect(range->min() <= range->max(), path,
           absl::StrCat("min ", range->min(), " is greater than max ", range->max()));
  }
  void Percent(absl::string_view path, uint32_t value) {
    Expect(value <= 100, path, absl::StrCat(value, " percent is more than 100"));
  }
  void Expect(bool condition, absl::string_view path, absl::string_view reason) {
    if (!condition && status_.ok())
      status_ = absl::InvalidArgumentError(absl::StrCat(name_, ": ", path, ": ", reason));
  }
  const absl::Status& status() const { return status_; }

 private:
  const std::string name_;
  absl::Status status_;
};

void JudgeControlPlane(Judge* judge, scenario::ControlPlane* plane) {
  judge->Bound("control_plane.changes", 3, 20, 0, 10'000, plane->mutable_changes());
  judge->Bound("control_plane.slots_moved", 1, 6000, 1, 16384, plane->mutable_slots_moved());
  judge->Bound("control_plane.delay_ms", 0, 20, 0, 60'000, plane->mutable_delay_ms());
  judge->Percent("control_plane.return_percent", plane->return_percent());
  judge->Percent("control_plane.duplicate_percent", plane->duplicate_percent());
  judge->Percent("control_plane.skip_percent", plane->skip_percent());
  judge->Percent("control_plane.invalid_percent", plane->invalid_percent());
}

void JudgeFaults(Judge* judge, const scenario::Faults& faults) {
  judge->Expect(faults.mode() == scenario::Faults::LISTED || faults.listed().empty(),
                "faults.listed", "only for mode LISTED");
  for (int i = 0; i < faults.listed_size(); ++i) {
    const std::string path = absl::StrCat("faults.listed[", i, "]");
    Fault fault;
    judge->Expect(ParseFault(faults.listed(i).name(), &fault), absl::StrCat(path, ".name"),
                  absl::StrCat("there is no fault \"", faults.listed(i).name(), "\""));
    const uint32_t rate = faults.listed(i).per_65536();
    judge->Expect(1 <= rate && rate <= 65536, absl::StrCat(path, ".per_65536"),
                  absl::StrCat(rate, " is not within 1..65536"));
  }
}

void JudgeMix(Judge* judge, const scenario::Mix& mix) {
  const uint64_t sum = uint64_t{mix.get()} + mix.set() + mix.del() + mix.pair_write() +
                       mix.pair_read() + mix.transaction() + mix.watch() + mix.cross_slot() +
                       mix.introspect();
  judge->Expect(sum > 0, "mix", "all weights are zero");
  judge->Expect(sum <= 1'000'000, "mix", "the weights add up to more than 1000000");
}

void JudgeExpectations(Judge* judge, const scenario::ClusterScenario& scenario) {
  for (int i = 0; i < scenario.expect_size(); ++i) {
    const std::string path = absl::StrCat("expect[", i, "]");
    judge->Expect(!scenario.expect(i).counter().empty(), path, "no counter is named");
    judge->Expect(scenario.expect(i).min() > 0, path, "min 0 expects nothing");
  }
}

}  // namespace

bool ParseFault(absl::string_view name, Fault* out) {
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (FaultName(static_cast<Fault>(i)) != name) continue;
    *out = static_cast<Fault>(i);
    return true;
  }
  return false;
}

absl::StatusOr<scenario::ClusterScenario> ParseClusterScenario(absl::string_view text,
                                                               absl::string_view name) {
  scenario::ClusterScenario scenario;
  Complaints complaints(name);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&complaints);
  if (!parser.ParseFromString(std::string(text), &scenario))
    return absl::InvalidArgumentError(complaints.text());
  Judge judge(name);
  judge.Bound("nodes", 2, 5, 1, 1000, scenario.mutable_nodes());
  judge.Bound("workers", 1, 3, 1, 16, scenario.mutable_workers());
  judge.Bound("clients", 1, 5, 1, 1000, scenario.mutable_clients());
  judge.Bound("keys", 4, 24, 1, 10'000, scenario.mutable_keys());
  judge.Bound("think_us", 1000, 20'000, 1, 10'000'000, scenario.mutable_think_us());
  judge.Bound("looks", 2, 20, 0, 10'000, scenario.mutable_looks());
  judge.Bound("subscribers", 0, 0, 0, 1000, scenario.mutable_subscribers());
  judge.Bound("channels", 0, 0, 0, 1000, scenario.mutable_channels());
  judge.Expect(scenario.subscribers().max() == 0 || scenario.channels().min() > 0, "channels",
               "subscribers need at least one");
  judge.Bound("phases.faults_ms", 300, 1500, 1, 3'600'000,
              scenario.mutable_phases()->mutable_faults_ms());
  judge.Bound("phases.quiet_ms", 50, 300, 1, 3'600'000,
              scenario.mutable_phases()->mutable_quiet_ms());
  JudgeMix(&judge, scenario.mix());
  JudgeControlPlane(&judge, scenario.mutable_control_plane());
  JudgeFaults(&judge, scenario.faults());
  JudgeExpectations(&judge, scenario);
  if (!judge.status().ok()) return judge.status();
  return scenario;
}

}  // namespace damselfly::sim
