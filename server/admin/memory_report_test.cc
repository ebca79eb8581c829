#include "server/admin/memory_report.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/resp/output_buffer.h"

namespace damselfly {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int64_t kMebibyte = 1 << 20;

MemoryFigures Ordinary() {
  MemoryFigures figures;
  figures.dataset_bytes = 100 * kMebibyte;
  figures.clients_bytes = 100 << 10;
  figures.used_bytes = figures.dataset_bytes + figures.clients_bytes;
  figures.peak_bytes = figures.used_bytes;
  figures.resident_bytes = 110 * kMebibyte;
  figures.key_count = 1000;
  return figures;
}

std::string Stats(const MemoryFigures& figures, absl::Span<const DatabaseKeys> databases,
                  int protocol) {
  OutputBuffer output;
  ReplyWriter reply(&output);
  reply.set_protocol(protocol);
  WriteMemoryStats(figures, databases, reply);
  return output.ToString();
}

TEST(MemoryReport, StatsHaveAMapForEveryDatabaseThatHasKeys) {
  const std::vector<DatabaseKeys> databases = {{0, 900, 10}, {7, 100, 0}};
  const std::string stats = Stats(Ordinary(), databases, 3);
  EXPECT_EQ(stats.substr(0, 5), "%29\r\n");
  EXPECT_THAT(stats, HasSubstr("$4\r\ndb.0\r\n%3\r\n$23\r\noverhead.hashtable.main\r\n:9000\r\n"
                               "$26\r\noverhead.hashtable.expires\r\n:80\r\n"));
  EXPECT_THAT(stats, HasSubstr("$4\r\ndb.7\r\n%3\r\n"));
  EXPECT_THAT(stats, HasSubstr("$15\r\npeak.percentage\r\n,100\r\n"));
}

TEST(MemoryReport, StatsOfAnEmptyNodeDivideByNothing) {
  MemoryFigures figures;
  const std::string stats = Stats(figures, {}, 2);
  EXPECT_EQ(stats.substr(0, 5), "*54\r\n");
  EXPECT_THAT(stats, HasSubstr("$18\r\nkeys.bytes-per-key\r\n:0\r\n"));
  EXPECT_THAT(stats, Not(HasSubstr("nan")));
}

TEST(MemoryReport, TheDoctorNamesWhatIsUnusual) {
  EXPECT_THAT(MemoryDoctorReport(MemoryFigures(), 1), HasSubstr("too little data"));
  EXPECT_THAT(MemoryDoctorReport(Ordinary(), 1), HasSubstr("Nothing unusual"));
  MemoryFigures figures = Ordinary();
  figures.peak_bytes = 2 * figures.used_bytes;
  EXPECT_THAT(MemoryDoctorReport(figures, 1), HasSubstr("- Peak: 200.20M"));
  figures = Ordinary();
  figures.resident_bytes = 2 * figures.used_bytes;
  EXPECT_THAT(MemoryDoctorReport(figures, 1), HasSubstr("(ratio 2.00)"));
  figures = Ordinary();
  figures.clients_bytes = 10 * kMebibyte;
  EXPECT_THAT(MemoryDoctorReport(figures, 10), HasSubstr("10 clients hold 1.00M each"));
  EXPECT_THAT(MemoryDoctorReport(figures, 100), HasSubstr("Nothing unusual"));
}

}  // namespace
}  // namespace damselfly
