#include "benchmarks/load/request_maker.h"

#include <set>
#include <utility>

#include "benchmarks/load/shared_state.h"
#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

class RequestMakerTest : public testing::Test {
 protected:
  void Add(const char* command, int64_t weight) {
    templates_.push_back(*RequestTemplate::Parse(command, options_, &values_));
    weights_.push_back(weight);
  }
  RequestMaker::Plan Plan() {
    RequestMaker::Plan plan;
    plan.templates = &templates_;
    plan.weights = weights_;
    plan.values = &values_;
    return plan;
  }

  Options options_;
  Values values_{SizeRange{32, 32}, 1};
  std::vector<RequestTemplate> templates_;
  std::vector<int64_t> weights_;
};

TEST_F(RequestMakerTest, CommandsComeByTheirWeights) {
  Add("SET __key__ __data__", 1);
  Add("GET __key__", 3);
  RequestMaker maker(Plan(), options_, 0, 1);
  Request request;
  int gets = 0;
  for (int i = 0; i < 40000; ++i) {
    ASSERT_TRUE(maker.Draw(&request));
    ASSERT_EQ(request.numbers.size(), request.command == 0 ? 2u : 1u);
    gets += request.command == 1;
  }
  EXPECT_NEAR(gets, 30000, 500);
}

TEST_F(RequestMakerTest, ThreadsDrawDifferentKeysAndTheSameSeedTheSameOnes) {
  Add("GET __key__", 1);
  RequestMaker first(Plan(), options_, 0, 2);
  RequestMaker first_again(Plan(), options_, 0, 2);
  RequestMaker second(Plan(), options_, 1, 2);
  Request a, b, c;
  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    first.Draw(&a);
    first_again.Draw(&b);
    second.Draw(&c);
    EXPECT_EQ(a.numbers, b.numbers);
    equal += a.numbers == c.numbers;
  }
  EXPECT_LT(equal, 5);
}

TEST_F(RequestMakerTest, SuppliedKeysComeOnceEach) {
  Add("SET __key__ __data__", 1);
  KeySupply supply(1000);
  RequestMaker::Plan plan = Plan();
  plan.supply = &supply;
  RequestMaker makers[] = {{plan, options_, 0, 2}, {plan, options_, 1, 2}};
  std::set<uint64_t> keys;
  Request request;
  size_t drawn = 0;
  for (bool more = true; more;) {
    more = false;
    for (RequestMaker& maker : makers) {
      if (!maker.Draw(&request)) continue;
      more = true;
      ++drawn;
      keys.insert(request.numbers[0]);
    }
  }
  EXPECT_EQ(drawn, 1000u);
  EXPECT_EQ(keys.size(), 1000u);
  EXPECT_EQ(*keys.rbegin(), 999u);
}

TEST_F(RequestMakerTest, VerifiedValuesAreThoseOfTheirKeys) {
  Add("SET __key__ __data__", 1);
  RequestMaker::Plan plan = Plan();
  plan.values_are_of_keys = true;
  RequestMaker maker(plan, options_, 0, 1);
  Request request;
  for (int i = 0; i < 100; ++i) {
    maker.Draw(&request);
    EXPECT_EQ(request.numbers[1], values_.NumberOfKey(request.numbers[0]));
  }
}

TEST(RequestBudgetTest, GivesOutWhatThereIs) {
  RequestBudget budget(10);
  EXPECT_EQ(budget.Take(4), 4);
  EXPECT_EQ(budget.Take(4), 4);
  EXPECT_EQ(budget.Take(4), 2);
  EXPECT_TRUE(budget.is_spent());
  EXPECT_EQ(budget.Take(4), 0);
  budget.GiveBack(1);
  EXPECT_FALSE(budget.is_spent());
  EXPECT_EQ(budget.Take(4), 1);
}

TEST(RequestBudgetTest, ZeroMeansNoLimit) {
  RequestBudget budget(0);
  EXPECT_EQ(budget.Take(1000000), 1000000);
  EXPECT_FALSE(budget.is_spent());
}

}  // namespace
}  // namespace damselfly::load
