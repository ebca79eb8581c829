#include "sim/cluster/scenario_judge.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "sim/cluster/scenario.h"

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

}  // namespace

absl::Status ParseScenarioText(absl::string_view text, absl::string_view name,
                               google::protobuf::Message* scenario) {
  Complaints complaints(name);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&complaints);
  if (!parser.ParseFromString(std::string(text), scenario))
    return absl::InvalidArgumentError(complaints.text());
  return absl::OkStatus();
}

void ScenarioJudge::Bound(absl::string_view path, int64_t min, int64_t max, int64_t low,
                          int64_t high, scenario::Range* range) {
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

void ScenarioJudge::Percent(absl::string_view path, uint32_t value) {
  Expect(value <= 100, path, absl::StrCat(value, " percent is more than 100"));
}

void ScenarioJudge::Expect(bool condition, absl::string_view path, absl::string_view reason) {
  if (!condition && status_.ok())
    status_ = absl::InvalidArgumentError(absl::StrCat(name_, ": ", path, ": ", reason));
}

void ScenarioJudge::Faults(const scenario::Faults& faults) {
  Expect(faults.mode() == scenario::Faults::LISTED || faults.listed().empty(), "faults.listed",
         "only for mode LISTED");
  for (int i = 0; i < faults.listed_size(); ++i) {
    const std::string path = absl::StrCat("faults.listed[", i, "]");
    Fault fault;
    Expect(ParseFault(faults.listed(i).name(), &fault), absl::StrCat(path, ".name"),
           absl::StrCat("there is no fault \"", faults.listed(i).name(), "\""));
    const uint32_t rate = faults.listed(i).per_65536();
    Expect(1 <= rate && rate <= 65536, absl::StrCat(path, ".per_65536"),
           absl::StrCat(rate, " is not within 1..65536"));
  }
}

void ScenarioJudge::Expectations(
    const google::protobuf::RepeatedPtrField<scenario::Expectation>& expected) {
  for (int i = 0; i < expected.size(); ++i) {
    const std::string path = absl::StrCat("expect[", i, "]");
    Expect(!expected[i].counter().empty(), path, "no counter is named");
    Expect(expected[i].min() > 0, path, "min 0 expects nothing");
  }
}

}  // namespace damselfly::sim
