/*
 * freehold: arenas, pools, heaps and reference-counted blocks for programs in C, and for addons that share
 * the arenas of JavaScript. C99; nothing here needs C++ or Node.
 *
 * Three ways to get at these functions:
 * - link with the static library (CMake: find_package(freehold), target freehold::freehold; or pkg-config
 * freehold);
 * - in an addon, without linking: take a table of them from JavaScript, see freehold_node.h;
 * - fh_get_api() of this header gives the same table to whoever links.
 *
 * Threads: an allocator belongs to the thread that made it. Every function on it returns FH_WRONG_THREAD (or
 * NULL, or 0) on another thread and does nothing else. Different allocators may be used by different threads
 * at once.
 *
 * Ownership: what a *_create function returns is the caller's, who ends it with *_destroy. Blocks belong to
 * the caller until they are freed or their allocator ends them. No function frees memory that it was given.
 *
 * Failure: functions return a status, and leave everything as it was when that is not FH_OK. Results are
 * written to their last argument, which receives NULL, FH_NO_INDEX or 0 on failure. Nothing here throws, or
 * ends the process.
 *
 * Sizes and alignments are bytes. Alignments are powers of two up to FH_MAX_ALIGNMENT.
 */
#ifndef FREEHOLD_H
#define FREEHOLD_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(FREEHOLD_SHARED)
#define FH_EXPORT __declspec(dllexport)
#else
#define FH_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#define FH_NOEXCEPT noexcept
#else
#define FH_NOEXCEPT
#endif

/* What changes when functions are added (minor), or behave in another way (major). */
#define FH_API_MAJOR 1
#define FH_API_MINOR 0

#define FH_MAX_ALIGNMENT ((size_t)2 << 20)
#define FH_NO_LIMIT SIZE_MAX
#define FH_NO_INDEX UINT32_MAX

/* Why a function did not do what it was asked to. */
typedef int32_t fh_status;
enum {
  FH_OK = 0,
  FH_OUT_OF_MEMORY = 1, /* the system has no memory, or a pool is full */
  FH_LIMIT = 2,         /* the allocator's limit forbids it */
  FH_TOO_LARGE = 3,     /* no block can be that large */
  FH_INVALID = 4,  /* an argument makes no sense: NULL, an alignment that is no power of two, a stale mark */
  FH_CORRUPT = 5,  /* the allocator's own data were written over */
  FH_NOT_LIVE = 6, /* the block was freed already */
  FH_NO_BLOCK = 7, /* no block begins at this address */
  FH_ENDED = 8,    /* the allocator was destroyed, or disposed by JavaScript */
  FH_WRONG_THREAD = 9, /* it belongs to another thread */
  FH_BORROWED = 10,    /* it is JavaScript's: only its owner may end its blocks */
  FH_NO_SLOT = 11,     /* all functions without a context are taken, see fh_memory_plain() */
  FH_OVERFLOW = 12     /* a count cannot go higher */
};

/* A sentence about a status, for messages. Never NULL; valid for good. Any thread. */
FH_EXPORT const char* fh_status_text(fh_status status) FH_NOEXCEPT;

/* ---- Arenas: blocks that all end together
 * ---------------------------------------------------------------------------- */

/*
 * An arena hands out blocks by moving a cursor, and ends all of them at once. It is made here, or it is one
 * of JavaScript's (freehold_node.h): then both sides allocate from the same memory, with one cursor and one
 * set of figures, and only JavaScript ends blocks (FH_BORROWED).
 */
typedef struct fh_arena fh_arena;

typedef struct fh_arena_options {
  size_t initial_bytes;   /* of the first chunk; 0: 64 KiB */
  size_t max_chunk_bytes; /* chunks double up to this; 0: 4 MiB */
  size_t limit;           /* bytes handed out between two resets, padding included; 0: FH_NO_LIMIT */
} fh_arena_options;

/* A place to rewind to. The numbers are the arena's own. */
typedef struct fh_mark {
  size_t segments;
  size_t current;
  size_t cursor;
  size_t serial;
} fh_mark;

typedef struct fh_arena_stats {
  size_t used;        /* bytes handed out since the last reset, padding included */
  size_t reserved;    /* bytes held from the system */
  size_t peak;        /* the most that `used` was */
  size_t chunks;      /* that the memory is in */
  size_t live_blocks; /* of fh_arena_malloc() and fh_memory functions, not freed yet */
  size_t live_bytes;  /* in them */
} fh_arena_stats;

/* An arena without memory: the first chunk comes with the first block. `options` may be NULL. The caller owns
 * it. */
FH_EXPORT fh_status fh_arena_create(const fh_arena_options* options, fh_arena** arena) FH_NOEXCEPT;
/* Ends all blocks and the arena. NULL is fine. FH_BORROWED for one of JavaScript's. */
FH_EXPORT fh_status fh_arena_destroy(fh_arena* arena) FH_NOEXCEPT;

/* `size` bytes (0 is fine), not cleared, at a multiple of `alignment` (0: 16). Valid until the next reset. */
FH_EXPORT fh_status fh_arena_alloc(fh_arena* arena, size_t size, size_t alignment, void** block) FH_NOEXCEPT;
/* The same, cleared. */
FH_EXPORT fh_status fh_arena_alloc_zero(fh_arena* arena, size_t size, size_t alignment,
                                        void** block) FH_NOEXCEPT;
/* A copy of `size` bytes at `bytes`. */
FH_EXPORT fh_status fh_arena_copy(fh_arena* arena, const void* bytes, size_t size, void** block) FH_NOEXCEPT;

/* Remembers how far the arena is used, and goes back there: blocks since then end. FH_INVALID for a mark from
 * before the last reset, or from behind a place that was rewound to. FH_BORROWED for an arena of
 * JavaScript's. */
FH_EXPORT fh_status fh_arena_mark(fh_arena* arena, fh_mark* mark) FH_NOEXCEPT;
FH_EXPORT fh_status fh_arena_rewind(fh_arena* arena, const fh_mark* mark) FH_NOEXCEPT;
/* Ends every block. The arena keeps one chunk that would have held all of them. FH_BORROWED for one of
 * JavaScript's. */
FH_EXPORT fh_status fh_arena_reset(fh_arena* arena) FH_NOEXCEPT;
/* Gives memory that no block uses back to the system; `bytes`, which may be NULL, receives how much. */
FH_EXPORT fh_status fh_arena_trim(fh_arena* arena, size_t* bytes) FH_NOEXCEPT;

FH_EXPORT fh_status fh_arena_set_limit(fh_arena* arena, size_t limit) FH_NOEXCEPT;
/* 1 when an address lies in memory of the arena, else 0. */
FH_EXPORT int fh_arena_owns(fh_arena* arena, const void* address) FH_NOEXCEPT;
FH_EXPORT fh_status fh_arena_get_stats(fh_arena* arena, fh_arena_stats* stats) FH_NOEXCEPT;

/* ---- Heaps: blocks of any size that are freed one by one
 * --------------------------------------------------------------- */

/* Up to 32 KiB from slabs by size class, at most an eighth larger than asked for; larger ones on pages of
 * their own. All that it knows of its blocks is out of their reach: a second free, and a free of anything
 * else, are always found. */
typedef struct fh_heap fh_heap;

typedef struct fh_heap_stats {
  size_t live_blocks;
  size_t live_bytes; /* that may be used of them */
  size_t reserved;   /* bytes held from the system for blocks */
  size_t metadata;   /* bytes of tables */
} fh_heap_stats;

FH_EXPORT fh_status fh_heap_create(fh_heap** heap) FH_NOEXCEPT;
/* Frees every block and ends the heap. NULL is fine. */
FH_EXPORT fh_status fh_heap_destroy(fh_heap* heap) FH_NOEXCEPT;
/* At least `size` bytes, not cleared, at a multiple of `alignment` (0: 16). The caller owns the block. */
FH_EXPORT fh_status fh_heap_alloc(fh_heap* heap, size_t size, size_t alignment, void** block) FH_NOEXCEPT;
FH_EXPORT fh_status fh_heap_alloc_zero(fh_heap* heap, size_t size, size_t alignment,
                                       void** block) FH_NOEXCEPT;
/* FH_NOT_LIVE for a second free, FH_NO_BLOCK for an address at which no block begins. NULL is fine. */
FH_EXPORT fh_status fh_heap_free(fh_heap* heap, void* block) FH_NOEXCEPT;
/* The block with room for `size` bytes: in place, or moved. FH_NO_BLOCK for what is no live block. */
FH_EXPORT fh_status fh_heap_realloc(fh_heap* heap, void* block, size_t size, void** moved) FH_NOEXCEPT;
/* The bytes that may be used of a live block; 0 for any other address. */
FH_EXPORT size_t fh_heap_usable_size(fh_heap* heap, const void* block) FH_NOEXCEPT;
FH_EXPORT fh_status fh_heap_trim(fh_heap* heap, size_t* bytes) FH_NOEXCEPT;
FH_EXPORT fh_status fh_heap_get_stats(fh_heap* heap, fh_heap_stats* stats) FH_NOEXCEPT;

/* ---- Pools: blocks of one size
 * ------------------------------------------------------------------------------------------ */

typedef struct fh_pool fh_pool;

typedef struct fh_pool_options {
  size_t block_bytes;
  size_t alignment;  /* of every block; 0: 16 */
  size_t slab_bytes; /* about; 0: 256 KiB */
  size_t max_blocks; /* 0: as many as there is memory for */
} fh_pool_options;

typedef struct fh_pool_stats {
  size_t block_bytes;
  size_t live_blocks;
  size_t capacity; /* blocks that there are slabs for */
  size_t reserved;
  size_t metadata;
} fh_pool_stats;

/* FH_INVALID for what no pool can be: blocks of no bytes, an alignment that is no power of two. */
FH_EXPORT fh_status fh_pool_create(const fh_pool_options* options, fh_pool** pool) FH_NOEXCEPT;
FH_EXPORT fh_status fh_pool_destroy(fh_pool* pool) FH_NOEXCEPT;
/* A block, not cleared, and (where `index` is not NULL) its index. */
FH_EXPORT fh_status fh_pool_alloc(fh_pool* pool, uint32_t* index, void** block) FH_NOEXCEPT;
FH_EXPORT fh_status fh_pool_free(fh_pool* pool, void* block) FH_NOEXCEPT;
FH_EXPORT fh_status fh_pool_free_index(fh_pool* pool, uint32_t index) FH_NOEXCEPT;
/* Where a live block is; NULL for any other index. */
FH_EXPORT void* fh_pool_address(fh_pool* pool, uint32_t index) FH_NOEXCEPT;
FH_EXPORT fh_status fh_pool_trim(fh_pool* pool, size_t* bytes) FH_NOEXCEPT;
FH_EXPORT fh_status fh_pool_get_stats(fh_pool* pool, fh_pool_stats* stats) FH_NOEXCEPT;

/* ---- Reference-counted blocks
 * -------------------------------------------------------------------------------------------- */

/* Blocks that free themselves when nothing leads to them any more, cycles included. A block has handles,
 * which the program retains and releases, and slots, which refer to other blocks of the same heap. */
typedef struct fh_rc fh_rc;
/* Which block; FH_NO_INDEX for none. */
typedef uint32_t fh_rc_ref;

typedef struct fh_rc_stats {
  size_t live_blocks;
  size_t live_bytes;
  size_t reserved;
  size_t metadata;
} fh_rc_stats;

FH_EXPORT fh_status fh_rc_create(fh_rc** heap) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_destroy(fh_rc* heap) FH_NOEXCEPT;
/* A block of at least `size` bytes (up to 32 KiB), not cleared, with `slots` empty slots and one handle, the
 * caller's. */
FH_EXPORT fh_status fh_rc_alloc(fh_rc* heap, size_t size, size_t slots, fh_rc_ref* block) FH_NOEXCEPT;
/* One handle more; one less, and the block dies with the last of its handles and references, and what lived
 * by it. */
FH_EXPORT fh_status fh_rc_retain(fh_rc* heap, fh_rc_ref block) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_release(fh_rc* heap, fh_rc_ref block) FH_NOEXCEPT;
/* Makes a slot refer to `to`, or to nothing with FH_NO_INDEX. */
FH_EXPORT fh_status fh_rc_set_ref(fh_rc* heap, fh_rc_ref from, size_t slot, fh_rc_ref to) FH_NOEXCEPT;
FH_EXPORT fh_rc_ref fh_rc_get_ref(fh_rc* heap, fh_rc_ref from, size_t slot) FH_NOEXCEPT;
/* Where a live block is, and how many bytes of it may be used (`bytes` may be NULL); NULL for a dead one. */
FH_EXPORT void* fh_rc_address(fh_rc* heap, fh_rc_ref block, size_t* bytes) FH_NOEXCEPT;
/* Names this life of a block; fh_rc_upgrade() retains it if that is not over, else FH_NOT_LIVE. */
FH_EXPORT fh_status fh_rc_weak_of(fh_rc* heap, fh_rc_ref block, uint32_t* life) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_upgrade(fh_rc* heap, fh_rc_ref block, uint32_t life) FH_NOEXCEPT;
/* Frees all blocks that only keep each other alive. */
FH_EXPORT fh_status fh_rc_collect(fh_rc* heap) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_set_limit(fh_rc* heap, size_t limit) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_trim(fh_rc* heap, size_t* bytes) FH_NOEXCEPT;
FH_EXPORT fh_status fh_rc_get_stats(fh_rc* heap, fh_rc_stats* stats) FH_NOEXCEPT;

/* ---- Memory for C libraries
 * ---------------------------------------------------------------------------------------------- */

/*
 * malloc, free and their kin over an arena or a heap, in the shapes that libraries ask for, with an account
 * of their own. The functions with a context take the fh_memory as that. A call on another thread than the
 * memory's gets no memory, or does nothing, and is counted; so is a free of what is no live block. Blocks are
 * aligned to 16.
 *
 * Over an arena, memory that is freed can be used again at once when it was the last block, else after the
 * reset; the library need not free anything before that. After a reset none of its objects may be used any
 * more.
 */
typedef struct fh_memory fh_memory;

typedef struct fh_memory_options {
  size_t limit;   /* bytes that may be live at once; 0: FH_NO_LIMIT */
  size_t fail_at; /* refuse the allocation of this number (the first is 1) and all later ones, for tests; 0:
                     none */
} fh_memory_options;

typedef struct fh_memory_stats {
  size_t live_blocks;
  size_t live_bytes;   /* that may be used of them */
  size_t peak_bytes;   /* the most that live_bytes was */
  size_t total_blocks; /* allocated since it was made; a block that grows counts again when it moves */
  size_t total_bytes;
  size_t refused;       /* allocations that got no memory */
  size_t misused;       /* frees and reallocs of what was no live block */
  size_t wrong_threads; /* calls on another thread */
} fh_memory_stats;

/* A memory whose allocator ends before it has no memory to give from then on. `options` may be NULL. The
 * caller owns it. */
FH_EXPORT fh_status fh_memory_of_arena(fh_arena* arena, const fh_memory_options* options,
                                       fh_memory** memory) FH_NOEXCEPT;
FH_EXPORT fh_status fh_memory_of_heap(fh_heap* heap, const fh_memory_options* options,
                                      fh_memory** memory) FH_NOEXCEPT;
/* Ends it; blocks that live stay the allocator's. Functions without a context that it had give no memory from
 * then on. Functions with one must not be called with it any more. NULL is fine. */
FH_EXPORT fh_status fh_memory_destroy(fh_memory* memory) FH_NOEXCEPT;
FH_EXPORT fh_status fh_memory_get_stats(fh_memory* memory, fh_memory_stats* stats) FH_NOEXCEPT;
FH_EXPORT fh_status fh_memory_set_limit(fh_memory* memory, size_t limit) FH_NOEXCEPT;

/* The context is a fh_memory. As the standard's functions of these names; malloc(0) gives a block. */
FH_EXPORT void* fh_memory_malloc(void* context, size_t size) FH_NOEXCEPT;
FH_EXPORT void* fh_memory_calloc(void* context, size_t count, size_t size) FH_NOEXCEPT;
FH_EXPORT void* fh_memory_realloc(void* context, void* block, size_t size) FH_NOEXCEPT;
FH_EXPORT void fh_memory_free(void* context, void* block) FH_NOEXCEPT;
FH_EXPORT void* fh_memory_aligned_alloc(void* context, size_t alignment, size_t size) FH_NOEXCEPT;
/* The bytes that may be used of a live block; 0 for any other address. */
FH_EXPORT size_t fh_memory_usable_size(void* context, const void* block) FH_NOEXCEPT;

/* zlib's alloc_func and free_func: the context is z_stream's `opaque`. */
FH_EXPORT void* fh_memory_zalloc(void* context, unsigned items, unsigned size) FH_NOEXCEPT;
FH_EXPORT void fh_memory_zfree(void* context, void* block) FH_NOEXCEPT;
/* Lua's lua_Alloc: the context is its `ud`. */
FH_EXPORT void* fh_memory_lua(void* context, void* block, size_t old_size, size_t new_size) FH_NOEXCEPT;

/* For libraries that pass no context: functions of their own for one memory. */
typedef struct fh_plain_functions {
  void* (*malloc)(size_t size);
  void* (*calloc)(size_t count, size_t size);
  void* (*realloc)(void* block, size_t size);
  void (*free)(void* block);
  char* (*strdup)(const char* text);
  /* sqlite3_mem_methods, whose pAppData may be NULL. */
  void* (*sqlite_malloc)(int size);
  void* (*sqlite_realloc)(void* block, int size);
  int (*sqlite_size)(void* block);
  int (*sqlite_roundup)(int size);
  int (*sqlite_init)(void* data);
  void (*sqlite_shutdown)(void* data);
} fh_plain_functions;

/* A process has FH_PLAIN_SETS of them at a time: FH_NO_SLOT when all are taken. They are the memory's until
 * it is destroyed; asking again gives the same. */
#define FH_PLAIN_SETS 128
FH_EXPORT fh_status fh_memory_plain(fh_memory* memory, fh_plain_functions* functions) FH_NOEXCEPT;

/* Calls `visit` for each live block of the arena or heap that has an address of its own, until that returns
 * other than 0. It must not allocate or free. */
typedef int (*fh_visitor)(void* data, void* block, size_t bytes);
FH_EXPORT fh_status fh_memory_each_live(fh_memory* memory, fh_visitor visit, void* data) FH_NOEXCEPT;

/* ---- All of it as a table
 * -------------------------------------------------------------------------------------------------- */

/* For addons that do not link. Functions are only ever added at its end: one is there when `bytes` reaches
 * behind it. */
typedef struct fh_api {
  uint32_t major;
  uint32_t minor;
  size_t bytes; /* of the table */
  const char* (*status_text)(fh_status);
  fh_status (*arena_create)(const fh_arena_options*, fh_arena**);
  fh_status (*arena_destroy)(fh_arena*);
  fh_status (*arena_alloc)(fh_arena*, size_t, size_t, void**);
  fh_status (*arena_alloc_zero)(fh_arena*, size_t, size_t, void**);
  fh_status (*arena_copy)(fh_arena*, const void*, size_t, void**);
  fh_status (*arena_mark)(fh_arena*, fh_mark*);
  fh_status (*arena_rewind)(fh_arena*, const fh_mark*);
  fh_status (*arena_reset)(fh_arena*);
  fh_status (*arena_trim)(fh_arena*, size_t*);
  fh_status (*arena_set_limit)(fh_arena*, size_t);
  int (*arena_owns)(fh_arena*, const void*);
  fh_status (*arena_get_stats)(fh_arena*, fh_arena_stats*);
  fh_status (*heap_create)(fh_heap**);
  fh_status (*heap_destroy)(fh_heap*);
  fh_status (*heap_alloc)(fh_heap*, size_t, size_t, void**);
  fh_status (*heap_alloc_zero)(fh_heap*, size_t, size_t, void**);
  fh_status (*heap_free)(fh_heap*, void*);
  fh_status (*heap_realloc)(fh_heap*, void*, size_t, void**);
  size_t (*heap_usable_size)(fh_heap*, const void*);
  fh_status (*heap_trim)(fh_heap*, size_t*);
  fh_status (*heap_get_stats)(fh_heap*, fh_heap_stats*);
  fh_status (*pool_create)(const fh_pool_options*, fh_pool**);
  fh_status (*pool_destroy)(fh_pool*);
  fh_status (*pool_alloc)(fh_pool*, uint32_t*, void**);
  fh_status (*pool_free)(fh_pool*, void*);
  fh_status (*pool_free_index)(fh_pool*, uint32_t);
  void* (*pool_address)(fh_pool*, uint32_t);
  fh_status (*pool_trim)(fh_pool*, size_t*);
  fh_status (*pool_get_stats)(fh_pool*, fh_pool_stats*);
  fh_status (*rc_create)(fh_rc**);
  fh_status (*rc_destroy)(fh_rc*);
  fh_status (*rc_alloc)(fh_rc*, size_t, size_t, fh_rc_ref*);
  fh_status (*rc_retain)(fh_rc*, fh_rc_ref);
  fh_status (*rc_release)(fh_rc*, fh_rc_ref);
  fh_status (*rc_set_ref)(fh_rc*, fh_rc_ref, size_t, fh_rc_ref);
  fh_rc_ref (*rc_get_ref)(fh_rc*, fh_rc_ref, size_t);
  void* (*rc_address)(fh_rc*, fh_rc_ref, size_t*);
  fh_status (*rc_weak_of)(fh_rc*, fh_rc_ref, uint32_t*);
  fh_status (*rc_upgrade)(fh_rc*, fh_rc_ref, uint32_t);
  fh_status (*rc_collect)(fh_rc*);
  fh_status (*rc_set_limit)(fh_rc*, size_t);
  fh_status (*rc_trim)(fh_rc*, size_t*);
  fh_status (*rc_get_stats)(fh_rc*, fh_rc_stats*);
  fh_status (*memory_of_arena)(fh_arena*, const fh_memory_options*, fh_memory**);
  fh_status (*memory_of_heap)(fh_heap*, const fh_memory_options*, fh_memory**);
  fh_status (*memory_destroy)(fh_memory*);
  fh_status (*memory_get_stats)(fh_memory*, fh_memory_stats*);
  fh_status (*memory_set_limit)(fh_memory*, size_t);
  void* (*memory_malloc)(void*, size_t);
  void* (*memory_calloc)(void*, size_t, size_t);
  void* (*memory_realloc)(void*, void*, size_t);
  void (*memory_free)(void*, void*);
  void* (*memory_aligned_alloc)(void*, size_t, size_t);
  size_t (*memory_usable_size)(void*, const void*);
  void* (*memory_zalloc)(void*, unsigned, unsigned);
  void (*memory_zfree)(void*, void*);
  void* (*memory_lua)(void*, void*, size_t, size_t);
  fh_status (*memory_plain)(fh_memory*, fh_plain_functions*);
  fh_status (*memory_each_live)(fh_memory*, fh_visitor, void*);
} fh_api;

/* The table, or NULL when `major` is not FH_API_MAJOR of the library. Valid for good. Any thread. */
FH_EXPORT const fh_api* fh_get_api(uint32_t major) FH_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
