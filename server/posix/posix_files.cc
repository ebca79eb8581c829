#include "server/posix/posix_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/posix/descriptor.h"
#include "server/posix/errno_status.h"

namespace damselfly::posix {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr size_t kReadBytes = 256 * 1024;

absl::Status FileError(int error, absl::string_view what, absl::string_view path) {
  return ErrnoStatus(error, absl::StrCat("Could not ", what, " ", path));
}

// Calls `call` until it is not interrupted.
template <typename Call>
auto Uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

Descriptor Open(const std::string& path, int flags) {
  return Descriptor(
      Uninterrupted([&] { return open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  absl::Status Append(absl::string_view data) override {
    while (!data.empty()) {
      const ssize_t written =
          Uninterrupted([&] { return write(file_.get(), data.data(), data.size()); });
      if (written < 0) return FileError(errno, "write to", path_);
      data.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    if (Uninterrupted([&] { return fdatasync(file_.get()); }) != 0)
      return FileError(errno, "sync", path_);
    return absl::OkStatus();
  }

  absl::Status Close() override {
    if (file_.Reset() != 0) return FileError(errno, "close", path_);
    return absl::OkStatus();
  }

 private:
  Descriptor file_;
  const std::string path_;
};

}  // namespace

std::string PosixFiles::FullPath(absl::string_view path) const {
  if (!path.empty() && path[0] == '/') return std::string(path);
  return absl::StrCat(directory_, "/", path);
}

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFiles::OpenToWrite(absl::string_view path,
                                                                      int flags) {
  std::string full_path = FullPath(path);
  Descriptor file = Open(full_path, O_WRONLY | O_CREAT | flags);
  if (!file.valid()) return FileError(errno, "open", full_path);
  return std::make_unique<PosixWritableFile>(std::move(file), std::move(full_path));
}

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFiles::Create(absl::string_view path) {
  return OpenToWrite(path, O_TRUNC);
}

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFiles::OpenForAppend(absl::string_view path) {
  return OpenToWrite(path, O_APPEND);
}

absl::StatusOr<std::string> PosixFiles::ReadAll(absl::string_view path) {
  const std::string full_path = FullPath(path);
  const Descriptor file = Open(full_path, O_RDONLY);
  if (!file.valid()) return FileError(errno, "open", full_path);
  struct stat info;
  const bool has_size = fstat(file.get(), &info) == 0 && info.st_size > 0;
  std::string content;
  size_t used = 0;
  // One byte more than the size, so that the read that finds the end needs no growing.
  content.resize(has_size ? static_cast<size_t>(info.st_size) + 1 : kReadBytes);
  for (;;) {
    if (used == content.size())
      content.resize(content.size() + std::max(kReadBytes, content.size() / 2));
    const ssize_t count =
        Uninterrupted([&] { return read(file.get(), &content[used], content.size() - used); });
    if (count < 0) return FileError(errno, "read", full_path);
    if (count == 0) break;
    used += static_cast<size_t>(count);
  }
  content.resize(used);
  return content;
}

absl::Status PosixFiles::Rename(absl::string_view from, absl::string_view to) {
  const std::string full_from = FullPath(from);
  const std::string full_to = FullPath(to);
  if (rename(full_from.c_str(), full_to.c_str()) == 0) return absl::OkStatus();
  return FileError(errno, "rename", absl::StrCat(full_from, " to ", full_to));
}

absl::Status PosixFiles::Remove(absl::string_view path) {
  const std::string full_path = FullPath(path);
  if (unlink(full_path.c_str()) == 0) return absl::OkStatus();
  return FileError(errno, "remove", full_path);
}

absl::Status PosixFiles::SyncDirectory(absl::string_view path) {
  const std::string full_path = FullPath(path);
  const Descriptor directory = Open(full_path, O_RDONLY | O_DIRECTORY);
  if (!directory.valid()) return FileError(errno, "open", full_path);
  if (Uninterrupted([&] { return fsync(directory.get()); }) == 0) return absl::OkStatus();
  return FileError(errno, "sync", full_path);
}

absl::StatusOr<std::vector<std::string>> PosixFiles::List(absl::string_view directory) {
  const std::string full_path = FullPath(directory);
  DIR* opened = opendir(full_path.c_str());
  if (opened == nullptr) return FileError(errno, "list", full_path);
  std::vector<std::string> names;
  errno = 0;  // tells the end from an error (readdir(3))
  while (const dirent* entry = readdir(opened)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;
  closedir(opened);
  if (error != 0) return FileError(error, "list", full_path);
  std::sort(names.begin(), names.end());
  return names;
}

bool PosixFiles::Exists(absl::string_view path) {
  return access(FullPath(path).c_str(), F_OK) == 0;
}

}  // namespace damselfly::posix
