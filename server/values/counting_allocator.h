#ifndef DAMSELFLY_SERVER_VALUES_COUNTING_ALLOCATOR_H_
#define DAMSELFLY_SERVER_VALUES_COUNTING_ALLOCATOR_H_

#include <cstddef>
#include <new>

namespace damselfly {

// The standard allocator, which adds what it has given out to a counter: so that a value made of
// containers knows its size at any time. The counter outlives the containers. Not thread-safe.
template <typename T>
class CountingAllocator {
 public:
  using value_type = T;

  explicit CountingAllocator(size_t* bytes) : bytes_(bytes) {}
  template <typename U>
  CountingAllocator(const CountingAllocator<U>& other) : bytes_(other.bytes()) {}

  T* allocate(size_t count) {
    *bytes_ += count * sizeof(T);
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* pointer, size_t count) {
    *bytes_ -= count * sizeof(T);
    ::operator delete(pointer);
  }

  size_t* bytes() const { return bytes_; }

  friend bool operator==(const CountingAllocator& a, const CountingAllocator& b) {
    return a.bytes_ == b.bytes_;
  }

 private:
  size_t* bytes_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_COUNTING_ALLOCATOR_H_
