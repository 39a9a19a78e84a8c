// The table of all functions, and the sentences for statuses.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <set>
#include <string>

#include "freehold.h"

TEST_CASE("the table has every function in its place") {
  const fh_api* api = fh_get_api(FH_API_MAJOR);
  REQUIRE(api != nullptr);
  CHECK(api->major == FH_API_MAJOR);
  CHECK(api->minor == FH_API_MINOR);
  CHECK(api->bytes == sizeof(fh_api));
  CHECK((api->status_text == fh_status_text));
  CHECK((api->arena_create == fh_arena_create));
  CHECK((api->arena_destroy == fh_arena_destroy));
  CHECK((api->arena_alloc == fh_arena_alloc));
  CHECK((api->arena_alloc_zero == fh_arena_alloc_zero));
  CHECK((api->arena_copy == fh_arena_copy));
  CHECK((api->arena_mark == fh_arena_mark));
  CHECK((api->arena_rewind == fh_arena_rewind));
  CHECK((api->arena_reset == fh_arena_reset));
  CHECK((api->arena_trim == fh_arena_trim));
  CHECK((api->arena_set_limit == fh_arena_set_limit));
  CHECK((api->arena_owns == fh_arena_owns));
  CHECK((api->arena_get_stats == fh_arena_get_stats));
  CHECK((api->heap_create == fh_heap_create));
  CHECK((api->heap_destroy == fh_heap_destroy));
  CHECK((api->heap_alloc == fh_heap_alloc));
  CHECK((api->heap_alloc_zero == fh_heap_alloc_zero));
  CHECK((api->heap_free == fh_heap_free));
  CHECK((api->heap_realloc == fh_heap_realloc));
  CHECK((api->heap_usable_size == fh_heap_usable_size));
  CHECK((api->heap_trim == fh_heap_trim));
  CHECK((api->heap_get_stats == fh_heap_get_stats));
  CHECK((api->pool_create == fh_pool_create));
  CHECK((api->pool_destroy == fh_pool_destroy));
  CHECK((api->pool_alloc == fh_pool_alloc));
  CHECK((api->pool_free == fh_pool_free));
  CHECK((api->pool_free_index == fh_pool_free_index));
  CHECK((api->pool_address == fh_pool_address));
  CHECK((api->pool_trim == fh_pool_trim));
  CHECK((api->pool_get_stats == fh_pool_get_stats));
  CHECK((api->rc_create == fh_rc_create));
  CHECK((api->rc_destroy == fh_rc_destroy));
  CHECK((api->rc_alloc == fh_rc_alloc));
  CHECK((api->rc_retain == fh_rc_retain));
  CHECK((api->rc_release == fh_rc_release));
  CHECK((api->rc_set_ref == fh_rc_set_ref));
  CHECK((api->rc_get_ref == fh_rc_get_ref));
  CHECK((api->rc_address == fh_rc_address));
  CHECK((api->rc_weak_of == fh_rc_weak_of));
  CHECK((api->rc_upgrade == fh_rc_upgrade));
  CHECK((api->rc_collect == fh_rc_collect));
  CHECK((api->rc_set_limit == fh_rc_set_limit));
  CHECK((api->rc_trim == fh_rc_trim));
  CHECK((api->rc_get_stats == fh_rc_get_stats));
  CHECK((api->memory_of_arena == fh_memory_of_arena));
  CHECK((api->memory_of_heap == fh_memory_of_heap));
  CHECK((api->memory_destroy == fh_memory_destroy));
  CHECK((api->memory_get_stats == fh_memory_get_stats));
  CHECK((api->memory_set_limit == fh_memory_set_limit));
  CHECK((api->memory_malloc == fh_memory_malloc));
  CHECK((api->memory_calloc == fh_memory_calloc));
  CHECK((api->memory_realloc == fh_memory_realloc));
  CHECK((api->memory_free == fh_memory_free));
  CHECK((api->memory_aligned_alloc == fh_memory_aligned_alloc));
  CHECK((api->memory_usable_size == fh_memory_usable_size));
  CHECK((api->memory_zalloc == fh_memory_zalloc));
  CHECK((api->memory_zfree == fh_memory_zfree));
  CHECK((api->memory_lua == fh_memory_lua));
  CHECK((api->memory_plain == fh_memory_plain));
  CHECK((api->memory_each_live == fh_memory_each_live));
}

TEST_CASE("no word of the table is left empty, and this test knows as many functions as it has") {
  constexpr std::size_t kFunctions = 60;
  static_assert(sizeof(fh_api) == offsetof(fh_api, status_text) + kFunctions * sizeof(void (*)()));
  const fh_api* api = fh_get_api(FH_API_MAJOR);
  REQUIRE(api != nullptr);
  std::set<void*> functions;
  for (std::size_t index = 0; index < kFunctions; ++index) {
    void* function = nullptr;
    std::memcpy(&function,
                reinterpret_cast<const char*>(api) + offsetof(fh_api, status_text) + index * sizeof function,
                sizeof function);
    CHECK(function != nullptr);
    functions.insert(function);
  }
  CHECK(functions.size() == kFunctions);
}

TEST_CASE("there is no table of another major version") {
  CHECK(fh_get_api(0) == nullptr);
  CHECK(fh_get_api(FH_API_MAJOR + 1) == nullptr);
  CHECK(fh_get_api(UINT32_MAX) == nullptr);
}

TEST_CASE("every status has a sentence of its own, and what is none has one too") {
  std::set<std::string> sentences;
  for (fh_status status = FH_OK; status <= FH_OVERFLOW; ++status) sentences.insert(fh_status_text(status));
  CHECK(sentences.size() == FH_OVERFLOW + 1);
  for (const fh_status none : {-1, FH_OVERFLOW + 1, INT32_MAX, INT32_MIN}) {
    CHECK(std::string(fh_status_text(none)) == "no status of freehold");
  }
}
