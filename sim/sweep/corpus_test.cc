#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "sim/sweep/seed_run.h"

namespace damselfly::sim {
namespace {

TEST(Corpus, EachSeedGivesItsHashInThisBuildToo) {
  std::ifstream corpus("sim/sweep/corpus.txt");
  ASSERT_TRUE(corpus.is_open());
  uint64_t seed;
  std::string hash;
  int count = 0;
  while (corpus >> seed >> hash) {
    char found[17];
    std::snprintf(found, sizeof(found), "%016llx",
                  static_cast<unsigned long long>(RunSeed(seed, RunOptions()).hash));
    EXPECT_EQ(found, hash)
        << "seed " << seed
        << ": either this build is not deterministic, or what a run does has changed; BUILD.bazel "
           "says how to write the corpus anew";
    ++count;
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace damselfly::sim
