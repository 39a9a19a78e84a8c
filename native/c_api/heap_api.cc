// fh_heap: a core heap behind freehold.h.
#include <cstring>

#include "objects.h"

using namespace freehold;
using namespace freehold::c_api;

fh_status fh_heap_create(fh_heap** heap) noexcept {
  if (heap == nullptr) return FH_INVALID;
  *heap = new OwnedHeap();
  return *heap == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_heap_destroy(fh_heap* heap) noexcept {
  if (heap == nullptr) return FH_OK;
  const fh_status status = check(heap);
  if (status == FH_OK) delete static_cast<OwnedHeap*>(heap);
  return status;
}

fh_status fh_heap_alloc(fh_heap* heap, size_t size, size_t alignment, void** block) noexcept {
  if (block == nullptr) return FH_INVALID;
  *block = nullptr;
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  if (alignment == 0) alignment = 16;
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment) return FH_INVALID;
  *block = heap->heap->allocate(size, alignment);
  return *block == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_heap_alloc_zero(fh_heap* heap, size_t size, size_t alignment, void** block) noexcept {
  const fh_status status = fh_heap_alloc(heap, size, alignment, block);
  if (status == FH_OK) std::memset(*block, 0, size);
  return status;
}

fh_status fh_heap_free(fh_heap* heap, void* block) noexcept {
  const fh_status status = check(heap);
  if (status != FH_OK || block == nullptr) return status;
  return to_fh(heap->heap->free(block));
}

fh_status fh_heap_realloc(fh_heap* heap, void* block, size_t size, void** moved) noexcept {
  if (block == nullptr) return fh_heap_alloc(heap, size, 0, moved);
  if (moved == nullptr) return FH_INVALID;
  *moved = nullptr;
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  if (heap->heap->usable_size(block) == 0) return FH_NO_BLOCK;
  *moved = heap->heap->reallocate(block, size);
  return *moved == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

size_t fh_heap_usable_size(fh_heap* heap, const void* block) noexcept {
  return check(heap) == FH_OK ? heap->heap->usable_size(block) : 0;
}

fh_status fh_heap_trim(fh_heap* heap, size_t* bytes) noexcept {
  put(bytes, std::size_t{0});
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  static_cast<void>(heap->heap->trim());
  put(bytes, static_cast<OwnedHeap*>(heap)->pages.trim());
  return FH_OK;
}

fh_status fh_heap_get_stats(fh_heap* heap, fh_heap_stats* stats) noexcept {
  if (stats == nullptr) return FH_INVALID;
  *stats = {};
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  *stats = {.live_blocks = heap->heap->live_blocks(),
            .live_bytes = heap->heap->live_bytes(),
            .reserved = heap->heap->reserved(),
            .metadata = heap->heap->metadata()};
  return FH_OK;
}
