// fh_memory: malloc and its kin over an arena or a heap, with an account. The functions that libraries call.
#include <algorithm>
#include <cstring>

#include "memory.h"
#include "objects.h"
#include "plain_slots.h"

using namespace freehold;
using namespace freehold::c_api;

namespace {

// One that overflows is more than there is.
std::size_t product(std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  return checked_mul(count, size, bytes) ? bytes : SIZE_MAX;
}

}  // namespace

fh_status fh_memory_of_arena(fh_arena* arena, const fh_memory_options* options, fh_memory** memory) noexcept {
  if (memory == nullptr) return FH_INVALID;
  *memory = nullptr;
  const fh_status status = check_live(arena);
  if (status != FH_OK) return status;
  *memory = make_memory(arena, nullptr, options);
  return *memory == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_memory_of_heap(fh_heap* heap, const fh_memory_options* options, fh_memory** memory) noexcept {
  if (memory == nullptr) return FH_INVALID;
  *memory = nullptr;
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  *memory = make_memory(nullptr, heap, options);
  return *memory == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_memory_destroy(fh_memory* memory) noexcept {
  if (memory == nullptr) return FH_OK;
  const fh_status status = check(memory);
  if (status != FH_OK) return status;
  give_slot(memory);
  delete memory;
  return FH_OK;
}

fh_status fh_memory_get_stats(fh_memory* memory, fh_memory_stats* stats) noexcept {
  if (stats == nullptr) return FH_INVALID;
  *stats = {};
  const fh_status status = check(memory);
  if (status != FH_OK) return status;
  settle(*memory);
  *stats = memory->stats;
  stats->wrong_threads = memory->wrong_threads.load(std::memory_order_relaxed) + strangers_at(*memory);
  return FH_OK;
}

fh_status fh_memory_set_limit(fh_memory* memory, size_t limit) noexcept {
  const fh_status status = check(memory);
  if (status == FH_OK) memory->limit = limit;
  return status;
}

void* fh_memory_malloc(void* context, size_t size) noexcept { return take(context, size); }

void* fh_memory_calloc(void* context, size_t count, size_t size) noexcept {
  const std::size_t bytes = product(count, size);
  void* block = take(context, bytes);
  if (block != nullptr) std::memset(block, 0, bytes);
  return block;
}

void* fh_memory_realloc(void* context, void* block, size_t size) noexcept {
  return block == nullptr ? take(context, size) : resize(context, block, size);
}

void fh_memory_free(void* context, void* block) noexcept { give(context, block); }

void* fh_memory_aligned_alloc(void* context, size_t alignment, size_t size) noexcept {
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment) return nullptr;
  return take_aligned(context, size, std::max(alignment, std::size_t{16}));
}

size_t fh_memory_usable_size(void* context, const void* block) noexcept { return bytes_of(context, block); }

void* fh_memory_zalloc(void* context, unsigned items, unsigned size) noexcept {
  return take(context, product(items, size));
}

void fh_memory_zfree(void* context, void* block) noexcept { give(context, block); }

// `old_size` is the kind of object when there is no block: Lua says that it may be left alone.
void* fh_memory_lua(void* context, void* block, size_t /*old_size*/, size_t new_size) noexcept {
  if (new_size == 0) {
    give(context, block);
    return nullptr;
  }
  return fh_memory_realloc(context, block, new_size);
}

fh_status fh_memory_plain(fh_memory* memory, fh_plain_functions* functions) noexcept {
  if (functions == nullptr) return FH_INVALID;
  *functions = {};
  const fh_status status = check(memory);
  if (status != FH_OK) return status;
  return take_slot(memory, functions) ? FH_OK : FH_NO_SLOT;
}

fh_status fh_memory_each_live(fh_memory* memory, fh_visitor visit, void* data) noexcept {
  const fh_status status = visit == nullptr ? FH_INVALID : check(memory);
  if (status != FH_OK) return status;
  bool goes_on = true;
  const auto each = [&](void* block, std::size_t bytes) {
    goes_on = goes_on && visit(data, block, bytes) == 0;
  };
  if (memory->heap != nullptr) {
    memory->heap->heap->each_live(each);
  } else if (memory->arena != nullptr && memory->arena->arena != nullptr) {
    memory->arena->arena->each_sized(each);
  }
  return FH_OK;
}
