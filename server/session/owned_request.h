#ifndef DAMSELFLY_SERVER_SESSION_OWNED_REQUEST_H_
#define DAMSELFLY_SERVER_SESSION_OWNED_REQUEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"
#include "server/commands/command_registry.h"

namespace damselfly {

// A command that outlives the bytes it came in: queued by MULTI, or held back while its client is
// blocked. Small arguments are copied into one string, big ones keep their blobs.
class OwnedRequest {
 public:
  // `blobs` is empty or parallel to `args`.
  OwnedRequest(const Command* command, absl::Span<const absl::string_view> args,
               absl::Span<const BlobRef> blobs)
      : command_(command), blobs_(blobs.begin(), blobs.end()) {
    const auto has_blob = [&](size_t i) { return !blobs_.empty() && blobs_[i]; };
    size_t bytes = 0;
    for (size_t i = 0; i < args.size(); ++i) bytes += has_blob(i) ? 0 : args[i].size();
    text_.reserve(bytes);  // the views below stay valid: no append moves the text
    args_.reserve(args.size());
    for (size_t i = 0; i < args.size(); ++i) {
      if (has_blob(i)) {
        args_.push_back(blobs_[i]->view());
        continue;
      }
      const size_t offset = text_.size();
      text_.append(args[i].data(), args[i].size());
      args_.push_back(absl::string_view(text_).substr(offset));
    }
  }
  OwnedRequest(const OwnedRequest&) = delete;
  OwnedRequest& operator=(const OwnedRequest&) = delete;

  // Null for a name that is no command (only requests held back; MULTI queues known commands).
  const Command* command() const { return command_; }
  absl::Span<const absl::string_view> args() const { return args_; }
  absl::Span<const BlobRef> blobs() const { return blobs_; }

  size_t memory_bytes() const {
    size_t bytes = sizeof(*this) + text_.capacity() + args_.capacity() * sizeof(absl::string_view);
    for (const BlobRef& blob : blobs_) bytes += sizeof(BlobRef) + (blob ? blob->memory_bytes() : 0);
    return bytes;
  }

 private:
  const Command* command_;
  std::string text_;
  std::vector<absl::string_view> args_;
  std::vector<BlobRef> blobs_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_OWNED_REQUEST_H_
