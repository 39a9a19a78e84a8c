// C libraries under the functions that they are given: what bench/ffi measures without a foreign call for each of their
// allocations. A shared library, and no addon: koffi calls it.
#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#define EXPORT __attribute__((visibility("default")))

typedef void *(*malloc_function)(size_t);
typedef void (*free_function)(void *);
typedef void *(*context_malloc)(void *, size_t);
typedef void (*context_free)(void *, void *);

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

// What a C function costs that does next to nothing with a buffer.
EXPORT int first_byte(const uint8_t *bytes, size_t length) { return length == 0 ? 0 : bytes[0]; }

// ---- malloc and free by their addresses

// Nanoseconds per block; all NULL: the standard's.
EXPORT double pairs(malloc_function take, free_function give, size_t size, uint32_t count) {
  if (take == NULL) take = malloc;
  if (give == NULL) give = free;
  const double begin = now();
  for (uint32_t i = 0; i < count; ++i) {
    volatile char *block = take(size);
    block[0] = 1;
    give((void *)block);
  }
  return (now() - begin) / count;
}

EXPORT double context_pairs(context_malloc take, context_free give, void *context, size_t size, uint32_t count) {
  const double begin = now();
  for (uint32_t i = 0; i < count; ++i) {
    volatile char *block = take(context, size);
    block[0] = 1;
    give(context, (void *)block);
  }
  return (now() - begin) / count;
}

// 1,000 live blocks of mixed sizes, of which random ones are replaced.
EXPORT double replacements(malloc_function take, free_function give, uint32_t count) {
  enum { LIVE = 1024 };
  static void *blocks[LIVE];
  if (take == NULL) take = malloc;
  if (give == NULL) give = free;
  uint32_t random = 1;
  for (uint32_t i = 0; i < LIVE; ++i) blocks[i] = take(16 + (i * 37) % 500);
  const double begin = now();
  for (uint32_t i = 0; i < count; ++i) {
    random = random * 1664525u + 1013904223u;
    const uint32_t at = random >> 22;
    give(blocks[at]);
    char *block = take(16 + (random >> 8) % 500);
    block[0] = 1;
    blocks[at] = block;
  }
  const double end = now();
  for (uint32_t i = 0; i < LIVE; ++i) give(blocks[i]);
  return (end - begin) / count;
}

// ---- zlib

// Inflates one stream; the bytes that came out, or -1.
EXPORT int64_t inflate_one(alloc_func take, free_func give, void *opaque, const uint8_t *in, uint32_t length, uint8_t *out,
                           uint32_t room) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  stream.zalloc = take;
  stream.zfree = give;
  stream.opaque = opaque;
  if (inflateInit(&stream) != Z_OK) return -1;
  stream.next_in = (Bytef *)in;
  stream.avail_in = length;
  stream.next_out = out;
  int status = Z_OK;
  // In parts, as from a socket: the library keeps a window of its own then.
  for (uint32_t end = 0; status == Z_OK && end < room;) {
    end = end + 4096 < room ? end + 4096 : room;
    stream.avail_out = end - (uint32_t)stream.total_out;
    status = inflate(&stream, Z_NO_FLUSH);
  }
  const int64_t total = status == Z_STREAM_END ? (int64_t)stream.total_out : -1;
  inflateEnd(&stream);
  return total;
}

// ---- expat

struct seen {
  uint32_t elements;
  uint32_t attributes;
};

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
  struct seen *seen = data;
  (void)name;
  ++seen->elements;
  for (; *attributes != NULL; attributes += 2) ++seen->attributes;
}
static void XMLCALL on_end(void *data, const XML_Char *name) {
  (void)data;
  (void)name;
}

// Parses one document with a parser of its own, with namespaces; its elements, or -1. `keep`: does not free the parser.
EXPORT int32_t parse_one(const XML_Memory_Handling_Suite *suite, const char *text, uint32_t length, int keep) {
  static const XML_Char separator[] = "|";
  struct seen seen = {0, 0};
  XML_Parser parser = XML_ParserCreate_MM(NULL, suite, separator);
  if (parser == NULL) return -1;
  XML_SetUserData(parser, &seen);
  XML_SetElementHandler(parser, on_start, on_end);
  XML_SetHashSalt(parser, 1);
  const enum XML_Status status = XML_Parse(parser, text, (int)length, 1);
  if (!keep) XML_ParserFree(parser);
  return status == XML_STATUS_OK ? (int32_t)seen.elements : -1;
}

// ---- Lua

static void *standard(void *ud, void *block, size_t old_size, size_t new_size) {
  (void)ud;
  (void)old_size;
  if (new_size != 0) return realloc(block, new_size);
  free(block);
  return NULL;
}

// Runs a script in a state of its own; what it returns, or -1.
EXPORT double run_script(lua_Alloc alloc, void *ud, const char *script) {
  lua_State *state = lua_newstate(alloc == NULL ? standard : alloc, ud);
  if (state == NULL) return -1;
  luaL_openlibs(state);
  double result = -1;
  if (luaL_loadstring(state, script) == LUA_OK && lua_pcall(state, 0, 1, 0) == LUA_OK) {
    result = lua_tonumber(state, -1);
  }
  lua_close(state);
  return result;
}
