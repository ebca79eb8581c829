#ifndef DAMSELFLY_SIM_WORLD_SIM_FILES_H_
#define DAMSELFLY_SIM_WORLD_SIM_FILES_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/runtime/files.h"
#include "sim/world/decider.h"
#include "sim/world/disk_faults.h"

namespace damselfly::sim {

// A host's disk. It outlives the processes that use it; a crash leaves what had been synced, and of
// the rest whatever the decisions say: any prefix of what was appended since, and a directory as it
// was synced last or as it stood.
//
// As in POSIX, syncing a file makes its content durable, and only syncing the directory makes its
// name so.
class SimDisk final : public Files {
 public:
  // `faults` outlives the disk; without any it never fails.
  explicit SimDisk(DiskFaults* faults = nullptr) : faults_(faults) {}
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(absl::string_view path) override;
  absl::StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(absl::string_view path) override;
  absl::StatusOr<std::string> ReadAll(absl::string_view path) override;
  absl::Status Rename(absl::string_view from, absl::string_view to) override;
  absl::Status Remove(absl::string_view path) override;
  absl::Status SyncDirectory(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(absl::string_view directory) override;
  bool Exists(absl::string_view path) override;

  // The machine dies. Returns whether anything was lost. Files opened before must not be used any
  // more.
  bool Crash(DecisionStream& decisions);
  // The same by the disk's own faults, each of which may strike or not; what they leave is as it
  // was.
  void CrashByFaults();

  // Everything that there is, for a disk of an earlier time.
  class Copy;
  std::shared_ptr<const Copy> MakeCopy() const;
  // The disk of that time, all of it synced; null: an empty one. Returns whether that changes
  // anything.
  bool Restore(const Copy* copy);

 private:
  // A file's content, whatever its names.
  struct Inode {
    std::string content;
    size_t synced_bytes = 0;
  };
  using Directory = std::map<std::string, std::shared_ptr<Inode>>;  // full path to inode
  class Writer;

  absl::Status OnChange(absl::string_view path) {
    return faults_ == nullptr ? absl::OkStatus() : faults_->OnChange(path);
  }
  bool RevertNames();
  bool CutUnsynced(DecisionStream& decisions);

  DiskFaults* const faults_;
  Directory current_;
  Directory durable_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SIM_FILES_H_
