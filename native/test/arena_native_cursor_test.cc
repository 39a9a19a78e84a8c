// Whether native code alone has used an arena, so that a reset has no views to end.
#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("native_cursor is the cursor as long as native code alone has moved it") {
  ArenaFixture fixture;
  Arena& arena = fixture.arena;
  auto* first = arena.allocate_sized(100);
  must(first != nullptr);
  auto* second = arena.allocate_sized(50);
  must(second != nullptr);
  CHECK(fixture.control.native_cursor == fixture.control.cursor);
  CHECK(fixture.control.cursor == 112 + 64);
  SUBCASE("also when it has moved it back") {
    CHECK(arena.free_sized(second));
    CHECK(fixture.control.cursor == 112);
    CHECK(fixture.control.native_cursor == 112);
    must(arena.reallocate_sized(first, 400) == first);
    CHECK(fixture.control.native_cursor == fixture.control.cursor);
  }
  SUBCASE("and by blocks that it does not free by their addresses") {
    must(arena.allocate(32) != nullptr);
    CHECK(fixture.control.native_cursor == fixture.control.cursor);
  }
  SUBCASE("and not once JavaScript has") {
    fixture.control.cursor += 16;
    CHECK(fixture.control.native_cursor != fixture.control.cursor);
    must(arena.allocate_sized(16) != nullptr);
    CHECK(fixture.control.native_cursor != fixture.control.cursor);
    // Not even when the cursor comes by where native code has left it.
    CHECK(fixture.control.native_cursor < 0);
    static_cast<void>(arena.reset());
    CHECK(fixture.control.native_cursor == 0);
    must(arena.allocate_sized(16) != nullptr);
    CHECK(fixture.control.native_cursor == 16);
  }
}

TEST_CASE("a reset forgets the blocks that native code has not freed, and a second free of them is seen") {
  ArenaFixture fixture;
  Arena& arena = fixture.arena;
  auto* early = arena.allocate_sized(64);
  for (int i = 0; i < 300; ++i) must(arena.allocate_sized(64) != nullptr);
  CHECK(arena.sized_blocks() == 301);
  static_cast<void>(arena.reset());
  CHECK(arena.sized_blocks() == 0);
  CHECK(arena.sized_total() == 0);
  CHECK_FALSE(arena.free_sized(early));
  for (int round = 0; round < 3; ++round) {
    // Now in one chunk.
    for (int i = 0; i < 301; ++i) must(arena.allocate_sized(64) != nullptr);
    CHECK(arena.chunks() == 1);
    CHECK(arena.sized_total() == std::size_t{301} * 64);
    CHECK(arena.check_invariants());
    static_cast<void>(arena.reset());
    CHECK(arena.sized_blocks() == 0);
    CHECK(arena.check_invariants());
  }
}
