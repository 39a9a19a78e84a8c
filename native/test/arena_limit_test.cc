#include <doctest/doctest.h>

#include <initializer_list>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

ArenaOptions limited(std::size_t limit) {
  return {.initial_bytes = 4 * kKiB, .max_chunk_bytes = 64 * kKiB, .limit = limit};
}

}  // namespace

TEST_CASE("blocks may fill the limit to the last byte and not one more") {
  ArenaFixture fixture(limited(1000));
  fixture.filled(999, 1, 1);
  CHECK(fixture.arena.allocate(2, 1) == nullptr);
  CHECK(fixture.arena.refill(2, 1, Placement::any).status == Status::limit);
  fixture.filled(1, 1, 1);
  CHECK(fixture.arena.used() == 1000);
  CHECK(fixture.arena.allocate(1, 1) == nullptr);
  CHECK(fixture.arena.refill(1, 1, Placement::any).status == Status::limit);
  CHECK(fixture.arena.used() == 1000);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("the limit counts the bytes of all chunks") {
  ArenaFixture fixture(limited(20'000));
  std::size_t blocks = 0;
  while (fixture.arena.allocate(100, 1) != nullptr) ++blocks;
  CHECK(blocks == 200);
  CHECK(fixture.arena.used() == 20'000);
  CHECK(fixture.arena.chunks() > 1);
}

TEST_CASE("the limit counts a block that stands alone") {
  ArenaFixture fixture(limited(100'000));
  fixture.filled(1'000, 1, 1);
  CHECK(fixture.arena.allocate(99'001, 1) == nullptr);
  fixture.filled(98'000, 1, 1);
  CHECK(fixture.arena.allocate(1'001, 1) == nullptr);
  fixture.filled(1'000, 1, 1);
  CHECK(fixture.arena.used() == 100'000);
}

TEST_CASE("the limit counts padding") {
  ArenaFixture fixture(limited(64));
  fixture.filled(1, 1, 1);
  CHECK(fixture.arena.allocate(49, 16) == nullptr);
  fixture.filled(48, 1, 16);
  CHECK(fixture.arena.used() == 64);
}

TEST_CASE("blocks that only their padding keeps from fitting the limit cost no chunks") {
  ArenaFixture fixture(limited(64));
  fixture.filled(1, 1, 1);
  for (int i = 0; i < 100; ++i) {
    CHECK(fixture.arena.allocate(1, 4096) == nullptr);
    CHECK(fixture.arena.refill(1, 4096, Placement::current).status == Status::limit);
  }
  CHECK(fixture.arena.chunks() == 1);
  fixture.filled(63, 1, 1);
}

TEST_CASE("an arena without a limit never answers limit") {
  ArenaFixture fixture;
  fixture.filled(100);
  CHECK(fixture.arena.refill(SIZE_MAX, 1, Placement::any).status == Status::out_of_memory);
  CHECK(fixture.arena.limit() == SIZE_MAX);
}

TEST_CASE("a limit above what is used answers limit for a size that no sum can hold") {
  ArenaFixture fixture(limited(SIZE_MAX - 1));
  fixture.filled(100);
  CHECK(fixture.arena.refill(SIZE_MAX, 1, Placement::any).status == Status::limit);
}

TEST_CASE("a limit of zero leaves room for blocks of no bytes only") {
  ArenaFixture fixture(limited(0));
  CHECK(fixture.arena.allocate(1) == nullptr);
  CHECK(fixture.source.requests == 0);
  CHECK(fixture.arena.allocate(0) != nullptr);
  CHECK(fixture.arena.allocate(0) != nullptr);
  CHECK(fixture.arena.allocate(1) == nullptr);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("after an ok refill the block fits, whatever its alignment and however close the limit") {
  for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
    for (const bool seal : {false, true}) {
      CAPTURE(alignment);
      CAPTURE(seal);
      ArenaFixture fixture({.initial_bytes = 8 * kMiB, .limit = 5'000});
      fixture.filled(10, 1, 1);
      if (seal) fixture.arena.seal();
      for (const Placement placement : {Placement::current, Placement::any}) {
        const std::size_t used = fixture.arena.used();
        const Arena::Refill made = fixture.arena.refill(2'000, alignment, placement);
        if (made.status == Status::ok) {
          if (!made.dedicated) CHECK(fixture.arena.allocate(2'000, alignment) != nullptr);
          CHECK(fixture.arena.used() >= used + 2'000);
        } else {
          CHECK(made.status == Status::limit);
          CHECK(fixture.arena.used() == used);
        }
        CHECK(fixture.arena.used() <= 5'000);
        CHECK(fixture.arena.check_invariants());
      }
      CHECK(fixture.arena.chunks() <= 3);
    }
  }
}

TEST_CASE("a block within the limit is given in a chunk of its own when its padding is not within it") {
  ArenaFixture fixture({.initial_bytes = 8 * kMiB, .limit = 5'000});
  for (int i = 0; i < 5; ++i) CHECK(is_aligned(fixture.filled(1'000, 1, kMaxAlignment), kMaxAlignment));
  CHECK(fixture.arena.used() == 5'000);
  CHECK(fixture.arena.allocate(1, kMaxAlignment) == nullptr);
}

TEST_CASE("a limit below what is used stops further blocks and keeps those that are there") {
  ArenaFixture fixture;
  std::byte* block = fixture.filled(1'000, 5);
  fixture.arena.set_limit(100);
  CHECK(fixture.arena.limit() == 100);
  CHECK(fixture.arena.check_invariants());
  CHECK(fixture.arena.allocate(1) == nullptr);
  CHECK(fixture.arena.refill(0, 1, Placement::any).status == Status::limit);
  CHECK(is_filled(block, 1'000, 5));
  CHECK(fixture.arena.used() == 1'000);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("raising the limit opens the fast path of the current chunk again") {
  ArenaFixture fixture(limited(1'000));
  std::byte* block = fixture.filled(1'000, 1, 1);
  CHECK(fixture.arena.allocate(1) == nullptr);
  fixture.arena.set_limit(2'000);
  CHECK(fixture.control.end == 2'000);
  CHECK(fixture.filled(1'000, 1, 1) == block + 1'000);
  fixture.arena.set_limit(SIZE_MAX);
  CHECK(fixture.control.end == fixture.control.capacity);
}

TEST_CASE("the end of the fast path takes off what other segments use") {
  ArenaFixture fixture(limited(110'000));
  fixture.filled(100, 1, 1);
  CHECK(fixture.control.end == 4 * kKiB);
  fixture.filled(100'000, 1, 1);
  CHECK(fixture.control.end == 4 * kKiB);
  fixture.filled(4'000, 1, 1);
  fixture.filled(4'000, 1, 1);
  // 108,100 bytes are used: 8,000 of them in the current segment.
  CHECK(fixture.control.end == 9'900);
  fixture.arena.set_limit(109'000);
  CHECK(fixture.control.end == 8'900);
}

TEST_CASE("setting the limit does not open a sealed segment to the fast path") {
  ArenaFixture fixture(limited(1'000));
  fixture.filled(10);
  fixture.arena.seal();
  fixture.arena.set_limit(SIZE_MAX);
  CHECK(fixture.control.end == kNoRoom);
  fixture.arena.set_limit(500);
  CHECK(fixture.control.end == kNoRoom);
}

TEST_CASE("a rewind and a reset give their bytes back to the limit") {
  ArenaFixture fixture(limited(10'000));
  fixture.filled(2'000, 1, 1);
  const Arena::Mark mark = fixture.arena.mark();
  for (int i = 0; i < 3; ++i) {
    fixture.filled(8'000, 1, 1);
    CHECK(fixture.arena.allocate(1, 1) == nullptr);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.used() == 2'000);
  }
  for (int i = 0; i < 3; ++i) {
    fixture.arena.reset();
    fixture.filled(9'999, 1, 1);
    CHECK(fixture.arena.allocate(2, 1) == nullptr);
  }
}
