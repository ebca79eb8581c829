#include "server/posix/posix_files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly::posix {
namespace {

class PosixFilesTest : public testing::Test {
 protected:
  PosixFilesTest() : directory_(MakeDirectory()), files_(directory_) {}
  ~PosixFilesTest() override {
    const std::vector<std::string> names = *files_.List(directory_);
    for (const std::string& name : names) (void)files_.Remove(name);
    rmdir(directory_.c_str());
  }

  static std::string MakeDirectory() {
    std::string path = testing::TempDir() + "/posix_files_test_XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  void WriteFile(absl::string_view path, absl::string_view content) {
    auto file = files_.Create(path);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Append(content).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }

  const std::string directory_;
  PosixFiles files_;
};

TEST_F(PosixFilesTest, ReadsBackWhatWasAppendedAndSynced) {
  auto file = files_.Create("data");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Append("hello ").ok());
  EXPECT_TRUE((*file)->Append("").ok());
  EXPECT_TRUE((*file)->Append(absl::string_view("w\0rld", 5)).ok());
  EXPECT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(*files_.ReadAll("data"), std::string("hello w\0rld", 11));
  EXPECT_TRUE((*file)->Close().ok());
  EXPECT_FALSE((*file)->Append("too late").ok());
}

TEST_F(PosixFilesTest, ReadsFilesLargerThanOneReadAndFilesWithoutASize) {
  const std::string big(1'000'003, 'b');
  WriteFile("big", big);
  EXPECT_EQ(*files_.ReadAll("big"), big);
  WriteFile("empty", "");
  EXPECT_EQ(*files_.ReadAll("empty"), "");
  EXPECT_NE(files_.ReadAll("/proc/self/status")->find("VmRSS"), std::string::npos);
}

TEST_F(PosixFilesTest, CreateTruncatesAndOpenForAppendDoesNot) {
  WriteFile("data", "long content");
  WriteFile("data", "new");
  auto file = files_.OpenForAppend("data");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->Append("er").ok());
  EXPECT_EQ(*files_.ReadAll("data"), "newer");
  EXPECT_TRUE(files_.OpenForAppend("fresh").ok());
  EXPECT_TRUE(files_.Exists("fresh"));
}

TEST_F(PosixFilesTest, RenameReplaces) {
  WriteFile("old", "old");
  WriteFile("new", "new");
  EXPECT_TRUE(files_.Rename("new", "old").ok());
  EXPECT_TRUE(files_.SyncDirectory(".").ok());
  EXPECT_TRUE(files_.SyncDirectory(directory_).ok());
  EXPECT_EQ(*files_.ReadAll("old"), "new");
  EXPECT_FALSE(files_.Exists("new"));
}

TEST_F(PosixFilesTest, ListsNamesSorted) {
  for (const char* name : {"c", "a", "b"}) WriteFile(name, "");
  EXPECT_EQ(*files_.List("."), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(PosixFilesTest, AMissingFileIsNotFoundAndTheErrorCarriesThePath) {
  const std::string path = absl::StrCat(directory_, "/missing");
  const absl::Status read = files_.ReadAll("missing").status();
  EXPECT_TRUE(absl::IsNotFound(read));
  EXPECT_EQ(read.message(), absl::StrCat("Could not open ", path, ": No such file or directory"));
  EXPECT_TRUE(absl::IsNotFound(files_.Remove("missing")));
  EXPECT_TRUE(absl::IsNotFound(files_.List("missing").status()));
  EXPECT_TRUE(absl::IsNotFound(files_.Create("missing/data").status()));
  EXPECT_TRUE(absl::IsNotFound(files_.SyncDirectory("missing")));
  EXPECT_EQ(files_.Rename("missing", "other").message(),
            absl::StrCat("Could not rename ", path, " to ", directory_,
                         "/other: No such file or directory"));
  EXPECT_FALSE(files_.Exists("missing"));
}

TEST_F(PosixFilesTest, AFullDeviceIsAnError) {
  auto full = files_.OpenForAppend("/dev/full");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ((*full)->Append("x").message(),
            "Could not write to /dev/full: No space left on device");
}

TEST_F(PosixFilesTest, ADirectoryIsNoFile) { EXPECT_FALSE(files_.ReadAll(".").ok()); }

}  // namespace
}  // namespace damselfly::posix
