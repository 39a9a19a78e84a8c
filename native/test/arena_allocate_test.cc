#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "arena_fixture.h"
#include "checked.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("an arena that was not used holds no memory and has its fast path closed") {
  const ArenaFixture fixture;
  CHECK(fixture.arena.used() == 0);
  CHECK(fixture.arena.reserved() == 0);
  CHECK(fixture.arena.chunks() == 0);
  CHECK(fixture.arena.segments() == 0);
  CHECK(fixture.arena.peak() == 0);
  CHECK(fixture.arena.newest_base() == nullptr);
  CHECK(fixture.arena.newest_size() == 0);
  CHECK(fixture.control.end == kNoRoom);
  CHECK(fixture.source.requests == 0);
}

TEST_CASE("blocks of one chunk follow each other with no more than their padding between them") {
  ArenaFixture fixture;
  std::byte* first = fixture.filled(10);
  CHECK(fixture.filled(1) == first + 16);
  CHECK(fixture.filled(5, 1, 1) == first + 17);
  CHECK(fixture.filled(8, 1, 8) == first + 24);
  CHECK(fixture.filled(100, 1, 1024) == first + 1024);
  CHECK(fixture.arena.used() == 1124);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("a block is aligned to every power of two up to 2 MiB, in a fresh and in a used chunk") {
  for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
    CAPTURE(alignment);
    ArenaFixture fixture({.initial_bytes = 64 * kKiB});
    std::vector<std::byte*> blocks;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      blocks.push_back(fixture.filled(100, seed, alignment));
      CHECK(is_aligned(blocks.back(), alignment));
      CHECK(fixture.arena.owns(blocks.back()));
      CHECK(fixture.arena.owns(blocks.back() + 99));
      fixture.filled(1, 77, 1);
    }
    for (std::uint64_t seed = 0; seed < 5; ++seed) CHECK(is_filled(blocks[seed], 100, seed));
  }
}

TEST_CASE("an alignment above 2 MiB, of 0 or that is no power of two is refused and takes nothing") {
  ArenaFixture fixture;
  for (const std::size_t alignment :
       {std::size_t{0}, std::size_t{3}, std::size_t{48}, 2 * kMaxAlignment, std::size_t{1} << 32,
        std::size_t{1} << 40, std::size_t{1} << 63, SIZE_MAX}) {
    CAPTURE(alignment);
    for (const Placement placement : {Placement::any, Placement::current}) {
      CHECK(fixture.arena.refill(64, alignment, placement).status == Status::invalid);
      CHECK(fixture.arena.refill(SIZE_MAX, alignment, placement).status == Status::invalid);
    }
    CHECK(fixture.arena.allocate(64, alignment) == nullptr);
  }
  CHECK(fixture.source.requests == 0);
  fixture.filled(64);
}

TEST_CASE("a block of no bytes has an address of its alignment and uses no bytes") {
  ArenaFixture fixture;
  for (int i = 0; i < 1000; ++i) CHECK(is_aligned(fixture.filled(0, 1, 64), 64));
  CHECK(fixture.arena.used() == 0);
  CHECK(fixture.arena.chunks() == 1);
  fixture.filled(4 * kKiB);
  for (int i = 0; i < 1000; ++i) fixture.filled(0);
  CHECK(fixture.arena.used() == 4 * kKiB);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("a block that fills the chunk to the last byte fits, and the next one opens another chunk") {
  ArenaFixture fixture;
  std::byte* whole = fixture.filled(4 * kKiB, 1);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.allocate(0) == whole + 4 * kKiB);
  std::byte* next = fixture.filled(1, 2, 1);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(next == fixture.arena.newest_base());
  CHECK(is_filled(whole, 4 * kKiB, 1));
  CHECK(fixture.arena.used() == 4 * kKiB + 1);
  CHECK(fixture.arena.reserved() == 12 * kKiB);
}

TEST_CASE("a block that misses the end of the chunk by one byte opens another chunk") {
  ArenaFixture fixture;
  fixture.filled(1, 1, 1);
  std::byte* block = fixture.filled(4 * kKiB, 2, 1);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(block == fixture.arena.newest_base());
}

TEST_CASE("chunks double from the first size to the largest, and no further") {
  ArenaFixture fixture({.initial_bytes = 8 * kKiB, .max_chunk_bytes = 32 * kKiB});
  for (const std::size_t size : {8 * kKiB, 16 * kKiB, 32 * kKiB, 32 * kKiB, 32 * kKiB}) {
    const std::size_t before = fixture.arena.chunks();
    while (fixture.arena.chunks() == before) fixture.filled(1000);
    CHECK(fixture.arena.newest_size() == size);
  }
}

TEST_CASE("options outside their range are taken as the nearest that is in it") {
  ArenaFixture tiny({.initial_bytes = 0, .max_chunk_bytes = 0});
  tiny.filled(1);
  CHECK(tiny.arena.newest_size() == 4 * kKiB);
  tiny.filled(4 * kKiB);
  CHECK(tiny.arena.newest_size() == 4 * kKiB);

  ArenaFixture huge({.initial_bytes = SIZE_MAX, .max_chunk_bytes = SIZE_MAX});
  // Not mapped: the source has not that much.
  huge.source.budget = kMiB;
  CHECK(huge.arena.allocate(2 * kMiB) == nullptr);
}

TEST_CASE("a refill for what fits the current segment opens nothing") {
  ArenaFixture fixture;
  fixture.filled(100);
  for (int i = 0; i < 10; ++i) {
    const Arena::Refill made = fixture.arena.refill(1000, 16, Placement::any);
    CHECK(made.status == Status::ok);
    CHECK_FALSE(made.dedicated);
  }
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.segments() == 1);
}

TEST_CASE("a size that no machine has is out of memory and leaves the arena as it was") {
  ArenaFixture fixture;
  fixture.filled(100);
  const ArenaControl before = fixture.control;
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 100, SIZE_MAX - 4096, SIZE_MAX / 2 + 1}) {
    for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
      CAPTURE(size);
      CAPTURE(alignment);
      CHECK(fixture.arena.refill(size, alignment, Placement::any).status == Status::out_of_memory);
      CHECK(fixture.arena.allocate(size, alignment) == nullptr);
    }
  }
  CHECK(fixture.arena.used() == 100);
  CHECK(fixture.arena.segments() == 1);
  CHECK(fixture.control.cursor == before.cursor);
  CHECK(fixture.control.end == before.end);
  fixture.filled(100);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("a block above 1 GiB does not fit any current segment") {
  ArenaFixture fixture;
  for (const std::size_t size : {kMaxSegmentBytes + 1, SIZE_MAX / 4, SIZE_MAX}) {
    CAPTURE(size);
    CHECK(fixture.arena.refill(size, 16, Placement::current).status == Status::too_large);
  }
  CHECK(fixture.arena.refill(kMaxSegmentBytes - 4096, kMaxAlignment, Placement::current).status ==
        Status::too_large);
  CHECK(fixture.source.requests == 0);
}

TEST_CASE("the control words alone say where the core puts the next block") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t alignment = std::size_t{1} << (i % 8);
    const auto address = static_cast<std::size_t>(fixture.control.bias) + fixture.cursor();
    const std::size_t start = fixture.cursor() + padding_to(address, alignment);
    CHECK(fixture.filled(i, i, alignment) == base + start);
    CHECK(fixture.cursor() == start + i);
  }
  CHECK(fixture.arena.chunks() == 1);
  CHECK(reinterpret_cast<std::uintptr_t>(base) % kMaxAlignment ==
        static_cast<std::size_t>(fixture.control.bias));
}

TEST_CASE("impossible values in the control block are answered with corrupt, not with memory") {
  ArenaFixture fixture;
  fixture.filled(100);
  for (const std::int32_t cursor : {-1, INT32_MIN, 4097, INT32_MAX}) {
    fixture.control.cursor = cursor;
    fixture.control.end = kNoRoom;
    CHECK(fixture.arena.refill(8, 8, Placement::any).status == Status::corrupt);
    CHECK(fixture.arena.allocate(8, 8) == nullptr);
    CHECK_FALSE(fixture.arena.check_invariants());
  }
  fixture.control.cursor = 100;
  fixture.control.end = fixture.control.capacity;
}

TEST_CASE("an arena owns the addresses of its chunks and no others") {
  ArenaFixture fixture;
  int elsewhere = 0;
  CHECK_FALSE(fixture.arena.owns(&elsewhere));
  CHECK_FALSE(fixture.arena.owns(nullptr));
  std::byte* first = fixture.filled(1);
  std::byte* large = fixture.filled(100 * kKiB);
  for (const auto& [begin, size] : {std::pair{first, 4 * kKiB}, std::pair{large, 100 * kKiB}}) {
    CHECK(fixture.arena.owns(begin));
    CHECK(fixture.arena.owns(begin + size - 1));
  }
  // Whichever lies lower has nothing of the arena in front of it, whichever lies higher nothing behind it.
  CHECK_FALSE(fixture.arena.owns(std::min(first, large) - 1));
  CHECK_FALSE(fixture.arena.owns(std::max(first + 4 * kKiB, large + 100 * kKiB)));
  CHECK_FALSE(fixture.arena.owns(&elsewhere));
  CHECK_FALSE(fixture.arena.owns(nullptr));
}

TEST_CASE("two arenas on one source never share a byte") {
  ArenaFixture fixture;
  ArenaControl control{};
  Arena other(fixture.source, control, kSmall);
  std::vector<std::byte*> blocks;
  for (std::uint64_t i = 0; i < 200; ++i) {
    blocks.push_back(fixture.filled(300, 2 * i));
    void* block = other.allocate(300);
    REQUIRE(block != nullptr);
    fill(block, 300, 2 * i + 1);
    blocks.push_back(static_cast<std::byte*>(block));
  }
  for (std::uint64_t i = 0; i < blocks.size(); ++i) CHECK(is_filled(blocks[i], 300, i));
}
