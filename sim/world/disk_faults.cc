#include "sim/world/disk_faults.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

absl::Status DiskFaults::OnWrite(absl::string_view path, size_t bytes, size_t* taken) {
  *taken = bytes;
  if (!faults_->Strikes(Fault::kDiskFull, decisions_)) return absl::OkStatus();
  faults_->CountEffect(Fault::kDiskFull);
  *taken = static_cast<size_t>(decisions_.Below(bytes + 1));
  return absl::ResourceExhaustedError(absl::StrCat(path, ": No space left on device"));
}

absl::Status DiskFaults::OnChange(absl::string_view path) {
  if (!faults_->Strikes(Fault::kDiskError, decisions_)) return absl::OkStatus();
  faults_->CountEffect(Fault::kDiskError);
  return absl::InternalError(absl::StrCat(path, ": Input/output error"));
}

}  // namespace damselfly::sim
