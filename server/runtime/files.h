#ifndef DAMSELFLY_SERVER_RUNTIME_FILES_H_
#define DAMSELFLY_SERVER_RUNTIME_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace damselfly {

// A file being written. Not thread-safe.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual absl::Status Append(absl::string_view data) = 0;
  // After OK, what was appended survives a crash of the machine.
  virtual absl::Status Sync() = 0;
  virtual absl::Status Close() = 0;
};

// The file system as a node sees it. Thread-safe. Paths are relative to the node's directory or
// absolute. Errors carry the path; a missing file is NotFound.
class Files {
 public:
  virtual ~Files() = default;
  // Creates the file, or truncates it.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> Create(absl::string_view path) = 0;
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(absl::string_view path) = 0;
  virtual absl::StatusOr<std::string> ReadAll(absl::string_view path) = 0;
  // Replaces `to` atomically; durable once SyncDirectory has returned OK.
  virtual absl::Status Rename(absl::string_view from, absl::string_view to) = 0;
  virtual absl::Status Remove(absl::string_view path) = 0;
  virtual absl::Status SyncDirectory(absl::string_view path) = 0;
  // Names (not paths) in a directory, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(absl::string_view directory) = 0;
  virtual bool Exists(absl::string_view path) = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_FILES_H_
