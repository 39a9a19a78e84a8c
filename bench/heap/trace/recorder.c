// Preloaded into a program, records what it takes from malloc and gives back: sizes, and the order of both. One thread
// at a time, between recorder_begin() and recorder_end(path). glibc, 64 bits.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

// size is 0 for a free. Not on the heap that is being recorded.
static struct {
  uint64_t address;
  uint64_t size;
} events[1 << 22];
static size_t count;
static int recording;

static void record(const void* block, size_t size) {
  if (!recording || block == NULL || count == sizeof(events) / sizeof(events[0])) return;
  events[count].address = (uintptr_t)block;
  events[count++].size = size;
}

static void* taken(void* block, size_t size) {
  record(block, size == 0 ? 1 : size);
  return block;
}

EXPORT void* malloc(size_t size) { return taken(__libc_malloc(size), size); }

EXPORT void* calloc(size_t number, size_t size) { return taken(__libc_calloc(number, size), number * size); }

EXPORT void* memalign(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size), size); }

EXPORT void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

EXPORT int posix_memalign(void** block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block == NULL ? ENOMEM : 0;
}

EXPORT void free(void* block) {
  record(block, 0);
  __libc_free(block);
}

// A free of the old block and an allocation of the new one, whether or not it moved.
EXPORT void* realloc(void* block, size_t size) {
  void* moved = __libc_realloc(block, size);
  if (moved == NULL && size != 0) return NULL;
  record(block, 0);
  return taken(moved, size);
}

EXPORT void recorder_begin(void) { recording = 1; }

EXPORT int recorder_end(const char* path) {
  recording = 0;
  FILE* file = fopen(path, "wb");
  if (file == NULL) return -1;
  const size_t written = fwrite(events, sizeof(events[0]), count, file);
  return fclose(file) == 0 && written == count ? 0 : -1;
}
