#ifndef DAMSELFLY_SIM_CLUSTER_SCENARIO_JUDGE_H_
#define DAMSELFLY_SIM_CLUSTER_SCENARIO_JUDGE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "sim/cluster/scenario.pb.h"

namespace damselfly::sim {

// Reads protobuf text. The error names the text's `name`, line and column.
absl::Status ParseScenarioText(absl::string_view text, absl::string_view name,
                               google::protobuf::Message* scenario);

// Fills in and judges the values of one scenario; keeps the first error.
class ScenarioJudge {
 public:
  explicit ScenarioJudge(absl::string_view name) : name_(name) {}

  // A range that is left out gets [min, max]; one of its ends that is left out is as the other.
  void Bound(absl::string_view path, int64_t min, int64_t max, int64_t low, int64_t high,
             scenario::Range* range);
  void Percent(absl::string_view path, uint32_t value);
  void Expect(bool condition, absl::string_view path, absl::string_view reason);
  void Faults(const scenario::Faults& faults);
  void Expectations(const google::protobuf::RepeatedPtrField<scenario::Expectation>& expected);
  const absl::Status& status() const { return status_; }

 private:
  const std::string name_;
  absl::Status status_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_SCENARIO_JUDGE_H_
