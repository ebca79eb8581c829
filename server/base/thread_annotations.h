#ifndef DAMSELFLY_SERVER_BASE_THREAD_ANNOTATIONS_H_
#define DAMSELFLY_SERVER_BASE_THREAD_ANNOTATIONS_H_

// What clang's -Wthread-safety checks (https://clang.llvm.org/docs/ThreadSafetyAnalysis.html);
// nothing under other compilers.

#if defined(__clang__)
#define DFLY_THREAD_ATTRIBUTE_INTERNAL(x) __attribute__((x))
#else
#define DFLY_THREAD_ATTRIBUTE_INTERNAL(x)
#endif

// On a class: it is a lock. On a class: it holds a lock for its lifetime.
#define DFLY_LOCKABLE DFLY_THREAD_ATTRIBUTE_INTERNAL(capability("mutex"))
#define DFLY_SCOPED_LOCKABLE DFLY_THREAD_ATTRIBUTE_INTERNAL(scoped_lockable)

// On a member: what must be held to touch it, or what it points to.
#define DFLY_GUARDED_BY(x) DFLY_THREAD_ATTRIBUTE_INTERNAL(guarded_by(x))
#define DFLY_PT_GUARDED_BY(x) DFLY_THREAD_ATTRIBUTE_INTERNAL(pt_guarded_by(x))

// On a function: it takes, gives back, tries to take, needs, must not be called with, or checks for
// the lock.
#define DFLY_ACQUIRE(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(acquire_capability(__VA_ARGS__))
#define DFLY_RELEASE(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(release_capability(__VA_ARGS__))
#define DFLY_TRY_ACQUIRE(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(try_acquire_capability(__VA_ARGS__))
#define DFLY_REQUIRES(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(requires_capability(__VA_ARGS__))
#define DFLY_EXCLUDES(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(locks_excluded(__VA_ARGS__))
#define DFLY_ASSERT_HELD(...) DFLY_THREAD_ATTRIBUTE_INTERNAL(assert_capability(__VA_ARGS__))
#define DFLY_RETURN_CAPABILITY(x) DFLY_THREAD_ATTRIBUTE_INTERNAL(lock_returned(x))

// On a function whose locking the analysis cannot follow (locks in a loop); say why beside it.
#define DFLY_NO_THREAD_SAFETY_ANALYSIS DFLY_THREAD_ATTRIBUTE_INTERNAL(no_thread_safety_analysis)

#endif  // DAMSELFLY_SERVER_BASE_THREAD_ANNOTATIONS_H_
