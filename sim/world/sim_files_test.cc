#include "sim/world/sim_files.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

void WriteFile(SimDisk& disk, absl::string_view path, absl::string_view data, bool sync) {
  auto file = disk.Create(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append(data).ok());
  if (sync) {
    ASSERT_TRUE((*file)->Sync().ok());
  }
  ASSERT_TRUE((*file)->Close().ok());
}

TEST(SimFiles, WhatWasWrittenIsRead) {
  SimDisk disk;
  WriteFile(disk, "a", "one", false);
  auto file = disk.OpenForAppend("./a");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append(" two").ok());
  EXPECT_EQ(*disk.ReadAll("a"), "one two");
  EXPECT_TRUE(absl::IsNotFound(disk.ReadAll("b").status()));
}

TEST(SimFiles, ListNamesOneDirectorySorted) {
  SimDisk disk;
  WriteFile(disk, "d/b", "", false);
  WriteFile(disk, "d/a", "", false);
  WriteFile(disk, "c", "", false);
  EXPECT_EQ(*disk.List("d/"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*disk.List("."), (std::vector<std::string>{"c"}));
}

TEST(SimFiles, RenameReplaces) {
  SimDisk disk;
  WriteFile(disk, "new", "2", false);
  WriteFile(disk, "old", "1", false);
  ASSERT_TRUE(disk.Rename("new", "old").ok());
  EXPECT_EQ(*disk.ReadAll("old"), "2");
  EXPECT_FALSE(disk.Exists("new"));
}

TEST(SimFiles, SyncedContentAndNamesSurviveEveryCrash) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SeededDecider decider(seed);
    DecisionStream decisions(&decider, "crash");
    SimDisk disk;
    WriteFile(disk, "d/a", "synced", true);
    ASSERT_TRUE(disk.SyncDirectory("d").ok());
    EXPECT_FALSE(disk.Crash(decisions));
    EXPECT_EQ(*disk.ReadAll("d/a"), "synced");
  }
}

TEST(SimFiles, ACrashLeavesAPrefixOfWhatWasNotSynced) {
  int kept = 0;
  int lost = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededDecider decider(seed);
    DecisionStream decisions(&decider, "crash");
    SimDisk disk;
    WriteFile(disk, "a", "0123", true);
    ASSERT_TRUE(disk.SyncDirectory("").ok());
    auto file = disk.OpenForAppend("a");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append("4567").ok());
    disk.Crash(decisions);
    const std::string content = *disk.ReadAll("a");
    EXPECT_GE(content.size(), 4u);
    EXPECT_EQ(content, std::string("01234567").substr(0, content.size()));
    kept += content.size() == 8;
    lost += content.size() == 4;
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(lost, 0);
}

TEST(SimFiles, AnUnsyncedRenameIsWholeOrUndone) {
  int undone = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededDecider decider(seed);
    DecisionStream decisions(&decider, "crash");
    SimDisk disk;
    WriteFile(disk, "a", "old", true);
    WriteFile(disk, "b", "new", true);
    ASSERT_TRUE(disk.SyncDirectory("").ok());
    ASSERT_TRUE(disk.Rename("b", "a").ok());
    disk.Crash(decisions);
    const std::string content = *disk.ReadAll("a");
    EXPECT_TRUE(content == "old" || content == "new");
    EXPECT_EQ(disk.Exists("b"), content == "old");
    undone += content == "old";
  }
  EXPECT_GT(undone, 0);
  EXPECT_LT(undone, 200);
}

}  // namespace
}  // namespace damselfly::sim
