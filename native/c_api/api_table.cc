// The table of all functions, and what statuses mean.
#include "freehold.h"

namespace {

constexpr fh_api kTable = {
    .major = FH_API_MAJOR,
    .minor = FH_API_MINOR,
    .bytes = sizeof(fh_api),
    .status_text = fh_status_text,
    .arena_create = fh_arena_create,
    .arena_destroy = fh_arena_destroy,
    .arena_alloc = fh_arena_alloc,
    .arena_alloc_zero = fh_arena_alloc_zero,
    .arena_copy = fh_arena_copy,
    .arena_mark = fh_arena_mark,
    .arena_rewind = fh_arena_rewind,
    .arena_reset = fh_arena_reset,
    .arena_trim = fh_arena_trim,
    .arena_set_limit = fh_arena_set_limit,
    .arena_owns = fh_arena_owns,
    .arena_get_stats = fh_arena_get_stats,
    .heap_create = fh_heap_create,
    .heap_destroy = fh_heap_destroy,
    .heap_alloc = fh_heap_alloc,
    .heap_alloc_zero = fh_heap_alloc_zero,
    .heap_free = fh_heap_free,
    .heap_realloc = fh_heap_realloc,
    .heap_usable_size = fh_heap_usable_size,
    .heap_trim = fh_heap_trim,
    .heap_get_stats = fh_heap_get_stats,
    .pool_create = fh_pool_create,
    .pool_destroy = fh_pool_destroy,
    .pool_alloc = fh_pool_alloc,
    .pool_free = fh_pool_free,
    .pool_free_index = fh_pool_free_index,
    .pool_address = fh_pool_address,
    .pool_trim = fh_pool_trim,
    .pool_get_stats = fh_pool_get_stats,
    .rc_create = fh_rc_create,
    .rc_destroy = fh_rc_destroy,
    .rc_alloc = fh_rc_alloc,
    .rc_retain = fh_rc_retain,
    .rc_release = fh_rc_release,
    .rc_set_ref = fh_rc_set_ref,
    .rc_get_ref = fh_rc_get_ref,
    .rc_address = fh_rc_address,
    .rc_weak_of = fh_rc_weak_of,
    .rc_upgrade = fh_rc_upgrade,
    .rc_collect = fh_rc_collect,
    .rc_set_limit = fh_rc_set_limit,
    .rc_trim = fh_rc_trim,
    .rc_get_stats = fh_rc_get_stats,
    .memory_of_arena = fh_memory_of_arena,
    .memory_of_heap = fh_memory_of_heap,
    .memory_destroy = fh_memory_destroy,
    .memory_get_stats = fh_memory_get_stats,
    .memory_set_limit = fh_memory_set_limit,
    .memory_malloc = fh_memory_malloc,
    .memory_calloc = fh_memory_calloc,
    .memory_realloc = fh_memory_realloc,
    .memory_free = fh_memory_free,
    .memory_aligned_alloc = fh_memory_aligned_alloc,
    .memory_usable_size = fh_memory_usable_size,
    .memory_zalloc = fh_memory_zalloc,
    .memory_zfree = fh_memory_zfree,
    .memory_lua = fh_memory_lua,
    .memory_plain = fh_memory_plain,
    .memory_each_live = fh_memory_each_live,
};

}  // namespace

const fh_api* fh_get_api(uint32_t major) noexcept { return major == FH_API_MAJOR ? &kTable : nullptr; }

const char* fh_status_text(fh_status status) noexcept {
  switch (status) {
    case FH_OK:
      return "done";
    case FH_OUT_OF_MEMORY:
      return "there is no memory";
    case FH_LIMIT:
      return "the limit of the allocator forbids it";
    case FH_TOO_LARGE:
      return "no block can be that large";
    case FH_INVALID:
      return "an argument makes no sense";
    case FH_CORRUPT:
      return "the data of the allocator were written over";
    case FH_NOT_LIVE:
      return "the block was freed already";
    case FH_NO_BLOCK:
      return "no block begins at this address";
    case FH_ENDED:
      return "the allocator has ended";
    case FH_WRONG_THREAD:
      return "the allocator belongs to another thread";
    case FH_BORROWED:
      return "only JavaScript may end the blocks of its arena";
    case FH_NO_SLOT:
      return "all sets of functions without a context are taken";
    case FH_OVERFLOW:
      return "a count cannot go higher";
    default:
      return "no status of freehold";
  }
}
