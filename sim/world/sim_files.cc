#include "sim/world/sim_files.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

// "./a/b" and "a/b" are one file.
std::string Normalize(absl::string_view path) {
  while (path.substr(0, 2) == "./") path.remove_prefix(2);
  return std::string(path);
}

// The directory part, without a slash at its end; "" for the working directory.
absl::string_view DirectoryOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : path.substr(0, slash);
}

std::string NormalizeDirectory(absl::string_view path) {
  std::string directory = Normalize(path);
  while (!directory.empty() && directory.back() == '/') directory.pop_back();
  return directory == "." ? "" : directory;
}

absl::Status Missing(absl::string_view path) {
  return absl::NotFoundError(absl::StrCat(path, ": No such file or directory"));
}

}  // namespace

class SimDisk::Writer final : public WritableFile {
 public:
  Writer(SimDisk* disk, absl::string_view path, std::shared_ptr<Inode> inode)
      : disk_(disk), path_(path), inode_(std::move(inode)) {}

  absl::Status Append(absl::string_view data) override {
    if (inode_ == nullptr) return absl::FailedPreconditionError("the file is closed");
    size_t taken = data.size();
    absl::Status status = disk_->OnChange(path_);
    if (!status.ok()) return status;
    if (disk_->faults_ != nullptr) status = disk_->faults_->OnWrite(path_, data.size(), &taken);
    inode_->content.append(data.data(), taken);
    return status;
  }
  absl::Status Sync() override {
    if (inode_ == nullptr) return absl::FailedPreconditionError("the file is closed");
    const absl::Status status = disk_->OnChange(path_);
    if (status.ok()) inode_->synced_bytes = inode_->content.size();
    return status;
  }
  absl::Status Close() override {
    inode_ = nullptr;
    return absl::OkStatus();
  }

 private:
  SimDisk* const disk_;
  const std::string path_;
  std::shared_ptr<Inode> inode_;
};

absl::StatusOr<std::unique_ptr<WritableFile>> SimDisk::Create(absl::string_view path) {
  const absl::Status status = OnChange(path);
  if (!status.ok()) return status;
  std::shared_ptr<Inode>& inode = current_[Normalize(path)];
  inode = std::make_shared<Inode>();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, path, inode));
}

absl::StatusOr<std::unique_ptr<WritableFile>> SimDisk::OpenForAppend(absl::string_view path) {
  const absl::Status status = OnChange(path);
  if (!status.ok()) return status;
  std::shared_ptr<Inode>& inode = current_[Normalize(path)];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, path, inode));
}

absl::StatusOr<std::string> SimDisk::ReadAll(absl::string_view path) {
  const auto file = current_.find(Normalize(path));
  if (file == current_.end()) return Missing(path);
  return file->second->content;
}

absl::Status SimDisk::Rename(absl::string_view from, absl::string_view to) {
  const absl::Status status = OnChange(from);
  if (!status.ok()) return status;
  const auto file = current_.find(Normalize(from));
  if (file == current_.end()) return Missing(from);
  std::shared_ptr<Inode> inode = file->second;
  current_.erase(file);
  current_[Normalize(to)] = std::move(inode);
  return absl::OkStatus();
}

absl::Status SimDisk::Remove(absl::string_view path) {
  return current_.erase(Normalize(path)) > 0 ? absl::OkStatus() : Missing(path);
}

absl::Status SimDisk::SyncDirectory(absl::string_view path) {
  const absl::Status status = OnChange(path);
  if (!status.ok()) return status;
  const std::string directory = NormalizeDirectory(path);
  for (auto file = durable_.begin(); file != durable_.end();) {
    file = DirectoryOf(file->first) == directory ? durable_.erase(file) : std::next(file);
  }
  for (const auto& [name, inode] : current_) {
    if (DirectoryOf(name) == directory) durable_[name] = inode;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SimDisk::List(absl::string_view directory) {
  const std::string wanted = NormalizeDirectory(directory);
  std::vector<std::string> names;
  for (const auto& [name, inode] : current_) {
    if (DirectoryOf(name) == wanted)
      names.push_back(name.substr(wanted.empty() ? 0 : wanted.size() + 1));
  }
  return names;
}

bool SimDisk::Exists(absl::string_view path) { return current_.count(Normalize(path)) > 0; }

bool SimDisk::RevertNames() {
  if (current_ == durable_) return false;
  current_ = durable_;
  return true;
}

bool SimDisk::CutUnsynced(DecisionStream& decisions) {
  bool lost = false;
  for (auto& [name, inode] : current_) {
    const size_t unsynced_bytes = inode->content.size() - inode->synced_bytes;
    if (unsynced_bytes == 0) continue;
    const size_t lost_bytes = static_cast<size_t>(decisions.Below(unsynced_bytes + 1));
    inode->content.resize(inode->content.size() - lost_bytes);
    inode->synced_bytes = inode->content.size();
    lost = lost || lost_bytes > 0;
  }
  return lost;
}

bool SimDisk::Crash(DecisionStream& decisions) {
  bool lost = false;
  // Names: all as they stand (0, nothing lost) or all as they were synced. A real file system may
  // mix them.
  if (current_ != durable_ && decisions.Chance(1, 2)) lost = RevertNames();
  lost = CutUnsynced(decisions) || lost;
  durable_ = current_;
  return lost;
}

void SimDisk::CrashByFaults() {
  if (faults_ == nullptr) return;
  if (faults_->LosesNames() && RevertNames()) faults_->CountEffect(Fault::kLostRename);
  if (faults_->LosesBytes() && CutUnsynced(faults_->decisions()))
    faults_->CountEffect(Fault::kUnsyncedLost);
}

class SimDisk::Copy {
 public:
  std::map<std::string, std::string> files;
};

std::shared_ptr<const SimDisk::Copy> SimDisk::MakeCopy() const {
  auto copy = std::make_shared<Copy>();
  for (const auto& [name, inode] : current_) copy->files[name] = inode->content;
  return copy;
}

bool SimDisk::Restore(const Copy* copy) {
  const std::map<std::string, std::string> before = MakeCopy()->files;
  const std::map<std::string, std::string> after =
      copy == nullptr ? std::map<std::string, std::string>() : copy->files;
  current_.clear();
  for (const auto& [name, content] : after) {
    const auto inode = std::make_shared<Inode>();
    inode->content = content;
    inode->synced_bytes = content.size();
    current_[name] = inode;
  }
  durable_ = current_;
  return before != after;
}

}  // namespace damselfly::sim
