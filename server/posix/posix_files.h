#ifndef DAMSELFLY_SERVER_POSIX_POSIX_FILES_H_
#define DAMSELFLY_SERVER_POSIX_POSIX_FILES_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/runtime/files.h"

namespace damselfly::posix {

// Files over the system's file system. Appends go straight to the kernel, unbuffered: a writer of
// many small pieces gathers them itself.
class PosixFiles final : public Files {
 public:
  // `directory`: where relative paths start; absolute.
  explicit PosixFiles(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(absl::string_view path) override;
  absl::StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(absl::string_view path) override;
  absl::StatusOr<std::string> ReadAll(absl::string_view path) override;
  absl::Status Rename(absl::string_view from, absl::string_view to) override;
  absl::Status Remove(absl::string_view path) override;
  absl::Status SyncDirectory(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(absl::string_view directory) override;
  bool Exists(absl::string_view path) override;

 private:
  std::string FullPath(absl::string_view path) const;
  absl::StatusOr<std::unique_ptr<WritableFile>> OpenToWrite(absl::string_view path, int flags);

  const std::string directory_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_POSIX_FILES_H_
