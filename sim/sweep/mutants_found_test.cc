#include <cstdio>
#include <string>

#include "gtest/gtest.h"
#include "sim/mutants/mutants.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {
namespace {

constexpr uint64_t kSeedsMax = 600;

class MutantsFound : public testing::TestWithParam<int> {};

TEST_P(MutantsFound, WithinAFewHundredSeeds) {
  SweepOptions options;
  options.last_seed = kSeedsMax;
  options.repeat_every = 0;
  options.run.mutant = static_cast<Mutant>(GetParam());
  const SweepResult sweep = RunSweep(options);
  ASSERT_FALSE(sweep.failures.empty());
  std::printf("found by %s at seed %llu\n",
              std::string(OracleName(sweep.failures[0].first_oracle)).c_str(),
              static_cast<unsigned long long>(sweep.failures[0].seed));
}

INSTANTIATE_TEST_SUITE_P(Each, MutantsFound, testing::Range(1, kFirstClusterMutant),
                         [](const testing::TestParamInfo<int>& info) {
                           std::string name;
                           for (char c : MutantName(static_cast<Mutant>(info.param))) {
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace damselfly::sim
