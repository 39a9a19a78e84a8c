/* freehold.h as a C99 compiler sees it: every group of functions is used once, as a program in C would. */
#include <stdio.h>
#include <string.h>

#include "freehold.h"

static int failures = 0;

#define CHECK(holds)                                             \
  do {                                                           \
    if (!(holds)) {                                              \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds); \
      ++failures;                                                \
    }                                                            \
  } while (0)

static void use_arena(void) {
  fh_arena_options options = {4096, 65536, 1000000};
  fh_arena* arena = NULL;
  fh_mark mark;
  fh_arena_stats stats;
  void* block = NULL;
  size_t bytes = 0;
  CHECK(fh_arena_create(&options, &arena) == FH_OK);
  CHECK(fh_arena_alloc(arena, 100, 0, &block) == FH_OK && block != NULL);
  CHECK(fh_arena_alloc_zero(arena, 100, 64, &block) == FH_OK && ((uintptr_t)block & 63) == 0);
  CHECK(fh_arena_mark(arena, &mark) == FH_OK);
  CHECK(fh_arena_copy(arena, "hello", 6, &block) == FH_OK && strcmp((const char*)block, "hello") == 0);
  CHECK(fh_arena_owns(arena, block) == 1);
  CHECK(fh_arena_rewind(arena, &mark) == FH_OK);
  CHECK(fh_arena_set_limit(arena, 5000) == FH_OK);
  CHECK(fh_arena_alloc(arena, 6000, 0, &block) == FH_LIMIT && block == NULL);
  CHECK(fh_arena_get_stats(arena, &stats) == FH_OK && stats.used > 0 && stats.chunks == 1);
  CHECK(fh_arena_trim(arena, &bytes) == FH_OK);
  CHECK(fh_arena_reset(arena) == FH_OK);
  CHECK(fh_arena_destroy(arena) == FH_OK);
}

static void use_heap(void) {
  fh_heap* heap = NULL;
  fh_heap_stats stats;
  void* block = NULL;
  void* moved = NULL;
  size_t bytes = 0;
  CHECK(fh_heap_create(&heap) == FH_OK);
  CHECK(fh_heap_alloc(heap, 100, 0, &block) == FH_OK);
  CHECK(fh_heap_usable_size(heap, block) >= 100);
  CHECK(fh_heap_realloc(heap, block, 100000, &moved) == FH_OK);
  CHECK(fh_heap_alloc_zero(heap, 64, 64, &block) == FH_OK && *(const char*)block == 0);
  CHECK(fh_heap_get_stats(heap, &stats) == FH_OK && stats.live_blocks == 2);
  CHECK(fh_heap_free(heap, moved) == FH_OK);
  CHECK(fh_heap_free(heap, moved) == FH_NOT_LIVE);
  CHECK(fh_heap_trim(heap, &bytes) == FH_OK);
  CHECK(fh_heap_destroy(heap) == FH_OK);
}

static void use_pool(void) {
  fh_pool_options options = {48, 0, 0, 0};
  fh_pool* pool = NULL;
  fh_pool_stats stats;
  uint32_t index = 0;
  void* block = NULL;
  size_t bytes = 0;
  CHECK(fh_pool_create(&options, &pool) == FH_OK);
  CHECK(fh_pool_alloc(pool, &index, &block) == FH_OK);
  CHECK(fh_pool_address(pool, index) == block);
  CHECK(fh_pool_free_index(pool, index) == FH_OK);
  CHECK(fh_pool_alloc(pool, NULL, &block) == FH_OK);
  CHECK(fh_pool_free(pool, block) == FH_OK);
  CHECK(fh_pool_get_stats(pool, &stats) == FH_OK && stats.live_blocks == 0 && stats.block_bytes == 48);
  CHECK(fh_pool_trim(pool, &bytes) == FH_OK && bytes > 0);
  CHECK(fh_pool_destroy(pool) == FH_OK);
}

static void use_rc(void) {
  fh_rc* heap = NULL;
  fh_rc_ref first = FH_NO_INDEX;
  fh_rc_ref second = FH_NO_INDEX;
  fh_rc_stats stats;
  uint32_t life = 0;
  size_t bytes = 0;
  CHECK(fh_rc_create(&heap) == FH_OK);
  CHECK(fh_rc_set_limit(heap, 100000) == FH_OK);
  CHECK(fh_rc_alloc(heap, 100, 1, &first) == FH_OK);
  CHECK(fh_rc_alloc(heap, 100, 1, &second) == FH_OK);
  CHECK(fh_rc_address(heap, first, &bytes) != NULL && bytes >= 100);
  CHECK(fh_rc_weak_of(heap, first, &life) == FH_OK);
  CHECK(fh_rc_upgrade(heap, first, life) == FH_OK);
  CHECK(fh_rc_retain(heap, first) == FH_OK);
  CHECK(fh_rc_set_ref(heap, first, 0, second) == FH_OK && fh_rc_get_ref(heap, first, 0) == second);
  CHECK(fh_rc_set_ref(heap, second, 0, first) == FH_OK);
  CHECK(fh_rc_release(heap, second) == FH_OK);
  while (fh_rc_release(heap, first) == FH_OK) continue;
  CHECK(fh_rc_collect(heap) == FH_OK);
  CHECK(fh_rc_get_stats(heap, &stats) == FH_OK && stats.live_blocks == 0);
  CHECK(fh_rc_trim(heap, NULL) == FH_OK);
  CHECK(fh_rc_destroy(heap) == FH_OK);
}

static int count_block(void* data, void* block, size_t bytes) {
  *(size_t*)data += bytes;
  return block == NULL;
}

static void use_memory(void) {
  fh_heap* heap = NULL;
  fh_memory* memory = NULL;
  fh_memory_options options = {100000, 0};
  fh_memory_stats stats;
  fh_plain_functions plain;
  void* block = NULL;
  char* text = NULL;
  size_t live = 0;
  CHECK(fh_heap_create(&heap) == FH_OK);
  CHECK(fh_memory_of_heap(heap, &options, &memory) == FH_OK);
  block = fh_memory_calloc(memory, 10, 10);
  block = fh_memory_realloc(memory, block, 1000);
  CHECK(fh_memory_usable_size(memory, block) >= 1000);
  CHECK(fh_memory_malloc(memory, 200000) == NULL);
  CHECK(fh_memory_aligned_alloc(memory, 256, 100) != NULL);
  CHECK(fh_memory_each_live(memory, count_block, &live) == FH_OK && live >= 1100);
  fh_memory_free(memory, block);
  fh_memory_zfree(memory, fh_memory_zalloc(memory, 10, 10));
  CHECK(fh_memory_lua(memory, fh_memory_lua(memory, NULL, 0, 10), 10, 0) == NULL);
  CHECK(fh_memory_plain(memory, &plain) == FH_OK);
  text = plain.strdup("hello");
  CHECK(text != NULL && strcmp(text, "hello") == 0);
  plain.free(text);
  CHECK(fh_memory_set_limit(memory, FH_NO_LIMIT) == FH_OK);
  CHECK(fh_memory_get_stats(memory, &stats) == FH_OK && stats.live_blocks == 1 && stats.refused == 1);
  CHECK(fh_memory_destroy(memory) == FH_OK);
  CHECK(fh_heap_destroy(heap) == FH_OK);
}

static void use_table(void) {
  const fh_api* fh = fh_get_api(FH_API_MAJOR);
  fh_arena* arena = NULL;
  void* block = NULL;
  CHECK(fh != NULL && fh->minor == FH_API_MINOR && fh->bytes >= sizeof(fh_api));
  CHECK(fh->arena_create(NULL, &arena) == FH_OK);
  CHECK(fh->arena_alloc(arena, 10, 0, &block) == FH_OK);
  CHECK(fh->arena_destroy(arena) == FH_OK);
  CHECK(strcmp(fh->status_text(FH_OK), fh_status_text(FH_OK)) == 0);
}

int main(void) {
  use_arena();
  use_heap();
  use_pool();
  use_rc();
  use_memory();
  use_table();
  return failures == 0 ? 0 : 1;
}
