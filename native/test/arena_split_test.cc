// Sealed segments: what follows a mark lies in a segment of its own, so that it can be withdrawn on its own.
#include <doctest/doctest.h>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("the first block after a seal opens a segment in the same chunk, on the next cache line") {
  ArenaFixture fixture;
  std::byte* base = fixture.filled(100, 1);
  fixture.arena.seal();
  CHECK(fixture.control.end == kNoRoom);
  std::byte* block = fixture.filled(10, 2);
  CHECK(block == base + 128);
  CHECK(fixture.arena.newest_base() == block);
  CHECK(fixture.arena.newest_size() == 4 * kKiB - 128);
  CHECK(fixture.arena.segments() == 2);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.used() == 110);
  CHECK(fixture.control.bias ==
        static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(block) % kMaxAlignment));
  CHECK(fixture.filled(10, 3, 1) == block + 10);
  CHECK(is_filled(base, 100, 1));
}

TEST_CASE("the chunk of a split segment is the chunk that it lies in") {
  ArenaFixture fixture;
  std::byte* base = fixture.filled(100);
  for (int i = 0; i < 3; ++i) {
    fixture.arena.seal();
    fixture.filled(100);
    CHECK(fixture.arena.newest_chunk().base == base);
  }
  CHECK(fixture.arena.segments() == 4);
}

TEST_CASE("sealing an arena without a current segment does nothing") {
  ArenaFixture fixture;
  fixture.arena.seal();
  CHECK(fixture.control.sealed == 0);
  fixture.filled(100 * kKiB);
  fixture.arena.seal();
  CHECK(fixture.control.sealed == 0);
  fixture.filled(10);
  CHECK(fixture.control.end >= 0);
}

TEST_CASE("sealing twice is sealing once") {
  ArenaFixture fixture;
  fixture.filled(100);
  fixture.arena.seal();
  fixture.arena.seal();
  fixture.filled(10);
  CHECK(fixture.arena.segments() == 2);
  CHECK(fixture.control.end >= 0);
}

TEST_CASE("a rewind to a sealed segment keeps it sealed: the next block opens a segment again") {
  ArenaFixture fixture;
  fixture.filled(100);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.arena.seal();
  std::byte* first = fixture.filled(10);
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.arena.rewind(mark) == Status::ok);
    CHECK(fixture.arena.segments() == 1);
    CHECK(fixture.control.sealed == 1);
    CHECK(fixture.control.end == kNoRoom);
    CHECK(fixture.filled(20) == first);
    CHECK(fixture.arena.segments() == 2);
  }
}

TEST_CASE("marks nest: each has its segment, and a rewind withdraws the segments behind it") {
  ArenaFixture fixture;
  Arena::Mark marks[5];
  std::byte* blocks[5];
  for (std::uint64_t i = 0; i < 5; ++i) {
    blocks[i] = fixture.filled(100, i);
    marks[i] = fixture.arena.mark();
    fixture.arena.seal();
  }
  fixture.filled(100, 99);
  CHECK(fixture.arena.segments() == 6);
  for (std::uint64_t i = 5; i-- > 0;) {
    CHECK(fixture.arena.rewind(marks[i]) == Status::ok);
    CHECK(fixture.arena.segments() == i + 1);
    CHECK(fixture.arena.used() == 100 * (i + 1));
    for (std::uint64_t k = 0; k <= i; ++k) CHECK(is_filled(blocks[k], 100, k));
  }
}

TEST_CASE(
    "a block that does not fit the rest of a sealed chunk opens a chunk, and fits it exactly when it may") {
  ArenaFixture fixture;
  fixture.filled(100);
  fixture.arena.seal();
  const Arena::Mark mark = fixture.arena.mark();
  const std::size_t rest = 4 * kKiB - 128;
  fixture.filled(rest, 1, 1);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  fixture.filled(rest + 1, 2, 1);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  fixture.filled(rest - 64, 3, 128);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  // The next multiple of 1024 is 896 bytes into the split.
  fixture.filled(rest - 896, 4, 1024);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  fixture.filled(rest - 895, 5, 1024);
  CHECK(fixture.arena.chunks() == 2);
}

TEST_CASE("a sealed chunk without a byte left opens a chunk, also for a block of no bytes") {
  for (const std::size_t used : {4 * kKiB, 4 * kKiB - 1, 4 * kKiB - 63}) {
    ArenaFixture fixture;
    fixture.filled(used);
    fixture.arena.seal();
    fixture.filled(0);
    CHECK(fixture.arena.chunks() == 2);
    CHECK(fixture.arena.newest_size() > 0);
  }
}

TEST_CASE("a block larger than a chunk stands alone and leaves the segment sealed") {
  ArenaFixture fixture;
  std::byte* base = fixture.filled(100);
  fixture.arena.seal();
  fixture.filled(100 * kKiB);
  CHECK(fixture.control.sealed == 1);
  CHECK(fixture.control.end == kNoRoom);
  CHECK(fixture.filled(10) == base + 128);
}

TEST_CASE("a split begins clean where nothing was written, and dirty where something was") {
  ArenaFixture fixture;
  std::byte* base = fixture.filled(100, 1);
  fixture.arena.seal();
  const Arena::Mark mark = fixture.arena.mark();
  fixture.opened();
  CHECK(fixture.dirty() == 0);
  CHECK(fixture.zeroed() == fixture.capacity());
  CHECK(fixture.zero_claims_hold(base + 128));
  fixture.filled(500, 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.dirty() == 628);

  fixture.opened();
  CHECK(fixture.dirty() == 500);
  CHECK(fixture.zeroed() == 0);
  CHECK(fixture.zero_claims_hold(base + 128));
}

TEST_CASE("what was written into a split of a split is known as written when both are gone") {
  ArenaFixture fixture;
  std::byte* base = fixture.filled(64, 1);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.arena.seal();
  fixture.filled(64, 2);
  fixture.arena.seal();
  fixture.filled(1000, 3);
  CHECK(fixture.arena.segments() == 3);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.dirty() == 1128);
  CHECK(fixture.zero_claims_hold(base));
}

TEST_CASE("over a source that cannot split, what follows a seal is in another chunk") {
  ArenaFixture fixture;
  fixture.source.can_split = false;
  std::byte* base = fixture.filled(100, 1);
  const Arena::Mark mark = fixture.arena.mark();
  fixture.arena.seal();
  fixture.filled(10, 2);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.chunks() == 1);
  CHECK(is_filled(base, 100, 1));
}

TEST_CASE("the limit counts a split's padding and not the bytes between segments") {
  ArenaFixture fixture({.initial_bytes = 4 * kKiB, .limit = 1'000});
  fixture.filled(100);
  fixture.arena.seal();
  const Arena::Mark mark = fixture.arena.mark();
  fixture.filled(900, 1, 1);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  CHECK(fixture.arena.allocate(901, 1) == nullptr);
  // The split begins at 128, so that an alignment of 512 costs 384 bytes.
  CHECK(fixture.arena.allocate(517, 512) == nullptr);
  CHECK(fixture.arena.segments() == 1);
  fixture.filled(516, 1, 512);
  CHECK(fixture.arena.used() == 1'000);
  CHECK(fixture.arena.chunks() == 1);
}
