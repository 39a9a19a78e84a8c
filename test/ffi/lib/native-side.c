/* An addon as any other: it allocates from the arenas of JavaScript, through freehold_node.h alone. */
#include <node_api.h>
#include <pthread.h>
#include <string.h>

#include "freehold_node.h"

static const fh_api* fh;

static napi_value array_of(napi_env env, const uint64_t* numbers, uint32_t count) {
  napi_value array;
  napi_create_array_with_length(env, count, &array);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value number;
    napi_create_bigint_uint64(env, numbers[index], &number);
    napi_set_element(env, array, index, number);
  }
  return array;
}

static uint64_t word_of(napi_env env, napi_value value) {
  uint64_t word = 0;
  bool lossless = false;
  int64_t number = 0;
  if (napi_get_value_bigint_uint64(env, value, &word, &lossless) == napi_ok) return word;
  napi_get_value_int64(env, value, &number);
  return (uint64_t)number;
}

static size_t arguments_of(napi_env env, napi_callback_info info, napi_value* values, size_t count) {
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  return count;
}

/* (api) => status */
static napi_value setup(napi_env env, napi_callback_info info) {
  napi_value value;
  arguments_of(env, info, &value, 1);
  const uint64_t status = (uint64_t)fh_node_api(env, value, &fh);
  return array_of(env, &status, 1);
}

/* (value) => [status, the arena's address] */
static napi_value arena_of(napi_env env, napi_callback_info info) {
  napi_value value;
  fh_arena* arena = NULL;
  arguments_of(env, info, &value, 1);
  const fh_status status = fh_node_arena(env, value, &arena);
  const uint64_t result[] = {(uint64_t)status, (uintptr_t)arena};
  return array_of(env, result, 2);
}

/* (arena, bytes, alignment, byte) => [status, address]; the block is filled */
static napi_value take(napi_env env, napi_callback_info info) {
  napi_value values[4];
  void* block = NULL;
  arguments_of(env, info, values, 4);
  fh_arena* arena = (fh_arena*)(uintptr_t)word_of(env, values[0]);
  const size_t bytes = (size_t)word_of(env, values[1]);
  const fh_status status = fh->arena_alloc(arena, bytes, (size_t)word_of(env, values[2]), &block);
  if (status == FH_OK) memset(block, (int)word_of(env, values[3]), bytes);
  const uint64_t result[] = {(uint64_t)status, (uintptr_t)block};
  return array_of(env, result, 2);
}

/* (arena) => [status, used, reserved, peak, chunks, live blocks, live bytes] */
static napi_value figures(napi_env env, napi_callback_info info) {
  napi_value value;
  fh_arena_stats stats;
  arguments_of(env, info, &value, 1);
  const fh_status status = fh->arena_get_stats((fh_arena*)(uintptr_t)word_of(env, value), &stats);
  const uint64_t result[] = {(uint64_t)status, stats.used,        stats.reserved,  stats.peak,
                             stats.chunks,     stats.live_blocks, stats.live_bytes};
  return array_of(env, result, 7);
}

/* (arena) => [statuses of what only its owner may do] */
static napi_value meddle(napi_env env, napi_callback_info info) {
  napi_value value;
  fh_mark mark = {0, 0, 0, 0};
  arguments_of(env, info, &value, 1);
  fh_arena* arena = (fh_arena*)(uintptr_t)word_of(env, value);
  const uint64_t result[] = {
      (uint64_t)fh->arena_mark(arena, &mark),  (uint64_t)fh->arena_rewind(arena, &mark),
      (uint64_t)fh->arena_reset(arena),        (uint64_t)fh->arena_trim(arena, NULL),
      (uint64_t)fh->arena_set_limit(arena, 1), (uint64_t)fh->arena_destroy(arena)};
  return array_of(env, result, 6);
}

/* (arena) => address of a memory over it */
static napi_value memory_of(napi_env env, napi_callback_info info) {
  napi_value value;
  fh_memory* memory = NULL;
  arguments_of(env, info, &value, 1);
  fh->memory_of_arena((fh_arena*)(uintptr_t)word_of(env, value), NULL, &memory);
  const uint64_t address = (uintptr_t)memory;
  return array_of(env, &address, 1);
}

/* (memory, block, bytes, byte) => [address] of the block with so many bytes, which are filled; 0 bytes free it */
static napi_value resize(napi_env env, napi_callback_info info) {
  napi_value values[4];
  arguments_of(env, info, values, 4);
  void* memory = (void*)(uintptr_t)word_of(env, values[0]);
  const size_t bytes = (size_t)word_of(env, values[2]);
  void* block = fh->memory_lua(memory, (void*)(uintptr_t)word_of(env, values[1]), 0, bytes);
  if (block != NULL) memset(block, (int)word_of(env, values[3]), bytes);
  const uint64_t address = (uintptr_t)block;
  return array_of(env, &address, 1);
}

/* (memory) => [live blocks, live bytes, misused, wrong threads] */
static napi_value account(napi_env env, napi_callback_info info) {
  napi_value value;
  fh_memory_stats stats;
  arguments_of(env, info, &value, 1);
  fh->memory_get_stats((fh_memory*)(uintptr_t)word_of(env, value), &stats);
  const uint64_t result[] = {stats.live_blocks, stats.live_bytes, stats.misused, stats.wrong_threads};
  return array_of(env, result, 4);
}

static void* on_thread(void* arena) {
  void* block = arena;
  const fh_status status = fh->arena_alloc((fh_arena*)arena, 16, 0, &block);
  return (void*)(intptr_t)(block == NULL ? status : -1);
}

/* (arena) => [status that another thread gets] */
static napi_value take_on_thread(napi_env env, napi_callback_info info) {
  napi_value value;
  pthread_t thread;
  void* status = NULL;
  arguments_of(env, info, &value, 1);
  pthread_create(&thread, NULL, on_thread, (void*)(uintptr_t)word_of(env, value));
  pthread_join(thread, &status);
  const uint64_t result = (uint64_t)(intptr_t)status;
  return array_of(env, &result, 1);
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback function;
  } kFunctions[] = {{"setup", setup},       {"arenaOf", arena_of},   {"take", take},
                    {"figures", figures},   {"meddle", meddle},      {"memoryOf", memory_of},
                    {"resize", resize},     {"account", account},    {"takeOnThread", take_on_thread}};
  for (size_t index = 0; index < sizeof kFunctions / sizeof kFunctions[0]; ++index) {
    napi_value function;
    napi_create_function(env, kFunctions[index].name, NAPI_AUTO_LENGTH, kFunctions[index].function, NULL,
                         &function);
    napi_set_named_property(env, exports, kFunctions[index].name, function);
  }
  return exports;
}
