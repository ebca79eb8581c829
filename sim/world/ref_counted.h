#ifndef DAMSELFLY_SIM_WORLD_REF_COUNTED_H_
#define DAMSELFLY_SIM_WORLD_REF_COUNTED_H_

#include <cstdint>
#include <utility>

namespace damselfly::sim {

// An object that lives as long as somebody holds a Ref to it: a connection is held by its two
// streams and by every event that is on its way to it. One thread, so a plain counter does.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void AddReference() { ++references_; }
  void DropReference() {
    if (--references_ == 0) delete this;
  }

 protected:
  virtual ~RefCounted() = default;

 private:
  uint32_t references_ = 0;
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) : object_(object) {
    if (object_ != nullptr) object_->AddReference();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->DropReference();
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_REF_COUNTED_H_
