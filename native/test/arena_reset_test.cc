#include <doctest/doctest.h>

#include <initializer_list>

#include "arena_fixture.h"
#include "pages.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr Retain kAll{.policy = Retain::Policy::all};
constexpr Retain kNone{.policy = Retain::Policy::none};
constexpr Retain bytes(std::size_t count) { return {.policy = Retain::Policy::bytes, .bytes = count}; }

void fill_up(ArenaFixture& fixture, std::size_t total, std::size_t block = 500) {
  for (std::size_t done = 0; done < total; done += block) fixture.filled(block, done, 1);
}

}  // namespace

TEST_CASE("a reset ends every block and keeps the only chunk: the next block begins where the first did") {
  ArenaFixture fixture;
  std::byte* first = fixture.filled(100);
  fixture.filled(1000);
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.arena.reset());
    CHECK(fixture.arena.used() == 0);
    CHECK(fixture.arena.segments() == 1);
    CHECK(fixture.control.cursor == 0);
    CHECK(fixture.control.end == fixture.control.capacity);
    CHECK(fixture.filled(100) == first);
  }
  CHECK(fixture.source.takes == 1);
}

TEST_CASE("a reset of an arena that holds nothing keeps nothing") {
  ArenaFixture fixture;
  for (const Retain retain : {Retain{}, kAll, kNone, bytes(kMiB)}) {
    CHECK_FALSE(fixture.arena.reset(retain));
    CHECK_FALSE(fixture.arena.reset(retain, Arena::Keep::nothing));
  }
  CHECK(fixture.source.requests == 0);
  fixture.filled(1);
  CHECK(fixture.arena.newest_size() == 4 * kKiB);
}

TEST_CASE("a reset gives several chunks back and takes one that is enough the next time") {
  ArenaFixture fixture;
  fill_up(fixture, 100 * kKiB);
  CHECK(fixture.arena.chunks() > 2);
  CHECK_FALSE(fixture.arena.reset());
  CHECK(fixture.source.chunks_out == 0);
  CHECK(fixture.arena.reserved() == 0);
  CHECK(fixture.control.end == kNoRoom);
  fill_up(fixture, 100 * kKiB);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.reserved() == 128 * kKiB);
  CHECK(fixture.arena.reset());
}

TEST_CASE("a reset keeps a chunk that was split, whole and unsealed") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  for (std::uint64_t i = 0; i < 5; ++i) {
    fixture.filled(100, i);
    fixture.arena.seal();
  }
  CHECK(fixture.arena.segments() == 5);
  CHECK(fixture.arena.reset());
  CHECK(fixture.arena.segments() == 1);
  CHECK(fixture.control.sealed == 0);
  CHECK(fixture.capacity() == 4 * kKiB);
  CHECK(fixture.dirty() >= 612);
  CHECK(fixture.zero_claims_hold(base));
  CHECK(fixture.filled(4 * kKiB) == base);
}

TEST_CASE("with Keep::nothing every chunk goes back, and the next is as large as was needed") {
  ArenaFixture fixture;
  for (int i = 0; i < 3; ++i) {
    fill_up(fixture, 20 * kKiB);
    CHECK_FALSE(fixture.arena.reset({}, Arena::Keep::nothing));
    CHECK(fixture.source.chunks_out == 0);
    CHECK(fixture.source.records_out == 0);
  }
  fixture.filled(1);
  CHECK(fixture.arena.reserved() == 32 * kKiB);
}

TEST_CASE("segments of one chunk need as much as they span, each once") {
  ArenaFixture fixture;
  for (int i = 0; i < 5; ++i) {
    fixture.filled(500);
    fixture.arena.seal();
  }
  CHECK(fixture.arena.chunks() == 1);
  CHECK_FALSE(fixture.arena.reset({}, Arena::Keep::nothing));
  fixture.filled(1);
  CHECK(fixture.arena.reserved() == 4 * kKiB);
}

TEST_CASE("retain none gives every chunk back and begins small again") {
  ArenaFixture fixture;
  for (int i = 0; i < 3; ++i) {
    fill_up(fixture, 20 * kKiB);
    CHECK_FALSE(fixture.arena.reset(kNone));
    CHECK(fixture.source.chunks_out == 0);
    fixture.filled(1);
    CHECK(fixture.arena.reserved() == 4 * kKiB);
    CHECK_FALSE(fixture.arena.reset(kNone));
  }
}

TEST_CASE("retain all keeps as much as there was, also when less was used") {
  ArenaFixture fixture({.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB});
  // Three chunks, each but the last left half empty.
  for (int i = 0; i < 3; ++i) fixture.filled(33 * kKiB);
  CHECK(fixture.arena.reserved() == 192 * kKiB);
  CHECK_FALSE(fixture.arena.reset(kAll));
  fixture.filled(1);
  CHECK(fixture.arena.reserved() == 256 * kKiB);
  CHECK(fixture.arena.reset(kAll));

  ArenaFixture other({.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB});
  for (int i = 0; i < 3; ++i) other.filled(33 * kKiB);
  CHECK_FALSE(other.arena.reset());
  other.filled(1);
  CHECK(other.arena.reserved() == 128 * kKiB);
}

TEST_CASE("retain bytes keeps a chunk of at most so many, and no larger one") {
  ArenaFixture fixture({.initial_bytes = 16 * kKiB});
  fixture.filled(100);
  CHECK(fixture.arena.reset(bytes(16 * kKiB)));
  fixture.filled(100);
  CHECK_FALSE(fixture.arena.reset(bytes(16 * kKiB - 1)));
  CHECK(fixture.source.chunks_out == 0);
}

TEST_CASE(
    "after retain bytes the next chunk is of so many, not below 4 KiB, in steps of it, and not above the "
    "need") {
  constexpr std::size_t kCases[][2] = {{0, 4 * kKiB},          {1, 4 * kKiB},      {5'000, 4 * kKiB},
                                       {8 * kKiB, 8 * kKiB},   {12'000, 8 * kKiB}, {20 * kKiB, 20 * kKiB},
                                       {32 * kKiB, 32 * kKiB}, {kMiB, 32 * kKiB},  {SIZE_MAX, 32 * kKiB}};
  for (const auto& [retained, expected] : kCases) {
    CAPTURE(retained);
    ArenaFixture fixture({.initial_bytes = 8 * kKiB});
    fill_up(fixture, 20 * kKiB);
    CHECK_FALSE(fixture.arena.reset(bytes(retained)));
    fixture.source.trim();  // a cached chunk may be up to twice as large as one that is asked for
    fixture.filled(1);
    CHECK(fixture.arena.reserved() == expected);
    CHECK(fixture.arena.reset(bytes(retained)));
  }
}

TEST_CASE(
    "an only chunk that is one large block is given back, and the next round has it in a shared chunk") {
  ArenaFixture fixture;
  fixture.filled(100 * kKiB);
  CHECK_FALSE(fixture.arena.reset());
  CHECK(fixture.source.chunks_out == 0);
  fixture.filled(100 * kKiB);
  CHECK(fixture.control.end >= 0);
  CHECK(fixture.arena.reset());
}

TEST_CASE("the peak is the most that was used in any round, and the memory kept is enough for it") {
  ArenaFixture fixture;
  fill_up(fixture, 50'000);
  CHECK(fixture.arena.peak() == 50'000);
  static_cast<void>(fixture.arena.reset());
  CHECK(fixture.arena.peak() == 50'000);
  fill_up(fixture, 1'000);
  CHECK(fixture.arena.reset());
  CHECK(fixture.arena.peak() == 50'000);
  CHECK(fixture.arena.reserved() == 64 * kKiB);
  const std::size_t takes = fixture.source.takes;
  fill_up(fixture, 50'000);
  CHECK(fixture.source.takes == takes);
}

TEST_CASE("what a rewind ended counts for the memory that the next round takes") {
  for (const Retain retain : {Retain{}, kAll}) {
    ArenaFixture fixture;
    fixture.filled(100);
    const Arena::Mark mark = fixture.arena.mark();
    fill_up(fixture, 50'000);
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK_FALSE(fixture.arena.reset(retain, Arena::Keep::nothing));
    fixture.filled(1);
    CHECK(fixture.arena.reserved() == 64 * kKiB);
  }
}

TEST_CASE("a reset after a rewind to nothing has learned from what was there before") {
  ArenaFixture fixture;
  fill_up(fixture, 50'000);
  CHECK(fixture.arena.rewind({}) == Status::ok);
  CHECK_FALSE(fixture.arena.reset());
  fill_up(fixture, 50'000);
  CHECK(fixture.arena.chunks() == 1);
}

TEST_CASE("the peak of resets that JavaScript did alone counts for both") {
  ArenaFixture fixture;
  fixture.filled(100);
  fixture.control.peak = 50'000;
  CHECK(fixture.arena.peak() == 50'000);
  CHECK_FALSE(fixture.arena.reset({}, Arena::Keep::nothing));
  CHECK(fixture.arena.peak() == 50'000);
  fixture.filled(1);
  CHECK(fixture.arena.reserved() == 64 * kKiB);
}

TEST_CASE("chunks of a cache's limit and more are unmapped by a reset and mapped once again") {
  ArenaFixture fixture({.initial_bytes = kMiB, .max_chunk_bytes = kMiB});
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) CHECK(fixture.arena.allocate(kMiB) != nullptr);
    CHECK(fixture.arena.reset() == (round > 0));
  }
  CHECK(fixture.arena.reserved() == 21 * kMiB);
  CHECK(fixture.arena.reserved() > PageChunks::kDefaultCacheBytes);
  CHECK(fixture.source.takes == 21);
}
