#include "server/base/blob.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "server/base/check.h"

namespace damselfly {

BlobRef Blob::TryCreate(size_t capacity) {
  if (capacity > kCapacityMax) return BlobRef();
  void* memory = std::malloc(sizeof(Blob) + capacity);
  if (memory == nullptr) return BlobRef();
  return BlobRef(new (memory) Blob(capacity));
}

BlobRef Blob::Create(size_t capacity) {
  BlobRef blob = TryCreate(capacity);
  DFLY_CHECK(blob);
  return blob;
}

BlobRef Blob::Copy(absl::string_view bytes) {
  BlobRef blob = Create(bytes.size());
  if (!bytes.empty()) std::memcpy(blob->mutable_data(), bytes.data(), bytes.size());
  blob->set_size(bytes.size());
  return blob;
}

void Blob::set_size(size_t size) {
  DFLY_CHECK_LE(size, capacity_);
  DFLY_DCHECK(unique());
  size_ = size;
}

void Blob::DropReference() {
  // Release: what this holder did happens before the free; acquire: what all others did, too.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    this->~Blob();
    std::free(this);
  }
}

void BlobRef::Resize(size_t capacity) {
  DFLY_CHECK(blob_ != nullptr && blob_->unique());
  // The header is moved as bytes: an atomic that nobody else can see, and two numbers.
  void* memory = std::realloc(static_cast<void*>(blob_), sizeof(Blob) + capacity);
  DFLY_CHECK(memory != nullptr);
  blob_ = static_cast<Blob*>(memory);
  blob_->capacity_ = capacity;
  if (blob_->size_ > capacity) blob_->size_ = capacity;
}

}  // namespace damselfly
