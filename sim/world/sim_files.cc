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
  explicit Writer(std::shared_ptr<Inode> inode) : inode_(std::move(inode)) {}

  absl::Status Append(absl::string_view data) override {
    if (inode_ == nullptr) return absl::FailedPreconditionError("the file is closed");
    inode_->content.append(data.data(), data.size());
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    if (inode_ == nullptr) return absl::FailedPreconditionError("the file is closed");
    inode_->synced_bytes = inode_->content.size();
    return absl::OkStatus();
  }
  absl::Status Close() override {
    inode_ = nullptr;
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<Inode> inode_;
};

absl::StatusOr<std::unique_ptr<WritableFile>> SimDisk::Create(absl::string_view path) {
  std::shared_ptr<Inode>& inode = current_[Normalize(path)];
  inode = std::make_shared<Inode>();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(inode));
}

absl::StatusOr<std::unique_ptr<WritableFile>> SimDisk::OpenForAppend(absl::string_view path) {
  std::shared_ptr<Inode>& inode = current_[Normalize(path)];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(inode));
}

absl::StatusOr<std::string> SimDisk::ReadAll(absl::string_view path) {
  const auto file = current_.find(Normalize(path));
  if (file == current_.end()) return Missing(path);
  return file->second->content;
}

absl::Status SimDisk::Rename(absl::string_view from, absl::string_view to) {
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

bool SimDisk::Crash(DecisionStream& decisions) {
  bool lost = false;
  // Names: all as they stand (0, nothing lost) or all as they were synced. A real file system may
  // mix them.
  if (current_ != durable_ && decisions.Chance(1, 2)) {
    lost = true;
    current_ = durable_;
  }
  for (auto& [name, inode] : current_) {
    const size_t unsynced_bytes = inode->content.size() - inode->synced_bytes;
    if (unsynced_bytes == 0) continue;
    const size_t lost_bytes = decisions.Below(unsynced_bytes + 1);
    inode->content.resize(inode->content.size() - lost_bytes);
    inode->synced_bytes = inode->content.size();
    lost = lost || lost_bytes > 0;
  }
  durable_ = current_;
  return lost;
}

}  // namespace damselfly::sim
