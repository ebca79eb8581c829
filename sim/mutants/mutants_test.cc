#include "sim/mutants/mutants.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(Mutants, EachHasANameOfItsOwnThatLeadsBackToIt) {
  for (int i = 0; i < kMutantCount; ++i) {
    Mutant parsed = Mutant::kNone;
    EXPECT_TRUE(ParseMutant(MutantName(static_cast<Mutant>(i)), &parsed));
    EXPECT_EQ(parsed, static_cast<Mutant>(i));
  }
}

TEST(Mutants, AnUnknownNameIsRefused) {
  Mutant parsed = Mutant::kCanary;
  EXPECT_FALSE(ParseMutant("no-such-mutant", &parsed));
  EXPECT_EQ(parsed, Mutant::kCanary);
}

}  // namespace
}  // namespace damselfly::sim
