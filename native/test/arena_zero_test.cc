// What the control block says of zeros, and the facade believes: a byte that is claimed to be zero is zero.
#include <doctest/doctest.h>

#include <initializer_list>
#include <random>

#include "facade.h"
#include "watching_source.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr ArenaOptions kSmall{.initial_bytes = 16 * 1024, .max_chunk_bytes = 64 * 1024};

struct Zeroing {
  WatchingSource source;
  Facade facade{source, kSmall};

  // A zeroed block that was seen to be zero, and is full of a pattern now.
  std::byte* block(std::size_t size, std::size_t alignment = 16) {
    std::byte* block = facade.allocate(size, alignment, true).block;
    REQUIRE(block != nullptr);
    CHECK(is_zero(block, size));
    fill(block, size, size);
    CHECK(facade.zero_claims_hold());
    return block;
  }
  [[nodiscard]] std::size_t dirty() const { return static_cast<std::size_t>(facade.control.dirty); }
};

}  // namespace

TEST_CASE("all of a fresh chunk is zero, and blocks cost no clearing") {
  Zeroing zeroing;
  zeroing.block(100);
  CHECK(zeroing.facade.control.dirty == 0);
  CHECK(zeroing.facade.control.zeroed == zeroing.facade.control.capacity);
  for (std::size_t size : {1, 4000, 8000}) zeroing.block(size);
  CHECK(zeroing.facade.control.zeroed == zeroing.facade.control.capacity);
}

TEST_CASE("after a reset no more than was used is written, and what was not stays zero without clearing") {
  Zeroing zeroing;
  zeroing.block(5000);
  CHECK(zeroing.facade.reset({}, Arena::Keep::chunk));
  CHECK(zeroing.dirty() == 5000);
  CHECK(zeroing.facade.control.zeroed == 0);
  CHECK(zeroing.facade.zero_claims_hold());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t size : {10, 300, 2000, 5000}) zeroing.block(size);
    CHECK(zeroing.facade.reset({}, Arena::Keep::chunk));
  }
  CHECK(zeroing.dirty() < 8000);
}

TEST_CASE("a reset of an arena in which nothing was written keeps its chunk clean") {
  Zeroing zeroing;
  zeroing.block(0);
  CHECK(zeroing.facade.reset({}, Arena::Keep::chunk));
  CHECK(zeroing.facade.control.dirty == 0);
  CHECK(zeroing.facade.control.zeroed == zeroing.facade.control.capacity);
}

TEST_CASE("a chunk that comes from the cache is as dirty as the arena before left it") {
  WatchingSource source;
  {
    Facade first(source, kSmall);
    fill(first.allocate(3000, 16, false).block, 3000, 1);
  }
  CHECK(source.counters().cached_chunks == 1);
  Facade second(source, kSmall);
  std::byte* block = second.allocate(100, 16, true).block;
  CHECK(is_zero(block, 100));
  CHECK(second.control.dirty == 3000);
  CHECK(second.zero_claims_hold());
}

TEST_CASE("a large block from the cache says how far it may be written") {
  WatchingSource source;
  {
    Facade first(source, kSmall);
    fill(first.allocate(100'000, 16, false).block, 100'000, 1);
  }
  Facade second(source, kSmall);
  std::byte* block = second.allocate(100'000, 16, true).block;
  CHECK(second.control.placed_dirty >= 100'000);
  CHECK(is_zero(block, 100'000));
}

TEST_CASE("what a large block's chunk was written to is known to the shared chunk that it becomes") {
  Zeroing zeroing;
  zeroing.block(100'000);
  CHECK_FALSE(zeroing.facade.reset({}, Arena::Keep::chunk));
  for (std::size_t i = 0; i < 100; ++i) zeroing.block(1000 + i);
}

TEST_CASE("zeroed blocks are zero in every round, whatever the round before did and however it ended") {
  for (const std::uint32_t seed : {1U, 2U, 3U, 4U, 5U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Zeroing zeroing;
    Facade& facade = zeroing.facade;
    for (int round = 0; round < 100; ++round) {
      const Arena::Mark mark = facade.arena.mark();
      if (random() % 2 == 0) facade.arena.seal();
      for (std::size_t i = random() % 12; i > 0; --i) {
        const std::size_t size = random() % (random() % 8 == 0 ? 80'000 : 3'000);
        std::byte* block = zeroing.block(size, std::size_t{1} << random() % 13);
        if (random() % 4 == 0) static_cast<void>(facade.free(block, size));
        if (random() % 8 == 0) static_cast<void>(facade.arena.trim());
        CHECK(facade.zero_claims_hold());
      }
      switch (random() % 4) {
        case 0:
          CHECK(facade.rewind(mark) == Status::ok);
          break;
        case 1:
          static_cast<void>(facade.reset_in_place());
          break;
        case 2:
          static_cast<void>(facade.reset({}, Arena::Keep::chunk));
          break;
        default:
          static_cast<void>(facade.reset({.policy = Retain::Policy::none}, Arena::Keep::nothing));
      }
      CHECK(facade.zero_claims_hold());
      CHECK(facade.arena.check_invariants());
    }
    CHECK(zeroing.source.false_zeros == 0);
  }
}
