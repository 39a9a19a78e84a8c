// The steady state: the same work, round after round, takes its memory in the first two rounds and none
// afterwards.
#include <doctest/doctest.h>

#include <functional>
#include <initializer_list>
#include <random>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

using Work = std::function<void(ArenaFixture&)>;

// Repeats `work` and checks that from the second reset on the arena keeps its one chunk.
void becomes_steady(const Work& work, const ArenaOptions& options = kSmall, Retain retain = {}) {
  ArenaFixture fixture(options);
  std::size_t takes = 0;
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    work(fixture);
    const bool kept = fixture.arena.reset(retain);
    CHECK(fixture.arena.check_invariants());
    if (round == 0) continue;
    CHECK(kept);
    CHECK(fixture.arena.chunks() == 1);
    CHECK(fixture.arena.segments() == 1);
    if (round == 1) takes = fixture.source.takes;
    CHECK(fixture.source.takes == takes);
  }
}

Work blocks(std::size_t count, std::size_t size, std::size_t alignment = 16) {
  return [=](ArenaFixture& fixture) {
    for (std::size_t i = 0; i < count; ++i) fixture.filled(size, i, alignment);
  };
}

}  // namespace

TEST_CASE("small blocks") {
  becomes_steady(blocks(1, 1));
  becomes_steady(blocks(10'000, 24, 8));
  becomes_steady(blocks(1'000, 1'000), kSmall, {.policy = Retain::Policy::all});
  becomes_steady(blocks(1'000, 1'000), kSmall, {.policy = Retain::Policy::bytes, .bytes = 2 * kMiB});
}

TEST_CASE("blocks that fill every chunk to the last byte") {
  becomes_steady(blocks(16, 4 * kKiB));
  becomes_steady(blocks(256, 4 * kKiB, 4 * kKiB));
  becomes_steady(blocks(2, 64 * kKiB), {.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB});
}

TEST_CASE("blocks that leave half of every chunk empty") {
  becomes_steady(blocks(50, 33 * kKiB), {.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB});
}

TEST_CASE("blocks that each stand alone in the first round") {
  becomes_steady(blocks(1, 100 * kKiB));
  becomes_steady(blocks(20, 1'000'000));
  becomes_steady(blocks(20, kMiB));
  becomes_steady(blocks(7, 100 * kKiB + 1, 4 * kKiB));
}

TEST_CASE("alignments above a page's, wherever the chunks come to lie") {
  for (std::size_t alignment = 8 * kKiB; alignment <= kMaxAlignment; alignment *= 4) {
    CAPTURE(alignment);
    becomes_steady(blocks(1, 100, alignment));
    becomes_steady(blocks(9, 100, alignment));
    becomes_steady(blocks(9, 3 * kMiB, alignment));
    becomes_steady([=](ArenaFixture& fixture) {
      for (std::size_t i = 0; i < 12; ++i) {
        fixture.filled(70'000, i);
        fixture.filled(1, i, alignment);
      }
    });
  }
}

TEST_CASE("the last bytes of a chunk go to small alignments, and large ones follow in the next") {
  becomes_steady([](ArenaFixture& fixture) {
    fixture.filled(4 * kKiB - 1, 1, 1);
    fixture.filled(8 * kKiB, 2, 4 * kKiB);
    fixture.filled(1, 3, 1);
    fixture.filled(16 * kKiB - 1, 4, 1);
    fixture.filled(32 * kKiB, 5, 4 * kKiB);
  });
}

TEST_CASE("small blocks between large ones") {
  becomes_steady([](ArenaFixture& fixture) {
    for (std::size_t i = 0; i < 40; ++i) {
      fixture.filled(1, i, 1);
      fixture.filled(128 * kKiB - 1, i, 4 * kKiB);
    }
  });
}

TEST_CASE("marks, whose segments waste the ends of cache lines") {
  becomes_steady([](ArenaFixture& fixture) {
    for (std::size_t i = 0; i < 1'000; ++i) {
      fixture.filled(1, i);
      fixture.arena.seal();
    }
  });
}

TEST_CASE("work that is rewound") {
  becomes_steady([](ArenaFixture& fixture) {
    fixture.filled(100);
    for (std::size_t i = 0; i < 10; ++i) {
      const Arena::Mark mark = fixture.arena.mark();
      fixture.arena.seal();
      blocks(30, i * 1'000, 256)(fixture);
      must(fixture.arena.rewind(mark) == Status::ok);
      fixture.filled(3'000, i);
    }
  });
}

TEST_CASE("random sizes and alignments, the same in every round") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    becomes_steady([=](ArenaFixture& fixture) {
      std::mt19937_64 random(seed);
      const std::size_t largest = std::size_t{1} << (4 + random() % 16);
      const std::size_t alignments = 1 + random() % 22;
      for (std::size_t i = 0; i < 60; ++i) {
        const std::size_t size = random() % largest;
        fixture.filled(size, i, std::size_t{1} << random() % alignments);
        if (random() % 16 == 0) fixture.arena.seal();
      }
    });
  }
}

TEST_CASE(
    "a block that was given back before the reset counts as soon as a chunk of the first one's size did not "
    "suffice") {
  becomes_steady(
      [](ArenaFixture& fixture) {
        fixture.filled(59 * kKiB);
        const std::int32_t before = fixture.opened(60 * kKiB) == nullptr ? 0 : fixture.control.cursor;
        fixture.filled(60 * kKiB);
        give_back(fixture.control, before);
      },
      {.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB});
}

TEST_CASE("a segment that JavaScript closed does not make the next chunk larger than the work") {
  ArenaFixture fixture({.initial_bytes = 64 * kKiB});
  for (int round = 0; round < 20; ++round) {
    fixture.filled(10'000);
    fixture.control.end = kNoRoom;  // its memory has escaped
    fixture.filled(10'000);
    CHECK(fixture.arena.chunks() == 2);
    CHECK_FALSE(fixture.arena.reset());
  }
  fixture.filled(1);
  CHECK(fixture.arena.reserved() == 64 * kKiB);
}

TEST_CASE("marks, where chunks cannot be split: two chunks in each round, and no larger ones") {
  ArenaFixture fixture(kSmall);
  fixture.source.can_split = false;
  std::size_t second = 0;
  for (int round = 0; round < 50; ++round) {
    fixture.filled(1'000);
    static_cast<void>(fixture.arena.mark());
    fixture.arena.seal();
    fixture.filled(1'000);
    CHECK(fixture.arena.chunks() == 2);
    if (round == 1) second = fixture.arena.reserved();
    if (round > 1) CHECK(fixture.arena.reserved() == second);
    CHECK_FALSE(fixture.arena.reset());
  }
}
