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

// A disk with one fault that always strikes.
class FailingDisk {
 public:
  explicit FailingDisk(Fault fault) : fault_(fault) {}

  SimDisk& disk() { return disk_; }
  // From here on.
  void Strike() { faults_.Draw(fault_, 65536); }
  uint64_t effects() const { return faults_.effects(fault_); }

 private:
  const Fault fault_;
  SeededDecider decider_{1};
  FaultBoard faults_;
  DiskFaults disk_faults_{&faults_, &decider_, 0};
  SimDisk disk_{&disk_faults_};
};

TEST(DiskFaults, AFullDiskTakesAPartAndSaysSo) {
  FailingDisk failing(Fault::kDiskFull);
  auto file = failing.disk().Create("a");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("first ").ok());
  failing.Strike();
  EXPECT_TRUE(absl::IsResourceExhausted((*file)->Append("second")));
  const std::string content = *failing.disk().ReadAll("a");
  EXPECT_EQ(content, std::string("first second").substr(0, content.size()));
  EXPECT_EQ(failing.effects(), 1u);
}

TEST(DiskFaults, AnErrorChangesNothing) {
  FailingDisk failing(Fault::kDiskError);
  auto file = failing.disk().Create("a");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("first").ok());
  failing.Strike();
  EXPECT_FALSE((*file)->Append("second").ok());
  EXPECT_FALSE((*file)->Sync().ok());
  EXPECT_FALSE(failing.disk().Rename("a", "b").ok());
  EXPECT_FALSE(failing.disk().SyncDirectory(".").ok());
  EXPECT_FALSE(failing.disk().Create("a").ok());
  EXPECT_EQ(*failing.disk().ReadAll("a"), "first");
  EXPECT_EQ(failing.effects(), 5u);
}

TEST(DiskFaults, ARenameOfAnUnsyncedDirectoryIsLostWithTheMachine) {
  FailingDisk failing(Fault::kLostRename);
  WriteFile(failing.disk(), "a", "old", true);
  WriteFile(failing.disk(), "b", "new", true);
  ASSERT_TRUE(failing.disk().SyncDirectory(".").ok());
  ASSERT_TRUE(failing.disk().Rename("b", "a").ok());
  failing.disk().CrashByFaults();
  EXPECT_EQ(*failing.disk().ReadAll("a"), "new");
  failing.Strike();
  failing.disk().CrashByFaults();
  EXPECT_EQ(*failing.disk().ReadAll("a"), "old");
  EXPECT_EQ(failing.effects(), 1u);
  failing.disk().CrashByFaults();
  EXPECT_EQ(failing.effects(), 1u);
}

TEST(DiskFaults, TheEndOfWhatIsNotSyncedIsLostWithTheMachine) {
  FailingDisk failing(Fault::kUnsyncedLost);
  WriteFile(failing.disk(), "synced", std::string(1000, 's'), true);
  WriteFile(failing.disk(), "unsynced", std::string(1000, 'u'), false);
  failing.Strike();
  failing.disk().CrashByFaults();
  EXPECT_EQ(failing.disk().ReadAll("synced")->size(), 1000u);
  EXPECT_LT(failing.disk().ReadAll("unsynced")->size(), 1000u);
  EXPECT_EQ(failing.effects(), 1u);
}

TEST(DiskFaults, AnOldDiskIsWhatItWasAndAnEmptyOneIsEmpty) {
  SimDisk disk;
  WriteFile(disk, "a", "old", true);
  const auto old = disk.MakeCopy();
  EXPECT_FALSE(disk.Restore(old.get()));
  WriteFile(disk, "a", "new", true);
  WriteFile(disk, "b", "more", true);
  EXPECT_TRUE(disk.Restore(old.get()));
  EXPECT_EQ(*disk.ReadAll("a"), "old");
  EXPECT_FALSE(disk.Exists("b"));
  EXPECT_TRUE(disk.Restore(nullptr));
  EXPECT_FALSE(disk.Exists("a"));
}

}  // namespace
}  // namespace damselfly::sim
