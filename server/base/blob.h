#ifndef DAMSELFLY_SERVER_BASE_BLOB_H_
#define DAMSELFLY_SERVER_BASE_BLOB_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"

namespace damselfly {

class BlobRef;

// A big byte buffer with an intrusive, atomic reference count: how a large string value travels
// from the socket into the store and from the store to a socket without being copied again. One
// malloc holds header and bytes; memory is plain malloc, so a large capacity that is never written
// to costs address space only.
//
// A blob that is shared (unique() is false) is immutable: whoever wants to change it makes a copy.
class Blob {
 public:
  static constexpr size_t kCapacityMax = size_t{1} << 39;

  // A blob of size 0 with room for `capacity` bytes, or a null reference when there is no memory
  // for it.
  static BlobRef TryCreate(size_t capacity);
  // As above; ends the process when there is no memory.
  static BlobRef Create(size_t capacity);
  // A blob of exactly these bytes.
  static BlobRef Copy(absl::string_view bytes);

  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;

  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  // Writing requires unique().
  char* mutable_data() { return reinterpret_cast<char*>(this + 1); }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  absl::string_view view() const { return absl::string_view(data(), size_); }

  // Requires size <= capacity() and unique(). Bytes that come into view are as the caller has
  // written them.
  void set_size(size_t size);

  // True when the caller's reference is the only one: nobody else can gain one meanwhile.
  bool unique() const { return references_.load(std::memory_order_acquire) == 1; }

  // How many references there are, the caller's among them; others may come and go meanwhile.
  uint64_t references() const { return references_.load(std::memory_order_relaxed); }

  // What this blob holds of the allocator's memory, header included.
  size_t memory_bytes() const { return sizeof(Blob) + capacity_; }

 private:
  friend class BlobRef;

  explicit Blob(size_t capacity) : capacity_(capacity) {}
  ~Blob() = default;

  void AddReference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void DropReference();

  std::atomic<uint64_t> references_{1};
  size_t size_ = 0;
  size_t capacity_;
};

// A counted reference to a Blob; may be null. One reference belongs to one thread at a time;
// references to the same blob may be used on several threads.
class BlobRef {
 public:
  BlobRef() = default;
  BlobRef(const BlobRef& other) : blob_(other.blob_) {
    if (blob_ != nullptr) blob_->AddReference();
  }
  BlobRef(BlobRef&& other) noexcept : blob_(std::exchange(other.blob_, nullptr)) {}
  BlobRef& operator=(BlobRef other) noexcept {
    std::swap(blob_, other.blob_);
    return *this;
  }
  ~BlobRef() {
    if (blob_ != nullptr) blob_->DropReference();
  }

  explicit operator bool() const { return blob_ != nullptr; }
  Blob* get() const { return blob_; }
  Blob* operator->() const { return blob_; }
  Blob& operator*() const { return *blob_; }
  void reset() { *this = BlobRef(); }

  // For holders that pack the pointer into a word: gives up the pointer together with its reference
  // ...
  Blob* Release() { return std::exchange(blob_, nullptr); }
  // ... and takes it over again.
  static BlobRef Adopt(Blob* blob) { return BlobRef(blob); }
  // A new reference beside one that is held elsewhere.
  static BlobRef Share(Blob* blob) {
    blob->AddReference();
    return BlobRef(blob);
  }

  // Gives the blob exactly this capacity, in place where the allocator can; the bytes up to
  // min(size, capacity) stay and size() is cut to capacity. Requires unique(). Earlier pointers
  // into the blob are void.
  void Resize(size_t capacity);

 private:
  friend class Blob;
  explicit BlobRef(Blob* blob) : blob_(blob) {}

  Blob* blob_ = nullptr;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_BLOB_H_
