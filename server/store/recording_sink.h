#ifndef DAMSELFLY_SERVER_STORE_RECORDING_SINK_H_
#define DAMSELFLY_SERVER_STORE_RECORDING_SINK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/store/change.h"

namespace damselfly {

// A change with bytes of its own.
class RecordedChange {
 public:
  explicit RecordedChange(const Change& change)
      : change_(change), key_(change.key), value_(change.value) {
    if (change.blob != nullptr) blob_ = Blob::Copy(change.value);
  }

  // The change; its views are valid as long as this object.
  Change get() const {
    Change change = change_;
    change.key = key_;
    change.value = blob_ ? blob_->view() : absl::string_view(value_);
    change.blob = blob_.get();
    return change;
  }

  // In words: what tests compare. Big values by their size.
  std::string Describe() const {
    const std::string of_key = absl::StrCat(" ", change_.database, " ", key_);
    switch (change_.kind) {
      case Change::Kind::kSet:
        return absl::StrCat("set", of_key, " ", DescribeValue(),
                            change_.expiry_ms < 0 ? "" : absl::StrCat(" at ", change_.expiry_ms));
      case Change::Kind::kWriteRange:
        return absl::StrCat("write", of_key, " size ", change_.size, " offset ", change_.offset,
                            " '", value_, "'");
      case Change::Kind::kExpireAt:
        return absl::StrCat("expire", of_key, " at ", change_.expiry_ms);
      case Change::Kind::kPersist:
        return absl::StrCat("persist", of_key);
      case Change::Kind::kDelete:
        return absl::StrCat("delete", of_key);
      case Change::Kind::kFlushSlot:
        return absl::StrCat("flush slot ", change_.slot);
      case Change::Kind::kFlushDatabase:
        return absl::StrCat("flush database ", change_.database);
      case Change::Kind::kSwapDatabases:
        return absl::StrCat("swap ", change_.database, " ", change_.other_database);
      case Change::Kind::kUpdate:
        return absl::StrCat("update", of_key, " of type ", static_cast<int>(change_.type), " by ",
                            value_.size(), " bytes");
    }
    return "unknown";
  }

 private:
  std::string DescribeValue() const {
    if (change_.form == Change::Form::kInteger) return absl::StrCat("integer ", change_.integer);
    if (change_.form == Change::Form::kCollection)
      return absl::StrCat("collection of ", value_.size(), " bytes");
    const char* const form = change_.form == Change::Form::kRaw ? "raw" : "text";
    if (blob_) return absl::StrCat(form, " blob of ", value_.size());
    return absl::StrCat(form, " '", value_, "'");
  }

  Change change_;
  std::string key_;
  std::string value_;
  BlobRef blob_;
};

// Keeps all it is told, for tests.
class RecordingSink : public ChangeSink {
 public:
  void OnChange(int worker, const Change& change) override {
    last_worker_ = worker;
    last_slot_ = change.slot;
    changes_.emplace_back(change);
  }
  void BeginGroup(int) override {}
  void EndGroup(int) override {}

  // What came since the last call, in words.
  std::vector<std::string> Take() {
    std::vector<std::string> words;
    for (const RecordedChange& change : std::exchange(changes_, {}))
      words.push_back(change.Describe());
    return words;
  }

  int last_worker() const { return last_worker_; }
  int last_slot() const { return last_slot_; }

 private:
  std::vector<RecordedChange> changes_;
  int last_worker_ = -1;
  int last_slot_ = -1;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_RECORDING_SINK_H_
