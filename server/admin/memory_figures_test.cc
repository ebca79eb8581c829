#include "server/admin/memory_figures.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(MemoryFigures, BytesForPeopleHaveTheLargestFittingUnit) {
  EXPECT_EQ(HumanBytes(0), "0B");
  EXPECT_EQ(HumanBytes(1023), "1023B");
  EXPECT_EQ(HumanBytes(1024), "1.00K");
  EXPECT_EQ(HumanBytes(1806192), "1.72M");
  EXPECT_EQ(HumanBytes(25276510208), "23.54G");
  EXPECT_EQ(HumanBytes(int64_t{5} << 50), "5.00P");
}

TEST(MemoryFigures, RatiosOfNothingAreNumbers) {
  MemoryFigures figures;
  EXPECT_EQ(figures.fragmentation_ratio(), 0);
  EXPECT_EQ(figures.peak_percentage(), 100);
  EXPECT_EQ(figures.data_percentage(), 0);
  figures.used_bytes = 200;
  figures.dataset_bytes = 160;
  figures.table_bytes = 10;
  figures.clients_bytes = 20;
  figures.backlog_bytes = 15;
  figures.replicas_bytes = 5;
  figures.peak_bytes = 400;
  figures.resident_bytes = 300;
  EXPECT_DOUBLE_EQ(figures.fragmentation_ratio(), 1.5);
  EXPECT_DOUBLE_EQ(figures.peak_percentage(), 50);
  EXPECT_EQ(figures.data_bytes(), 150);
  EXPECT_DOUBLE_EQ(figures.data_percentage(), 75);
}

}  // namespace
}  // namespace damselfly
