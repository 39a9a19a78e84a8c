// fh_arena: what freehold.h promises of arenas, and what a caller can get wrong.
#include <doctest/doctest.h>

#include <initializer_list>
#include <thread>
#include <vector>

#include "memory.h"
#include "must.h"
#include "objects.h"

using namespace freehold;
using namespace freehold::test;

namespace {

struct OneArena {
  fh_arena* arena = nullptr;
  explicit OneArena(const fh_arena_options* options = nullptr) {
    must(fh_arena_create(options, &arena) == FH_OK && arena != nullptr);
  }
  ~OneArena() { CHECK(fh_arena_destroy(arena) == FH_OK); }
  OneArena(const OneArena&) = delete;
  OneArena& operator=(const OneArena&) = delete;

  std::byte* block(std::size_t size, std::size_t alignment = 0) {
    void* made = nullptr;
    must(fh_arena_alloc(arena, size, alignment, &made) == FH_OK && made != nullptr);
    fill(made, size, size);
    return static_cast<std::byte*>(made);
  }
  [[nodiscard]] fh_arena_stats stats() const {
    fh_arena_stats stats{};
    CHECK(fh_arena_get_stats(arena, &stats) == FH_OK);
    return stats;
  }
};

// One of JavaScript's, as the binding makes it.
struct Borrowed {
  PageChunks pages;
  ArenaControl control{};
  Arena made{pages, control};
  fh_arena face;
  Borrowed() {
    made.share();
    face.arena = &made;
    face.borrowed = true;
  }
};

}  // namespace

TEST_CASE("blocks have their size and alignment, and end with the reset") {
  OneArena one;
  for (const std::size_t alignment : {0UL, 1UL, 16UL, 64UL, 4096UL, FH_MAX_ALIGNMENT}) {
    for (const std::size_t size : {0UL, 1UL, 100UL, 100'000UL}) {
      std::byte* block = one.block(size, alignment);
      CHECK(is_aligned(block, alignment == 0 ? 16 : alignment));
      // One of no bytes may stand behind the last byte of its chunk.
      CHECK((size == 0 || fh_arena_owns(one.arena, block) == 1));
    }
  }
  CHECK(one.stats().used >= 6 * 100'101);
  CHECK(one.stats().peak == one.stats().used);
  CHECK(one.stats().reserved >= one.stats().used);
  CHECK(fh_arena_reset(one.arena) == FH_OK);
  CHECK(one.stats().used == 0);
  CHECK(one.stats().chunks <= 1);
  std::byte other{};
  CHECK(fh_arena_owns(one.arena, &other) == 0);
  CHECK(fh_arena_owns(one.arena, nullptr) == 0);
}

TEST_CASE("a cleared block is clear, a copy is what was copied") {
  OneArena one;
  one.block(5000);
  CHECK(fh_arena_reset(one.arena) == FH_OK);
  void* block = nullptr;
  CHECK(fh_arena_alloc_zero(one.arena, 5000, 0, &block) == FH_OK);
  CHECK(is_zero(static_cast<std::byte*>(block), 5000));
  CHECK(fh_arena_copy(one.arena, "hello", 6, &block) == FH_OK);
  CHECK(std::memcmp(block, "hello", 6) == 0);
  CHECK(fh_arena_copy(one.arena, nullptr, 0, &block) == FH_OK);
  CHECK(block != nullptr);
}

TEST_CASE("what is asked for wrongly is refused, with no block and nothing changed") {
  OneArena one;
  one.block(100);
  const std::size_t used = one.stats().used;
  void* block = &one;
  CHECK(fh_arena_alloc(nullptr, 1, 0, &block) == FH_INVALID);
  CHECK(block == nullptr);
  CHECK(fh_arena_alloc(one.arena, 1, 0, nullptr) == FH_INVALID);
  for (const std::size_t alignment : {3UL, 24UL, 2 * FH_MAX_ALIGNMENT, SIZE_MAX}) {
    block = &one;
    CHECK(fh_arena_alloc(one.arena, 1, alignment, &block) == FH_INVALID);
    CHECK(block == nullptr);
    CHECK(fh_arena_alloc_zero(one.arena, 1, alignment, &block) == FH_INVALID);
  }
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX / 2}) {
    block = &one;
    const fh_status status = fh_arena_alloc(one.arena, size, 0, &block);
    CHECK((status == FH_OUT_OF_MEMORY || status == FH_TOO_LARGE));
    CHECK(block == nullptr);
  }
  block = &one;
  CHECK(fh_arena_copy(one.arena, nullptr, 1, &block) == FH_INVALID);
  CHECK(block == nullptr);
  CHECK(fh_arena_copy(one.arena, "a", 1, nullptr) == FH_INVALID);
  CHECK(one.stats().used == used);
}

TEST_CASE("no function crashes for want of an arena or of a place for its result") {
  OneArena one;
  fh_mark mark{};
  fh_arena_stats stats{};
  CHECK(fh_arena_create(nullptr, nullptr) == FH_INVALID);
  CHECK(fh_arena_destroy(nullptr) == FH_OK);
  CHECK(fh_arena_mark(nullptr, &mark) == FH_INVALID);
  CHECK(fh_arena_mark(one.arena, nullptr) == FH_INVALID);
  CHECK(fh_arena_rewind(nullptr, &mark) == FH_INVALID);
  CHECK(fh_arena_rewind(one.arena, nullptr) == FH_INVALID);
  CHECK(fh_arena_reset(nullptr) == FH_INVALID);
  CHECK(fh_arena_trim(nullptr, nullptr) == FH_INVALID);
  CHECK(fh_arena_trim(one.arena, nullptr) == FH_OK);
  CHECK(fh_arena_set_limit(nullptr, 1) == FH_INVALID);
  CHECK(fh_arena_owns(nullptr, &one) == 0);
  CHECK(fh_arena_get_stats(nullptr, &stats) == FH_INVALID);
  CHECK(fh_arena_get_stats(one.arena, nullptr) == FH_INVALID);
}

TEST_CASE("the limit is exact, and 0 among the options is none") {
  const fh_arena_options options{.initial_bytes = 4096, .max_chunk_bytes = 8192, .limit = 10'000};
  OneArena one(&options);
  one.block(9'000);
  void* block = nullptr;
  CHECK(fh_arena_alloc(one.arena, 1001, 1, &block) == FH_LIMIT);
  CHECK(block == nullptr);
  CHECK(fh_arena_alloc(one.arena, 1000, 1, &block) == FH_OK);
  CHECK(fh_arena_set_limit(one.arena, FH_NO_LIMIT) == FH_OK);
  one.block(100'000);
  CHECK(fh_arena_set_limit(one.arena, 0) == FH_OK);
  CHECK(fh_arena_alloc(one.arena, 1, 1, &block) == FH_LIMIT);
  const fh_arena_options none{};
  OneArena other(&none);
  other.block(kMiB);
}

TEST_CASE("a rewind ends the blocks since the mark, as often as one likes") {
  OneArena one;
  one.block(100);
  fh_mark mark{};
  CHECK(fh_arena_mark(one.arena, &mark) == FH_OK);
  const std::size_t used = one.stats().used;
  for (int round = 0; round < 3; ++round) {
    one.block(200'000);
    one.block(10);
    CHECK(fh_arena_rewind(one.arena, &mark) == FH_OK);
    CHECK(one.stats().used == used);
  }
}

TEST_CASE("marks that ended are found out: after a reset, behind a rewind, made up, of another arena") {
  OneArena one;
  OneArena other;
  fh_mark outer{};
  fh_mark inner{};
  one.block(64);
  CHECK(fh_arena_mark(one.arena, &outer) == FH_OK);
  one.block(64);
  CHECK(fh_arena_mark(one.arena, &inner) == FH_OK);
  CHECK(fh_arena_rewind(one.arena, &outer) == FH_OK);
  std::byte* block = one.block(640);
  CHECK(fh_arena_rewind(one.arena, &inner) == FH_INVALID);
  CHECK(one.stats().used == 64 + 640);
  CHECK(is_filled(block, 640, 640));
  CHECK(fh_arena_rewind(other.arena, &outer) == FH_INVALID);
  const fh_mark made_up{.segments = 1, .current = 0, .cursor = 16, .serial = 1000};
  CHECK(fh_arena_rewind(one.arena, &made_up) == FH_INVALID);
  const fh_mark nothing{};
  CHECK(fh_arena_rewind(one.arena, &nothing) == FH_INVALID);
  CHECK(fh_arena_mark(one.arena, &inner) == FH_OK);  // a new one after the rewind is good
  CHECK(fh_arena_rewind(one.arena, &inner) == FH_OK);
  CHECK(fh_arena_rewind(one.arena, &outer) == FH_OK);
  CHECK(fh_arena_rewind(one.arena, &inner) == FH_INVALID);
  CHECK(fh_arena_reset(one.arena) == FH_OK);
  CHECK(fh_arena_rewind(one.arena, &outer) == FH_INVALID);
}

TEST_CASE("of many nested marks those before the one rewound to stay good") {
  OneArena one;
  std::vector<fh_mark> marks(1000);
  for (fh_mark& mark : marks) {
    CHECK(fh_arena_mark(one.arena, &mark) == FH_OK);
    one.block(100);
  }
  CHECK(fh_arena_rewind(one.arena, &marks[500]) == FH_OK);
  CHECK(fh_arena_rewind(one.arena, &marks[501]) == FH_INVALID);
  CHECK(fh_arena_rewind(one.arena, &marks[999]) == FH_INVALID);
  for (std::size_t index = 501; index-- > 0;) CHECK(fh_arena_rewind(one.arena, &marks[index]) == FH_OK);
  CHECK(one.stats().used == 0);
}

TEST_CASE("a mark with numbers that were written over does no harm") {
  OneArena one;
  one.block(5000);
  fh_mark mark{};
  CHECK(fh_arena_mark(one.arena, &mark) == FH_OK);
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{7}, SIZE_MAX}) {
    for (int word = 0; word < 3; ++word) {
      fh_mark bad = mark;
      (word == 0 ? bad.segments : word == 1 ? bad.current : bad.cursor) = wrong;
      static_cast<void>(fh_arena_rewind(one.arena, &bad));
      CHECK(one.arena->arena->check_invariants());
    }
  }
}

TEST_CASE("trim gives pages back that no block uses") {
  OneArena one;
  one.block(kMiB);
  fh_mark start{};
  CHECK(fh_arena_reset(one.arena) == FH_OK);
  one.block(16);
  CHECK(fh_arena_mark(one.arena, &start) == FH_OK);
  one.block(500 * kKiB);
  CHECK(fh_arena_rewind(one.arena, &start) == FH_OK);
  std::size_t bytes = 0;
  CHECK(fh_arena_trim(one.arena, &bytes) == FH_OK);
  CHECK(bytes >= 400 * kKiB);
  CHECK(fh_arena_trim(one.arena, &bytes) == FH_OK);
  CHECK(bytes == 0);
}

TEST_CASE("another thread gets FH_WRONG_THREAD, and nothing has changed") {
  OneArena one;
  std::byte* block = one.block(100);
  fh_mark mark{};
  CHECK(fh_arena_mark(one.arena, &mark) == FH_OK);
  const fh_arena_stats before = one.stats();
  std::thread([&] {
    void* made = block;
    CHECK(fh_arena_alloc(one.arena, 1, 0, &made) == FH_WRONG_THREAD);
    CHECK(made == nullptr);
    CHECK(fh_arena_alloc_zero(one.arena, 1, 0, &made) == FH_WRONG_THREAD);
    CHECK(fh_arena_copy(one.arena, "a", 1, &made) == FH_WRONG_THREAD);
    fh_mark other{};
    CHECK(fh_arena_mark(one.arena, &other) == FH_WRONG_THREAD);
    CHECK(fh_arena_rewind(one.arena, &mark) == FH_WRONG_THREAD);
    CHECK(fh_arena_reset(one.arena) == FH_WRONG_THREAD);
    std::size_t bytes = 1;
    CHECK(fh_arena_trim(one.arena, &bytes) == FH_WRONG_THREAD);
    CHECK(bytes == 0);
    CHECK(fh_arena_set_limit(one.arena, 0) == FH_WRONG_THREAD);
    CHECK(fh_arena_owns(one.arena, block) == 0);
    fh_arena_stats stats{};
    CHECK(fh_arena_get_stats(one.arena, &stats) == FH_WRONG_THREAD);
    fh_memory* memory = nullptr;
    CHECK(fh_memory_of_arena(one.arena, nullptr, &memory) == FH_WRONG_THREAD);
    CHECK(memory == nullptr);
    CHECK(fh_arena_destroy(one.arena) == FH_WRONG_THREAD);
  }).join();
  CHECK(one.stats().used == before.used);
  CHECK(is_filled(block, 100, 100));
}

TEST_CASE("of an arena of JavaScript's C allocates, and ends nothing") {
  Borrowed one;
  void* block = nullptr;
  CHECK(fh_arena_alloc(&one.face, 100, 0, &block) == FH_OK);
  CHECK(fh_arena_owns(&one.face, block) == 1);
  fh_mark mark{};
  std::size_t bytes = 0;
  CHECK(fh_arena_mark(&one.face, &mark) == FH_BORROWED);
  CHECK(fh_arena_rewind(&one.face, &mark) == FH_BORROWED);
  CHECK(fh_arena_reset(&one.face) == FH_BORROWED);
  CHECK(fh_arena_trim(&one.face, &bytes) == FH_BORROWED);
  CHECK(fh_arena_set_limit(&one.face, 1) == FH_BORROWED);
  CHECK(fh_arena_destroy(&one.face) == FH_BORROWED);
  fh_arena_stats stats{};
  CHECK(fh_arena_get_stats(&one.face, &stats) == FH_OK);
  CHECK(stats.used == 100);
}

TEST_CASE("an arena of JavaScript's that was disposed says FH_ENDED to everything") {
  Borrowed one;
  void* block = nullptr;
  CHECK(fh_arena_alloc(&one.face, 100, 0, &block) == FH_OK);
  fh_memory* memory = nullptr;
  CHECK(fh_memory_of_arena(&one.face, nullptr, &memory) == FH_OK);
  one.face.arena = nullptr;
  CHECK(fh_arena_alloc(&one.face, 1, 0, &block) == FH_ENDED);
  CHECK(block == nullptr);
  CHECK(fh_arena_copy(&one.face, "a", 1, &block) == FH_ENDED);
  fh_mark mark{};
  fh_arena_stats stats{};
  CHECK(fh_arena_mark(&one.face, &mark) == FH_ENDED);
  CHECK(fh_arena_rewind(&one.face, &mark) == FH_ENDED);
  CHECK(fh_arena_reset(&one.face) == FH_ENDED);
  CHECK(fh_arena_trim(&one.face, nullptr) == FH_ENDED);
  CHECK(fh_arena_set_limit(&one.face, 1) == FH_ENDED);
  CHECK(fh_arena_get_stats(&one.face, &stats) == FH_ENDED);
  CHECK(fh_arena_destroy(&one.face) == FH_ENDED);
  CHECK(fh_arena_owns(&one.face, &one) == 0);
  CHECK(fh_memory_malloc(memory, 16) == nullptr);
  fh_memory* late = nullptr;
  CHECK(fh_memory_of_arena(&one.face, nullptr, &late) == FH_ENDED);
  CHECK(fh_memory_destroy(memory) == FH_OK);
}

TEST_CASE("FH_CORRUPT for a shared control block that cannot be") {
  Borrowed one;
  void* block = nullptr;
  CHECK(fh_arena_alloc(&one.face, 100, 0, &block) == FH_OK);
  one.made.catch_up();
  one.control.cursor = one.control.end = -7;
  CHECK(fh_arena_alloc(&one.face, 100, 0, &block) == FH_CORRUPT);
  CHECK(block == nullptr);
  static_cast<void>(one.made.reset());
  CHECK(fh_arena_alloc(&one.face, 100, 0, &block) == FH_OK);
}
