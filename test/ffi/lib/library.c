// A library as the tests need one: it makes memory and counts what is freed, and keeps what it is lent for threads of its own.
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int made, freed;
static _Atomic(void *) last_freed;

// ---- Memory of its own

void *make(size_t bytes) {
  unsigned char *memory = malloc(bytes);
  for (size_t at = 0; at < bytes; at++) memory[at] = (unsigned char)at;
  made++;
  return memory;
}

void dispose(void *memory) {
  last_freed = memory;
  freed++;
  free(memory);
}

uintptr_t dispose_address(void) { return (uintptr_t)&dispose; }
int count_made(void) { return made; }
int count_freed(void) { return freed; }
uintptr_t last(void) { return (uintptr_t)last_freed; }

static char fixed[64] = "static memory";
char *fixed_memory(void) { return fixed; }

// ---- Text

char *join(char **texts) {
  static char joined[1000];
  joined[0] = 0;
  for (; *texts != NULL; texts++) strcat(strcat(joined, *texts), "|");
  return joined;
}

// ---- Work on what it is passed

static atomic_int gate;
void open_gate(void) { gate = 1; }
void close_gate(void) { gate = 0; }

static void *open_later(void *argument) {
  usleep(20000);
  gate = 1;
  return argument;
}
int open_soon(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, open_later, NULL) != 0 ? -1 : pthread_detach(thread);
}

static uint64_t sum_now(const unsigned char *bytes, size_t length) {
  uint64_t sum = 0;
  for (size_t at = 0; at < length; at++) sum += bytes[at];
  return sum;
}

uint64_t sum(const unsigned char *bytes, size_t length) { return sum_now(bytes, length); }

// Begins when the gate is open.
uint64_t sum_later(const unsigned char *bytes, size_t length) {
  while (!gate) usleep(50);
  return sum_now(bytes, length);
}

struct part {
  const unsigned char *bytes;
  uint64_t length;
};
uint64_t sum_part(const struct part *part) {
  while (!gate) usleep(50);
  return sum_now(part->bytes, part->length);
}

// ---- What it keeps

struct kept {
  void *data;
  void (*give_back)(void *);
  void (*give_back_with_hint)(void *, void *);
};

static void *keep_for_a_while(void *argument) {
  struct kept kept = *(struct kept *)argument;
  free(argument);
  while (!gate) usleep(50);
  memset(kept.data, 0x5a, 8);
  if (kept.give_back_with_hint)
    kept.give_back_with_hint(kept.data, &kept);
  else
    kept.give_back(kept.data);
  return NULL;
}

static int start(struct kept kept) {
  pthread_t thread;
  struct kept *argument = malloc(sizeof kept);
  *argument = kept;
  if (pthread_create(&thread, NULL, keep_for_a_while, argument) != 0) return -1;
  return pthread_detach(thread);
}

// A thread gives `data` back when the gate is open.
int keep(void *data, void *give_back) {
  return start((struct kept){.data = data, .give_back = (void (*)(void *))give_back});
}

int keep_with_hint(void *data, void *give_back) {
  return start((struct kept){.data = data, .give_back_with_hint = (void (*)(void *, void *))give_back});
}

// Keeps it until another one is given, as a setter does.
static struct kept current;
void set(void *data, void *give_back) {
  if (current.data) current.give_back(current.data);
  current = (struct kept){.data = data, .give_back = (void (*)(void *))give_back};
}

// Writes to what it has as long as it has it, on a thread of its own; `rounds` says how often it did.
static atomic_int rounds;
static void *write_on(void *data) {
  for (;;) {
    memset(data, 0xa5, 64);
    rounds++;
    usleep(1000);
  }
}
int write_for_ever(void *data) {
  pthread_t thread;
  return pthread_create(&thread, NULL, write_on, data) != 0 ? -1 : pthread_detach(thread);
}
int count_rounds(void) { return rounds; }
