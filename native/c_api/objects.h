// What the opaque types of freehold.h are.
//
// Owns what was made through the C API. An arena of JavaScript's belongs to its ArenaHandle: its fh_arena is
// kept as long as its environment, so that a pointer that C has kept too long leads to something that says
// FH_ENDED.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <thread>

#include "arena.h"
#include "control.h"
#include "freehold.h"
#include "heap.h"
#include "mark_stack.h"
#include "page_chunks.h"
#include "pool.h"
#include "rc_heap.h"

// Allocators belong to the thread that made them.
class FhOwner {
 public:
  [[nodiscard]] bool is_here() const noexcept { return thread_ == std::this_thread::get_id(); }

 private:
  std::thread::id thread_ = std::this_thread::get_id();
};

// Objects without C++'s own allocator, which a program in C has none of.
struct FhObject {
  static void* operator new(std::size_t bytes) noexcept { return std::malloc(bytes); }
  static void operator delete(void* object) noexcept { std::free(object); }
};

// The memories over an allocator, which have no more to give when it ends before them.
class FhMemories {
 public:
  FhMemories() = default;
  ~FhMemories() { end_all(); }
  FhMemories(const FhMemories&) = delete;
  FhMemories& operator=(const FhMemories&) = delete;

  void add(fh_memory& memory) noexcept;
  void remove(fh_memory& memory) noexcept;
  void end_all() noexcept;

 private:
  fh_memory* first_ = nullptr;
};

// NOLINTBEGIN(readability-identifier-naming): C's names.
struct fh_arena : FhObject {
  FhOwner owner;
  freehold::Arena* arena = nullptr;  // null once it has ended
  bool borrowed = false;             // JavaScript's
  FhMemories memories;
};

struct fh_heap : FhObject {
  FhOwner owner;
  freehold::Heap* heap = nullptr;
  FhMemories memories;
};

struct fh_pool : FhObject {
  FhOwner owner;
  freehold::Pool* pool = nullptr;
};

struct fh_rc : FhObject {
  FhOwner owner;
  freehold::RcHeap* heap = nullptr;
};

// Over one of `arena` and `heap`; over neither when that has ended.
struct fh_memory : FhObject {
  fh_memory() = default;
  ~fh_memory() { leave(); }
  fh_memory(const fh_memory&) = delete;
  fh_memory& operator=(const fh_memory&) = delete;
  // From now on there is no memory to give.
  void leave() noexcept;

  FhOwner owner;
  fh_arena* arena = nullptr;
  fh_heap* heap = nullptr;
  fh_memory* previous = nullptr;  // of the same allocator's
  fh_memory* next = nullptr;
  std::size_t limit = SIZE_MAX;
  std::size_t fail_at = 0;
  std::size_t attempts = 0;
  std::size_t slot = SIZE_MAX;  // of its functions without a context
  fh_memory_stats stats{};
  std::atomic<std::size_t> wrong_threads{0};
};
// NOLINTEND(readability-identifier-naming)

namespace freehold::c_api {

// What was made here, with the memory that it stands on.
struct OwnedArena : fh_arena {
  explicit OwnedArena(const ArenaOptions& options) noexcept : made(pages, control, options) { arena = &made; }
  PageChunks pages;
  ArenaControl control{};
  Arena made;
  MarkStack marks;
};

struct OwnedHeap : fh_heap {
  OwnedHeap() noexcept : made(pages) { heap = &made; }
  PageChunks pages;
  Heap made;
};

struct OwnedPool : fh_pool {
  explicit OwnedPool(const PoolOptions& options) noexcept : made(pages, options) { pool = &made; }
  PageChunks pages;
  Pool made;
};

struct OwnedRc : fh_rc {
  OwnedRc() noexcept : made(pages, control) { heap = &made; }
  PageChunks pages;
  RcControl control{};
  RcHeap made;
};

static_assert(alignof(OwnedArena) <= alignof(std::max_align_t) &&
              alignof(OwnedHeap) <= alignof(std::max_align_t) &&
              alignof(OwnedPool) <= alignof(std::max_align_t) &&
              alignof(OwnedRc) <= alignof(std::max_align_t));

// FH_OK when a function may go on with what it was given.
template <typename Handle>
[[nodiscard]] fh_status check(const Handle* handle) noexcept {
  if (handle == nullptr) return FH_INVALID;
  return handle->owner.is_here() ? FH_OK : FH_WRONG_THREAD;
}

[[nodiscard]] inline fh_status check_live(const fh_arena* arena) noexcept {
  const fh_status status = check(arena);
  return status != FH_OK || arena->arena != nullptr ? status : FH_ENDED;
}

[[nodiscard]] constexpr fh_status to_fh(Status status) noexcept { return static_cast<fh_status>(status); }

[[nodiscard]] constexpr fh_status to_fh(FreeStatus status) noexcept {
  switch (status) {
    case FreeStatus::ok:
      return FH_OK;
    case FreeStatus::not_live:
      return FH_NOT_LIVE;
    case FreeStatus::no_block:
      break;
  }
  return FH_NO_BLOCK;
}

// 0 means what is usual.
[[nodiscard]] constexpr std::size_t or_default(std::size_t value, std::size_t usual) noexcept {
  return value == 0 ? usual : value;
}

// Writes a result where the caller wants it.
template <typename T>
void put(T* place, const T& value) noexcept {
  if (place != nullptr) *place = value;
}

}  // namespace freehold::c_api
