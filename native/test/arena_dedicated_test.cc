// Blocks that stand alone: one that is larger than the growth step has a chunk of its own.
#include <doctest/doctest.h>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a block above the growth step stands alone in a chunk, and the current one stays in use") {
  ArenaFixture fixture;
  std::byte* first = fixture.filled(100, 1);
  const std::int32_t end = fixture.control.end;
  const Arena::Refill made = fixture.arena.refill(100 * kKiB, 256, Placement::any);
  CHECK(made.status == Status::ok);
  REQUIRE(made.dedicated);
  std::byte* large = fixture.arena.newest_base() + fixture.control.placed;
  CHECK(is_aligned(large, 256));
  CHECK(fixture.arena.newest_size() >= 100 * kKiB);
  CHECK(fixture.control.placed_dirty == 0);
  fill(large, 100 * kKiB, 2);

  CHECK(fixture.control.cursor == 100);
  CHECK(fixture.control.end == end);
  CHECK(fixture.filled(16, 3) == first + 112);
  CHECK(is_filled(large, 100 * kKiB, 2));
  CHECK(fixture.arena.used() == 128 + 100 * kKiB);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(fixture.arena.segments() == 2);
}

TEST_CASE("the first block of an arena may stand alone, and the next one opens the first shared chunk") {
  ArenaFixture fixture;
  std::byte* large = fixture.filled(100 * kKiB, 1);
  CHECK(fixture.control.end == kNoRoom);
  CHECK(fixture.arena.used() == 100 * kKiB);
  std::byte* small = fixture.filled(16, 2);
  CHECK(small == fixture.arena.newest_base());
  CHECK(fixture.arena.segments() == 2);
  CHECK(is_filled(large, 100 * kKiB, 1));
}

TEST_CASE("a block that stands alone keeps its alignment to the last byte of its chunk") {
  for (std::size_t alignment = 16; alignment <= kMaxAlignment; alignment *= 2) {
    CAPTURE(alignment);
    ArenaFixture fixture;
    std::byte* block = fixture.filled(100 * kKiB + 1, 3, alignment);
    CHECK(is_aligned(block, alignment));
    CHECK(fixture.arena.owns(block));
    CHECK(fixture.arena.owns(block + 100 * kKiB));
  }
}

TEST_CASE("a block above the growth step that must be in the current segment gets a current segment for it") {
  ArenaFixture fixture;
  fixture.filled(100);
  std::byte* base = fixture.opened(100 * kKiB);
  CHECK(fixture.capacity() >= 100 * kKiB);
  CHECK(fixture.arena.allocate(100 * kKiB) == base);
  CHECK(fixture.arena.segments() == 2);
}

TEST_CASE("a block of the growth step is in a shared chunk, and one byte more makes it stand alone") {
  for (const std::size_t size : {4 * kKiB, 4 * kKiB + 1}) {
    ArenaFixture fixture;
    const Arena::Refill made = fixture.arena.refill(size, 16, Placement::any);
    CHECK(made.status == Status::ok);
    CHECK(made.dedicated == (size > 4 * kKiB));
  }
}

TEST_CASE("where a block that stands alone does not begin with its chunk, its padding is not used") {
  ArenaFixture fixture;
  std::byte* block = fixture.filled(100 * kKiB, 1, kMaxAlignment);
  CHECK(fixture.arena.used() == 100 * kKiB);
  CHECK(block == fixture.arena.newest_base() + fixture.control.placed);
}
