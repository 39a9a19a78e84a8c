// An arena's blocks that are freed and resized by their addresses alone.
#include <initializer_list>
#include <map>
#include <vector>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

std::byte* sized(ArenaFixture& fixture, std::size_t size, std::uint64_t seed = 1,
                 std::size_t alignment = 16) {
  auto* block = static_cast<std::byte*>(fixture.arena.allocate_sized(size, alignment));
  must(block != nullptr);
  must(fixture.arena.check_invariants());
  CHECK(is_aligned(block, alignment));
  CHECK(fixture.arena.sized_bytes(block) >= size);
  fill(block, fixture.arena.sized_bytes(block), seed);
  return block;
}

std::byte* resized(ArenaFixture& fixture, std::byte* block, std::size_t size) {
  auto* moved = static_cast<std::byte*>(fixture.arena.reallocate_sized(block, size));
  must(fixture.arena.check_invariants());
  return moved;
}

std::map<std::byte*, std::size_t> listed(const Arena& arena) {
  std::map<std::byte*, std::size_t> blocks;
  arena.each_sized([&](std::byte* block, std::size_t bytes) { blocks[block] = bytes; });
  return blocks;
}

}  // namespace

TEST_CASE("a block has its size rounded up to 16, and none is no size") {
  ArenaFixture fixture;
  for (const std::size_t size : {0UL, 1UL, 15UL, 16UL, 17UL, 100UL, 1000UL}) {
    std::byte* block = sized(fixture, size);
    CHECK(fixture.arena.sized_bytes(block) == (std::max(size, std::size_t{1}) + 15) / 16 * 16);
  }
  CHECK(fixture.arena.sized_blocks() == 7);
  CHECK(fixture.arena.sized_total() == fixture.arena.used());
  CHECK((fixture.control.native & kNativeBlocks) != 0);
}

TEST_CASE("a block is freed once, and nothing but a block can be") {
  ArenaFixture fixture;
  std::byte* plain = fixture.filled(64);
  std::byte* block = sized(fixture, 64);
  std::byte* last = sized(fixture, 64);
  std::byte other{};
  for (void* wrong :
       {static_cast<void*>(nullptr), static_cast<void*>(&other), static_cast<void*>(plain),
        static_cast<void*>(block + 16), static_cast<void*>(block + 1), static_cast<void*>(last + 64),
        static_cast<void*>(fixture.arena.newest_base() + 4000)}) {
    CHECK(fixture.arena.sized_bytes(wrong) == 0);
    CHECK_FALSE(fixture.arena.free_sized(wrong));
    CHECK(fixture.arena.reallocate_sized(wrong, 10) == nullptr);
  }
  CHECK(fixture.arena.sized_blocks() == 2);
  CHECK(fixture.arena.free_sized(block));
  CHECK_FALSE(fixture.arena.free_sized(block));
  CHECK(fixture.arena.reallocate_sized(block, 10) == nullptr);
  CHECK(fixture.arena.sized_blocks() == 1);
  CHECK(is_filled(last, 64, 1));
}

TEST_CASE("the last block gives its bytes back, another keeps them until the reset") {
  ArenaFixture fixture;
  std::byte* first = sized(fixture, 100);
  std::byte* second = sized(fixture, 50);
  const std::size_t used = fixture.arena.used();
  CHECK(fixture.arena.free_sized(first));
  CHECK(fixture.arena.used() == used);
  CHECK(fixture.arena.free_sized(second));
  CHECK(fixture.arena.used() == used - 64);
  CHECK(fixture.arena.peak() == used);
  CHECK(sized(fixture, 10) == second);
  CHECK(fixture.zero_claims_hold(fixture.arena.newest_base()));
}

TEST_CASE("the last block grows and shrinks in place; another moves when it grows") {
  ArenaFixture fixture;
  std::byte* first = sized(fixture, 64, 1);
  std::byte* second = sized(fixture, 64, 2);
  CHECK(resized(fixture, second, 200) == second);
  CHECK(fixture.arena.sized_bytes(second) == 208);
  CHECK(is_filled(second, 64, 2));
  CHECK(resized(fixture, second, 10) == second);
  CHECK(fixture.arena.sized_bytes(second) == 16);
  CHECK(resized(fixture, second, 0) == second);
  CHECK(fixture.arena.used() == 80);
  CHECK(resized(fixture, first, 30) == first);
  CHECK(fixture.arena.sized_bytes(first) == 32);
  CHECK(fixture.arena.used() == 80);
  std::byte* moved = resized(fixture, first, 40);
  must(moved != nullptr);
  CHECK(moved != first);
  CHECK(is_filled(moved, 32, 1));
  CHECK(fixture.arena.sized_bytes(first) == 0);
  CHECK(fixture.arena.sized_blocks() == 2);
  CHECK(fixture.arena.sized_total() == 16 + 48);
}

TEST_CASE("a block that fills its segment to the end is freed and moved as others are") {
  ArenaFixture fixture;
  std::byte* block = sized(fixture, 4096);
  CHECK(fixture.arena.sized_bytes(block) == 4096);
  std::byte* moved = resized(fixture, block, 4097);
  must(moved != nullptr);
  CHECK(is_filled(moved, 4096, 1));
  CHECK(fixture.arena.sized_blocks() == 1);
  CHECK(fixture.arena.free_sized(moved));
  CHECK(fixture.arena.sized_total() == 0);
}

TEST_CASE("blocks in dedicated chunks are freed, moved and listed like others") {
  ArenaFixture fixture;
  std::byte* small = sized(fixture, 100, 1);
  std::byte* large = sized(fixture, kMiB, 2);
  std::byte* wide = sized(fixture, 100, 3, kMaxAlignment);
  CHECK(fixture.arena.sized_bytes(large) == kMiB);
  CHECK(listed(fixture.arena) == std::map<std::byte*, std::size_t>{{small, 112}, {large, kMiB}, {wide, 112}});
  CHECK(resized(fixture, large, 1000) == large);
  CHECK(fixture.arena.sized_bytes(large) == 1008);
  std::byte* moved = resized(fixture, large, 2 * kMiB);
  must(moved != nullptr);
  CHECK(is_filled(moved, 1008, 2));
  CHECK(fixture.arena.free_sized(wide));
  CHECK(fixture.arena.free_sized(moved));
  CHECK_FALSE(fixture.arena.free_sized(moved));
  CHECK(listed(fixture.arena) == std::map<std::byte*, std::size_t>{{small, 112}});
  CHECK(resized(fixture, small, 200) == small);
}

TEST_CASE("a rewind ends the blocks since the mark, and no other") {
  ArenaFixture fixture;
  std::byte* before = sized(fixture, 100);
  const Arena::Mark mark = fixture.arena.mark();
  std::vector<std::byte*> after;
  for (std::size_t i = 0; i < 200; ++i) after.push_back(sized(fixture, 64 + i));
  after.push_back(sized(fixture, kMiB));
  REQUIRE(fixture.arena.segments() > 3);
  REQUIRE(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.sized_blocks() == 1);
  CHECK(fixture.arena.sized_total() == 112);
  for (std::byte* block : after) CHECK_FALSE(fixture.arena.free_sized(block));
  // In the place of old blocks: no edge or life of theirs is left.
  std::byte* again = sized(fixture, 1000);
  CHECK(fixture.arena.sized_bytes(again) == 1008);
  CHECK(fixture.arena.sized_blocks() == 2);
  CHECK(fixture.arena.free_sized(before));
}

TEST_CASE("a block that has come to reach over a mark ends with what is behind it") {
  ArenaFixture fixture;
  std::byte* kept = sized(fixture, 16);
  std::byte* block = sized(fixture, 64);
  const Arena::Mark mark = fixture.arena.mark();
  CHECK(resized(fixture, block, 640) == block);
  REQUIRE(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.check_invariants());
  CHECK(fixture.arena.sized_blocks() == 1);
  CHECK_FALSE(fixture.arena.free_sized(block));
  CHECK(fixture.arena.sized_bytes(kept) == 16);
}

TEST_CASE("a mark that seals parts the blocks before and after it") {
  ArenaFixture fixture;
  std::byte* before = sized(fixture, 100, 1);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.arena.seal();
  std::byte* after = sized(fixture, 100, 2);
  REQUIRE(fixture.arena.segments() == 2);
  CHECK(listed(fixture.arena).size() == 2);
  std::byte* moved = resized(fixture, before, 200);  // not the last of its segment any more
  must(moved != nullptr);
  CHECK(moved > after);
  CHECK(is_filled(moved, 112, 1));
  REQUIRE(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.sized_blocks() == 0);
}

TEST_CASE("a reset ends all of them, whatever it keeps") {
  for (const auto policy : {Retain::Policy::high_water, Retain::Policy::none}) {
    for (const std::size_t count : {1UL, 500UL}) {
      ArenaFixture fixture;
      std::vector<std::byte*> blocks;
      for (std::size_t i = 0; i < count; ++i) blocks.push_back(sized(fixture, 100));
      static_cast<void>(fixture.arena.reset({.policy = policy}));
      CHECK(fixture.arena.sized_blocks() == 0);
      CHECK(fixture.arena.sized_total() == 0);
      CHECK(fixture.control.native == 0);
      CHECK(listed(fixture.arena).empty());
      for (std::byte* block : blocks) CHECK_FALSE(fixture.arena.free_sized(block));
      std::byte* again = sized(fixture, 1000);
      CHECK(fixture.arena.sized_bytes(again) == 1008);
    }
  }
}

TEST_CASE("sizes that cannot be are refused, and the limit counts blocks like any other") {
  ArenaFixture fixture({.initial_bytes = 4 * kKiB, .max_chunk_bytes = 64 * kKiB, .limit = 1000});
  for (std::size_t less = 0; less < 100; ++less)
    CHECK(fixture.arena.allocate_sized(SIZE_MAX - less) == nullptr);
  CHECK(fixture.arena.allocate_sized(1, 24) == nullptr);
  CHECK(fixture.arena.allocate_sized(1, 0) != nullptr);  // the least there is
  CHECK(fixture.arena.allocate_sized(1, 2 * kMaxAlignment) == nullptr);
  std::byte* block = sized(fixture, 900);
  CHECK(fixture.arena.allocate_sized(100) == nullptr);
  CHECK(resized(fixture, block, 1000) == nullptr);
  CHECK(resized(fixture, block, SIZE_MAX) == nullptr);
  CHECK(fixture.arena.sized_bytes(block) == 912);
  CHECK(is_filled(block, 912, 1));
  CHECK(resized(fixture, block, 976) == block);
  CHECK(fixture.arena.used() == 992);
}

TEST_CASE("out of memory at any request leaves all as it was") {
  for (std::size_t request = 0; request < 60; ++request) {
    CAPTURE(request);
    ArenaFixture fixture;
    fixture.source.fail_at = request;
    std::vector<std::byte*> blocks;
    std::size_t refusals = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      const std::size_t size = i % 5 == 4 ? 300 * kKiB : 700 + i;
      const std::size_t used = fixture.arena.used();
      const std::size_t count = fixture.arena.sized_blocks();
      const std::size_t total = fixture.arena.sized_total();
      auto* block = static_cast<std::byte*>(fixture.arena.allocate_sized(size));
      must(fixture.arena.check_invariants());
      if (block == nullptr) {
        ++refusals;
        CHECK(fixture.arena.used() == used);
        CHECK(fixture.arena.sized_blocks() == count);
        CHECK(fixture.arena.sized_total() == total);
        continue;
      }
      fill(block, size, i);
      blocks.push_back(block);
    }
    CHECK(refusals == fixture.source.refused);
    for (std::byte* block : blocks) CHECK(fixture.arena.free_sized(block));
    CHECK(fixture.arena.sized_total() == 0);
  }
}

TEST_CASE("out of memory at any request of a resize leaves the block as it was") {
  for (std::size_t request = 0; request < 20; ++request) {
    CAPTURE(request);
    ArenaFixture fixture;
    std::byte* block = sized(fixture, 2000, 5);
    sized(fixture, 16);
    fixture.source.fail_at = fixture.source.requests + request;
    std::size_t size = 2000;
    for (std::size_t next = 3000; next < 200'000; next *= 2) {
      std::byte* moved = resized(fixture, block, next);
      if (moved == nullptr) {
        CHECK(fixture.arena.sized_bytes(block) >= size);
        CHECK(fixture.arena.sized_blocks() == 2);
        continue;
      }
      CHECK(is_filled(moved, 2000, 5));
      block = moved;
      size = next;
    }
  }
}

TEST_CASE("whatever the control block holds, blocks stay in their segment") {
  constexpr std::int32_t kWords[] = {INT32_MIN,      -17,      -1, 1, 17, 4096, 4112, 1 << 20, 1 << 30,
                                     INT32_MAX - 15, INT32_MAX};
  for (const std::int32_t cursor : kWords) {
    for (const std::int32_t end : kWords) {
      WatchingSource source;
      {
        ArenaControl control{};
        Arena arena(source, control, kSmall);
        void* block = arena.allocate_sized(64);
        void* last = arena.allocate_sized(64);
        const std::byte* base = arena.newest_base();
        const auto is_inside = [&](void* place, std::size_t bytes) {
          const auto* at = static_cast<const std::byte*>(place);
          return at == nullptr || at < base || at >= base + 4096 || at + bytes <= base + 4096;
        };
        const auto corrupt = [&] {
          control.cursor = cursor;
          control.end = end;
        };
        corrupt();
        CHECK(is_inside(arena.allocate_sized(100), 112));
        corrupt();
        CHECK(is_inside(arena.reallocate_sized(last, 8000), 8000));
        corrupt();
        static_cast<void>(arena.sized_bytes(block));
        static_cast<void>(arena.holds_sized_behind(64));
        static_cast<void>(listed(arena));
        static_cast<void>(arena.free_sized(block));
        corrupt();
        static_cast<void>(arena.reset());
        CHECK(arena.check_invariants());
      }
      CHECK(source.records_out == 0);
      CHECK(source.chunks_out == 0);
    }
  }
}

TEST_CASE("the last block does not grow out of its segment when the control block says that it may") {
  ArenaFixture fixture;
  std::byte* last = sized(fixture, 64);
  fixture.control.end = INT32_MAX;
  auto* moved = static_cast<std::byte*>(fixture.arena.reallocate_sized(last, 100 * kKiB));
  CHECK(moved != last);
  static_cast<void>(fixture.arena.reset());
}

TEST_CASE("a corrupt cursor does not lead behind the map of a segment") {
  ArenaFixture fixture;
  sized(fixture, 64);
  fixture.control.cursor = 1 << 30;
  CHECK(listed(fixture.arena).size() == 1);
  static_cast<void>(fixture.arena.reset());
  CHECK(fixture.arena.sized_blocks() == 0);
}

TEST_CASE("the owner of the cursor hears where a block lives that it must not give back") {
  ArenaFixture fixture;
  fixture.filled(64);
  CHECK_FALSE(fixture.arena.holds_sized_behind(0));
  std::byte* block = sized(fixture, 640);
  CHECK(fixture.arena.holds_sized_behind(0));
  CHECK(fixture.arena.holds_sized_behind(64));
  CHECK(fixture.arena.holds_sized_behind(320));  // in the middle of it
  CHECK(fixture.arena.holds_sized_behind(64 + 640 - 1));
  CHECK_FALSE(fixture.arena.holds_sized_behind(64 + 640));
  fixture.filled(64);
  CHECK_FALSE(fixture.arena.holds_sized_behind(64 + 640));
  CHECK(fixture.arena.holds_sized_behind(64));
  CHECK(fixture.arena.free_sized(block));
  CHECK_FALSE(fixture.arena.holds_sized_behind(0));
}
