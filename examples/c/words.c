/*
 * Counts the words of its input. Each line is parsed in an arena that is reset for the next one, so that a
 * million lines take the memory of the longest; what outlives a line stands on a heap, which says at the end
 * what it holds. A limit ends what would grow without end, and nothing crashes.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "freehold.h"

/* What is known of a word, on the heap. */
typedef struct entry {
  struct entry* next;
  size_t count;
  char text[];
} entry;

/* The words of a line, in the arena. */
typedef struct word {
  struct word* next;
  const char* text;
} word;

static fh_status split(fh_arena* arena, const char* line, word** words) {
  word** end = words;
  *words = NULL;
  while (*line != 0) {
    size_t length = 0;
    while (isalnum((unsigned char)line[length])) ++length;
    if (length > 0) {
      void* found = NULL;
      void* text = NULL;
      fh_status status = fh_arena_alloc(arena, sizeof(word), 0, &found);
      if (status == FH_OK) status = fh_arena_alloc_zero(arena, length + 1, 1, &text);
      if (status != FH_OK) return status;
      memcpy(text, line, length);
      *end = found;
      (*end)->text = text;
      (*end)->next = NULL;
      end = &(*end)->next;
      line += length;
    } else {
      ++line;
    }
  }
  return FH_OK;
}

static fh_status count(fh_memory* memory, entry** known, const char* text) {
  entry* found = *known;
  while (found != NULL && strcmp(found->text, text) != 0) found = found->next;
  if (found == NULL) {
    found = fh_memory_calloc(memory, 1, sizeof(entry) + strlen(text) + 1);
    if (found == NULL) return FH_LIMIT;
    strcpy(found->text, text);
    found->next = *known;
    *known = found;
  }
  ++found->count;
  return FH_OK;
}

static int fail(const char* what, fh_status status) {
  fprintf(stderr, "%s: %s\n", what, fh_status_text(status));
  return 1;
}

int main(void) {
  const fh_arena_options small = {0, 0, 64 << 10}; /* a line that needs more is refused */
  const fh_memory_options most = {1 << 20, 0};     /* and so is the word behind a MiB of others */
  fh_arena* arena = NULL;
  fh_heap* heap = NULL;
  fh_memory* memory = NULL;
  fh_arena_stats used;
  fh_memory_stats held;
  entry* known = NULL;
  entry* most_frequent = NULL;
  size_t lines = 0;
  size_t words = 0;
  void* block = NULL;
  char line[4096];
  fh_status status = fh_arena_create(&small, &arena);
  if (status == FH_OK) status = fh_heap_create(&heap);
  if (status == FH_OK) status = fh_memory_of_heap(heap, &most, &memory);
  if (status != FH_OK) return fail("no allocators", status);

  while (fgets(line, sizeof line, stdin) != NULL) {
    word* found = NULL;
    status = split(arena, line, &found);
    for (; status == FH_OK && found != NULL; found = found->next, ++words) {
      status = count(memory, &known, found->text);
    }
    if (status == FH_OK) status = fh_arena_reset(arena);
    if (status != FH_OK) return fail("line too hard", status);
    ++lines;
  }
  for (entry* each = known; each != NULL; each = each->next) {
    if (most_frequent == NULL || each->count > most_frequent->count) most_frequent = each;
  }
  fh_arena_get_stats(arena, &used);
  fh_memory_get_stats(memory, &held);
  printf("%zu lines, %zu words, %zu different\n", lines, words, held.live_blocks);
  if (most_frequent != NULL) printf("most frequent: %s, %zu times\n", most_frequent->text, most_frequent->count);
  printf("arena: at most %zu bytes in use, in %zu chunk(s)\n", used.peak, used.chunks);

  status = fh_arena_alloc(arena, 1 << 20, 0, &block);
  printf("a block of 1 MiB in it: %s\n", fh_status_text(status));

  while (known != NULL) {
    entry* next = known->next;
    fh_memory_free(memory, known);
    known = next;
  }
  fh_memory_get_stats(memory, &held);
  printf("heap: %zu bytes left in %zu block(s), %zu frees of nothing\n", held.live_bytes, held.live_blocks,
         held.misused);
  fh_memory_destroy(memory);
  fh_heap_destroy(heap);
  fh_arena_destroy(arena);
  return 0;
}
