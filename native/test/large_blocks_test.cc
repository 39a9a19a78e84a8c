#include "large_blocks.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

#include "control.h"
#include "failing_source.h"
#include "must.h"
#include "shifted_source.h"

using namespace freehold;
using namespace freehold::test;

namespace {

template <class Source = FailingSource>
struct Fixture {
  Source source;
  std::optional<LargeBlocks> owned{std::in_place, source};
  LargeBlocks& blocks = *owned;
  ~Fixture() {
    CHECK(blocks.check_invariants());
    owned.reset();
    CHECK(source.all_returned());
  }
  LargeIndex taken(std::size_t size, std::size_t alignment = 1) {
    const LargeIndex block = blocks.allocate(size, alignment);
    must(block != kNoLarge);
    CHECK(blocks.is_live(block));
    CHECK(blocks.size(block) >= size);
    CHECK(is_aligned(blocks.address(block), alignment));
    CHECK(is_aligned(blocks.address(block), 4096));
    CHECK(blocks.address(block) == blocks.chunk(block).base + blocks.offset(block));
    CHECK(blocks.offset(block) + blocks.size(block) <= blocks.chunk(block).size);
    CHECK(blocks.size(block) < std::max(size, std::size_t{1}) + 4096);
    fill(blocks.address(block), blocks.size(block), static_cast<std::uint64_t>(block));
    CHECK(blocks.check_invariants());
    return block;
  }
};

}  // namespace

TEST_CASE("a block has a chunk of its own, whole pages, and indices are dense and used again") {
  Fixture fixture;
  std::vector<LargeIndex> made;
  for (std::size_t i = 0; i < 100; ++i) {
    made.push_back(fixture.taken(1 + i * 1000));
    CHECK(static_cast<std::size_t>(made[i]) == i);
    CHECK(fixture.source.chunks_out == i + 1);
  }
  for (const LargeIndex block : made) {
    CHECK(is_filled(fixture.blocks.address(block), fixture.blocks.size(block),
                    static_cast<std::uint64_t>(block)));
  }
  CHECK(fixture.blocks.free(made[70]) == FreeStatus::ok);
  CHECK(fixture.blocks.free(made[20]) == FreeStatus::ok);
  CHECK(fixture.taken(5000) == made[20]);
  CHECK(fixture.taken(5000) == made[70]);
  CHECK(static_cast<std::size_t>(fixture.taken(5000)) == 100);
  CHECK(fixture.blocks.slots() == 101);
  CHECK(fixture.blocks.metadata() <= 101 * 64);
}

TEST_CASE("an index that is used again needs no room in the table") {
  Fixture fixture;
  for (int i = 0; i < 16; ++i) fixture.taken(1);
  CHECK(fixture.blocks.free(LargeIndex{5}) == FreeStatus::ok);
  const std::size_t requests = fixture.source.requests;
  CHECK(fixture.taken(1) == LargeIndex{5});
  CHECK(fixture.source.requests == requests + 1);  // the chunk
}

TEST_CASE("an index is freed once, and what never was an index is none") {
  Fixture fixture;
  const LargeIndex block = fixture.taken(1);
  const LargeIndex other = fixture.taken(1);
  CHECK(fixture.blocks.free(block) == FreeStatus::ok);
  CHECK(fixture.source.chunks_out == 1);
  CHECK(fixture.blocks.free(block) == FreeStatus::not_live);
  CHECK_FALSE(fixture.blocks.is_live(block));
  CHECK(fixture.blocks.free(LargeIndex{2}) == FreeStatus::no_block);
  CHECK(fixture.blocks.free(kNoLarge) == FreeStatus::no_block);
  CHECK_FALSE(fixture.blocks.is_live(kNoLarge));
  CHECK(fixture.blocks.live() == 1);
  CHECK(fixture.blocks.free(other) == FreeStatus::ok);
}

TEST_CASE("figures are those of the live blocks") {
  Fixture fixture;
  const LargeIndex first = fixture.taken(40'000);
  fixture.taken(1, kMaxAlignment);
  CHECK(fixture.blocks.live() == 2);
  CHECK(fixture.blocks.reserved() == fixture.source.bytes_out);
  CHECK(fixture.blocks.live_bytes() == fixture.blocks.size(first) + fixture.blocks.size(LargeIndex{1}));
  fixture.blocks.release_all();
  CHECK(fixture.blocks.live() == 0);
  CHECK(fixture.blocks.live_bytes() == 0);
  CHECK(fixture.blocks.reserved() == 0);
  CHECK(fixture.source.chunks_out == 0);
  fixture.taken(40'000);
}

TEST_CASE("a chunk from the cache that is longer does not make the block longer") {
  Fixture fixture;
  const LargeIndex longer = fixture.taken(100 * kKiB);
  CHECK(fixture.blocks.free(longer) == FreeStatus::ok);
  const LargeIndex block = fixture.taken(60'000);
  REQUIRE(fixture.blocks.chunk(block).size == 100 * kKiB);
  CHECK(fixture.blocks.size(block) == 61'440);
  CHECK(fixture.blocks.live_bytes() == 61'440);
}

TEST_CASE("alignments hold, and only wide ones cost more than the block's pages") {
  Fixture fixture;
  for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
    const LargeIndex block = fixture.taken(40'960, alignment);
    CHECK(fixture.blocks.chunk(block).size == (alignment <= 4096 ? 40'960 : 40'960 + alignment));
  }
  CHECK(fixture.blocks.allocate(1, 0) == kNoLarge);
  CHECK(fixture.blocks.allocate(1, 24) == kNoLarge);
  CHECK(fixture.blocks.allocate(1, 2 * kMaxAlignment) == kNoLarge);
}

TEST_CASE("where chunks begin anywhere blocks begin at pages, and are as large as asked") {
  Fixture<ShiftedSource> fixture;
  for (std::size_t shift = 0; shift < 8192; shift += 1008) {
    fixture.source.shift = shift;
    for (const std::size_t size : {1UL, 4096UL, 40'000UL}) {
      for (const std::size_t alignment : {1UL, 16UL, 4096UL, 8192UL}) fixture.taken(size, alignment);
    }
  }
}

TEST_CASE("a block of no bytes is a block, and sizes that cannot be are refused") {
  Fixture fixture;
  CHECK(fixture.blocks.size(fixture.taken(0)) == 4096);
  for (std::size_t less = 0; less < 3 * kMaxAlignment; less = less * 2 + 1) {
    CHECK(fixture.blocks.allocate(SIZE_MAX - less, 1) == kNoLarge);
    CHECK(fixture.blocks.allocate(SIZE_MAX - less, kMaxAlignment) == kNoLarge);
  }
  CHECK(fixture.blocks.live() == 1);
  CHECK(fixture.blocks.check_invariants());
}

TEST_CASE("the chunk says how much of a block may not be zero") {
  Fixture fixture;
  LargeIndex block = fixture.blocks.allocate(40'000, 1);
  CHECK(fixture.blocks.chunk(block).dirty == 0);
  CHECK(is_zero(fixture.blocks.address(block), 40'000));
  fill(fixture.blocks.address(block), 40'000, 1);
  CHECK(fixture.blocks.free(block) == FreeStatus::ok);
  block = fixture.blocks.allocate(40'000, 1);
  CHECK(fixture.blocks.chunk(block).dirty >= 40'000);
  CHECK(fixture.source.false_zeros == 0);
}

TEST_CASE("a request that fails leaves all as it was") {
  for (std::size_t request = 0; request < 40; ++request) {
    Fixture fixture;
    fixture.source.fail_at = request;
    for (int i = 0; i < 20; ++i) {
      const std::size_t live = fixture.blocks.live();
      const std::size_t slots = fixture.blocks.slots();
      if (fixture.blocks.allocate(5000, 8192) != kNoLarge) continue;
      CHECK(fixture.blocks.live() == live);
      CHECK(fixture.blocks.slots() == slots);
      CHECK(fixture.blocks.check_invariants());
      CHECK(fixture.source.chunks_out == live);
      fixture.taken(5000, 8192);
    }
    CHECK(fixture.blocks.live() == 20);
    CHECK((fixture.source.refused == 1) == (request < fixture.source.requests));
  }
}
