#include <doctest/doctest.h>

#include <initializer_list>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a rewind ends the blocks behind the mark and none before it") {
  ArenaFixture fixture;
  std::byte* before = fixture.filled(100, 1);
  const Arena::Mark mark = fixture.arena.mark();
  std::byte* after = fixture.filled(200, 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.used() == 100);
  CHECK(fixture.filled(200, 3) == after);
  CHECK(is_filled(before, 100, 1));
}

TEST_CASE("a mark can be rewound to as often as one likes") {
  ArenaFixture fixture;
  fixture.filled(10);
  const Arena::Mark mark = fixture.arena.mark();
  for (int i = 0; i < 5; ++i) {
    for (int k = 0; k < 100; ++k) fixture.filled(1000);
    CHECK(fixture.arena.chunks() > 2);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.used() == 10);
    CHECK(fixture.arena.chunks() == 1);
    CHECK(fixture.source.chunks_out == 1);
    CHECK(fixture.control.end == fixture.control.capacity);
  }
}

TEST_CASE("a rewind to where the arena is changes nothing") {
  ArenaFixture fixture;
  fixture.filled(100);
  const Arena::Mark mark = fixture.arena.mark();
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.used() == 100);
  CHECK(fixture.arena.segments() == 1);
}

TEST_CASE("a rewind to an older mark passes over the younger ones") {
  ArenaFixture fixture;
  fixture.filled(1000, 1);
  const Arena::Mark older = fixture.arena.mark();
  fixture.filled(4000, 2);
  const Arena::Mark younger = fixture.arena.mark();
  fixture.filled(100 * kKiB, 3);
  fixture.filled(4000, 4);
  CHECK(fixture.arena.rewind(older) == Status::ok);
  CHECK(fixture.arena.used() == 1000);
  CHECK(fixture.arena.segments() == 1);
  CHECK(fixture.arena.rewind(younger) == Status::invalid);
  CHECK(fixture.arena.used() == 1000);
}

TEST_CASE("a rewind to the mark of an empty arena gives every chunk back") {
  ArenaFixture fixture;
  const Arena::Mark mark = fixture.arena.mark();
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  for (int i = 0; i < 3; ++i) {
    fixture.filled(100);
    fixture.arena.seal();
    fixture.filled(100);
    fixture.filled(100 * kKiB);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.used() == 0);
    CHECK(fixture.arena.segments() == 0);
    CHECK(fixture.source.chunks_out == 0);
    CHECK(fixture.control.end == kNoRoom);
  }
}

TEST_CASE("a block that stands alone goes with what is behind a mark, and stays with what is before it") {
  ArenaFixture fixture;
  std::byte* small = fixture.filled(100, 1);
  std::byte* large = fixture.filled(100 * kKiB, 2);
  const Arena::Mark mark = fixture.arena.mark();
  for (int i = 0; i < 3; ++i) {
    fixture.filled(200 * kKiB, 3);
    std::byte* next = fixture.filled(50, 4);
    CHECK(next == small + 112);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.used() == 100 + 100 * kKiB);
    CHECK(fixture.arena.chunks() == 2);
    CHECK(is_filled(small, 100, 1));
    CHECK(is_filled(large, 100 * kKiB, 2));
  }
}

TEST_CASE("a mark over nothing but blocks that stand alone can be rewound to") {
  ArenaFixture fixture;
  std::byte* large = fixture.filled(100 * kKiB, 1);
  const Arena::Mark mark = fixture.arena.mark();
  CHECK(mark.current == Arena::kNoSegment);
  for (int i = 0; i < 3; ++i) {
    if (i != 1) fixture.filled(100, 2);
    if (i != 0) fixture.filled(300 * kKiB, 3);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.used() == 100 * kKiB);
    CHECK(fixture.arena.chunks() == 1);
    CHECK(fixture.control.end == kNoRoom);
    CHECK(is_filled(large, 100 * kKiB, 1));
  }
}

TEST_CASE("after a rewind the bytes behind the mark are not taken for zero") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  fixture.filled(100);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.filled(1000, 5);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.dirty() >= 1112);
  CHECK(fixture.zeroed() <= fixture.cursor());
  CHECK(fixture.zero_claims_hold(base));
}

TEST_CASE("a rewind into an older chunk restores its words: cursor, room, address and zeros") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  fixture.filled(1000, 1);
  const Arena::Mark mark = fixture.arena.mark();
  const ArenaControl before = fixture.control;
  fixture.filled(3500, 2);
  CHECK(fixture.arena.segments() == 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.control.cursor == before.cursor);
  CHECK(fixture.control.end == before.end);
  CHECK(fixture.control.capacity == before.capacity);
  CHECK(fixture.control.bias == before.bias);
  CHECK(fixture.zero_claims_hold(base));
  CHECK(fixture.filled(16, 3) == base + 1008);
}

TEST_CASE("a mark does not reach behind what was given back since") {
  ArenaFixture fixture;
  fixture.filled(100);
  const Arena::Mark mark = fixture.arena.mark();
  give_back(fixture.control, 0);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.control.cursor == 0);
  CHECK(fixture.arena.used() == 0);
}

TEST_CASE("what cannot be a mark of this arena is invalid and changes nothing") {
  ArenaFixture fixture;
  fixture.filled(100, 1);         // segment 0
  fixture.filled(100 * kKiB, 2);  // segment 1, alone
  fixture.arena.seal();
  fixture.filled(100, 3);         // segment 2, split from 0
  fixture.filled(200 * kKiB, 4);  // segment 3, alone
  const std::size_t used = fixture.arena.used();
  const Arena::Mark never[] = {
      {.segments = 5, .current = 2},
      {.segments = SIZE_MAX, .current = 0},
      {.segments = 4, .current = 4},
      {.segments = 4, .current = 3},
      {.segments = 4, .current = 1},
      {.segments = 4, .current = Arena::kNoSegment},
      {.segments = 2, .current = 1},
      {.segments = 1, .current = Arena::kNoSegment},
      {.segments = 4, .current = 0},  // behind its cursor lies segment 2
      {.segments = 3, .current = 0, .cursor = 100},
  };
  for (const Arena::Mark& mark : never) {
    CAPTURE(mark.segments);
    CAPTURE(mark.current);
    CHECK(fixture.arena.rewind(mark) == Status::invalid);
    CHECK(fixture.arena.used() == used);
    CHECK(fixture.arena.segments() == 4);
    CHECK(fixture.arena.check_invariants());
  }
  CHECK(fixture.arena.rewind({.segments = 4, .current = 2, .cursor = SIZE_MAX}) == Status::ok);
  CHECK(fixture.arena.used() == used);
}

TEST_CASE("a mark of more segments than there are since a reset is invalid") {
  ArenaFixture fixture;
  fixture.filled(100);
  fixture.filled(4 * kKiB);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.arena.reset();
  CHECK(fixture.arena.rewind(mark) == Status::invalid);
  fixture.filled(50);
  CHECK(fixture.arena.rewind(mark) == Status::invalid);
  CHECK(fixture.arena.used() == 50);
}

TEST_CASE("what was used before a rewind counts for the peak") {
  ArenaFixture fixture;
  const Arena::Mark mark = fixture.arena.mark();
  fixture.filled(3000);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.peak() == 3000);
  fixture.filled(2000);
  CHECK(fixture.arena.peak() == 3000);
  fixture.filled(2000);
  CHECK(fixture.arena.peak() == 4000);
}

TEST_CASE(
    "a peak that JavaScript noted in a younger chunk outlives the rewind into an older one, and into none") {
  ArenaFixture fixture;
  const Arena::Mark empty = fixture.arena.mark();
  fixture.filled(100);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.filled(6 * kKiB);
  fixture.control.peak = 50'000;
  for (const Arena::Mark& each : {mark, empty}) {
    CHECK(fixture.arena.rewind(each) == Status::ok);
    CHECK(fixture.control.peak == 50'000);
    CHECK(fixture.arena.peak() == 50'000);
  }
}
