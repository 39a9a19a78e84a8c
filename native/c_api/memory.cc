#include "memory.h"

#include <algorithm>

#include "size_classes.h"

void FhMemories::add(fh_memory& memory) noexcept {
  memory.next = first_;
  if (first_ != nullptr) first_->previous = &memory;
  first_ = &memory;
}

void FhMemories::remove(fh_memory& memory) noexcept {
  if (memory.next != nullptr) memory.next->previous = memory.previous;
  if (memory.previous != nullptr) {
    memory.previous->next = memory.next;
  } else {
    first_ = memory.next;
  }
  memory.previous = memory.next = nullptr;
}

void FhMemories::end_all() noexcept {
  while (first_ != nullptr) first_->leave();
}

void fh_memory::leave() noexcept {
  if (arena != nullptr) arena->memories.remove(*this);
  if (heap != nullptr) heap->memories.remove(*this);
  arena = nullptr;
  heap = nullptr;
  stats.live_blocks = 0;
  stats.live_bytes = 0;
}

namespace freehold::c_api {
namespace {

// The arena that a memory takes from; nullptr when it takes from a heap, or has none any more.
Arena* arena_of(const fh_memory& memory) noexcept {
  return memory.arena == nullptr ? nullptr : memory.arena->arena;
}

// The memory behind a context, when the caller may use it; else nullptr, and it is counted.
fh_memory* enter(void* context) noexcept {
  auto* memory = static_cast<fh_memory*>(context);
  if (memory == nullptr) return nullptr;
  if (memory->owner.is_here()) [[likely]]
    return memory;
  memory->wrong_threads.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

// What a large block of a heap, or a block of an arena, will be charged.
std::size_t charge(std::size_t size, std::size_t unit) noexcept {
  std::size_t rounded = 0;
  return checked_round_up(std::max(size, std::size_t{1}), unit, rounded) ? rounded : SIZE_MAX;
}

std::size_t charge(const fh_memory& memory, std::size_t size) noexcept {
  if (memory.heap == nullptr) return charge(size, BlockMap::kGranule);
  const std::size_t size_class = class_for(size, 16);
  return size_class != kNoSizeClass ? class_bytes(size_class) : charge(size, LargeBlocks::kLeastAlignment);
}

// What lives now: an arena knows it by itself, for it may have been reset since.
std::size_t live_bytes(const fh_memory& memory) noexcept {
  if (memory.heap != nullptr) return memory.stats.live_bytes;
  return arena_of(memory) == nullptr ? 0 : arena_of(memory)->sized_total();
}

void count_block(fh_memory& memory, std::size_t bytes) noexcept {
  ++memory.stats.total_blocks;
  memory.stats.total_bytes += bytes;
}

std::size_t usable(const fh_memory& memory, const void* block) noexcept {
  if (memory.heap != nullptr) return memory.heap->heap->usable_size(block);
  return arena_of(memory) == nullptr ? 0 : arena_of(memory)->sized_bytes(block);
}

void note_peak(fh_memory& memory, std::size_t live) noexcept {
  if (live > memory.stats.peak_bytes) memory.stats.peak_bytes = live;
}

// Whether an allocation may be tried: `more` bytes are to live in addition to `live`.
bool admits(fh_memory& memory, std::size_t live, std::size_t more) noexcept {
  const bool fails = ++memory.attempts >= memory.fail_at && memory.fail_at != 0;
  if (!fails && live <= memory.limit && more <= memory.limit - live) [[likely]]
    return true;
  ++memory.stats.refused;
  return false;
}

void* refused(fh_memory& memory) noexcept {
  ++memory.stats.refused;
  return nullptr;
}

void* count_in_heap(fh_memory& memory, void* block, std::size_t bytes) noexcept {
  count_block(memory, bytes);
  ++memory.stats.live_blocks;
  memory.stats.live_bytes += bytes;
  note_peak(memory, memory.stats.live_bytes);
  return block;
}

void* take_large(fh_memory& memory, std::size_t size, std::size_t alignment) noexcept {
  const std::size_t wanted = charge(size, LargeBlocks::kLeastAlignment);
  if (!admits(memory, memory.stats.live_bytes, wanted)) return nullptr;
  void* block = memory.heap->heap->allocate(size, alignment);
  return block == nullptr ? refused(memory) : count_in_heap(memory, block, wanted);
}

void* take_from_heap(fh_memory& memory, std::size_t size, std::size_t alignment) noexcept {
  const std::size_t size_class = class_for(size, alignment);
  if (size_class == kNoSizeClass) [[unlikely]]
    return take_large(memory, size, alignment);
  const std::size_t bytes = class_bytes(size_class);
  if (!admits(memory, memory.stats.live_bytes, bytes)) [[unlikely]]
    return nullptr;
  void* block = memory.heap->heap->allocate_class(size_class);
  return block == nullptr ? refused(memory) : count_in_heap(memory, block, bytes);
}

void* take_from_arena(fh_memory& memory, std::size_t size, std::size_t alignment) noexcept {
  Arena* arena = arena_of(memory);
  const std::size_t bytes = charge(size, BlockMap::kGranule);
  if (!admits(memory, arena == nullptr ? 0 : arena->sized_total(), bytes)) [[unlikely]]
    return nullptr;
  void* block = arena == nullptr ? nullptr : arena->allocate_sized(size, alignment);
  if (block == nullptr) [[unlikely]]
    return refused(memory);
  count_block(memory, bytes);
  note_peak(memory, arena->sized_total());
  return block;
}

}  // namespace

fh_memory* make_memory(fh_arena* arena, fh_heap* heap, const fh_memory_options* options) noexcept {
  auto* memory = new fh_memory();
  if (memory == nullptr) return nullptr;
  memory->arena = arena;
  memory->heap = heap;
  (arena != nullptr ? arena->memories : heap->memories).add(*memory);
  if (options != nullptr) {
    memory->limit = or_default(options->limit, SIZE_MAX);
    memory->fail_at = options->fail_at;
  }
  return memory;
}

void settle(fh_memory& memory) noexcept {
  if (memory.heap != nullptr) return;
  const Arena* arena = arena_of(memory);
  memory.stats.live_blocks = arena == nullptr ? 0 : arena->sized_blocks();
  memory.stats.live_bytes = live_bytes(memory);
}

void* take_aligned(void* context, std::size_t size, std::size_t alignment) noexcept {
  fh_memory* memory = enter(context);
  if (memory == nullptr) [[unlikely]]
    return nullptr;
  return memory->heap != nullptr ? take_from_heap(*memory, size, alignment)
                                 : take_from_arena(*memory, size, alignment);
}

void* take(void* context, std::size_t size) noexcept { return take_aligned(context, size, 16); }

void give(void* context, void* block) noexcept {
  fh_memory* memory = block == nullptr ? nullptr : enter(context);
  if (memory == nullptr) return;
  if (memory->heap == nullptr) {
    Arena* arena = arena_of(*memory);
    if (arena == nullptr || !arena->free_sized(block)) [[unlikely]]
      ++memory->stats.misused;
    return;
  }
  const std::size_t bytes = memory->heap->heap->release(block);
  if (bytes == 0) [[unlikely]] {
    ++memory->stats.misused;
    return;
  }
  // (A block that the heap has made for someone else was never counted.)
  fh_memory_stats& stats = memory->stats;
  if (stats.live_blocks > 0) --stats.live_blocks;
  stats.live_bytes = stats.live_bytes > bytes ? stats.live_bytes - bytes : 0;
}

void* resize(void* context, void* block, std::size_t size) noexcept {
  fh_memory* memory = enter(context);
  if (memory == nullptr) return nullptr;
  const std::size_t before = usable(*memory, block);
  if (before == 0) {
    ++memory->stats.misused;
    return nullptr;
  }
  // To shrink never fails: what it would take is there.
  const std::size_t wanted = charge(*memory, size);
  if (wanted > before && !admits(*memory, live_bytes(*memory), wanted - before)) return nullptr;
  void* moved = memory->heap != nullptr ? memory->heap->heap->reallocate(block, size)
                                        : arena_of(*memory)->reallocate_sized(block, size);
  if (moved == nullptr) return refused(*memory);
  const std::size_t after = usable(*memory, moved);
  if (memory->heap != nullptr)
    memory->stats.live_bytes = memory->stats.live_bytes - std::min(memory->stats.live_bytes, before) + after;
  if (moved != block) count_block(*memory, after);
  note_peak(*memory, live_bytes(*memory));
  return moved;
}

std::size_t bytes_of(void* context, const void* block) noexcept {
  const fh_memory* memory = enter(context);
  return memory == nullptr ? 0 : usable(*memory, block);
}

}  // namespace freehold::c_api
